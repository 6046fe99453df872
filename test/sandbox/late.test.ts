import { expect, test } from 'vitest'
import { apply, rollback } from '../../src/engine/run.ts'
import { type Sleeper, sleeper } from '../laboratory/asleep.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story, told, workloadsNow } from '../laboratory/story.ts'

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

/** Every k from 1 on, some at once, until a run has no such change. */
async function everyChange(scene: (k: number) => Promise<boolean>): Promise<number> {
  const AT_ONCE = 12
  for (let from = 1; ; from += AT_ONCE) {
    const slept = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => scene(from + i)))
    const last = slept.indexOf(false)
    if (last >= 0) return from + last - 1
  }
}

test('what a run had sent before another one took its work back changes nothing when it arrives', async () => {
  const changes = await everyChange(async (k) => {
    const story = await begin(laboratory())
    const before = stateOf(story.sandbox.objects())
    const plan = await planOf(story.cluster)
    const slept = await lateBy(
      k,
      story,
      (cluster) => apply(plan, told(cluster).options),
      async () => {
        await rollbackAll(story.cluster)
        await story.sandbox.settled()
        expect(stateOf(story.sandbox.objects()), `taken back at change ${k}`).toEqual(before)
      },
    )
    await story.close()
    return slept
  })
  expect(changes).toBeGreaterThan(25)
}, 120_000)

test('what a run had sent before another one brought its work to its end changes nothing when it arrives', async () => {
  const changes = await everyChange(async (k) => {
    const story = await begin(laboratory())
    const plan = await planOf(story.cluster)
    const slept = await lateBy(
      k,
      story,
      (cluster) => apply(plan, told(cluster).options),
      async () => {
        for (const { outcome, message } of await resumeAll(story.cluster)) expect(message ?? outcome).toBe('migrated')
      },
    )
    await story.close()
    return slept
  })
  expect(changes).toBeGreaterThan(25)
}, 120_000)

test('what a rollback had sent before another run went on with it changes nothing when it arrives', async () => {
  const changes = await everyChange(async (k) => {
    const story = await begin(laboratory())
    const before = stateOf(story.sandbox.objects())
    await applyAll(story.cluster, await planOf(story.cluster))
    const workloads = await workloadsNow(story.cluster)
    const slept = await lateBy(
      k,
      story,
      (cluster) => rollback(workloads, told(cluster).options),
      async () => {
        await resumeAll(story.cluster)
        await rollbackAll(story.cluster)
        await story.sandbox.settled()
        expect(stateOf(story.sandbox.objects()), `taken back at change ${k}`).toEqual(before)
      },
    )
    await story.close()
    return slept
  })
  expect(changes).toBeGreaterThan(25)
}, 120_000)
