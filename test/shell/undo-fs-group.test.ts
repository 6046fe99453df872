import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UNDO_FS_GROUP } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

const GROUP = 100

// only root can give files away
describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('what a kubelet does for an fsGroup', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  interface Entry {
    mode: number
    text?: string
    link?: string
  }
  const ENTRIES: Record<string, Entry> = {
    '.': { mode: 0o755 },
    'home dir': { mode: 0o700 },
    'home dir/id_rsa': { mode: 0o600, text: 'key' },
    'home dir/run\nme': { mode: 0o4755, text: 'x' },
    '.hidden': { mode: 0o750 },
    '.hidden/set': { mode: 0o2775 },
    '.hidden/latest': { mode: 0, link: 'nowhere' },
    'mine.txt': { mode: 0o644, text: 'y' },
  }
  const at = (side: string, name: string) => path.join(root, side, name)
  const plant = (side: string) => {
    for (const [name, { mode, text, link }] of Object.entries(ENTRIES)) {
      if (link !== undefined) symlinkSync(link, at(side, name))
      else if (text !== undefined) writeFileSync(at(side, name), text)
      else mkdirSync(at(side, name), { recursive: true })
      lchownSync(at(side, name), 1000, 1000)
      if (link === undefined) chmodSync(at(side, name), mode)
    }
  }
  /** As its SetVolumeOwnership does: https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/volume_linux.go */
  const applyFsGroup = (below = '.') => {
    for (const name of Object.keys(ENTRIES)) {
      if (below !== '.' && name !== below && !name.startsWith(`${below}/`)) continue
      const file = at('target', name)
      const { mode, uid } = lstatSync(file)
      lchownSync(file, uid, GROUP)
      const { link, text } = ENTRIES[name] as Entry
      if (link === undefined) chmodSync(file, (mode & 0o7777) | (text === undefined ? 0o2770 : 0o660))
    }
  }
  const look = (side: string) =>
    Object.fromEntries(
      Object.keys(ENTRIES).map((name) => {
        const { mode, uid, gid } = lstatSync(at(side, name))
        return [name, `${(mode & 0o7777).toString(8)} ${uid}:${gid}`]
      }),
    )
  const undo = (volumes = '.') => {
    const { status, told } = runScript(root, UNDO_FS_GROUP, {
      VOLUMES: volumes,
      STAGE: 'undo-fs-group',
      IN_USE: 'no',
    })
    expect(status).toBe(0)
    return Number(told.result?.get('restored'))
  }

  test('is taken back where nobody has changed anything besides, whatever it is called', () => {
    plant('source')
    plant('target')
    const before = look('source')
    applyFsGroup()
    expect(look('target')).not.toEqual(before)
    expect(undo()).toBe(Object.keys(ENTRIES).length)
    expect(look('target')).toEqual(before)
    expect(look('source')).toEqual(before)
    expect(undo()).toBe(0)
  })

  test('is told from what people have changed, which stays', () => {
    plant('source')
    plant('target')
    applyFsGroup()
    chmodSync(at('target', 'home dir/id_rsa'), 0o640)
    lchownSync(at('target', 'mine.txt'), 2000, GROUP)
    writeFileSync(at('target', '.hidden/new'), 'made since')
    lchownSync(at('target', '.hidden/new'), 1000, GROUP)
    undo()
    const now = look('target')
    expect(now).toEqual({ ...look('source'), 'home dir/id_rsa': '640 1000:100', 'mine.txt': '664 2000:100' })
    expect(lstatSync(at('target', '.hidden/new')).gid).toBe(GROUP)
  })

  test('is not seen in a volume that no such pod has used', () => {
    plant('source')
    plant('target')
    // somebody has opened a file to the group
    chmodSync(at('target', 'mine.txt'), 0o664)
    lchownSync(at('target', 'home dir/id_rsa'), 1000, GROUP)
    chmodSync(at('target', 'home dir/id_rsa'), 0o660)
    const before = look('target')
    expect(undo()).toBe(0)
    expect(look('target')).toEqual(before)
  })

  test('is taken back in the one volume of several that it was done to', () => {
    plant('source')
    plant('target')
    applyFsGroup('.hidden')
    lchownSync(at('target', 'mine.txt'), 1000, GROUP)
    chmodSync(at('target', 'mine.txt'), 0o664)
    expect(undo('.\n.hidden\nhome dir')).toBe(3)
    expect(look('target')).toEqual({ ...look('source'), 'mine.txt': '664 1000:100' })
  })

  describe('somebody may exchange meanwhile, and it is done to nothing else:', () => {
    const outside = () => path.join(root, 'outside')
    const exchanging = (program: string) => {
      mkdirSync(outside())
      for (const name of ['id_rsa', 'file']) {
        writeFileSync(path.join(outside(), name), 'nobody else’s')
        lchownSync(path.join(outside(), name), 1000, GROUP)
        chmodSync(path.join(outside(), name), 0o660)
      }
      plant('source')
      plant('target')
      applyFsGroup()
      writeFileSync(path.join(root, 'bin/chown'), `#!/bin/sh\n${program}\n`, { mode: 0o755 })
      undo()
      return readdirSync(outside()).map((name) => {
        const { mode, gid } = lstatSync(path.join(outside(), name))
        return `${(mode & 0o777).toString(8)} ${gid}`
      })
    }
    const UNTOUCHED = ['660 100', '660 100']

    test('a directory for a link', () => {
      const place = at('target', 'home dir')
      expect(
        exchanging(
          `[ -L "${place}" ] || { mv "${place}" "${place}.was"; ln -s "${outside()}" "${place}"; }\nexec /bin/chown "$@"`,
        ),
      ).toEqual(UNTOUCHED)
    })

    test('a file for a link', () => {
      const place = at('target', 'mine.txt')
      expect(
        exchanging(
          `/bin/chown "$@"; case $3 in ./mine.txt) rm -f "${place}"; ln -s "${outside()}/file" "${place}" ;; esac`,
        ),
      ).toEqual(UNTOUCHED)
    })
  })
})
