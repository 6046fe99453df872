import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepPlan, lastPlan } from '../../../src/cli/last-plan.ts'
import { openLog } from '../../../src/cli/log-file.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { migration, surveyOfFixture } from '../planner/cluster.ts'

// Whoever sets XDG_STATE_HOME to /tmp, or runs with another one's home, shares it with who may have been there first.

const plan = makePlan(surveyOfFixture('jupyter'), migration('jupyter'), { wholeGroups: false, dangerousSplit: false })
const { uid } = plan.cluster
let state: string
const at = (...names: string[]) => path.join(state, 'juicify', ...names)

beforeEach(() => {
  state = mkdtempSync(path.join(tmpdir(), 'juicify-state-'))
  vi.stubEnv('XDG_STATE_HOME', state)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(state, { recursive: true })
})

test('the plan that was read last is kept, and is not taken where somebody else can write it', async () => {
  expect(await keepPlan(plan)).toBe(true)
  expect((await lastPlan(uid))?.digest).toBe(plan.digest)
  chmodSync(at(`${uid}.plan.json`), 0o666)
  await expect(lastPlan(uid)).rejects.toThrow('others may write it')
})

test('in a state folder that others may write to nothing is kept, for a link there may lead to any file', async () => {
  const victim = path.join(state, 'victim')
  writeFileSync(victim, 'mine')
  mkdirSync(at('log'), { recursive: true })
  for (const folder of [at(), at('log')]) chmodSync(folder, 0o777)
  symlinkSync(victim, at(`${uid}.plan.json`))
  expect(await keepPlan(plan)).toBe(false)
  expect(openLog('apply', undefined, { keep: true }).path).toBeUndefined()
  expect(readFileSync(victim, 'utf8')).toBe('mine')
})
