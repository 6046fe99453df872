import type { Api } from './api.ts'
import { admitPod } from './defaults.ts'
import type { Kind } from './kinds.ts'
import { kindDefinedBy } from './kinds.ts'
import { type ApiObject, at, fields, items } from './object.ts'

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** What the server does to a new object besides its defaults: protection, default class, first status. Changes `object`. */
export function admit(api: Api, kind: Kind, object: ApiObject): void {
  if (!kind.custom) ADMISSION[kind.kind]?.(api, object)
}

const protect = (object: ApiObject, finalizer: string): void => {
  const present = object.metadata.finalizers ?? []
  // An object that is loaded while it is being deleted has lost it for good.
  if (object.metadata.deletionTimestamp === undefined && !present.includes(finalizer))
    object.metadata.finalizers = [...present, finalizer]
}

const ADMISSION: Record<string, (api: Api, object: ApiObject) => void> = {
  Namespace(_, object) {
    object.status = { phase: 'Active' }
  },
  PersistentVolume(api, object) {
    protect(object, 'kubernetes.io/pv-protection')
    object.status = api.withStatus(object, { phase: 'Pending' }).status ?? {}
  },
  PersistentVolumeClaim(api, object) {
    protect(object, 'kubernetes.io/pvc-protection')
    object.status = { phase: 'Pending' }
    const spec = fields(object.spec)
    const annotated = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined
    if (spec.storageClassName !== undefined || annotated) return
    const name = defaultClass(api)
    if (name !== undefined) spec.storageClassName = name
  },
  Pod(api, object) {
    admitPod(object, api.rules)
    object.status = { phase: 'Pending', qosClass: qualityOf(object) }
  },
  Service(api, object) {
    const spec = fields(object.spec)
    object.status = { loadBalancer: {} }
    if (spec.clusterIP === undefined && spec.type !== 'ExternalName') spec.clusterIP = freeAddress(api)
    if (spec.clusterIP !== undefined) spec.clusterIPs = [spec.clusterIP]
  },
  Deployment: emptyStatus,
  ReplicaSet: emptyReplicas,
  ReplicationController: emptyReplicas,
  StatefulSet({ rules }, object) {
    object.status = { replicas: 0, ...(rules.statefulSetsCountAvailable ? { availableReplicas: 0 } : {}) }
  },
  DaemonSet(_, object) {
    object.metadata.annotations = { 'deprecated.daemonset.template.generation': '1', ...object.metadata.annotations }
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
  },
  Job({ rules: { jobLabelPrefix } }, object) {
    object.status = {}
    const spec = fields(object.spec)
    if (spec.manualSelector === true || spec.selector !== undefined) return
    const { uid, name } = object.metadata
    const uidLabel = `${jobLabelPrefix ?? ''}controller-uid`
    const labels = {
      'controller-uid': uid,
      'job-name': name,
      [uidLabel]: uid,
      [`${jobLabelPrefix ?? ''}job-name`]: name,
    }
    const template = fields(spec.template)
    const metadata = fields(template.metadata)
    spec.selector = { matchLabels: { [uidLabel]: uid } }
    spec.template = { ...template, metadata: { ...metadata, labels: { ...fields(metadata.labels), ...labels } } }
    object.metadata.labels ??= { ...fields(metadata.labels), ...labels } as Record<string, string>
  },
  CronJob: emptyStatus,
  ResourceQuota: emptyStatus,
  HorizontalPodAutoscaler(_, object) {
    object.status = { currentReplicas: 0, desiredReplicas: 0 }
  },
  Node(_, object) {
    object.status ??= {}
  },
  CustomResourceDefinition(_, object) {
    const { kind, plural } = kindDefinedBy(object)
    const spec = fields(object.spec)
    object.status = {
      acceptedNames: spec.names,
      storedVersions: items(spec.versions)
        .filter((version) => at(version, 'storage') === true)
        .map((version) => at(version, 'name')),
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'True',
          reason: 'NoConflicts',
          message: `no conflicts found for ${kind} (${plural})`,
        },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
    }
  },
}

function emptyStatus(_: Api, object: ApiObject): void {
  object.status = {}
}

function emptyReplicas(_: Api, object: ApiObject): void {
  object.status = { replicas: 0 }
}

/** The name of the default StorageClass, where exactly one says that it is. */
function defaultClass(api: Api): string | undefined {
  const found = api.store
    .list('storageclasses.storage.k8s.io')
    .filter(({ metadata }) => DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === 'true'))
  return found.length === 1 ? found[0]?.metadata.name : undefined
}

function freeAddress(api: Api): string {
  const taken = new Set(api.store.list('services').map((service) => at(service, 'spec', 'clusterIP')))
  for (let number = 1; ; number++) {
    const address = `10.96.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
}

/** The quality of service that a pod's requests and limits stand for. */
function qualityOf(pod: ApiObject): string {
  const containers = [...items(at(pod, 'spec', 'containers')), ...items(at(pod, 'spec', 'initContainers'))]
  const resources = containers.map((container) => fields(at(container, 'resources')))
  const asked = resources.some(
    ({ requests, limits }) => Object.keys({ ...fields(requests), ...fields(limits) }).length > 0,
  )
  if (!asked) return 'BestEffort'
  const fixed = resources.every(({ requests, limits }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = fields(limits)[name]
      return limit !== undefined && (fields(requests)[name] ?? limit) === limit
    }),
  )
  return fixed ? 'Guaranteed' : 'Burstable'
}
