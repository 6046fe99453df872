import { describe, expect, test } from 'vitest'
import { moverOf } from '../../../src/copy/movers.ts'
import { rsync, rsyncCommand, rsyncProgress } from '../../../src/copy/rsync.ts'
import type { MoverWork } from '../../../src/domain/mover.ts'
import { juicefsCommand, juicefsProgress, juicefsSync } from '../../../src/filesystem/juicefs/mover.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { request } from './requests.ts'

const work = (changes: Partial<MoverWork> = {}): MoverWork => ({
  layout: 'single',
  exclude: [],
  deletes: true,
  thorough: false,
  ...changes,
})

describe('the mover', () => {
  const juicefs = fileSystemOf(request().target)

  test('is the one that is named, else the file system’s own, else rsync', () => {
    expect(moverOf({}, juicefs)).toBe(juicefsSync)
    expect(moverOf({ mover: 'rsync' }, juicefs)).toBe(rsync)
    expect(moverOf({}, { ...juicefs, movers: [] })).toBe(rsync)
    expect(() => moverOf({ mover: 'juicefs' }, { ...juicefs, movers: [], title: 'NFS' })).toThrow(
      'NFS has no mover juicefs; it has rsync',
    )
  })
})

describe('rsync', () => {
  test('keeps what a directory can have, and deletes only where that is wanted', () => {
    expect(rsyncCommand(work())).toEqual([
      '-rlptgo',
      '--hard-links',
      '--sparse',
      '--numeric-ids',
      '--modify-window=-1',
      '--info=progress2',
      '--no-human-readable',
      '--stats',
      '--delete',
    ])
    expect(rsyncCommand(work({ deletes: false }))).not.toContain('--delete')
  })

  test('leaves out what stays, there and nowhere below', () => {
    const excludes = rsyncCommand(work({ exclude: ['minio', 'a b/c', 'odd [1] *?', 'back\\slash'] }))
    expect(excludes.filter((arg) => arg.startsWith('--exclude'))).toEqual([
      '--exclude=/minio',
      '--exclude=/a b/c',
      '--exclude=/odd \\[1\\] \\*\\?',
      '--exclude=/back\\slash',
    ])
  })

  test('takes a bandwidth in MiB a second', () => {
    expect(rsyncCommand(work({ bandwidth: 1.5 }))).toContain('--bwlimit=1536')
    expect(rsyncCommand(work({ bandwidth: 0.0001 }))).toContain('--bwlimit=1')
  })

  test('merging, it does not descend by itself nor delete: it is told every file', () => {
    const args = rsyncCommand(work({ layout: 'merged' }))
    expect(args[0]).toBe('-lptgo')
    expect(args).not.toContain('--delete')
  })

  test('says how far it is', () => {
    expect(rsyncProgress('   9,000,000  45%  100.00kB/s    0:01:12 (xfr#5, to-chk=169/396)')).toEqual({
      bytes: 9_000_000,
      percent: 45,
      rate: 102_400,
      left: 107,
      files: 5,
    })
    expect(rsyncProgress('    32768   0%    0.00kB/s    0:00:00')).toMatchObject({ bytes: 32768, rate: 0 })
    expect(rsyncProgress('sending incremental file list')).toBeUndefined()
  })

  test('explains its exit codes', () => {
    expect(rsync.exitCodes[11]?.means).toBe('error in file I/O')
    expect(rsync.exitCodes[99]).toBeUndefined()
  })
})

describe('juicefs sync', () => {
  // by times, and by content, is for the script to say, which makes several passes
  test('takes along links and directories, and deletes only where that is wanted', () => {
    expect(juicefsCommand(work())).toEqual([
      '--dirs',
      '--links',
      '--delete-dst',
      '--metrics=127.0.0.1:9567',
      // straight to jfs:// it would follow links up to the root of the file system, and need its Secret
      'file:///source/',
      'file:///target/',
    ])
    const args = juicefsCommand(work({ deletes: false }))
    expect(args).not.toContain('--delete-dst')
    // with --force-update, --delete-dst would delete nothing until 1.4.1
    expect(args).not.toContain('--force-update')
  })

  test('leaves out what stays, whatever its name, and takes a bandwidth in Mbit a second', () => {
    const args = juicefsCommand(work({ exclude: ['minio', 'a=b/[1]*', 'back\\slash'], bandwidth: 100 }))
    // words of their own, for juicefs passes over --exclude=/a=b; brackets, for a backslash is not the same to all versions
    expect(args.join(' ')).toContain('--exclude /minio --exclude /a=b/[[]1][*] --exclude /back[\\\\]slash --')
    expect(args).toContain('--bwlimit=839')
  })

  test('says how far it is', () => {
    const line =
      'juicefs_sync_copied_bytes 1.768072e+06 juicefs_sync_copied 1982 juicefs_sync_handled 2000 juicefs_sync_scanned 4000'
    expect(juicefsProgress(line)).toEqual({ bytes: 1768072, files: 1982, percent: 50 })
    expect(juicefsProgress('')).toBeUndefined()
  })
})
