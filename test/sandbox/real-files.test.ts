import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Workplace, workplace } from '../laboratory/child.ts'

const MIGRATION = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: case}
spec:
  select: {namespaces: ["*"]}
  paths: [{from: /data, to: ""}]
  target: {secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  source: {nodes: [node1]}
  copy: {mode: none}
`

const volume = (name: string, directory = `/data/${name}`) => `
apiVersion: v1
kind: PersistentVolume
metadata: {name: ${name}}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteMany]
  storageClassName: ""
  hostPath: {path: ${directory}}
`

const asJson = (name: string, indent?: number) =>
  JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { braces: 'a { in a "string" }' } },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        storageClassName: '',
        hostPath: { path: `/data/${name}` },
      },
    },
    undefined,
    indent,
  )

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gates.example.com}
spec:
  group: example.com
  names: {kind: Gate, plural: gates}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`

const WEBHOOK = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks: []
`

const AUTOSCALER = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: team}
spec:
  maxReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
`

const INSTALL: Record<string, string> = {
  'a-definition.yaml': DEFINITION,
  'b-operator.yaml': `${DEFINITION}---${WEBHOOK}---${WEBHOOK.replace('gate}', 'other}')}---${AUTOSCALER}`,
  'chart/Chart.yaml': 'apiVersion: v1\nname: demo\nversion: 1.0.0\n',
  'chart/templates/web.yaml': 'a: 1\n{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n',
  'dashboard.json': '{"annotations": {"list": []}, "editable": true}',
  'kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [pv.yaml]\n',
  'pv.yaml': `${volume('first')}---${volume('second')}`,
  'pv-again.yaml': `${volume('first')}  persistentVolumeReclaimPolicy: Retain\n`,
  'pv-elsewhere.yaml': volume('second', '/data/elsewhere'),
}

/** Nodes, driver, Secret: what a plan needs besides volumes. */
const CLUSTER = ['--sandbox', path.resolve('fixtures/jupyter/cluster.yaml')]

let place: Workplace

beforeAll(async () => {
  place = await workplace('', { 'm.yaml': MIGRATION })
  for (const [name, text] of Object.entries(INSTALL)) {
    const file = path.join(place.folder, 'install', name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
})

afterAll(() => place.remove())

async function planOf(...words: string[]): Promise<{ code: number | string; output: string }> {
  const child = place.run('plan', '-f', 'm.yaml', ...words, ...CLUSTER)
  return { code: await child.ended, output: child.output }
}

describe('a folder of an installation is a cluster as it is', () => {
  test('what is not known is left out, counted by kind; charts, dashboards and kustomizations are told', async () => {
    const { code, output } = await planOf('--sandbox', 'install')
    expect(output).toContain('3 objects of kinds it does not support')
    expect(output).toContain('2 admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration')
    expect(output).toContain('1 kustomize.config.k8s.io/v1beta1 Kustomization')
    expect(output).toMatch(/not Kubernetes objects:\n {2}install\/chart\/Chart\.yaml:1\n {2}install\/dashboard\.json:1/)
    expect(output).toMatch(/cannot be read as manifests:\n {2}install\/chart\/templates\/web\.yaml:2: a template/)
    expect(output).toContain('2 volumes in 2 groups to migrate')
    expect(code).toBe(0)
  })

  test('an object that is given twice is applied twice; what a cluster would refuse of it is told with file and line', async () => {
    const { output } = await planOf('--sandbox', 'install')
    expect(output).toMatch(/install\/pv\.yaml:11: PersistentVolume "second" .*immutable/)
    // the files come in the order of their names
    expect(output).toContain('/data/elsewhere on node1')
    expect(output).not.toMatch(/reclaim-policy PersistentVolume first/)
  })
})

describe('what comes from kubectl is a cluster', () => {
  test.each([
    ['JSON texts one a line', [asJson('one'), asJson('two')].join('\n')],
    ['JSON texts as kubectl prints them', [asJson('one', 4), asJson('two', 4)].join('\n')],
    [
      'a List',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [asJson('one'), asJson('two')].map((text) => JSON.parse(text)),
      }),
    ],
    [
      'a List with an empty one in it, as Go writes that',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          ...[asJson('one'), asJson('two')].map((text) => JSON.parse(text)),
          { apiVersion: 'v1', kind: 'PersistentVolumeClaimList', metadata: {}, items: null },
        ],
      }),
    ],
    ['YAML', `${volume('one')}---${volume('two')}`],
  ])('on standard input: %s', async (_, input) => {
    const child = place.pipe(input, 'plan', '-f', 'm.yaml', '--sandbox', '-', ...CLUSTER)
    expect(await child.ended).toBe(0)
    expect(child.output).toContain('2 volumes in 2 groups to migrate')
    expect(child.output).not.toContain('Not loaded')
  })

  test('in several places, the later wins', async () => {
    await place.write('one.yaml', `${volume('one')}  persistentVolumeReclaimPolicy: Retain\n`)
    await place.write('two.yaml', `${volume('two')}---${volume('one')}  persistentVolumeReclaimPolicy: Delete\n`)
    const { output } = await planOf('--sandbox', 'one.yaml', '--sandbox', 'two.yaml')
    expect(output).toContain('2 volumes in 2 groups to migrate')
    expect(output).toMatch(/reclaim-policy PersistentVolume one/)
    expect(output).toContain('juicify apply --sandbox one.yaml --sandbox two.yaml')
  })

  test('standard input is not asked for two things at once', async () => {
    const child = place.pipe(volume('one'), 'plan', '-f', '-', '--sandbox', '-')
    expect(await child.ended).toBe(1)
    expect(child.output).toContain('Standard input can be read only once')
  })
})

describe('what is wrong in a file is named with its file and line', () => {
  test('all of it at once', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${volume('fine').trim().replaceAll('\n', '\n  ')}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: broken}\n  spec: {}\n`
    await place.write('wrong.yaml', `${list}---\napiVersion: v1\nkind: Secret\n`)
    const { code, output } = await planOf('--sandbox', 'wrong.yaml')
    expect(output).toMatch(/Cannot load 2 manifests:\n {2}wrong\.yaml:17: .*\n {2}wrong\.yaml:12: Pod "broken"/)
    expect(code).toBe(1)
  })

  test('in JSON texts too', async () => {
    await place.write('lines.json', `${asJson('one')}\n${asJson('two')}\n{"kind": "oops}\n`)
    expect((await planOf('--sandbox', 'lines.json')).output).toContain('lines.json:3: invalid YAML')
  })
})

describe('a file in another encoding than UTF-8 is named as what it is', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le')
  // "数据" in GBK
  const gbk = Buffer.concat([
    Buffer.from('# one\n# '),
    Buffer.from([0xca, 0xfd, 0xbe, 0xdd]),
    Buffer.from(volume('one')),
  ])

  test.each([
    [
      'UTF-16 as PowerShell writes it',
      Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(volume('one'))]),
      /other\.yaml: encoded as UTF-16/,
    ],
    ['UTF-16 without a mark', utf16('apiVersion: v1\n'), /other\.yaml: encoded as UTF-16/],
    ['UTF-16, the high byte first', utf16('\uFEFFapiVersion: v1\n').swap16(), /other\.yaml: encoded as UTF-16 \(big/],
    ['GBK', gbk, /other\.yaml:2: encoded as GBK/],
    ['neither', Buffer.from([0x61, 0x0a, 0xff, 0x80, 0xff]), /other\.yaml:2: not encoded as UTF-8/],
  ])('%s', async (_, bytes, message) => {
    await writeFile(path.join(place.folder, 'other.yaml'), bytes)
    for (const words of [
      ['--sandbox', 'other.yaml'],
      ['--sandbox', 'install', '-f', 'other.yaml'],
    ]) {
      const child = place.run('plan', ...(words.includes('-f') ? [] : ['-f', 'm.yaml']), ...words)
      expect(await child.ended).toBe(1)
      expect(child.output).toMatch(message)
      expect(child.output).toMatch(/try: Save it as UTF-8/)
    }
  })
})
