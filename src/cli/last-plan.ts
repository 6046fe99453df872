import { mkdir, open, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { refused } from '../domain/failure.ts'
import type { Plan } from '../domain/plan.ts'
import { readPlan, writePlan } from '../planner/plan-file.ts'
import { messages } from '../words/messages.ts'
import { isOursAlone } from './ours-alone.ts'
import { ofCluster, stateFile } from './state-folder.ts'

/** Where the plan that was read last is kept, one a cluster: what `juicify apply` without a file carries out. */
function placeOf(clusterUid: string): string {
  return stateFile(`${ofCluster(clusterUid)}.plan.json`)
}

/** Keeps the plan; false where the home folder cannot be written, which is no reason to fail. */
export async function keepPlan(plan: Plan): Promise<boolean> {
  const file = placeOf(plan.cluster.uid)
  try {
    const folder = path.dirname(file)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // another one's folder may hold links to what is not to be written over
    if (!isOursAlone(await stat(folder))) return false
    // nobody reads this one, and as YAML it takes longer than all the rest of a large plan
    await writeFile(file, writePlan(plan, 'dense'), { mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/**
 * The plan that was read last; none where there is none. Throws Refusal where another user may have put it there: whoever
 * applies it would carry out what that one wants.
 */
export async function lastPlan(clusterUid: string): Promise<Plan | undefined> {
  const file = placeOf(clusterUid)
  let text: string
  let isOurs: boolean
  try {
    const reading = await open(file, 'r')
    try {
      isOurs = isOursAlone(await reading.stat())
      text = await reading.readFile('utf8')
    } finally {
      await reading.close()
    }
  } catch {
    return undefined
  }
  if (!isOurs) throw refused(messages().refusal.lastPlanNotYours(file))
  return readPlan(text, file)
}
