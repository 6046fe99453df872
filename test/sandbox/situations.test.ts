import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { customKind, SCALE } from '../laboratory/definition.ts'
import { controller, juicefs, nodes, podSpec, volume } from '../laboratory/manifests.ts'
import { begin, planOf } from '../laboratory/story.ts'

// Situations that people have met, each as a cluster has it, and what the plan says of it: who is stopped and how, what holds a
// group back. What a single finding says is tried in test/unit/planner.

interface Situation {
  met: string
  objects: KubeObject[]
  /** `Kind name: how it is handled`, in the order of stopping. */
  workloads?: string[]
  /** `severity code` of findings that have to be there. */
  says?: string[]
  /** Codes that must not be. */
  not?: string[]
}

const DIRECTORY = '/data/k8s/team'
const data = (policy?: string) => volume('pipeline', 'data', DIRECTORY, policy)

const UIDS = { owner: 'aaaaaaaa-0000-4000-8000-000000000001', middle: 'aaaaaaaa-0000-4000-8000-000000000002' }

function custom(
  apiVersion: string,
  kindName: string,
  { uid, owner, spec = {} }: { uid?: string; owner?: KubeObject; spec?: object } = {},
): KubeObject {
  return {
    apiVersion,
    kind: kindName,
    metadata: {
      name: kindName.toLowerCase(),
      namespace: 'pipeline',
      ...(uid ? { uid } : {}),
      ...(owner ? { ownerReferences: [ownerOf(owner)] } : {}),
    },
    spec,
  }
}

function ownerOf({ apiVersion, kind: name, metadata }: KubeObject) {
  return { apiVersion, kind: name, name: metadata.name, uid: metadata.uid ?? '', controller: true }
}

function podOf(owner: KubeObject): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'worker', namespace: 'pipeline', ownerReferences: [ownerOf(owner)] },
    spec: { ...podSpec(['data'], { restartPolicy: 'Never' }), nodeName: 'node1' },
    status: { phase: 'Running' },
  }
}

const MOUNTS = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
const ARGO = 'argoproj.io/v1alpha1'
const cronWorkflow = custom(ARGO, 'CronWorkflow', { uid: UIDS.owner, spec: { workflowSpec: MOUNTS } })
const workflow = custom(ARGO, 'Workflow', { uid: UIDS.middle, owner: cronWorkflow, spec: MOUNTS })
const TRAINER = 'trainer.kubeflow.org/v1alpha1'
const JOBSET = 'jobset.x-k8s.io/v1alpha2'
const trainJob = custom(TRAINER, 'TrainJob', { uid: UIDS.owner, spec: { suspend: false } })
const jobSet = custom(JOBSET, 'JobSet', { uid: UIDS.middle, owner: trainJob, spec: { suspend: false, ...MOUNTS } })
const notebook = custom('kubeflow.org/v1', 'Notebook', { spec: { template: { spec: MOUNTS } } })
const thing = custom('example.com/v1', 'Thing', { uid: UIDS.owner })

const notebookPod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'notebook', namespace: 'pipeline', uid: UIDS.owner },
  spec: { ...podSpec(['data']), nodeName: 'node1' },
  status: { phase: 'Running' },
}

const KRUISE = 'apps.kruise.io/v1alpha1'
const cloneSet = custom(KRUISE, 'CloneSet', {
  uid: UIDS.owner,
  spec: { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'own' }, spec: {} }] },
})
const SPARK = 'sparkoperator.k8s.io/v1beta2'
const stream = custom(SPARK, 'SparkApplication', { uid: UIDS.owner, spec: { restartPolicy: { type: 'Always' } } })

const SITUATIONS: Situation[] = [
  {
    met: 'a CloneSet, whose operator deletes the claims of pods that it scales away',
    objects: [...data(), customKind(KRUISE, 'CloneSet', SCALE), cloneSet, podOf(cloneSet)],
    says: ['block claims-deleted'],
  },
  {
    met: 'a SparkApplication that its operator starts again whenever it has ended',
    objects: [...data(), customKind(SPARK, 'SparkApplication'), stream, podOf(stream)],
    says: ['block unknown-controller'],
  },
  {
    met: 'a Workflow that is suspended, and goes on only when somebody resumes it',
    objects: [
      ...data(),
      customKind(ARGO, 'Workflow'),
      custom(ARGO, 'Workflow', { spec: { suspend: true, ...MOUNTS } }),
    ],
    says: ['block unknown-controller'],
  },
  {
    met: 'a Notebook of Kubeflow is no work that ends: it is stopped by its annotation',
    objects: [...data(), customKind('kubeflow.org/v1', 'Notebook'), notebook],
    workloads: ['Notebook notebook: stop'],
  },
  {
    met: 'a run that a clock has started: the run is the work, and its schedule is suspended',
    objects: [
      ...data(),
      customKind(ARGO, 'CronWorkflow'),
      customKind(ARGO, 'Workflow'),
      cronWorkflow,
      workflow,
      podOf(workflow),
    ],
    workloads: ['CronWorkflow cronworkflow: stop', 'Workflow workflow: refuse'],
    says: ['block unfinished'],
  },
  {
    met: 'a run between two of its pods: it is seen though it has none',
    objects: [...data(), customKind(ARGO, 'Workflow'), custom(ARGO, 'Workflow', { spec: MOUNTS })],
    workloads: ['Workflow workflow: refuse'],
    says: ['block unfinished'],
  },
  {
    met: 'a TrainJob over a JobSet: the topmost is suspended',
    objects: [
      ...data(),
      customKind(TRAINER, 'TrainJob'),
      customKind(JOBSET, 'JobSet'),
      trainJob,
      jobSet,
      podOf(jobSet),
    ],
    workloads: ['TrainJob trainjob: stop'],
    not: ['unfinished'],
  },
  {
    met: 'what never ends, of an operator that nobody knows, is not waited for',
    objects: [...data(), customKind('example.com/v1', 'Thing'), thing, podOf(thing)],
    workloads: ['Thing thing: refuse'],
    says: ['block unknown-controller'],
  },
  {
    met: 'a StatefulSet whose claims go when it is scaled down',
    objects: [
      ...volume('pipeline', 'data-db-0', DIRECTORY),
      controller('apps/v1', 'StatefulSet', 'db', [], {
        replicas: 1,
        serviceName: 'db',
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteMany'], storageClassName: '' } },
        ],
      }),
    ],
    workloads: ['StatefulSet db: stop'],
    says: ['note claims-retained'],
    not: ['claims-deleted'],
  },
  {
    met: 'a generic ephemeral volume, whose claim goes with its pod',
    objects: [
      ...data().map((object) =>
        object.kind === 'PersistentVolumeClaim'
          ? { ...object, metadata: { ...object.metadata, ownerReferences: [ownerOf(notebookPod)] } }
          : object,
      ),
      notebookPod,
    ],
    workloads: ['Pod notebook: stop'],
    says: ['block claim-owned'],
  },
  {
    met: 'a volume of local-path, which is called as the driver calls its own',
    objects: volume('pipeline', 'data', DIRECTORY).map((object) =>
      JSON.parse(JSON.stringify(object).replaceAll('pipeline-data', 'pvc-1d2c3b4a-0f5e-4d6c-8b7a-9a8b7c6d5e4f')),
    ),
    says: ['note volume-handle-invalid'],
  },
  {
    met: 'a foreign finalizer on a volume',
    objects: data().map((object) =>
      object.kind === 'PersistentVolume'
        ? { ...object, metadata: { ...object.metadata, finalizers: ['external-attacher/csi-example-com'] } }
        : object,
    ),
    says: ['block foreign-finalizer'],
  },
  {
    met: 'a driver that would be waited for to attach',
    objects: [
      ...data(),
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: 'csi.juicefs.com' },
        spec: { attachRequired: true },
      },
    ],
    says: ['block driver-attach'],
  },
]

test.each(SITUATIONS)('$met', async ({ objects, workloads, says = [], not = [] }) => {
  const given = new Set(objects.map(({ kind: name, metadata }) => `${name} ${metadata.name}`))
  const around = [...nodes(), ...juicefs(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pipeline' } }]
  const { cluster, sandbox, close } = await begin(
    [...around.filter(({ kind: name, metadata }) => !given.has(`${name} ${metadata.name}`)), ...objects],
    { kubernetesVersion: '1.37' },
  )
  try {
    await sandbox.settled()
    const plan = await planOf(cluster)
    const found = plan.findings.map(({ severity, code }) => `${severity} ${code}`)
    for (const wanted of says) expect(found).toContain(wanted)
    expect(plan.findings.map(({ code }) => code).filter((code) => not.includes(code))).toEqual([])
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([says.some((each) => each.startsWith('block'))])
    if (workloads)
      expect(plan.groups[0]?.workloads.map(({ ref, quiesce }) => `${ref.kind} ${ref.name}: ${quiesce}`)).toEqual(
        workloads,
      )
  } finally {
    await close()
  }
})
