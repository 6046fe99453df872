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

/** What only the folder of JuiceFS knows: names of its driver's objects, its Secret's keys, its commands and its own files. */
const JUICEFS_OBJECTS =
  /csi\.juicefs\.com|juicefs-(csi|mount|plugin|sc\b)|jfs-mount|juicefs\/mount-|metaurl|JUICEFS_\w*MOUNT|juicefs (sync|format|config|quota|status|mount)|juicefs_sync|fsType: 'juicefs'|juicedata|jfs:\/\/|\.accesslog|volume-id/i

const ROOM = ['filesystem/juicefs/']
/** What `juicify setup` asks and writes is JuiceFS' alone: the command goes past the registry to it. */
const SETUP = ['cli/setup-answers.ts', 'cli/commands/setup.ts']
/** Files, and folders by the slash at their end, that name JuiceFS' objects besides: its mover and its setup. */
const OBJECTS_ELSEWHERE = [
  ...ROOM,
  ...SETUP,
  // the class that is probed and the Secret that is meant where none is named, and where the driver's logs are
  'cli/file-system.ts',
  'cli/commands/probe.ts',
  'probe/',
]
/** Files that name the product, and no object of it: help texts, the code of a finding, the mover's name in a migration. */
const PRODUCT = [
  'cli/overview.ts',
  'cli/juicify.ts',
  'cli/commands.ts',
  'cli/commands/plan.ts',
  'cli/commands/rollback.ts',
  'domain/filesystem.ts',
  'domain/finding.ts',
  'engine/copies.ts',
  'planner/findings/software.ts',
  'planner/migration-file.ts',
  'domain/migration.ts',
]

function mayName(file: string, places: string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place))
}

/** The files below src in which something is named. */
function naming(what: RegExp): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|sh)$/.test(name) && what.test(readFileSync(path.join(source, name), 'utf8')))
    .map((name) => name.split(path.sep).join('/'))
    .sort()
}

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

  test('the names of JuiceFS’ objects, commands and settings are known in one folder, in comments too', () => {
    expect(naming(JUICEFS_OBJECTS).filter((file) => !mayName(file, OBJECTS_ELSEWHERE))).toEqual([])
  })

  test('a file system is picked by the registry alone, and JuiceFS is a product’s name elsewhere', () => {
    const registry = 'filesystem/registry.ts'
    const importing = imports
      .filter(
        ({ from, file, target }) => from === 'filesystem' && /^filesystem\/\w+\//.test(target) && !mayName(file, ROOM),
      )
      .map(({ file }) => file)
    expect(importing).toEqual([registry])
    const reaching = imports.filter(({ from, target }) => from !== 'filesystem' && /^filesystem\/\w+\//.test(target))
    expect(reaching.filter(({ file }) => !mayName(file, SETUP))).toEqual([])
    expect(
      naming(/juicefs|jfs/i).filter((file) => !mayName(file, [...OBJECTS_ELSEWHERE, ...PRODUCT, registry])),
    ).toEqual([])
  })

  test('no file is called by what it is not: utils, helpers, common, manager', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => /(^|[/\\-])(utils?|helpers?|common|managers?|misc)(\.ts)?$/.test(name))).toEqual([])
  })
})
