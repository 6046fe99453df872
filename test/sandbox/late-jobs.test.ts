import { afterEach, expect, test } from 'vitest'
import { removeCopy } from '../../src/copy/copy.ts'
import { runStage } from '../../src/copy/run-stage.ts'
import { targetClaim } from '../../src/copy/storage.ts'
import { namespaceManifest } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { preload } from '../../src/engine/run.ts'
import { fenced } from '../../src/lock/fence.ts'
import { LeaseHold } from '../../src/lock/lease.ts'
import { type Sleeper, sleeper } from '../laboratory/asleep.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'
import { kind, request } from '../unit/copy/requests.ts'

// A run sleeps with a request on its way that makes what its copy needs, or has its Job begin; another one takes its work
// back meanwhile, and gives users their volumes again. A mover that begins then would write over what they write.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const task = request()

/** A run that holds the lease and catches up, and nothing else; it never ends, for no pod does in an embedded cluster. */
async function copying(cluster: Sleeper, holder: string, signal: AbortSignal): Promise<void> {
  const quiet = { onWaiting() {}, onAway() {}, onBack() {}, signal }
  const lease = await LeaseHold.acquire(cluster, { ...quiet, wait: 0, duration: 1, holder })
  const run = fenced(cluster, lease)
  await targetClaim(run, task, signal)
  await runStage(run, task, kind({ stage: 'catch-up' }), () => 'the copy', { signal })
}

const ours = ({ sandbox }: Story, ...kinds: string[]) =>
  (sandbox.objects() as KubeObject[]).filter(
    ({ kind, metadata }) =>
      kinds.includes(kind) && metadata.labels?.['juicify.dev/group'] === task.group && !metadata.deletionTimestamp,
  )

/** Every change from the first on; true of those that the run comes to at all. */
async function lateBy(k: number): Promise<boolean> {
  const story = await begin([...laboratory(), namespaceManifest()])
  const controller = new AbortController()
  const doomed = sleeper(story.cluster, k)
  const running = copying(doomed, `doomed:${k}`, controller.signal).catch((error: unknown) => error)
  closing.push(story.close)
  const begun = new Promise<false>((resolve) => {
    const look = setInterval(() => ours(story, 'Pod').length > 0 && resolve(false), 20)
    closing.push(() => clearInterval(look))
  })
  if (!(await Promise.race([doomed.asleep.then(() => true), begun]))) {
    controller.abort(new Error('enough'))
    await running
    return false
  }
  const plan = await planOf(story.cluster)
  // another run has the lease now, and takes back what the copy needed, as a rollback does
  await preload(plan, told(story.cluster).options)
  await removeCopy(story.cluster, task.group)
  doomed.wake()
  await running
  await story.sandbox.settled()
  expect(ours(story, 'Pod'), `change ${k} arrived late, and a mover began`).toEqual([])
  await preload(plan, told(story.cluster).options)
  await story.sandbox.settled()
  expect(
    ours(story, 'Job', 'ConfigMap', 'PersistentVolumeClaim', 'PersistentVolume').map(({ kind }) => kind),
    `change ${k} arrived late, and the next run left it there`,
  ).toEqual([])
  return true
}

test('no mover begins by what a run had sent before another one took its work back, and the next run removes what came', async () => {
  let changes = 0
  while (await lateBy(changes + 1)) changes++
  // the volume, the claim, the Job, its program, and that it begins
  expect(changes).toBeGreaterThanOrEqual(5)
}, 120_000)

test('a Job that was made and never begun is not taken for one that an earlier run has had begin', async () => {
  const story = await begin([...laboratory(), namespaceManifest()])
  closing.push(story.close)
  const asleep = sleeper(story.cluster, 0)
  const controller = new AbortController()
  const first = sleeper(story.cluster, 5)
  const running = copying(first, 'first:1', controller.signal).catch((error: unknown) => error)
  await first.asleep
  const [before] = ours(story, 'Job')
  expect(before?.spec).toMatchObject({ parallelism: 0 })
  const again = copying(asleep, 'second:1', controller.signal).catch((error: unknown) => error)
  await expect.poll(() => ours(story, 'Pod').length, { timeout: 60_000 }).toBe(1)
  const [now] = ours(story, 'Job')
  expect(now?.spec).toMatchObject({ parallelism: 1 })
  expect(now?.metadata.uid).not.toBe(before?.metadata.uid)
  controller.abort(new Error('enough'))
  first.wake()
  await Promise.all([running, again])
  await story.sandbox.settled()
  expect(ours(story, 'Pod')).toHaveLength(1)
})
