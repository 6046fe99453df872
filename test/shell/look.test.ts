import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOOK } from '../../src/copy/programs.ts'
import { lookOf } from '../../src/copy/read-result.ts'
import { refusedFor } from '../../src/engine/one-directory.ts'
import { runScript } from './script.ts'

// As root in a user namespace, so that no right on this machine is needed for a bind mount.
const UNSHARED = ['unshare', '-rm', 'sh']
const canMount = spawnSync('unshare', ['-rm', 'mount', '--bind', '/tmp', '/tmp']).status === 0

describe.skipIf(process.platform !== 'linux')('a directory of a node that is looked at', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['node', 'source', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const at = (...parts: string[]) => path.join(root, 'node', ...parts)
  const idOf = (file: string) => (({ dev, ino }) => `${dev}:${ino}`)(statSync(file))

  /** Looks at a directory of the node as a Job does, where it is mounted, and says what the engine makes of it. */
  function look(directory: string, volumes: string[], mounts: [from: string, to: string][] = []) {
    const bind = [...mounts, [directory, ''] as const].map(
      ([from, to]) => `mount --rbind '${at(from)}' '${to === '' ? path.join(root, 'source') : at(to)}'\n`,
    )
    const { status, told } = runScript(root, bind.join('') + LOOK, { VOLUMES: volumes.join('\n') }, [], UNSHARED)
    expect(status).toBe(0)
    return lookOf({ ...told, node: 'node1' }, { directory: `/${directory}`, volumes })
  }

  test.skipIf(!canMount)('is told by its inode and its path on the disk, whatever link or mount has led there', () => {
    for (const name of ['a', 'b', 'a/数 据']) mkdirSync(at(name))
    symlinkSync('a', at('link'))
    const plain = look('a', ['.', '数 据', 'not-there'])
    expect(plain.sights.map(({ directory, id }) => [directory, id])).toEqual([
      ['/a', idOf(at('a'))],
      ['/a/数 据', idOf(at('a/数 据'))],
    ])
    const [top, inside] = plain.sights
    expect(top?.path?.endsWith('/node/a')).toBe(true)
    expect(inside?.path).toBe(`${top?.path}/数 据`)
    const linked = look('link', ['.'])
    const mounted = look('b', ['.'], [['a/数 据', 'b']])
    expect(linked.sights[0]).toEqual({ ...top, directory: '/link' })
    expect(mounted.sights[0]).toEqual({ ...inside, directory: '/b' })
    const refused = refusedFor([
      { group: 'one', ...plain },
      { group: 'two', ...linked },
      { group: 'three', ...mounted },
    ])
    expect([...refused.keys()].sort()).toEqual(['one', 'three', 'two'])
    expect(refused.get('two')?.message).toContain('/link (group two)')
  })

  test.skipIf(!canMount)(
    'shows what is mounted inside it a second time, and no fault where it is mounted on itself',
    () => {
      for (const name of ['a', 'a/one', 'a/two']) mkdirSync(at(name))
      const twice = look('a', ['.', 'one'], [['a/one', 'a/two']])
      expect(refusedFor([{ group: 'g', ...twice }]).get('g')?.message).toMatch(
        /^Group g: on node1 \/a\/(one and \/a\/two|two and \/a\/one) are one directory/,
      )
      expect(refusedFor([{ group: 'g', ...look('a', ['.', 'one'], [['a/one', 'a/one']]) }])).toEqual(new Map())
    },
  )

  test('names a link that leads to the directory of a volume', () => {
    for (const name of ['source/real', 'source/real/deep']) mkdirSync(path.join(root, name))
    symlinkSync('real', path.join(root, 'source/link'))
    const { status, told } = runScript(root, LOOK, { VOLUMES: ['.', 'real/deep', 'link/deep'].join('\n') })
    expect(status).toBe(0)
    const { links, sights } = lookOf(
      { ...told, node: 'n' },
      { directory: '/d', volumes: ['.', 'real/deep', 'link/deep'] },
    )
    expect(links).toEqual([{ directory: '/d/link/deep', link: 'link' }])
    expect(sights.map(({ directory }) => directory)).toEqual(['/d', '/d/real/deep'])
  })
})
