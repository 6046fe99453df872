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

  test('no file is called by what it is not: utils, helpers, common, manager', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => /(^|[/\\-])(utils?|helpers?|common|managers?|misc)(\.ts)?$/.test(name))).toEqual([])
  })
})
