import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import { backingServices } from '../../../src/planner/backing-services.ts'
import { claimUsers } from '../../../src/planner/users.ts'
import { clusterWith, podWith, volume } from './cluster.ts'

const minio: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'minio', namespace: 'team' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: 'minio' } }, spec: { containers: [{ name: 'm', image: 'minio/minio' }] } },
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
  },
}
const service = (spec: object, name = 'minio', status: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'team' },
  spec,
  status,
})
const bySelector = { selector: { app: 'minio' } }

function standing(host: string, port: number | undefined, ...objects: KubeObject[]): string[] {
  const survey: Survey = {
    ...clusterWith(
      volume('data-minio-0', '/data/0'),
      volume('data-minio-1', '/data/1'),
      volume('home', '/data/home'),
      ...objects,
    ),
    secret: {
      namespace: 'kube-system',
      name: 's',
      keys: [],
      endpoints: [{ key: 'bucket', host, ...(port ? { port } : {}) }],
    },
  }
  return [...backingServices(survey, claimUsers(survey)).keys()].sort()
}

const BOTH = ['team/data-minio-0', 'team/data-minio-1']

describe('what JuiceFS stands on is found', () => {
  test.each<[string, string, number | undefined, KubeObject[]]>([
    ['by the name of a Service', 'minio.team', 9000, [minio, service(bySelector)]],
    ['by its longer names', 'minio.team.svc.cluster.local', 9000, [minio, service(bySelector)]],
    ["by a pod's name before it", 'minio-0.minio.team.svc', 9000, [minio, service(bySelector)]],
    ['by its cluster IP', '10.96.0.7', 9000, [minio, service({ ...bySelector, clusterIP: '10.96.0.7' })]],
    [
      'by its load balancer',
      'lb.example.com',
      9000,
      [minio, service(bySelector, 'minio', { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } })],
    ],
    [
      "by a node's address and a NodePort",
      '10.0.0.12',
      30900,
      [minio, service({ ...bySelector, ports: [{ port: 9000, nodePort: 30900 }] })],
    ],
    [
      'through an ExternalName',
      'alias.team',
      9000,
      [minio, service(bySelector), service({ type: 'ExternalName', externalName: 'minio.team.svc' }, 'alias')],
    ],
    [
      'although it is scaled to 0',
      'minio.team',
      9000,
      [{ ...minio, spec: { ...(minio.spec as object), replicas: 0 } }, service(bySelector)],
    ],
  ])('%s', (_, host, port, objects) => expect(standing(host, port, ...objects)).toEqual(BOTH))

  test("by a pod's address", () => {
    expect(standing('10.244.0.9', 6379, podWith('home', { status: { podIP: '10.244.0.9' } }))).toEqual(['team/home'])
  })

  test('by a port of the node', () => {
    const pod = podWith('home', {
      spec: { hostNetwork: true, containers: [{ name: 'r', image: 'x', ports: [{ containerPort: 6379 }] }] },
    })
    expect(standing('10.0.0.11', 6379, pod)).toEqual(['team/home'])
    expect(standing('10.0.0.11', 6380, pod)).toEqual([])
    expect(standing('10.0.0.12', 6379, pod)).toEqual([])
  })

  test("on the node's network without a word on ports, if it is of that kind of software", () => {
    const pod = (image: string) => podWith('home', { spec: { hostNetwork: true, containers: [{ name: 'r', image }] } })
    expect(standing('10.0.0.11', 6379, pod('redis:7'))).toEqual(['team/home'])
    expect(standing('10.0.0.11', 6379, pod('local/tools:1'))).toEqual([])
  })
})

describe('what only looks like it is not taken for it', () => {
  test.each<[string, string, KubeObject[]]>([
    ['another Service of the name', 'minio.other', [minio, service(bySelector)]],
    ['a host outside', 'minio.team.example.com', [minio, service(bySelector)]],
    ['a Service without a selector', 'minio.team', [minio, service({})]],
    ['names that go in a circle', 'a.team', [service({ type: 'ExternalName', externalName: 'a.team' }, 'a')]],
    ['finished pods', '10.244.0.9', [podWith('home', { status: { phase: 'Succeeded', podIP: '10.244.0.9' } })]],
  ])('%s', (_, host, objects) => expect(standing(host, 9000, ...objects)).toEqual([]))
})
