import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseJson } from '../../src/cluster/json.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { definitionOf, OWN_KINDS, RECORD_KIND, RECORD_PART_KIND } from '../../src/domain/own-kinds.ts'
import { type GroupRecord, readAllRecords, readRecords, writeRecord } from '../../src/engine/record.ts'
import { apply, resume, rollback } from '../../src/engine/run.ts'
import { stopsNobody } from '../../src/engine/workloads.ts'
import { recordText } from '../../src/report/record-text.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { freeLease } from '../laboratory/death.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, type Story, told, workloadsNow } from '../laboratory/story.ts'

interface RecordObject extends KubeObject {
  spec: { content: string; parts?: string[]; version: number }
}

type Kept = GroupRecord['kept']

const ARCHIVES = 'archives-707550d8'
const WORKSPACE = 'workspace-bbc59b89'

let story: Story

beforeEach(async () => {
  story = await begin(laboratory())
})

afterEach(() => story.close())

const now = () => stateOf(story.sandbox.objects())

/** A run that was killed while it stopped the workloads: both groups have a record. */
async function underWay(): Promise<void> {
  const dying = mortal(story.cluster, 'patch Deployment web', 'after')
  await expect(apply(await planOf(story.cluster), told(dying).options)).rejects.toThrow('killed')
  await freeLease(story.cluster)
  await story.sandbox.settled()
}

/** Writes into the record of the archives what juicify would not. */
async function planted(change: (kept: Kept) => void): Promise<void> {
  const head = await story.cluster.get<RecordObject>({ ...RECORD_KIND, name: ARCHIVES })
  const kept = parseJson(head.spec.content) as Kept
  change(kept)
  await story.cluster.replace({ ...head, spec: { ...head.spec, content: JSON.stringify(kept) } })
}

const BINDING = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'mallory' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'User', name: 'mallory' }],
  spec: {},
}

const stopped = { quiesce: 'stop', stopped: false, replicas: 1 } as const

const LIES: Record<string, [(kept: Kept) => void, RegExp]> = {
  'a ClusterRoleBinding as the manifest of a pod': [
    ({ workloads }) => {
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'mallory' }
      workloads.push({ ref, ...stopped, manifest: BINDING })
    },
    /would create ClusterRoleBinding mallory for Pod jupyter\/mallory/,
  ],
  'a ClusterRoleBinding that is a workload': [
    ({ workloads }) => {
      const { apiVersion, kind } = BINDING
      workloads.push({ ref: { apiVersion, kind, name: 'mallory' }, ...stopped, manifest: BINDING })
    },
    /no claim of the group is in the namespace of ClusterRoleBinding mallory/,
  ],
  'a Deployment that somebody has deleted, as what is to be created again': [
    ({ workloads, group }) => {
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'jupyter', name: 'mallory' }
      const claimName = group.volumes[0]?.claim?.metadata.name ?? ''
      const template = { spec: { containers: [], volumes: [{ name: 'x', persistentVolumeClaim: { claimName } }] } }
      const { name, namespace, ...kind } = ref
      workloads.push({ ref, ...stopped, manifest: { ...kind, metadata: { name, namespace }, spec: { template } } })
    },
    /would create Deployment jupyter\/mallory: only standalone pods are created again/,
  ],
  'a pod that mounts nothing of the group': [
    ({ workloads }) => {
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'mallory' }
      const metadata = { namespace: 'jupyter', name: 'mallory' }
      workloads.push({
        ref,
        ...stopped,
        manifest: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } },
      })
    },
    /Pod jupyter\/mallory mounts no claim of the group/,
  ],
  'a new volume with another directory': [
    ({ group }) => {
      for (const { after } of group.volumes) after.spec.mountOptions = ['subdir=']
    },
    /the new PersistentVolume jupyter-archives does not follow from the old one/,
  ],
  'a place that its migration does not say': [
    ({ group }) => {
      for (const volume of group.volumes) {
        volume.subdir = 'somebody-else'
        volume.after.spec.mountOptions = ['subdir=somebody-else']
      }
    },
    /goes to somebody-else, which does not follow from its migration/,
  ],
  'an original with another directory': [
    ({ originals }) => {
      for (const original of Object.values(originals)) original.spec.hostPath = { path: '/etc' }
    },
    /the original of PersistentVolume jupyter-archives differs from the plan/,
  ],
  'an original that no group has': [
    ({ originals }) => {
      const [first] = Object.values(originals)
      if (first) originals.other = first
    },
    /its originals are not the volumes of the group/,
  ],
  'something else to restore': [
    ({ restore, originals }) => {
      for (const [name, original] of Object.entries(originals))
        restore[name] = { ...original, spec: { ...original.spec, hostPath: { path: '/' } } }
    },
    /the manifest to restore jupyter-archives from is not its original/,
  ],
  'another group': [
    ({ group }) => {
      group.name = 'another'
    },
    /it belongs to group another/,
  ],
}

describe('a record is not believed, and its group left alone, where it holds', () => {
  test.each(Object.entries(LIES))('%s', async (_, [lie, why]) => {
    await underWay()
    await planted(lie)
    const { records, broken } = await readAllRecords(story.cluster)
    expect(records.map(({ kept }) => kept.group.name)).toEqual([WORKSPACE])
    expect(broken.map(({ group, failure }) => [group, failure.message])).toEqual([
      [ARCHIVES, expect.stringMatching(why)],
    ])
    await resumeAll(story.cluster)
    const there = story.sandbox.objects().map(({ kind, metadata }) => `${kind} ${(metadata as { name: string }).name}`)
    expect(there).not.toContain('ClusterRoleBinding mallory')
    expect(there).not.toContain('Pod mallory')
  })
})

test.each([
  ['of another directory', (_: string) => ({ 'somebody-else': '1.0_GiB' })],
  ['with a line for another directory', (own: string) => ({ [own]: `1.0_GiB ${own}\n1.0_GiB somebody-else` })],
])('a record is not believed that holds a quota %s', async (_, quotas) => {
  await underWay()
  const head = await story.cluster.get<RecordObject & { state: object }>({ ...RECORD_KIND, name: ARCHIVES })
  const { group } = parseJson(head.spec.content) as Kept
  await story.cluster.replace({ ...head, state: { ...head.state, quotas: quotas(group.volumes[0]?.subdir ?? '') } })
  const { broken } = await readAllRecords(story.cluster)
  expect(broken.map(({ group: name, failure }) => [name, failure.message])).toEqual([
    [ARCHIVES, expect.stringMatching(/is not trusted: its quota of .* is none that juicify sets/)],
  ])
})

describe('one record that cannot be read', () => {
  let place: Workplace

  beforeEach(async () => {
    await underWay()
    const head = await story.cluster.get<RecordObject>({ ...RECORD_KIND, name: ARCHIVES })
    await story.cluster.replace({ ...head, spec: { ...head.spec, content: '{' } })
    place = await workplace(story.sandbox.kubeconfig)
  })

  afterEach(() => place.remove())

  test.each(['status', 'resume', 'rollback', 'apply -A', 'plan -A', 'finish'])(
    'is named by %s, which goes on with the others',
    async (words) => {
      const [command = '', ...rest] = words.split(' ')
      const asks = !['status', 'plan'].includes(command)
      const child = place.run(command, ...rest, ...(asks ? ['--yes'] : []))
      expect([await child.ended, child.output]).toEqual([3, expect.any(String)])
      expect(child.output).toContain(`MigrationRecord ${ARCHIVES} is not a readable juicify record.`)
      if (command === 'status') expect(child.output).toContain(`${WORKSPACE}  migrating`)
      const [other] = (await readRecords(story.cluster)).map(({ state }) => state.phase)
      if (command === 'resume' || command === 'apply') expect(other).toBe('migrated')
      if (command === 'rollback') expect(other).toBeUndefined()
    },
  )

  test('is named where it is asked for itself', async () => {
    const child = place.run('rollback', ARCHIVES, '--yes')
    expect(await child.ended).toBe(1)
    expect(child.output).toContain(`MigrationRecord ${ARCHIVES} is not a readable juicify record`)
  })
})

describe('what is shown is what is done', () => {
  test('a record that was written after it was shown is not gone on with', async () => {
    await underWay()
    const before = now()
    const shown = new Map([
      [ARCHIVES, 'what was shown'],
      [WORKSPACE, 'what was shown'],
    ])
    const results = await resume(told(story.cluster, { shown }).options)
    expect(results.map(({ outcome, message }) => [outcome, message])).toEqual(
      [ARCHIVES, WORKSPACE].map((group) => ['blocked', `The record of group ${group} was changed after it was shown.`]),
    )
    expect(now()).toEqual(before)
  })

  test('resume says what it will do before it asks', async () => {
    await underWay()
    const place = await workplace(story.sandbox.kubeconfig)
    try {
      const child = place.run('resume', '--yes')
      expect(await child.ended).toBe(0)
      expect(child.output).toMatch(
        /PersistentVolume jupyter-archives of jupyter\/archives: \/data\/k8s\/kubeflow\/pipeline\/archives ⇄ csi\.juicefs\.com/,
      )
      expect(child.output).toMatch(/Pod jupyter\/notebook-alice is deleted, then created again with \S+/)
    } finally {
      await place.remove()
    }
  })

  test('a plan is not applied to a group that is under way by another one', async () => {
    const place = await workplace(story.sandbox.kubeconfig)
    try {
      expect(await place.run('plan', '-A', '--copy', 'none', '--out', 'read.yaml').ended).toBe(0)
      await underWay()
      const before = now()
      const child = place.run('apply', 'read.yaml', '--yes')
      expect(await child.ended).toBe(1)
      expect(child.output).toMatch(
        /Group archives-707550d8 is in progress with a different plan: \S+ of PersistentVolume jupyter-archives differs/,
      )
      expect(now()).toEqual(before)
    } finally {
      await place.remove()
    }
  })
})

describe('the kinds of juicify’s records', () => {
  test('are defined by the first run, which says so, and by no other', async () => {
    const plan = await planOf(story.cluster)
    const [first, second] = [told(story.cluster), told(story.cluster)]
    await apply(plan, first.options)
    await apply(await planOf(story.cluster), second.options)
    const names = OWN_KINDS.map((kind) => definitionOf(kind).metadata.name)
    expect(first.events).toContainEqual({ type: 'kinds-defined', definitions: names })
    expect(second.events.map(({ type }) => type)).not.toContain('kinds-defined')
  })

  test.each([
    ['namespaced', { scope: 'Namespaced' }, /expected spec\.scope Cluster, found Namespaced/],
    [
      'without a schema',
      {
        versions: [
          {
            name: 'v1alpha1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
      /expected spec\.versions\[v1alpha1\]\.schema/,
    ],
    [
      'converted by a webhook',
      { conversion: { strategy: 'Webhook' } },
      /expected spec\.conversion\.strategy None, found Webhook/,
    ],
  ])('are refused, and nothing is changed, where somebody has defined them %s', async (_, spec, why) => {
    const [kind] = OWN_KINDS
    if (!kind) throw new Error('there is no kind')
    const ours = definitionOf(kind)
    await story.cluster.create({ ...ours, spec: { ...(ours.spec as object), ...spec } })
    const before = now()
    await expect(applyAll(story.cluster, await planOf(story.cluster))).rejects.toThrow(why)
    expect(now()).toEqual(before)
  })
})

describe('what a run has done is in the record', () => {
  type Line = { type: string; step?: string; outcome?: string; workload?: string; time: string }
  const recordOf = async (name: string) =>
    (await readRecords(story.cluster)).find(({ kept }) => kept.group.name === name)
  const linesOf = (record: GroupRecord | undefined) =>
    (record?.state.history ?? []).map((line) => JSON.parse(line) as Line)

  test('when it is through: each step, how long its volumes were away, and when each workload stood still', async () => {
    await applyAll(story.cluster, await planOf(story.cluster))
    const record = await recordOf(WORKSPACE)
    const lines = linesOf(record)
    const ended = lines.filter(({ type, outcome }) => type === 'step-ended' && outcome !== 'failed')
    expect(ended.map(({ step }) => step)).toEqual(record?.kept.group.steps.filter((step) => step !== 'finish'))
    expect(Object.keys(record?.state.away ?? {}).sort()).toEqual(
      record?.kept.group.volumes.map(({ name }) => name).sort(),
    )
    for (const workload of ['Pod jupyter/notebook-alice', 'Deployment pipeline/web'])
      expect(lines.filter((line) => line.workload === workload).map(({ type }) => type)).toEqual([
        'workload-stopped',
        'workload-started',
      ])
  })

  test('when it was killed after the swap: how long its volumes were away, and since when the workloads stand still', async () => {
    const dying = mortal(story.cluster, 'create Pod notebook-alice', 'before')
    await expect(apply(await planOf(story.cluster), told(dying).options)).rejects.toThrow('killed')
    const record = await recordOf(WORKSPACE)
    expect(Object.keys(record?.state.away ?? {})).not.toEqual([])
    const before = linesOf(record)
    expect(before).toContainEqual(
      expect.objectContaining({ type: 'workload-stopped', workload: 'Pod jupyter/notebook-alice' }),
    )
    await freeLease(story.cluster)
    await resumeAll(story.cluster)
    const after = linesOf(await recordOf(WORKSPACE))
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after).toContainEqual(
      expect.objectContaining({ type: 'workload-started', workload: 'Pod jupyter/notebook-alice' }),
    )
  })

  test('when somebody has interrupted it', async () => {
    const controller = new AbortController()
    const emit: ReturnType<typeof told>['options']['emit'] = (event) => {
      if (event.type === 'workload-stopped') controller.abort(new Error('interrupted'))
    }
    await apply(await planOf(story.cluster), told(story.cluster, { emit, signal: controller.signal }).options)
    const stopped = await Promise.all([ARCHIVES, WORKSPACE].map(async (name) => linesOf(await recordOf(name))))
    expect(stopped.flat().map(({ type }) => type)).toContain('workload-stopped')
  })

  test('and a record from before that is read and gone on with as it is', async () => {
    await underWay()
    for (const { kept } of await readRecords(story.cluster)) {
      await story.cluster.patch(
        { ...RECORD_KIND, name: kept.group.name },
        { type: 'merge', body: { state: { history: null } } },
      )
    }
    for (const { outcome, message } of await resumeAll(story.cluster)) expect(message ?? outcome).toBe('migrated')
  })
})

describe('a record', () => {
  test('that was created and never filled is none, and the next run removes it', async () => {
    await applyAll(story.cluster, await planOf(story.cluster))
    await story.cluster.create({ ...RECORD_KIND, metadata: { name: 'late' } })
    await story.cluster.create({ ...RECORD_PART_KIND, metadata: { name: 'late-0' }, spec: { text: '{' } })
    expect(await readAllRecords(story.cluster)).toMatchObject({ records: [{}, {}], broken: [] })
    await resumeAll(story.cluster)
    const left = story.sandbox.objects().map(({ metadata }) => (metadata as { name: string }).name)
    expect(left.filter((name) => name.startsWith('late'))).toEqual([])
  })

  test('that is too large for one object is in several, and read as it was', async () => {
    await applyAll(story.cluster, await planOf(story.cluster))
    const [record] = await readRecords(story.cluster)
    if (!record) throw new Error('there is no record')
    const { migration } = record.kept.plan
    const plan = { ...record.kept.plan, migration: { ...migration, name: 'long'.repeat(400_000) } }
    const written = await writeRecord(story.cluster, { ...record, kept: { ...record.kept, plan } })
    const head = await story.cluster.get<RecordObject>({ ...RECORD_KIND, name: record.kept.group.name })
    expect(head.spec.parts).toHaveLength(3)
    expect((await readRecords(story.cluster))[0]?.kept).toEqual(written.kept)
    // a part that is missing, or another, is noticed
    const part = { ...RECORD_PART_KIND, name: head.spec.parts?.[0] ?? '' }
    await story.cluster.patch(part, { type: 'merge', body: { spec: { text: '{}' } } })
    expect((await readAllRecords(story.cluster)).broken.map(({ group }) => group)).toEqual([record.kept.group.name])
  })
})

describe('a group of which nothing has been stopped yet', () => {
  /** Its record, when a run has died in its second step, and the lease is free. */
  async function dead(): Promise<GroupRecord> {
    const dying = mortal(story.cluster, 'patch PersistentVolume pipeline-archives', 'before')
    await expect(apply(await planOf(story.cluster), told(dying).options)).rejects.toThrow('killed')
    await freeLease(story.cluster)
    return theRecord()
  }

  async function theRecord(): Promise<GroupRecord> {
    const record = (await readRecords(story.cluster)).find(({ kept }) => kept.group.name === WORKSPACE)
    if (!record) throw new Error('expected a record')
    return record
  }

  async function shown(record: GroupRecord): Promise<string> {
    return recordText(record, { stopsNobody: await stopsNobody(story, record) })
  }

  test('is shown before a rollback as one that stops nobody, and nobody is stopped', async () => {
    const record = await dead()
    const back = await shown(record)
    expect(back).toContain('Deployment pipeline/web is not stopped: the volumes of the group are the original ones')
    expect(back).not.toMatch(/is stopped, then started again|then created again/)
    expect(recordText(record)).toContain('is stopped, then started again')
    const { events, options } = told(story.cluster)
    for (const { outcome } of await rollback(await workloadsNow(story.cluster), options))
      expect(outcome).toBe('rolled-back')
    expect(events.filter(({ type }) => type === 'workload-stopped')).toEqual([])
  })

  test('is shown so where its rollback was interrupted too', async () => {
    await dead()
    const dying = mortal(story.cluster, `delete MigrationRecord ${WORKSPACE}`, 'before')
    await expect(rollback(await workloadsNow(story.cluster), told(dying).options)).rejects.toThrow('killed')
    await freeLease(story.cluster)
    const record = await theRecord()
    expect(record.state).toMatchObject({ phase: 'rolling-back', stopping: false })
    expect(await shown(record)).toContain('Deployment pipeline/web is not stopped')
  })

  test('is not shown so once it was migrated to its end, whose rollback was interrupted before it stopped anything', async () => {
    await applyAll(story.cluster, await planOf(story.cluster))
    const dying = mortal(story.cluster, `replace MigrationRecord ${WORKSPACE}`, 'after')
    await expect(rollback(await workloadsNow(story.cluster), told(dying).options)).rejects.toThrow('killed')
    const record = await theRecord()
    expect(record.state).toMatchObject({ phase: 'rolling-back', stopping: false })
    expect(await shown(record)).toContain('Deployment pipeline/web is stopped, then started again')
  })
})
