import { expect, test } from 'vitest'
import { Failure } from '../../../src/domain/failure.ts'
import { withoutPasswords } from '../../../src/domain/redacted.ts'

/** Addresses of metadata engines as people have them, each with a password that is to be seen nowhere. */
const ADDRESSES = [
  'redis://:PLANTED@10.0.0.1:6379/1',
  'redis://user:PLANTED@10.0.0.1:6379/1',
  'rediss://:PLAN/TED@redis.infra.svc:6379/1',
  'redis://:PLA#NTED@redis.infra.svc:6379/1',
  'redis://:PLA%NTED@redis.infra.svc:6379/1',
  'redis://:PLAN@TED@redis.infra.svc:6379/1',
  'redis://:PLAN:TED@mymaster,s1,s2,s3:26379/1',
  'unix://:PLANTED@/run/redis.sock?db=1',
  'mysql://root:PLANTED@(10.0.0.1:3306)/juicefs',
  'mysql://root:PL@N#TED@tcp(10.0.0.1:3306)/juicefs',
  'postgres://user:PLANTED@10.0.0.1:5432/juicefs?sslmode=disable',
  'postgres://user@/juicefs?host=10.0.0.1&password=PLANTED',
  'postgres://user@10.0.0.1:5432/juicefs?password=PLAN%40TED&search_path=a',
  'tikv://pd0:2379,pd1:2379/prefix?ca=/a&token=PLANTED',
  'etcd://user:PLANTED@10.0.0.1:2379,10.0.0.2:2379/jfs',
  'fdb:///etc/fdb.cluster?secret-key=PLANTED',
]
const PART = /PL[A@]|N?TED/

test.each(ADDRESSES)('of %s no password is shown, in whichever words', (address) => {
  const said = [
    address,
    `<FATAL>: cannot connect to "${address}": dial tcp: timeout [main.go:31]`,
    `META_PASSWORD=PLANTED juicefs mount ${address} /jfs`,
    `parse "${address}": invalid port ":PLA" after host`,
    `parse ${JSON.stringify(address)}: invalid URL escape "%NT"`,
    JSON.stringify({ metaurl: address, other: 'kept' }),
    address.slice(address.indexOf('://') + 3).includes('(') ? `bad DSN ${address.slice(8)}` : '',
    `cut: ${address.split('#')[0]}`,
  ]
  for (const text of said) expect(withoutPasswords(text)).not.toMatch(PART)
  expect(new Failure(`It failed: ${address}`, { remedy: `juicefs status ${address}` })).toMatchObject({
    message: expect.not.stringMatching(PART),
    remedy: expect.not.stringMatching(PART),
  })
})

test.each([
  'redis://10.0.0.1:6379/1',
  'http://minio.infra.svc:9000/data',
  'https://[fd00::1]:6443',
  'cannot reach http://127.0.0.1:40123: connection refused (3 tries)',
  '无法连接 http://127.0.0.1:40123：连接被拒绝（尝试了 3 次）',
  'it is at http://h:443.',
  'tikv://pd0:2379,pd1:2379,pd2:2379/prefix',
  'harbor.example.com:5000/mount@sha256:0123',
  'error: no token: see juicify check, passwords are not shown',
  'juicify-copy has failed (exit code 23): rsync: some files were not transferred, key: value',
])('what holds no password stays as it is: %s', (text) => {
  expect(withoutPasswords(text)).toBe(text)
})
