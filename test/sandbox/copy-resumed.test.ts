import { afterEach, expect, test } from 'vitest'
import { copy } from '../../src/copy/copy.ts'
import { LABEL, namespaceManifest } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { ensureDefinitions } from '../../src/jobs/definitions.ts'
import { endJobPods, endPod } from '../laboratory/job-pods.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { begin } from '../laboratory/story.ts'
import { request } from '../unit/copy/requests.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('a mover that is at work when its run is resumed is waited for, and not ended to look at the place', async () => {
  const { cluster, sandbox, close } = await begin([...laboratory(), namespaceManifest()])
  await ensureDefinitions(cluster)
  closing.push(close)
  const reached = new EventTarget()
  const next = (what: string) =>
    new Promise<void>((resolve) => reached.addEventListener(what, () => resolve(), { once: true }))
  closing.push(
    endJobPods(cluster, (stage) => {
      reached.dispatchEvent(new Event(stage))
      return stage === 'warm' ? null : 'juicify result empty=no\n'
    }),
  )
  const task = request({ settings: { mode: 'copy', mover: 'rsync', image: 'tools:1' } })
  const movers = () =>
    (sandbox.objects() as KubeObject[]).flatMap(({ kind, metadata }) =>
      kind === 'Job' && metadata.labels?.[LABEL.stage] === 'warm' && !metadata.deletionTimestamp ? [metadata.uid] : [],
    )

  const laptop = new AbortController()
  const begun = next('warm')
  const running = copy(cluster, task, { stage: 'warm', signal: laptop.signal }).catch((error: unknown) => error)
  await begun
  laptop.abort(new Error('closed'))
  await running
  const first = movers()
  expect(first).toHaveLength(1)

  const looked = next('check')
  const resumed = copy(cluster, task, { stage: 'warm' })
  await looked
  expect(movers()).toEqual(first)
  const pods = (sandbox.objects() as KubeObject[]).filter(
    ({ kind, metadata }) => kind === 'Pod' && metadata.labels?.[LABEL.stage] === 'warm',
  )
  for (const pod of pods) await endPod(cluster, pod, 'juicify result passes=1\n')
  expect(await resumed).toMatchObject({ claimed: { existing: false } })
  expect(movers()).toEqual(first)
})
