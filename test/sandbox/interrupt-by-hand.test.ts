import { afterEach, expect, test, vi } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Event } from '../../src/engine/events.ts'
import type { GroupResult } from '../../src/engine/group-runner.ts'
import { resume } from '../../src/engine/run.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import { cutOff, freeLease } from '../laboratory/death.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story, told } from '../laboratory/story.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const WORKSPACE = { apiVersion: 'v1', kind: 'PersistentVolume', name: 'jupyter-workspace' }
const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'jupyter', name: 'workspace' }
const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'pipeline', name: 'web' }

/** A laboratory in which a run has been killed right after the change that is named. */
async function killedAfter(k: string): Promise<Story> {
  const story = await cutOff(smallLaboratory(), 'apply', { k, when: 'after' })
  closing.push(story.close)
  await freeLease(story.cluster)
  return story
}

async function migrated(): Promise<Story & { before: unknown }> {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const before = stateOf(story.sandbox.objects())
  expect(outcomes(await applyAll(story.cluster, await planOf(story.cluster)))).toEqual(['migrated', 'migrated'])
  return { ...story, before }
}

const outcomes = (results: GroupResult[]) => results.map(({ outcome, message }) => message ?? outcome)

/** What there is to be read of a result that is not as wanted. */
const failures = (results: GroupResult[]) =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ message, remedy }) => `${message} ${remedy}`)

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const texts = (events: Event[]) => events.flatMap((event) => eventTexts(event).map(({ text }) => text))

test('labels that were changed on the new volume are kept on the old one, with a warning', async () => {
  const { cluster } = await migrated()
  await cluster.patch(WORKSPACE, merge({ metadata: { labels: { team: 'vision' } } }))
  const warnings: Event[] = []
  expect(outcomes(await rollbackAll(cluster, { emit: (event) => warnings.push(event) }))).toEqual([
    'rolled-back',
    'rolled-back',
  ])
  expect(texts(warnings).join()).toMatch(/team of PersistentVolume jupyter-workspace/)
  const pv = await cluster.get<KubeObject>(WORKSPACE)
  expect(pv.metadata.labels).toEqual({ 'jupyter-pvname': 'jupyter-workspace', team: 'vision' })
  expect(pv.spec).toHaveProperty('hostPath')
})

test('a Deployment that was scaled since the migration keeps its new number over a rollback', async () => {
  const { cluster } = await migrated()
  await cluster.patch(WEB, merge({ spec: { replicas: 4 } }))
  expect(outcomes(await rollbackAll(cluster))).toEqual(['rolled-back', 'rolled-back'])
  expect((await cluster.get<KubeObject>(WEB)).spec).toMatchObject({ replicas: 4 })
})

test('a Deployment that somebody started while its volumes were away is stopped again, and started when they are there', async () => {
  const { sandbox, cluster } = await killedAfter('delete PersistentVolume jupyter-workspace')
  await cluster.patch(WEB, merge({ spec: { replicas: 1 } }))
  await sandbox.settled()
  expect(outcomes(await resumeAll(cluster))).toEqual(['migrated', 'migrated'])
  const web = await cluster.get<KubeObject>(WEB)
  expect(web.spec).toMatchObject({ replicas: 2 })
})

test.each(['resume', 'rollback'])('a volume that was deleted by hand half way is made anew by %s', async (verb) => {
  const { cluster } = await killedAfter('patch MigrationRecord workspace-bbc59b89')
  await cluster.delete(WORKSPACE)
  await cluster.patch(WORKSPACE, merge({ metadata: { finalizers: null } }))
  const results = verb === 'resume' ? await resumeAll(cluster) : await rollbackAll(cluster)
  expect(failures(results)).toEqual([])
  const pv = await cluster.get<KubeObject>(WORKSPACE)
  expect(pv.status).toMatchObject({ phase: 'Bound' })
  expect('csi' in (pv.spec as object)).toBe(verb === 'resume')
})

test('a claim that was deleted and created again stops its group with its name, and no other group', async () => {
  const { sandbox, cluster } = await killedAfter('delete PersistentVolume jupyter-archives')
  const claim = await cluster.get<KubeObject>(CLAIM)
  await cluster.delete(CLAIM)
  await sandbox.settled()
  await cluster.create({
    apiVersion: claim.apiVersion,
    kind: claim.kind,
    metadata: { name: 'workspace', namespace: 'jupyter' },
    spec: claim.spec,
  })
  const results = await resumeAll(cluster)
  expect(results.map(({ outcome }) => outcome)).toEqual(['migrated', 'failed'])
  expect(failures(results)[0]).toMatch(
    /PersistentVolumeClaim jupyter\/workspace was replaced: .*deleted it and created it again/,
  )
  // what is stopped for the one that failed is named
  expect(results[1]?.leftStopped).toContain('Deployment pipeline/web')
})

test('a pod that came in between is waited for, and it is said by whom it was made', async () => {
  const { cluster } = await killedAfter('patch Deployment web')
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'curious', namespace: 'jupyter' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'local/pause:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'workspace' } }],
    },
  })
  const { options, events } = told(cluster)
  const resuming = resume(options)
  await vi.waitFor(() => expect(texts(events).join('\n')).toMatch(/Waiting for.*Pod jupyter\/curious.*no owner/))
  await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'curious' })
  expect(outcomes(await resuming)).toEqual(['migrated', 'migrated'])
})

test('copying back is refused where juicify has copied nothing, before anything is stopped', async () => {
  const { sandbox, cluster } = await migrated()
  await sandbox.settled()
  const moved = stateOf(sandbox.objects())
  const settings = { ...told(cluster).options.settings, copyBack: true }
  const [message] = failures(await rollbackAll(cluster, { settings }))
  expect(message).toMatch(/cannot be copied back: .* was migrated without copying data.* without --copy-back/)
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(moved)
})

test('a foreign volume in the place of one that is away stops its group with a word of what it is, until it is gone', async () => {
  const { cluster } = await killedAfter('patch PersistentVolume jupyter-workspace')
  const foreign: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'jupyter-workspace' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/other' } },
  }
  await cluster.create(foreign)
  for (const results of [await resumeAll(cluster), await rollbackAll(cluster)])
    expect(failures(results).join()).toMatch(/PersistentVolume jupyter-workspace is neither .*\/tmp\/other/)
  await cluster.delete(WORKSPACE)
  await cluster.patch(WORKSPACE, merge({ metadata: { finalizers: null } })).catch(() => undefined)
  expect(failures(await rollbackAll(cluster))).toEqual([])
  expect((await cluster.get<KubeObject>(CLAIM)).status).toMatchObject({ phase: 'Bound' })
})
