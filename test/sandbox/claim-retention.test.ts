import { createColors } from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { readRecords } from '../../src/engine/record.ts'
import { planDiff } from '../../src/report/diff.ts'
import { planAsKubectl } from '../../src/report/kubectl.ts'
import { changesOf, deaths, freeLease, type Verb } from '../laboratory/death.ts'
import { customKind, SCALE } from '../laboratory/definition.ts'
import { controller, juicefs, NAMESPACES, nodes, volume } from '../laboratory/manifests.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll } from '../laboratory/story.ts'
import { isTried } from '../laboratory/sweep.ts'

// A StatefulSet with whenScaled: Delete has Kubernetes delete its claims when it is scaled to 0: they stay all the same.

const CLAIMS = ['data-store-0', 'data-store-1']
const SET = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'pipeline', name: 'store' }
const POLICY = { whenDeleted: 'Delete', whenScaled: 'Delete' }
const NEWER = { kubernetesVersion: '1.37' } as const

const base = (): KubeObject[] => [
  ...nodes(),
  ...juicefs(),
  ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  ...CLAIMS.flatMap((claim) => volume('pipeline', claim, `/data/k8s/${claim}`, 'Delete')),
]

const set = (more: object = {}): KubeObject =>
  controller('apps/v1', 'StatefulSet', 'store', [], {
    replicas: 2,
    serviceName: 'store',
    persistentVolumeClaimRetentionPolicy: POLICY,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteMany'],
          storageClassName: '',
          resources: { requests: { storage: '500Gi' } },
        },
      },
    ],
    ...more,
  })

const DATABASE = { apiVersion: 'example.com/v1', kind: 'Database', namespace: 'pipeline', name: 'db' }
const DATABASE_UID = 'b1d2c3d4-0000-4000-8000-000000000001'

/** An operator's resource with a scale, and its definition. */
const database = (): KubeObject[] => [
  customKind('example.com/v1', 'Database', SCALE),
  {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'db', namespace: 'pipeline', uid: DATABASE_UID },
    spec: { replicas: 2 },
  },
]

const startOn = (objects: unknown[]) => begin(objects, NEWER)

async function runAll(cluster: Cluster, verb: Verb): Promise<void> {
  await (verb === 'apply' ? applyAll(cluster, await planOf(cluster)) : rollbackAll(cluster))
}

/** A run that dies there, and the cluster that it leaves. */
async function dead(objects: unknown[], verb: Verb, { k, when }: { k: number; when: 'before' | 'after' }) {
  const story = await startOn(objects)
  await runAll(mortal(story.cluster, k, when), verb).catch((error) => {
    if (!(error instanceof Killed)) throw error
  })
  await story.sandbox.settled()
  await freeLease(story.cluster)
  return story
}

describe('a StatefulSet that has its claims deleted when it is scaled down', () => {
  test('keeps them while it is stopped, and its policy is back when it is started, after a rollback too', async () => {
    const story = await startOn([...base(), set()])
    try {
      const { cluster, sandbox } = story
      await sandbox.settled()
      const before = stateOf(sandbox.objects())
      const plan = await planOf(cluster)
      expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false, false])
      expect(plan.findings.filter(({ code }) => code === 'claims-retained')).toMatchObject([
        { severity: 'note', object: SET },
        { severity: 'note', object: SET },
      ])
      expect(planDiff(plan, { color: createColors(false) })).toContain(
        'replicas 2 → 0 → 2, whenScaled Delete → Retain → Delete',
      )
      const script = planAsKubectl(plan)
      const order = ['"whenScaled":"Retain"', '--replicas=0', '--replicas="$(cat', '"whenScaled":"Delete"']
      const places = order.map((words) => script.indexOf(words))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(places[0]).toBeGreaterThan(0)

      for (const { outcome, message } of await applyAll(cluster, plan)) expect(message ?? outcome).toBe('migrated')
      await sandbox.settled()
      const [record] = await readRecords(cluster)
      expect(record?.kept.workloads).toMatchObject([{ replicas: 2, whenScaled: 'Delete' }])
      expect((await cluster.get<KubeObject>(SET)).spec).toMatchObject({
        persistentVolumeClaimRetentionPolicy: POLICY,
        replicas: 2,
      })
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
      await sandbox.settled()
      expect(stateOf(sandbox.objects())).toEqual(before)
    } finally {
      await story.close()
    }
  })

  test.each([
    [
      'Argo CD',
      { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'lab:apps/StatefulSet:pipeline/store' } } },
    ],
    [
      'Database pipeline/db',
      {
        metadata: {
          ownerReferences: [
            { apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: DATABASE_UID, controller: true },
          ],
        },
      },
    ],
  ])('is not stopped where %s takes it over after it was planned', async (keeper, adoption) => {
    const story = await startOn([...base(), ...database(), set()])
    try {
      const { cluster, sandbox } = story
      const plan = await planOf(cluster)
      expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false, false])
      await cluster.patch(SET, { type: 'merge', body: adoption })
      for (const { outcome, message } of await applyAll(cluster, plan)) {
        expect(outcome).toBe('failed')
        expect(message).toContain(
          `StatefulSet pipeline/store has persistentVolumeClaimRetentionPolicy.whenScaled: Delete, and ${keeper} manages it`,
        )
      }
      await sandbox.settled()
      expect((await cluster.get<KubeObject>(SET)).spec).toMatchObject({ replicas: 2 })
    } finally {
      await story.close()
    }
  })

  test('is not scaled down by its owner, who has set that policy after it was planned', async () => {
    const owned = set({ persistentVolumeClaimRetentionPolicy: { ...POLICY, whenScaled: 'Retain' } })
    owned.metadata.ownerReferences = [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: DATABASE_UID, controller: true },
    ]
    const story = await startOn([...base(), ...database(), owned])
    try {
      const { cluster, sandbox } = story
      const plan = await planOf(cluster)
      expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false, false])
      await cluster.patch(SET, { type: 'merge', body: { spec: { persistentVolumeClaimRetentionPolicy: POLICY } } })
      for (const { outcome, message } of await applyAll(cluster, plan)) {
        expect(outcome).toBe('failed')
        expect(message).toContain('Database pipeline/db manages it')
      }
      await sandbox.settled()
      expect((await cluster.get<KubeObject>(DATABASE)).spec).toMatchObject({ replicas: 2 })
    } finally {
      await story.close()
    }
  })

  test('keeps a policy that its owner changed between the migration and the rollback', async () => {
    const story = await startOn([...base(), set()])
    try {
      const { cluster, sandbox } = story
      await applyAll(cluster, await planOf(cluster))
      await cluster.patch(SET, {
        type: 'merge',
        body: { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain' } } },
      })
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
      await sandbox.settled()
      const { metadata, spec } = await cluster.get<KubeObject>(SET)
      expect(spec).toMatchObject({ persistentVolumeClaimRetentionPolicy: { ...POLICY, whenScaled: 'Retain' } })
      expect(metadata.annotations ?? {}).toEqual({})
    } finally {
      await story.close()
    }
  })

  test('is as it was after a run that was killed at any change, resumed or rolled back', {
    timeout: 300_000,
  }, async () => {
    const whole = await startOn([...base(), set()])
    await whole.sandbox.settled()
    const before = stateOf(whole.sandbox.objects())
    const changes = await changesOf(whole, 'apply')
    await whole.sandbox.settled()
    const after = stateOf(whole.sandbox.objects())
    const migrated = whole.sandbox.objects()
    const changesBack = await changesOf(whole, 'rollback')
    await whole.close()
    const of = (names: string[]) =>
      deaths(names.length).filter(({ k }) => /StatefulSet|PersistentVolume/.test(names[k - 1] ?? ''))
    const cases = [
      ...of(changes).flatMap((death) => [
        { ...death, verb: 'apply' as const, next: resumeAll, state: after },
        { ...death, verb: 'apply' as const, next: rollbackAll, state: before },
      ]),
      ...of(changesBack).map((death) => ({ ...death, verb: 'rollback' as const, next: rollbackAll, state: before })),
    ]
    expect(cases.length).toBeGreaterThan(20)
    for (const { verb, next, state, ...death } of cases.filter((_, index) => isTried(index))) {
      const story = await dead(verb === 'apply' ? [...base(), set()] : migrated, verb, death)
      try {
        for (const { message } of await next(story.cluster)) expect(message).toBeUndefined()
        if (state === after) await applyAll(story.cluster, await planOf(story.cluster))
        await story.sandbox.settled()
        expect(stateOf(story.sandbox.objects()), JSON.stringify(death)).toEqual(state)
      } finally {
        await story.close()
      }
    }
  })

  test('holds the group back where another keeps it, whom juicify would scale down', async () => {
    const owned = set()
    owned.metadata.ownerReferences = [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: DATABASE_UID, controller: true },
    ]
    const story = await startOn([...base(), ...database(), owned])
    try {
      const plan = await planOf(story.cluster)
      expect(plan.findings.filter(({ code }) => code === 'claims-deleted')[0]).toMatchObject({
        severity: 'block',
        object: { kind: 'Database', name: 'db' },
        why: expect.stringContaining('StatefulSet pipeline/store'),
      })
      expect(plan.groups.every(({ blocked }) => blocked)).toBe(true)
    } finally {
      await story.close()
    }
  })
})
