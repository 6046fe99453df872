import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { problemsOf } from '../laboratory/json-lines.ts'
import { stateOf } from '../laboratory/state.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fixture = path.join(root, 'fixtures/cube-studio-2026')
const ALL = ['-f', path.join(root, 'plans/cube-studio.yaml'), '--source-nodes', 'shared']

let sandbox: Sandbox
let place: Workplace
let before: Record<string, unknown>

beforeAll(async () => {
  const texts = readdirSync(fixture).map((name) => readFileSync(path.join(fixture, name), 'utf8'))
  sandbox = await startSandbox({ objects: texts.flatMap((text) => loadAll(text, { schema: YAML11_SCHEMA })) })
  place = await workplace(sandbox.kubeconfig)
  before = stateOf(sandbox.objects())
})

afterAll(async () => {
  await place.remove()
  await sandbox.close()
})

interface Line {
  type: string
  volumes?: { outcome: string; awayMs?: number }[]
}

/** A batch as cron runs it: its exit code, and the lines of its stream, each of which keeps to the schema. */
async function batch(...words: string[]): Promise<{ code: number | string; summary: Line | undefined }> {
  const child = place.run(...words, '--yes', '-o', 'json')
  const code = await child.ended
  const lines = child.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
  for (const line of lines) expect(problemsOf(line)).toEqual([])
  await sandbox.settled()
  return { code, summary: lines.at(-1) }
}

function outcomes(summary: Line | undefined): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { outcome } of summary?.volumes ?? []) found[outcome] = (found[outcome] ?? 0) + 1
  return found
}

describe('all namespaces of a cube-studio, with everything running', () => {
  test('check says that it can begin', async () => {
    const child = place.run('check', '-f', path.join(root, 'plans/cube-studio.yaml'))
    expect(await child.ended).toBe(0)
    expect(child.output).toContain('Ready to migrate')
  })

  test('a batch moves what should move, and everything runs again', async () => {
    const { code, summary } = await batch('apply', ...ALL)
    expect(code).toBe(0)
    expect(outcomes(summary)).toEqual({ migrated: 12 })
    expect(summary?.volumes?.every(({ awayMs }) => awayMs !== undefined)).toBe(true)
    expect(stateOf(sandbox.objects()).pods).toEqual(before.pods)
  })

  test('a second run does nothing, and says of each volume that it is there', async () => {
    const changes = sandbox.changes
    const { code, summary } = await batch('apply', ...ALL)
    expect(code).toBe(0)
    expect(outcomes(summary)).toEqual({ skipped: 12 })
    expect(sandbox.changes).toBe(changes)
  })

  test('one namespace’s group is rolled back, with all that shares its directories', async () => {
    const { code, summary } = await batch('rollback', '-n', 'jupyter')
    expect(code).toBe(0)
    expect(outcomes(summary)).toEqual({ 'rolled-back': 12 })
    expect(stateOf(sandbox.objects())).toEqual(before)
  })

  test('and a batch moves it again', async () => {
    const { code, summary } = await batch('apply', ...ALL)
    expect(code).toBe(0)
    expect(outcomes(summary)).toEqual({ migrated: 12 })
  })
})
