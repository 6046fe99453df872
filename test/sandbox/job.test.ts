import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'

const MIGRATION = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: friday}
spec:
  select: {namespaces: [jupyter, pipeline]}
  paths: [{from: /data/k8s, to: ""}]
  target: {secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  source: {nodes: shared}
  copy: {mode: none}
`

interface Job extends KubeObject {
  spec: { template: { spec: { containers: { args: string[] }[] } } }
}

let sandbox: Sandbox
let place: Workplace

beforeAll(async () => {
  sandbox = await startSandbox({ objects: smallLaboratory() })
  place = await workplace(sandbox.kubeconfig, { 'friday.yaml': MIGRATION })
  const plan = place.run('plan', '-f', 'friday.yaml', '--out', 'friday.plan.yaml')
  expect(await plan.ended, plan.output).toBe(0)
})
afterAll(async () => {
  await place.remove()
  await sandbox.close()
})

const kindOf = (objects: KubeObject[], kind: string) => objects.find((each) => each.kind === kind)
const argsOf = (objects: KubeObject[]) =>
  (kindOf(objects, 'Job') as Job | undefined)?.spec.template.spec.containers[0]?.args ?? []

describe('juicify job', () => {
  test('prints what an API server takes, and its pod’s command finishes what a killed pod has begun', async () => {
    const printed = place.run('job', '--image', 'hub.lab/juicify:1', '-o', 'json', '--', 'apply', 'friday.plan.yaml')
    expect(await printed.ended, printed.output).toBe(0)
    const { items: objects } = JSON.parse(printed.output) as { items: KubeObject[] }
    const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
    for (const object of objects) await cluster.create(object)
    cluster.close()
    const { data } = kindOf(objects, 'ConfigMap') as KubeObject & { data: Record<string, string> }
    await place.write('in-the-pod.yaml', data['friday.plan.yaml'] ?? '')
    const pod = () => {
      return place.start(
        ...argsOf(objects).map((word) => word.replace('/etc/juicify/friday.plan.yaml', 'in-the-pod.yaml')),
      )
    }
    const first = pod()
    first.process.stderr?.on('data', () => {
      if (/swapped/.test(first.output)) first.process.kill('SIGKILL')
    })
    expect(await first.ended, first.output).toBe('SIGKILL')
    const second = pod()
    expect(await second.ended, second.output).toBe(0)
    expect(second.output).toMatch(/migrated/)
    const third = pod()
    expect(await third.ended, third.output).toBe(0)
  })

  test('refuses a plan where the command takes a migration, and a migration where it takes a plan', async () => {
    const asked = async (...words: string[]) => {
      const child = place.run('job', '--image', 'x', '--', ...words)
      return { code: await child.ended, output: child.output }
    }
    expect((await asked('apply', 'friday.yaml')).output).toContain('expected a Plan, found a Migration')
    expect((await asked('plan', '-f', 'friday.plan.yaml')).output).toContain(
      'is a saved plan, but a migration is expected',
    )
    expect((await asked('apply', '-f', 'friday.plan.yaml')).code).toBe(0)
    expect((await asked('apply', 'friday.plan.yaml')).code).toBe(0)
  })

  test('refuses to name an image that does not exist, and says how to build one', async () => {
    const child = place.run('job', '--', 'apply', '-f', 'friday.yaml')
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toMatch(/docker build -t REGISTRY\/juicify:\S+ -f \S+build\/Dockerfile/)
  })
})
