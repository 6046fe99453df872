import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { customKind, SCALE } from '../laboratory/definition.ts'
import { controller, juicefs, NAMESPACES, nodes, podSpec, volume } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, rollbackAll } from '../laboratory/story.ts'

// No operator runs in an embedded cluster. What a custom resource runs goes with it all the same, and comes back: a rehearsal
// of a cluster with one would else wait for its pods until the timeout.

const UID = 'bbbbbbbb-0000-4000-8000-00000000000'

/** One that `owner` controls; its uid ends in `digit`. */
function owned(apiVersion: string, kind: string, digit: number, spec: object, owner?: KubeObject): KubeObject {
  const by = owner && {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
  }
  const metadata = { name: `train-${digit}`, namespace: 'pipeline', uid: `${UID}${digit}` }
  return { apiVersion, kind, metadata: { ...metadata, ...(by ? { ownerReferences: [by] } : {}) }, spec }
}

const ray = owned('ray.io/v1', 'RayCluster', 1, { suspend: false })
const trainJob = owned('trainer.kubeflow.org/v1alpha1', 'TrainJob', 2, { suspend: false })
const jobSet = owned('jobset.x-k8s.io/v1alpha2', 'JobSet', 3, {}, trainJob)
const template = { metadata: { labels: { app: 'train' } }, spec: { ...podSpec(['data']), restartPolicy: 'Never' } }
const cloneSet = owned('apps.kruise.io/v1alpha1', 'CloneSet', 4, { replicas: 1, template })
const thing = owned('example.com/v1', 'Thing', 5, { replicas: 2 })
const deployment = controller('apps/v1', 'Deployment', 'things', ['data'], { replicas: 2 })

test.each<[string, KubeObject[]]>([
  [
    'a RayCluster over its pods',
    [customKind('ray.io/v1', 'RayCluster'), ray, owned('v1', 'Pod', 6, podSpec(['data']), ray)],
  ],
  [
    'a TrainJob over a JobSet over a Job',
    [
      customKind('trainer.kubeflow.org/v1alpha1', 'TrainJob'),
      customKind('jobset.x-k8s.io/v1alpha2', 'JobSet'),
      trainJob,
      jobSet,
      owned('batch/v1', 'Job', 7, { template }, jobSet),
    ],
  ],
  [
    'a CloneSet over its pods, by its scale',
    [
      customKind('apps.kruise.io/v1alpha1', 'CloneSet', SCALE),
      cloneSet,
      owned('v1', 'Pod', 8, podSpec(['data']), cloneSet),
    ],
  ],
  [
    'a resource with a scale over a Deployment',
    [
      customKind('example.com/v1', 'Thing', SCALE),
      thing,
      {
        ...deployment,
        metadata: {
          ...deployment.metadata,
          ownerReferences: owned('v1', 'Pod', 9, {}, thing).metadata.ownerReferences,
        },
      },
    ],
  ],
])('%s is stopped and started in a rehearsal, there and back', async (_, objects) => {
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  const own = [...nodes(), ...juicefs(), ...namespaces, ...volume('pipeline', 'data', '/data/k8s/train'), ...objects]
  const story = await begin(own, { kubernetesVersion: '1.37' })
  try {
    const { cluster, sandbox } = story
    await sandbox.settled()
    const pods = () => sandbox.objects().filter(({ kind }) => kind === 'Pod').length
    const [before, running] = [stateOf(sandbox.objects()), pods()]
    expect(running).toBeGreaterThan(0)
    for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
      expect(message ?? outcome).toBe('migrated')
    await sandbox.settled()
    expect(pods()).toBe(running)
    for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    await sandbox.settled()
    expect(stateOf(sandbox.objects())).toEqual(before)
  } finally {
    await story.close()
  }
})
