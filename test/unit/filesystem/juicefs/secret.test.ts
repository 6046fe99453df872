import { describe, expect, test } from 'vitest'
import { endpointsOf, lackingKeys, secretSurvey } from '../../../../src/filesystem/juicefs/secret.ts'

describe('the addresses of a Secret name hosts, and nothing of who may enter', () => {
  test.each([
    ['redis://:zjlab123456@10.101.32.11:6379/1', [{ host: '10.101.32.11', port: 6379 }]],
    ['redis://:p@ss/w:rd@redis.infra.svc:6379/1', [{ host: 'redis.infra.svc', port: 6379 }]],
    ['rediss://user:pw@Redis.Example.com/0', [{ host: 'redis.example.com' }]],
    [
      'redis://:pw@master,sentinel1,sentinel2:26379/1',
      [{ host: 'master' }, { host: 'sentinel1' }, { host: 'sentinel2', port: 26379 }],
    ],
    ['mysql://root:pw@(mysql.infra:3306)/juicefs', [{ host: 'mysql.infra', port: 3306 }]],
    ['mysql://root:pw@tcp(mysql:3306)/juicefs?tls=true', [{ host: 'mysql', port: 3306 }]],
    ['postgres://u:pw@pg:5432/juicefs?sslmode=disable', [{ host: 'pg', port: 5432 }]],
    [
      'tikv://pd0:2379,pd1:2379/jfs',
      [
        { host: 'pd0', port: 2379 },
        { host: 'pd1', port: 2379 },
      ],
    ],
    ['http://minio.infra.svc:9000/juicefs', [{ host: 'minio.infra.svc', port: 9000 }]],
    ['https://[fd00::1]:9000/b', [{ host: 'fd00::1', port: 9000 }]],
    ['https://s3.example.com/b?x=1', [{ host: 's3.example.com' }]],
    ['sqlite3:///var/jfs/meta.db', []],
    ['postgres://u:pw@/juicefs?host=/var/run/postgresql', []],
    ['postgres://u@/juicefs?host=PG.infra.svc&port=5433', [{ host: 'pg.infra.svc', port: 5433 }]],
    ['postgres://u@/juicefs?host=pg0,pg1&sslmode=disable', [{ host: 'pg0' }, { host: 'pg1' }]],
    ['postgres://u@pg:5432/juicefs?password=a@b', [{ host: 'pg', port: 5432 }]],
    ['/var/jfs', []],
    ['', []],
  ])('%s', (address, endpoints) => expect(endpointsOf(address)).toEqual(endpoints))

  test('so that no value of it gets into a survey', () => {
    const data = {
      name: 'jfs',
      metaurl: 'redis://:s3cret@h:1/1',
      bucket: 'http://ak:s3cret@m:9000/b',
      'secret-key': 's3cret',
      storage: ' ',
    }
    const encoded = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    )
    const found = secretSurvey({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        namespace: 'n',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 's3cret' },
      },
      data: encoded,
    })
    expect(found).toEqual({
      namespace: 'n',
      name: 's',
      keys: ['bucket', 'metaurl', 'name', 'secret-key'],
      fileSystem: 'jfs',
      endpoints: [
        { key: 'metaurl', host: 'h', port: 1 },
        { key: 'bucket', host: 'm', port: 9000 },
      ],
    })
    expect(JSON.stringify(found)).not.toContain('s3cret')
  })
})

describe('a Secret is complete', () => {
  test('with all that a mount of the Community Edition takes', () => {
    expect(lackingKeys(['bucket', 'metaurl', 'name', 'storage'])).toEqual({ required: [], wanted: [] })
    expect(lackingKeys(['name'])).toEqual({ required: ['metaurl'], wanted: ['storage', 'bucket'] })
  })

  test('with the name and token of the Enterprise or Cloud edition, which a metaurl would break', () => {
    expect(lackingKeys(['name', 'token'])).toEqual({ required: [], wanted: [] })
    expect(lackingKeys(['token'])).toEqual({ required: ['name'], wanted: [] })
  })
})
