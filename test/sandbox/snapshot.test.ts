import fc from 'fast-check'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { afterEach, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { RECORD_KIND, RECORD_PART_KIND } from '../../src/domain/own-kinds.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { toYaml } from '../../src/domain/yaml.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { readRecords } from '../../src/engine/record.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { readiness } from '../../src/planner/readiness.ts'
import { anonymized } from '../../src/survey/anonymize.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { takeSnapshot } from '../../src/survey/snapshot.ts'
import { recordsRead } from '../../src/survey/snapshot-object.ts'
import { readings } from '../../src/survey/spellings.ts'
import { objectsOf, smallCluster } from '../laboratory/arbitrary.ts'
import { customKind, SCALE } from '../laboratory/definition.ts'
import { laboratory, notebook, volume } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

const fileSystem = fileSystemOf(migration().target)
const stories: Story[] = []
afterEach(async () => {
  for (const story of stories.splice(0)) await story.close()
})

async function started(objects: unknown[]): Promise<Story> {
  const story = await begin(objects)
  await story.sandbox.settled()
  stories.push(story)
  return story
}

/** As it comes back from the file. */
async function snapshotOf(cluster: Cluster): Promise<KubeObject[]> {
  const { objects } = await takeSnapshot(cluster, fileSystem)
  return readBack(objects)
}

function readBack(objects: KubeObject[]): KubeObject[] {
  const text = objects.map((object) => toYaml(object)).join('---\n')
  return loadAll(text, { schema: YAML11_SCHEMA }) as KubeObject[]
}

/** A Notebook of an operator's, with a scale, and a pod that it controls. */
function custom(): KubeObject[] {
  const uid = '11111111-2222-3333-4444-555555555555'
  const spec = { volumes: [{ name: 'w', persistentVolumeClaim: { claimName: 'workspace' } }] }
  return [
    customKind('example.com/v1', 'Notebook', SCALE),
    {
      apiVersion: 'example.com/v1',
      kind: 'Notebook',
      metadata: { name: 'dana', namespace: 'jupyter', uid, labels: { user: 'dana' } },
      spec: { replicas: 1, template: { spec }, env: [{ name: 'PASSWORD', value: 'planted-env' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'dana-0',
        namespace: 'jupyter',
        labels: { owner: 'team_dana' },
        ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Notebook', name: 'dana', uid, controller: true }],
      },
      spec: {
        ...spec,
        containers: [
          {
            name: 'main',
            image: 'local/dana/pause:1',
            workingDir: '/home/dana',
            env: [{ name: 'PASSWORD', value: 'planted-env' }],
            args: ['--password=planted-arg'],
            volumeMounts: [{ name: 'w', mountPath: '/mnt/dana', subPath: 'dana' }],
          },
        ],
      },
    },
  ]
}

interface RecordObject extends KubeObject {
  spec: { content?: string; parts?: string[]; text?: string }
}

describe('juicify snapshot', () => {
  test('gives the same plan as the cluster, a custom resource with a scale included', async () => {
    const original = await started([...laboratory(), ...custom()])
    const copy = await started(await snapshotOf(original.cluster))
    const [there, here] = [await planOf(original.cluster), await planOf(copy.cluster)]
    expect(there.groups.flatMap(({ workloads }) => workloads.map(({ ref }) => ref.kind))).toContain('Notebook')
    expect(here).toEqual(there)
  })

  test('can be rehearsed on to the end', async () => {
    const original = await started(laboratory())
    const copy = await started(await snapshotOf(original.cluster))
    const results = await applyAll(copy.cluster, await planOf(copy.cluster))
    expect(results.map(({ outcome, message }) => message ?? outcome)).toEqual(['migrated', 'migrated'])
  })

  test('taken in the middle of things, knows the groups that are migrated', async () => {
    const original = await started(laboratory())
    await applyAll(original.cluster, await planOf(original.cluster))
    await original.sandbox.settled()
    const copy = await started(await snapshotOf(original.cluster))
    const states = (await inspect(copy.cluster)).flatMap(({ volumes }) => volumes.map(({ state }) => state))
    expect(states).toEqual(['moved', 'moved', 'moved', 'moved'])
  })

  test('holds no Secret’s value, and nothing that is handed to containers', async () => {
    const before = await started([...laboratory().map(withPassword), ...custom()])
    const after = await started(laboratory().map(withPassword))
    await applyAll(after.cluster, await planOf(after.cluster))
    const text = JSON.stringify([await snapshotOf(before.cluster), await snapshotOf(after.cluster)])
    const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map(([, base64 = '']) => atobSafely(base64))
    expect(text + decoded.join()).not.toContain('planted')
    expect(decoded).toContain('redis://192.0.2.1:6379/hidden')
  })

  test('of a record holds neither who wrote it nor why it failed, where another’s log may be', async () => {
    const story = await started(laboratory())
    await applyAll(story.cluster, await planOf(story.cluster))
    const [first] = (await story.cluster.list<KubeObject>(RECORD_KIND)).items
    if (!first) throw new Error('no record')
    const state = { ...(first.state as object), by: 'planted-name@laptop', failure: 'planted-log of a pod' }
    const objects = recordsRead([{ ...first, state } as KubeObject], fileSystem)
    expect(objects).toHaveLength(1)
    expect(JSON.stringify(objects)).not.toContain('planted-')
  })

  test('holds no message of a condition: what a controller or a kubelet quotes there may be anything', async () => {
    const messages = { conditions: [{ type: 'Ready', status: 'True', message: 'planted-message' }] }
    const objects = laboratory().map((object) =>
      object.kind === 'Node' || object.kind === 'Deployment' ? { ...object, status: messages } : object,
    )
    const story = await started(objects)
    expect(JSON.stringify(story.sandbox.objects())).toContain('planted-message')
    expect(JSON.stringify(await snapshotOf(story.cluster))).not.toContain('planted-')
  })

  test('of a Secret hides what only looks like an address', async () => {
    const data = { 'access-key': Buffer.from('http://planted:key@host').toString('base64') }
    const objects = laboratory().map((object) => (object.kind === 'Secret' ? { ...object, data } : object))
    const story = await started(objects)
    const secret = (await snapshotOf(story.cluster)).find(({ kind }) => kind === 'Secret')
    expect(secret?.data).toMatchObject({ 'access-key': Buffer.from('hidden').toString('base64') })
  })

  test('holds none of them either where a record is in parts, which can still be read', async () => {
    const after = await started(laboratory().map(withPassword))
    await applyAll(after.cluster, await planOf(after.cluster))
    const copy = await started(await snapshotOf(after.cluster))
    const [whole] = await readRecords(copy.cluster)
    const [one] = await readRecords(after.cluster)
    if (!whole || !one) throw new Error('no record')
    const head = await after.cluster.get<RecordObject>({ ...RECORD_KIND, name: one.kept.group.name })
    const { content = '', ...spec } = head.spec
    const partOf = (name: string, text: string) => ({ ...RECORD_PART_KIND, metadata: { name }, spec: { text } })
    const middle = content.indexOf('planted') + 3
    const parts = [partOf('p-0', content.slice(0, middle)), partOf('p-1', content.slice(middle))]
    const split = { ...head, spec: { ...spec, parts: ['p-0', 'p-1'] } }
    const objects = recordsRead([split, ...parts, partOf('p-of-no-record', content)], fileSystem)
    expect(objects.map(({ metadata }) => metadata.name)).toEqual([head.metadata.name])
    const reduced = (objects[0] as RecordObject).spec.content ?? ''
    expect(reduced).not.toContain('nted-')
    expect(JSON.parse(reduced)).toEqual(whole.kept)
  })

  test('keeps labels and selectors, whatever they are called', async () => {
    const service: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'jupyter' },
      spec: { ports: [{ port: 80 }], selector: { env: 'prod' } },
    }
    const original = await started([...laboratory(), service])
    const kept = (await snapshotOf(original.cluster)).find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'web',
    )
    expect(kept?.spec).toMatchObject({ selector: { env: 'prod' } })
  })

  test('is the cluster to a plan, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(smallCluster, async (small) => {
        const original = await begin(objectsOf(small))
        await original.sandbox.settled()
        const copy = await begin(await snapshotOf(original.cluster))
        await copy.sandbox.settled()
        const ready = async ({ cluster }: Story) => readiness(await checkFacts(cluster, migration()))
        expect(await planOf(copy.cluster)).toEqual(await planOf(original.cluster))
        expect(await ready(copy)).toEqual(await ready(original))
        await Promise.all([original.close(), copy.close()])
      }),
      { numRuns: 8, endOnFailure: true },
    )
  }, 60_000)

  test('holds nothing that no plan reads, in whichever field or annotation of whichever kind', async () => {
    const { cluster } = await started([...laboratory(), ...custom(), ...withSecrets()])
    const text = JSON.stringify(await snapshotOf(cluster))
    expect(text).toContain('mount-image:1')
    expect(text.match(/.{60}planted.{20}/g)).toBeNull()
  })

  test('anonymized, names nobody in paths, addresses and keys either, and each person by the same name', async () => {
    const path = '/data/k8s/kubeflow/pipeline/workspace/erin'
    const { cluster } = await started([
      ...laboratory(),
      ...volume('jupyter', 'of-erin', path),
      {
        ...notebook('erin-notebook', ['of-erin']),
        metadata: { name: 'erin-notebook', namespace: 'jupyter', labels: { user: 'erin' } },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: 'jupyter', labels: { 'erin.example.org/of': 'x' } },
        spec: { ports: [{ port: 80 }], externalName: 'Frank@Corp.example', type: 'ExternalName' },
      },
    ])
    const objects = anonymized((await takeSnapshot(cluster, fileSystem)).objects, fileSystem)
    const text = JSON.stringify(objects)
    expect(text.match(/.{30}(erin|frank|corp\.example).{30}/gi)).toBeNull()
    const of = (kind: string) => objects.filter((object) => object.kind === kind)
    const pv = of('PersistentVolume').find(({ metadata }) => /of-user-\d+$/.test(metadata.name))
    const claim = of('PersistentVolumeClaim').find(
      ({ spec }) => (spec as { volumeName?: string }).volumeName === pv?.metadata.name,
    )
    const number = claim?.metadata.name.replace('of-', '') ?? 'none'
    expect(pv?.spec).toMatchObject({ hostPath: { path: path.replace('erin', number) } })
  })

  test('anonymized, names nobody in any way in which a name can be written', async () => {
    const { cluster } = await started([...laboratory(), ...manySpellings()])
    const objects = readBack(anonymized((await takeSnapshot(cluster, fileSystem)).objects, fileSystem))
    const said = objects.flatMap((object) => readings(JSON.stringify(object)))
    const NAMED =
      /.{0,30}(gwen|hopper|王伟|corp\.example|heidi|(?<![\da-z])4711(?!\d)|(?<![a-z.])li(?![a-z])).{0,20}/giu
    expect(said.flatMap((text) => text.match(NAMED) ?? [])).toEqual([])
    // that of the sandbox with everybody's names gives the same groups, so nobody's objects have become one
    const copy = await started(objects)
    expect((await planOf(copy.cluster)).groups).toHaveLength((await planOf(cluster)).groups.length)
    const text = JSON.stringify(objects)
    expect(text).toMatch(/gpu01\.example\.com/)
    // of short names and numbers only whole words are
    expect(text).toContain('client-47110')
  })

  test('anonymized, can also be written where people are called as what replaces them, or as what everybody has', () => {
    const pod = (user: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `notebook-${user}`, namespace: 'jupyter', labels: { user } },
    })
    const users = ['1', '2', 'user', 'person-3', 'default', 'example', 'pod']
    const objects = anonymized(users.map(pod), fileSystem)
    expect(new Set(objects.map(({ metadata }) => metadata.name)).size).toBe(users.length)
    expect(objects.map(({ metadata }) => Object.values(metadata.labels ?? {})[0])).not.toContain('person-3')
  })

  test('anonymized, is not written where somebody would still be named', () => {
    const object = (labels: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels },
    })
    const kept = object({ user: 'erin', 'erin.kubernetes.io/of': 'x' })
    expect(() => anonymized([kept], fileSystem)).toThrow(/still contains a name/)
    expect(anonymized([object({ user: 'erin' })], fileSystem)[0]?.metadata.labels).toEqual({ user: 'user-1' })
  })

  test('anonymized, names no user, and gives a plan of the same groups and kinds', async () => {
    const original = await started([...laboratory(), ...custom()])
    const objects = readBack(anonymized((await takeSnapshot(original.cluster, fileSystem)).objects, fileSystem))
    expect(JSON.stringify(objects)).not.toMatch(/alice|bob|carol|dana/)
    const copy = await started(objects)
    const shape = (plan: Plan) =>
      plan.groups.map(({ name, volumes, workloads }) => [
        name,
        volumes.length,
        workloads.map(({ ref }) => ref.kind).sort(),
      ])
    expect(shape(await planOf(copy.cluster))).toEqual(shape(await planOf(original.cluster)))
  })
})

/** People as they are named in objects that a snapshot holds: by address, encoded, escaped, in parts, in labels of any name. */
function manySpellings(): KubeObject[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const annotations = {
    'example.com/owner': 'gwen.hopper@corp.example, 王伟@corp.example',
    'example.com/link': 'https://hub.corp.example/u?mail=gwen%2Ehopper%40corp.example&name=%E7%8E%8B%E4%BC%9F',
    'example.com/twice': encodeURIComponent(encodeURIComponent('of 王伟')),
    'example.com/token': `v1.${base64('{"sub":"gwen.hopper","of":"corp.example"}')}`,
    'example.com/json': '{"name": "\\u738b\\u4f1f", "mail": "gwen.hopper@corp.example"}',
  }
  const labels = { operator: 'heidi', status: 'gwen-hopper', type: 'li', user: 'heidi', 'corp.example/team': 'x' }
  const [pv, claim] = volume('jupyter', 'home-gwen-hopper', '/data/k8s/kubeflow/pipeline/workspace/GwenHopper') as [
    KubeObject,
    KubeObject,
  ]
  const other = volume('jupyter', 'client-47110', '/data/k8s/kubeflow/pipeline/workspace/王伟/4711')
  return [
    { ...pv, metadata: { ...pv.metadata, annotations, labels } },
    { ...claim, metadata: { ...claim.metadata, labels: { 'of-gwen_hopper': 'x', phase: 'heidi' } } },
    ...other,
    {
      ...notebook('li-notebook', ['home-gwen-hopper']),
      metadata: { name: 'li-notebook', namespace: 'jupyter', labels: { user: 'li', reason: 'gwen_hopper' } },
    },
    {
      ...notebook('numbered', ['client-47110']),
      metadata: { name: 'numbered', namespace: 'jupyter', labels: { user: '4711', username: 'gwen.hopper' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'gpu01.corp.example', labels: { 'kubernetes.io/hostname': 'gpu01.corp.example' } },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ]
}

/** Secrets in places that people put them into, and that no plan reads. */
function withSecrets(): KubeObject[] {
  const planted = 'planted-secret'
  const container = {
    name: 'juicefs-plugin',
    image: 'mount-image:1',
    args: ['--by-process=true', `--token=${planted}`],
  }
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': planted,
    'workflows.argoproj.io/template': planted,
  }
  return [
    {
      apiVersion: 'example.com/v1',
      kind: 'Notebook',
      metadata: { name: 'erin', namespace: 'jupyter', annotations },
      spec: {
        replicas: 0,
        password: planted,
        template: {
          metadata: { annotations },
          spec: { volumes: [{ persistentVolumeClaim: { claimName: 'workspace' }, sas: planted }] },
        },
        steps: [{ withItems: [planted], containers: [{ name: 'x', image: 'i', args: [planted] }] }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'flex' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        mountOptions: [`password=${planted}`],
        flexVolume: { driver: 'x/y', options: { password: planted } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'juicefs-csi-driver-config', namespace: 'kube-system', annotations },
      data: {
        'config.yaml': `mountPodPatch: [{mountOptions: [a], env: [{name: B, value: ${planted}}]}]`,
        other: planted,
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'other' },
      provisioner: 'x.y',
      parameters: { secret: planted },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'jupyter', annotations, generateName: planted },
      spec: {
        containers: [{ ...container, env: [{ name: 'A', value: planted }], workingDir: planted }],
        volumes: [{ name: 'v', flexVolume: { driver: 'x/y', options: { password: planted } } }],
        hostAliases: [{ ip: '127.0.0.1', hostnames: [planted] }],
      },
      status: { phase: 'Running', message: planted },
    },
  ]
}

/** A pod without an owner, whose manifest comes into the record, too. */
function withPassword(object: KubeObject): KubeObject {
  if (object.kind !== 'Pod') return object
  const { containers, ...spec } = object.spec as { containers: object[] }
  const env = [{ name: 'PASSWORD', value: 'planted-env' }]
  const readinessProbe = { httpGet: { port: 80, httpHeaders: [{ name: 'Authorization', value: 'planted-header' }] } }
  const inside = { env, readinessProbe }
  return { ...object, spec: { ...spec, containers: containers.map((container) => ({ ...container, ...inside })) } }
}

function atobSafely(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}
