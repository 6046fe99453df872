import { expect, test } from 'vitest'
import { readCopyLog } from '../../../src/copy/log.ts'
import { lookOf } from '../../../src/copy/read-result.ts'
import type { Sight } from '../../../src/copy/result.ts'
import { type GroupLook, refusedFor } from '../../../src/engine/one-directory.ts'
import { readLog } from '../../../src/jobs/log.ts'

const looked = (group: string, ...sights: Sight[]): GroupLook => ({ group, node: 'node1', sights, links: [] })
const sight = (directory: string, id: string, path?: string, device = '8:1'): Sight => ({
  directory,
  id,
  ...(path === undefined ? {} : { device, path }),
})
const names = (...looks: GroupLook[]) => [...refusedFor(looks).keys()].sort()

test('two groups of which a path leads to one directory are refused by both names, and no other is', () => {
  const looks = [
    looked('one', sight('/data/k8s', '1:7', '/data/k8s')),
    looked('two', sight('/mnt/k8s', '1:7', '/data/k8s')),
    looked('three', sight('/data/other', '1:8', '/data/other')),
  ]
  const refused = refusedFor(looks)
  expect([...refused.keys()]).toEqual(['one', 'two'])
  expect(refused.get('one')?.message).toBe(
    'On node1 /data/k8s (group one) and /mnt/k8s (group two) are one directory, /data/k8s on device 8:1, by a link or a mount. It would be copied twice, and who uses one path would no longer see what is written by the other.',
  )
  expect(refused.get('one')?.remedy).toContain('spec.select.exclude')
})

test('so are two of which one lies inside the other only as the disk has it', () => {
  const one = looked('one', sight('/data', '1:7', '/data'))
  const two = looked('two', sight('/mnt/a', '1:9', '/data/x/a'))
  expect(names(one, two)).toEqual(['one', 'two'])
  expect(refusedFor([two, one]).get('two')?.message).toContain(
    'On node1 /mnt/a (group two) is /data/x/a on device 8:1, which lies in /data (group one), by',
  )
  // another disk, another node, another path with the same beginning
  expect(names(one, looked('two', sight('/mnt/a', '2:9', '/data/x/a', '8:2')))).toEqual([])
  expect(names(one, { ...two, node: 'node2' })).toEqual([])
  expect(names(one, looked('two', sight('/mnt/a', '1:9', '/data-x/a')))).toEqual([])
})

test('volumes of a group that lie in each other as they are spelled are no fault, and those that do otherwise are', () => {
  const top = sight('/data', '1:1', '/disk/data')
  expect(names(looked('g', top, sight('/data/a', '1:2', '/disk/data/a')))).toEqual([])
  // a disk of its own below
  expect(names(looked('g', top, sight('/data/a', '2:2', '/', '8:9')))).toEqual([])
  expect(names(looked('g', top, sight('/data/a', '1:2', '/disk/data/b')))).toEqual(['g'])
  const twice = looked('g', top, sight('/data/a', '1:2', '/disk/data/a'), sight('/data/b', '1:2', '/disk/data/a'))
  expect(refusedFor([twice]).get('g')?.message).toContain('Group g: on node1 /data/a and /data/b are one directory')
})

test('a group of which a link leads to a volume’s directory is refused, for a copy has the link alone', () => {
  const look = { ...looked('g'), links: [{ directory: '/data/a', link: 'a' }] }
  expect(refusedFor([look]).get('g')?.message).toContain('/data/a, is reached by a symbolic link (a)')
})

test('a file system that tells one path for two directories is believed by their inodes alone', () => {
  const fused = [sight('/a', '5:1', '/', '0:50'), sight('/b', '5:2', '/', '0:50')]
  expect(names(...fused.map((each, i) => looked(`${i}`, each)))).toEqual([])
  expect(names(looked('one', sight('/a', '5:1', '/', '0:50')), looked('two', sight('/b', '5:1', '/', '0:50')))).toEqual(
    ['one', 'two'],
  )
})

test('directories of an NFS server are told by their paths there, by whichever mount they are reached', () => {
  const look = (group: string, directory: string, ...lines: string[]): GroupLook => {
    const log = [...lines, `juicify result ats=1 mounts=${lines.length - 1}`].join('\n')
    return { group, ...lookOf({ node: 'node1', ...readCopyLog(readLog(log)) }, { directory }) }
  }
  const one = look('one', '/mnt/share', 'juicify at 0 50:1', 'juicify mount 0:50 nfs4 / nas:/export/k8s .')
  const two = look(
    'two',
    '/nfs/a\u00a0b',
    'juicify at 0 51:9',
    'juicify mount 0:51 nfs4 / nas:/export/k8s/a\\0302\\0240b .',
  )
  expect(two.sights[0]).toEqual({
    directory: '/nfs/a\u00a0b',
    id: '51:9',
    device: 'nfs nas',
    path: '/export/k8s/a\u00a0b',
  })
  expect(names(one, two)).toEqual(['one', 'two'])
  expect(
    names(one, look('two', '/n', 'juicify at 0 51:9', 'juicify mount 0:51 nfs nas:/x other:/export/k8s/a .')),
  ).toEqual([])
})

test('what has come of a log only in part is not taken for all of it', () => {
  const log = readCopyLog(readLog('juicify at 0 50:1\njuicify result ats=2 mounts=0'))
  expect(() => lookOf({ node: 'node1', ...log }, { directory: '/a', volumes: ['.', 'b'] })).toThrow('has only a part')
})
