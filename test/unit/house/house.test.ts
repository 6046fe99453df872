import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../../src', import.meta.url))

/** The rooms, from the command line down; those of one row may know each other. */
const FLOORS = [
  ['cli'],
  ['report', 'engine', 'planner', 'survey'],
  ['copy', 'probe'],
  ['jobs', 'workloads', 'filesystem', 'lock'],
  ['cluster'],
  ['words'],
  ['domain'],
]
const ALONE = ['sandbox', 'domain']

interface Import {
  from: string
  file: string
  to: string
  /** The file that is imported, below src. */
  target: string
}

/** What only the folder of each file system knows: its driver's objects, its Secret's keys, its settings, commands and own files. */
const OBJECTS: Readonly<Record<string, RegExp>> = {
  juicefs:
    /csi\.juicefs\.com|juicefs-(csi|mount|plugin|sc\b)|jfs-mount|juicefs\/mount-|metaurl|JUICEFS_\w*MOUNT|juicefs (sync|format|config|quota|status|mount)|juicefs_sync|fsType: 'juicefs'|juicedata|jfs:\/\/|\.accesslog|volume-id/i,
  csi: /spec\.target\.csi|(?<!\$)\{subdir\}/,
  nfs: /mount\.nfs|nfs-(common|utils)|no_root_squash/i,
  curvefs: /curvefs|mdsAddr|clientConfPath/i,
}

const JUICEFS_ROOM = 'filesystem/juicefs/'
/** The files that name the product, and no object of it. */
const PRODUCT = [
  // the code of a finding, which plans of every version hold
  'domain/finding.ts',
  'planner/findings/software.ts',
  // picks its folder
  'filesystem/registry.ts',
]

/** The files below src in which something is named. */
function naming(what: RegExp): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|sh)$/.test(name) && what.test(readFileSync(path.join(source, name), 'utf8')))
    .map((name) => name.split(path.sep).join('/'))
    .sort()
}

/** The catalogues of messages say what people are to be told of every file system, and decide nothing. */
const isCatalogue = (file: string) => /^words\/\w+\.(en|zh)\.ts$/.test(file)

function roomOf(file: string): string {
  return path.relative(source, file).split(path.sep)[0] ?? ''
}

function importsOfTheHouse(): Import[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return files.flatMap((name) => {
    const file = path.join(source, name)
    const found = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
    return [...found].map(([, to = '']) => ({
      from: roomOf(file),
      file: name,
      to: roomOf(path.resolve(path.dirname(file), to)),
      target: path
        .relative(source, path.resolve(path.dirname(file), to))
        .split(path.sep)
        .join('/'),
    }))
  })
}

const floorOf = (room: string) => FLOORS.findIndex((floor) => floor.includes(room))

describe('the house', () => {
  const imports = importsOfTheHouse()

  test('has only the rooms that the architecture names', () => {
    expect(readdirSync(source).sort()).toEqual([...new Set([...FLOORS.flat(), ...ALONE])].sort())
  })

  test('imports run downwards only', () => {
    const upwards = imports.filter(
      ({ from, to }) => to !== 'sandbox' && from !== 'sandbox' && floorOf(to) < floorOf(from),
    )
    expect(upwards).toEqual([])
  })

  test('the embedded cluster and the domain import nothing of ours', () => {
    expect(imports.filter(({ from, to }) => ALONE.includes(from) && to !== from)).toEqual([])
  })

  test('nobody but the command line starts an embedded cluster, and nobody imports the command line', () => {
    expect(imports.filter(({ from, to }) => to === 'sandbox' && !['sandbox', 'cli'].includes(from))).toEqual([])
    expect(imports.filter(({ from, to }) => to === 'cli' && from !== 'cli')).toEqual([])
  })

  test('only the cluster room knows client-node, only the command line knows a terminal', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    const naming = (what: RegExp) =>
      files
        .filter((name) => what.test(readFileSync(path.join(source, name), 'utf8')))
        .map((name) => name.split(path.sep)[0])
    expect(new Set(naming(/from '@kubernetes\/client-node'|import\('@kubernetes\/client-node'\)/))).toEqual(
      new Set(['cluster']),
    )
    expect(new Set(naming(/from '(listr2|@inquirer\/prompts|yargs|@listr2\/[^']+)'/))).toEqual(new Set(['cli']))
    expect(new Set(naming(/process\.(stdout|stderr)|console\./))).toEqual(new Set(['cli']))
  })

  test.each(Object.entries(OBJECTS))(
    'the names of what %s has are known in its folder alone, in comments too',
    (kind, what) => {
      const others = naming(what).filter((file) => !file.startsWith(`filesystem/${kind}/`) && !isCatalogue(file))
      // which picks the folder
      expect(others.filter((file) => file !== 'filesystem/registry.ts')).toEqual([])
    },
  )

  test('every folder of a file system is in the house rules', () => {
    const folders = readdirSync(path.join(source, 'filesystem'), { withFileTypes: true })
    expect(folders.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()).toEqual(
      Object.keys(OBJECTS).sort(),
    )
  })

  test('a file system is picked by the registry alone, and JuiceFS is a product’s name elsewhere', () => {
    const roomFor = (file: string) => /^filesystem\/\w+\//.exec(file)?.[0]
    const importing = imports.filter(({ file, target }) => {
      const room = roomFor(target)
      return room !== undefined && roomFor(file) !== room
    })
    expect([...new Set(importing.map(({ file }) => file))]).toEqual(['filesystem/registry.ts'])
    const others = naming(/juicefs|jfs/i).filter((file) => !file.startsWith(JUICEFS_ROOM) && !isCatalogue(file))
    expect(others).toEqual([...PRODUCT].sort())
  })

  test('no file is called by what it is not: utils, helpers, common, manager', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => /(^|[/\\-])(utils?|helpers?|common|managers?|misc)(\.ts)?$/.test(name))).toEqual([])
  })
})
