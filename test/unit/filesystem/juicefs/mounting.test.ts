import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/domain/object.ts'
import { mountTroubleOn } from '../../../../src/filesystem/juicefs/mount-trouble.ts'
import { mountedSubdir } from '../../../../src/filesystem/juicefs/mounted.ts'

function mountPod(command: string[]): KubeObject {
  const spec = { containers: [{ name: 'sidecar' }, { name: 'jfs-mount', command }] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'm' }, spec }
}

describe('what a mount pod shows', () => {
  test.each([
    ['/bin/mount.juicefs $metaurl /jfs/a -o subdir=team/data,cache-dir=/c', 'team/data'],
    ['/bin/mount.juicefs $metaurl /jfs/a -o cache-dir=/c,subdir=/team/', 'team'],
    ['/sbin/mount.juicefs fs /jfs/a -o subdir=planned,foreground,subdir=all', 'all'],
    ['/bin/mount.juicefs $metaurl /jfs/a -o cache-dir=/c', ''],
    ['/bin/mount.juicefs $metaurl /jfs/a', undefined],
    ["/bin/mount.juicefs $metaurl /jfs/a -o subdir=$'a b',cache-dir=/c", undefined],
  ])('is in its command: %s', (command, subdir) => {
    expect(mountedSubdir(mountPod(['sh', '-c', command]))).toBe(subdir)
  })
})

describe('what the driver’s words mean', () => {
  const trouble = mountTroubleOn({
    driver: 'csi.juicefs.com',
    secretRef: { namespace: 'kube-system', name: 'team-fs' },
    volumeAttributes: {},
    mountOptions: [],
  })

  test.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', true, 'refuses the password'],
    ['NOAUTH Authentication required.', true, 'refuses the password'],
    ['pq: password authentication failed for user "juicefs"', true, 'refuses the password'],
    ['dial tcp 10.0.0.20:6379: connect: connection refused', false, 'cannot be reached'],
    ['dial tcp: lookup redis: no such host', false, 'cannot be reached'],
    ['NoSuchBucket: The specified bucket does not exist', true, 'object store'],
    ['database is not formatted, please run `juicefs format ...` first', true, 'not formatted'],
    ['cannot update volume name from team to other', true, 'another name'],
  ])('%s', (words, lasting, why) => {
    expect(trouble(`rpc error: code = Internal desc = ${words}`)).toMatchObject({
      lasting,
      why: expect.stringContaining(why),
      remedy: expect.stringContaining('Secret kube-system/team-fs'),
    })
  })

  test('are quoted, and not guessed at, where they are not known', () => {
    expect(trouble('rpc error: code = Internal desc = something else')).toBeUndefined()
  })
})
