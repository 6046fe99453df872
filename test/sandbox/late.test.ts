import { expect, test } from 'vitest'
import type { Migration } from '../../src/domain/migration.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { apply, resume, rollback } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { type Sleeper, sleeper } from '../laboratory/asleep.ts'
import { laboratory, podSpec } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story, told, workloadsNow } from '../laboratory/story.ts'
import { EVERY, STRIDE } from '../laboratory/sweep.ts'

// A run falls asleep with requests on their way, another one takes over and brings the work to its end, and then what
// the first one had sent arrives.

type Run = (cluster: Sleeper) => Promise<unknown>

/** Has the run fall asleep at its k-th change, others go on, and the run wake; returns false where it had ended before. */
async function lateBy(k: number, story: Story, run: Run, others: () => Promise<unknown>): Promise<boolean> {
  const { sandbox, cluster } = story
  const doomed = sleeper(cluster, k)
  const running = run(doomed).catch((error: unknown) => error)
  const overslept = await Promise.race([doomed.asleep.then(() => true), running.then(() => false)])
  if (!overslept) return false
  await others()
  await sandbox.settled()
  const state = stateOf(sandbox.objects())
  doomed.wake()
  await running
  await sandbox.settled()
  expect(stateOf(sandbox.objects()), `change ${k} arrived late`).toEqual(state)
  return true
}

/** Every k from 1 on that the sweep tries, some at once, until a run has no such change; returns how many it had. */
async function everyChange(scene: (k: number) => Promise<boolean>): Promise<number> {
  const AT_ONCE = EVERY ? 12 : 5
  let next = 1
  const nextTried = () => {
    const k = next
    next += STRIDE
    return k
  }
  let changes = Number.POSITIVE_INFINITY
  const oneAfterAnother = async () => {
    for (let k = nextTried(); k <= changes; k = nextTried()) if (!(await scene(k))) changes = Math.min(changes, k - 1)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother))
  return changes
}

interface Scene {
  /** What is in the cluster beside the laboratory. */
  objects?: KubeObject[]
  /** What was done before, and ended. */
  before?(story: Story): Promise<unknown>
  /** Whose changes arrive late. */
  run(story: Story): Promise<Run>
  others(story: Story): Promise<unknown>
  /** The others leave everything as it was before anything was done. */
  takenBack: boolean
}

const applying = async ({ cluster }: Story): Promise<Run> => {
  const plan = await planOf(cluster)
  return (doomed) => apply(plan, told(doomed).options)
}

/** Work that a Kubernetes of 1.20 cannot suspend, and the migration says may be deleted. */
const training: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'training', namespace: 'pipeline' },
  spec: { template: { spec: podSpec(['archives'], { restartPolicy: 'Never' }) } },
}
const deleting = () => readMigration(`${MIGRATION_FILE}  quiesce: {unfinished: delete}\n`, 'laboratory.yaml')

const scenes: Record<string, Scene> = {
  'a run had sent before another one took its work back': {
    run: applying,
    others: ({ cluster }) => rollbackAll(cluster),
    takenBack: true,
  },
  'a run had sent that deletes work before another one took the rest back': {
    objects: [training],
    async run({ cluster }) {
      const plan = await planOf(cluster, deleting())
      expect(
        plan.groups.flatMap(({ workloads }) => workloads.map(({ ref, quiesce }) => [ref.name, quiesce])),
      ).toContainEqual(['training', 'delete'])
      return (doomed) => apply(plan, told(doomed).options)
    },
    async others({ cluster }) {
      // it is not deleted by who takes back, who has nothing to stop then, or finds it gone
      const quiesce: Migration['quiesce'] = { unfinished: 'wait', rolling: [] }
      for (const { outcome, message } of await rollback(await workloadsNow(cluster, quiesce), told(cluster).options))
        expect(message ?? outcome).toBe('rolled-back')
    },
    takenBack: false,
  },
  'a run had sent before another one brought its work to its end': {
    run: applying,
    async others({ cluster }) {
      for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
    },
    takenBack: false,
  },
  'a rollback had sent before another run went on with it': {
    before: async ({ cluster }) => applyAll(cluster, await planOf(cluster)),
    async run({ cluster }) {
      const workloads = await workloadsNow(cluster)
      return (doomed) => rollback(workloads, told(doomed).options)
    },
    async others({ cluster }) {
      await resumeAll(cluster)
      await rollbackAll(cluster)
    },
    takenBack: true,
  },
  'a run that went on with a killed one had sent before a third one took all back': {
    async before({ cluster }) {
      await expect(applyAll(mortal(cluster, 20, 'after'), await planOf(cluster))).rejects.toThrow('killed')
    },
    run: async () => (doomed) => resume(told(doomed).options),
    others: ({ cluster }) => rollbackAll(cluster),
    takenBack: true,
  },
}

test.each(Object.entries(scenes))(
  'what %s changes nothing when it arrives',
  async (_, scene) => {
    const changes = await everyChange(async (k) => {
      const story = await begin([...laboratory(), ...(scene.objects ?? [])])
      const now = async () => {
        await story.sandbox.settled()
        return stateOf(story.sandbox.objects())
      }
      const untouched = await now()
      await scene.before?.(story)
      const slept = await lateBy(k, story, await scene.run(story), async () => {
        await scene.others(story)
        if (scene.takenBack) expect(await now(), `taken back at change ${k}`).toEqual(untouched)
      })
      await story.close()
      return slept
    })
    expect(changes).toBeGreaterThan(25)
  },
  120_000,
)
