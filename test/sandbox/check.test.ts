import { afterEach, describe, expect, test } from 'vitest'
import type { Migration } from '../../src/domain/migration.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { ReadinessLine, Subject } from '../../src/domain/readiness.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { readiness } from '../../src/planner/readiness.ts'
import type { SandboxOptions } from '../../src/sandbox/index.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { survey } from '../../src/survey/survey.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { begin, type Story } from '../laboratory/story.ts'

let story: Story | undefined
afterEach(() => story?.close())

/** What `juicify check` says of a laboratory with these objects besides. */
async function check(objects: KubeObject[], more: Omit<SandboxOptions, 'objects'> = {}): Promise<ReadinessLine[]> {
  story = await begin(objects, more)
  return readiness(await checkFacts(story.cluster, migration()))
}

/** Whether `check` finds a problem in that cluster, and whether a plan of it holds every group back, with the same words. */
async function bothOn(objects: KubeObject[]): Promise<{ check: string[]; plan: string[] }> {
  const copying: Migration = { ...migration(), copy: { mode: 'copy' } }
  story = await begin(objects)
  const lines = readiness(await checkFacts(story.cluster, copying)).filter(({ level }) => level === 'problem')
  const plan = makePlan(await survey(story.cluster, copying), copying, { wholeGroups: false, dangerousSplit: false })
  const blocked = plan.groups.every((group) => group.blocked)
  const blocks = plan.findings.filter(({ severity, group }) => severity === 'block' && group === undefined)
  await story.close()
  return { check: lines.map(({ code }) => `${code}`), plan: blocked ? blocks.map(({ code }) => code) : [] }
}

function of(lines: ReadinessLine[], subject: Subject): ReadinessLine {
  const found = lines.find((line) => line.subject === subject)
  if (!found) throw new Error(`check says nothing of ${subject}`)
  return found
}

const metadata = { namespace: 'kube-system' }

/** The driver as its Helm chart installs it. */
function driver(args: string[] = [], nodes = ['node1', 'node2']): KubeObject[] {
  const labels = { app: 'juicefs-csi-node' }
  const plugin = { name: 'juicefs-plugin', image: 'juicedata/juicefs-csi-driver:v0.32.1', args }
  const template = { metadata: { labels }, spec: { containers: [plugin], nodeSelector: { driver: 'yes' } } }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { ...metadata, name: 'juicefs-csi-node', labels },
      spec: { selector: { matchLabels: labels }, template },
    },
    ...laboratory().map((object) =>
      object.kind === 'Node' && nodes.includes(object.metadata.name)
        ? { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, driver: 'yes' } } }
        : object,
    ),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'juicify' } },
  ]
}

function withContainer(object: KubeObject, container: object): KubeObject {
  const app = object.metadata.name
  const labels = { app }
  const template = { metadata: { labels }, spec: { containers: [container], nodeSelector: { driver: 'yes' } } }
  const spec = {
    selector: { matchLabels: labels },
    template,
    ...(object.kind === 'StatefulSet' ? { serviceName: app } : {}),
  }
  return { ...object, metadata: { ...object.metadata, labels }, spec }
}

function driverConfig(yaml: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, name: 'juicefs-csi-driver-config' },
    data: { 'config.yaml': yaml },
  }
}

describe('juicify check', () => {
  test('finds nothing wrong with a laboratory whose driver runs on every node', async () => {
    const lines = await check(driver())
    expect(lines.filter(({ level }) => level === 'problem')).toEqual([])
    expect(of(lines, 'driver')).toMatchObject({ level: 'ok', text: expect.stringContaining('on all 2 nodes') })
    expect(of(lines, 'driver-version').text).toContain('juicefs-csi-driver v0.32.1')
    expect(of(lines, 'permissions').level).toBe('ok')
  })

  test('says which keys the Secret has, and no value of it', async () => {
    const lines = await check(driver())
    expect(of(lines, 'secret').text).toContain('access-key, bucket, metaurl, name, secret-key, storage')
    expect(JSON.stringify(lines)).not.toMatch(/planted|192\.0\.2/)
  })

  test('warns of a registered driver without a ready pod on a node', async () => {
    const line = of(await check(driver([], ['node1'])), 'driver')
    expect(line).toMatchObject({ level: 'warning', text: expect.stringContaining('no ready pod on node2') })
    expect(line.text).not.toContain('node1')
  })

  test('calls a driver whose volumes Kubernetes would wait for somebody to attach a problem, as the plan does', async () => {
    const attached = driver().map((object) =>
      object.kind === 'CSIDriver' ? { ...object, spec: { attachRequired: true } } : object,
    )
    const line = of(await check(attached), 'driver')
    expect(line).toMatchObject({ level: 'problem', text: expect.stringContaining('attachRequired: true') })
  })

  test('does not take the CSIDriver object for the driver', async () => {
    const line = of(await check(laboratory().filter(({ kind }) => kind !== 'CSINode')), 'driver')
    expect(line).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('it remains after an uninstallation'),
    })
  })

  test('warns of a driver that mounts by process', async () => {
    const line = of(await check(driver(['--endpoint=x', '--by-process=true'])), 'driver-version')
    expect(line).toMatchObject({ level: 'warning', code: 'driver-mode', text: expect.stringContaining('by process') })
  })

  test('calls a subdir that the driver’s settings force on a claim a problem, and names the claim', async () => {
    const config = driverConfig('mountPodPatch:\n- pvcSelector: {matchName: archives}\n  mountOptions: [subdir=all]\n')
    const line = of(await check([...driver(), config]), 'mount-options')
    expect(line).toMatchObject({ level: 'problem', text: expect.stringContaining('jupyter/archives') })
    expect(line.text).not.toContain('workspace')
  })

  test('knows the claims that the driver’s settings take by expressions, and no others', async () => {
    const patch = (operator: string) =>
      driverConfig(
        `mountPodPatch:\n- pvcSelector: {matchExpressions: [{key: x, operator: ${operator}}]}\n  mountOptions: [subdir=all]\n`,
      )
    expect(of(await check([...driver(), patch('Exists')]), 'mount-options')).toMatchObject({ level: 'ok' })
    const line = of(await check([...driver(), patch('DoesNotExist')]), 'mount-options')
    expect(line).toMatchObject({ level: 'problem', text: expect.stringContaining('jupyter/archives') })
  })

  test('calls nothing ready that the plan holds back, and holds nothing back that the plan calls ready', async () => {
    const version = (image: string, env: { name: string; value: string }[] = []) =>
      driver().map((object) =>
        object.kind === 'DaemonSet' && object.metadata.name === 'juicefs-csi-node'
          ? withContainer(object, { name: 'juicefs-plugin', image, env })
          : object,
      )
    const sidecar = [
      ...driver().filter(({ kind, metadata }) => kind !== 'CSINode' && metadata.name !== 'juicefs-csi-node'),
      withContainer(
        { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { ...metadata, name: 'juicefs-csi-controller' } },
        { name: 'juicefs-plugin', image: 'juicedata/juicefs-csi-driver:v0.32.0', args: ['--webhook=true'] },
      ),
    ]
    const clusters: [KubeObject[], string[], string[]?][] = [
      [driver(), []],
      [driver(['--by-process=true']), []],
      [version('juicedata/juicefs-csi-driver:v0.17.1'), ['mover-missing']],
      [
        version('juicedata/juicefs-csi-driver:v0.17.1', [
          { name: 'JUICEFS_MOUNT_IMAGE', value: 'juicedata/mount:v1.0.2' },
        ]),
        ['mover-too-old'],
      ],
      // where nothing can be mounted, no copy is planned that would want an image
      [sidecar, ['driver-mode', 'mover-missing'], ['driver-mode']],
      [driver([], []), ['driver-not-ready']],
      [driver().filter(({ kind }) => kind !== 'CSIDriver'), ['driver-attach']],
      [driver().filter(({ kind }) => kind !== 'Secret'), ['secret-missing']],
    ]
    for (const [objects, problems, blocks = problems] of clusters)
      expect(await bothOn(objects)).toEqual({ check: problems, plan: blocks })
  })

  test('says which other mount options the settings add', async () => {
    const config = driverConfig('mountPodPatch:\n- mountOptions: [cache-size=2048]\n')
    expect(of(await check([...driver(), config]), 'mount-options')).toMatchObject({
      level: 'ok',
      text: expect.stringContaining('cache-size=2048'),
    })
  })

  test('names what one may not do, asks for nothing else, and goes on', async () => {
    const asked: string[] = []
    const lines = await check(driver(), {
      onRequest: ({ path, body }) => {
        if (!path.endsWith('/selfsubjectaccessreviews')) return undefined
        const { spec } = body as { spec: { resourceAttributes: Record<string, string> } }
        const { verb, resource, group } = spec.resourceAttributes
        asked.push(`${verb} ${resource}.${group}`)
        const allowed = !(verb === 'delete' && resource === 'persistentvolumes')
        return { answer: { status: 201, body: { kind: 'SelfSubjectAccessReview', spec, status: { allowed } } } }
      },
    })
    expect(of(lines, 'permissions')).toMatchObject({
      level: 'problem',
      text: 'Required permissions missing: persistentvolumes (delete)',
      remedy: expect.stringContaining('juicify rbac'),
    })
    expect(asked.filter((each) => each.includes('argoproj.io'))).toEqual([])
    expect(of(lines, 'secret').level).toBe('ok')
  })

  test('says that the first run creates the namespace juicify, to those who may', async () => {
    const lines = await check(laboratory())
    expect(lines.filter(({ subject }) => subject === 'permissions')).toMatchObject([
      { level: 'ok', text: expect.stringContaining('the first run creates the namespace juicify') },
    ])
  })

  test('sends those who may not to somebody who creates the namespace juicify', async () => {
    const lines = await check(laboratory(), {
      onRequest({ path, body }) {
        if (!path.endsWith('/selfsubjectaccessreviews')) return undefined
        const { spec } = body as { spec: { resourceAttributes: { resource: string; verb: string } } }
        const { resource, verb } = spec.resourceAttributes
        const status = { allowed: !(resource === 'namespaces' && verb === 'create') }
        return { answer: { status: 201, body: { kind: 'SelfSubjectAccessReview', spec, status } } }
      },
    })
    expect(lines.filter(({ subject }) => subject === 'permissions')).toMatchObject([
      { level: 'ok' },
      { level: 'warning', remedy: expect.stringContaining('juicify rbac') },
    ])
  })

  test('does not fail where next to nothing may be read', async () => {
    const lines = await check(laboratory(), {
      onRequest: ({ path, body }) => {
        if (path === '/version' || path === '/apis') return undefined
        if (!path.endsWith('/selfsubjectaccessreviews')) return { answer: { status: 403, reason: 'Forbidden' } }
        return { answer: { status: 201, body: { ...(body as object), status: { allowed: false } } } }
      },
    })
    expect(lines.map(({ subject, level }) => `${subject} ${level}`)).toEqual([
      'api ok',
      'permissions problem',
      'permissions warning',
      'permissions warning',
      'driver problem',
    ])
  })

  test('warns of a volume that Argo CD keeps, of two default classes, and of a node that is away', async () => {
    const marked = driver().map((object) => {
      if (object.kind === 'PersistentVolume' && object.metadata.name === 'jupyter-workspace')
        return { ...object, metadata: { ...object.metadata, annotations: { 'argocd.argoproj.io/tracking-id': 'x' } } }
      if (object.kind === 'Node' && object.metadata.name === 'node2')
        return { ...object, status: { conditions: [{ type: 'Ready', status: 'False' }] } }
      return object
    })
    const classes = ['a', 'b'].map((name) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/x',
    }))
    const lines = await check([...marked, ...classes])
    expect(of(lines, 'managers')).toMatchObject({
      level: 'warning',
      text: 'Argo CD manages PersistentVolume jupyter-workspace',
    })
    expect(of(lines, 'storage-classes').level).toBe('warning')
    expect(of(lines, 'nodes')).toMatchObject({ level: 'warning', text: expect.stringContaining('node2') })
  })
})
