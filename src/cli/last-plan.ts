import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Plan } from '../domain/plan.ts'
import { readPlan, writePlan } from '../planner/plan-file.ts'

/** Where the plan that was read last is kept, one a cluster: what `juicify apply` without a file carries out. */
function placeOf(clusterUid: string): string {
  const state = process.env.XDG_STATE_HOME || path.join(homedir(), '.local', 'state')
  return path.join(state, 'juicify', `${clusterUid.replace(/[^\w-]/g, '_')}.plan.json`)
}

/** Keeps the plan; false where the home folder cannot be written, which is no reason to fail. */
export async function keepPlan(plan: Plan): Promise<boolean> {
  const file = placeOf(plan.cluster.uid)
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    // nobody reads this one, and as YAML it takes longer than all the rest of a large plan
    await writeFile(file, writePlan(plan, 'dense'), { mode: 0o600 })
    return true
  } catch {
    return false
  }
}

export async function lastPlan(clusterUid: string): Promise<Plan | undefined> {
  const file = placeOf(clusterUid)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    return undefined
  }
  return readPlan(text, file)
}
