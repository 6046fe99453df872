import type { DriverContainer, FileSystem } from '../domain/filesystem.ts'
import { groupOf, type KubeObject } from '../domain/object.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import { isPod, kindOf } from '../workloads/kinds.ts'
import { ofWriter } from '../workloads/writer.ts'

/** What is kept of a value: all of it, these fields of it, or what the function makes of it. Of a list, the same of each item. */
type Shape = true | { readonly [field: string]: Shape } | ((value: unknown) => unknown)

/** Annotations whose values are read; of all others it only counts that they are there. */
const READ_ANNOTATIONS =
  /^(juicify\.dev|kueue\.x-k8s\.io|meta\.helm\.sh|autoscaling\.keda\.sh|(pv|volume(\.beta)?|storageclass(\.beta)?|deployment)\.kubernetes\.io)\//

const METADATA = {
  name: true,
  namespace: true,
  uid: true,
  generation: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  finalizers: true,
  labels: true,
  annotations: withoutForeignValues,
  managedFields: ofWriter,
  ownerReferences: { apiVersion: true, kind: true, name: true, uid: true, controller: true, blockOwnerDeletion: true },
} satisfies Shape

const CONDITION: Shape = { type: true, status: true, reason: true }

const VOLUME = (volume: unknown): unknown => {
  const { name, persistentVolumeClaim, hostPath, ephemeral } = volume as Record<string, unknown>
  if (persistentVolumeClaim) {
    return { name, persistentVolumeClaim: kept(persistentVolumeClaim, { claimName: true, readOnly: true }) }
  }
  if (hostPath) return { name, hostPath: kept(hostPath, { path: true, type: true }) }
  if (ephemeral) return { name, ephemeral: kept(ephemeral, { volumeClaimTemplate: { spec: CLAIM_SPEC } }) }
  // what it is made of may be anything, and is on no volume
  return { name, emptyDir: {} }
}

const CLAIM_SPEC: Shape = {
  accessModes: true,
  resources: { requests: { storage: true } },
  storageClassName: true,
  volumeMode: true,
  volumeName: true,
  selector: true,
}

const CONTAINER: Shape = {
  name: true,
  image: true,
  restartPolicy: true,
  ports: { name: true, containerPort: true, hostPort: true, protocol: true },
  volumeMounts: { name: true, readOnly: true, mountPropagation: true, subPath: true, subPathExpr: true },
  securityContext: { seLinuxOptions: true },
  volumeDevices: { name: true },
}

/** @param containers of which the driver's flags and settings are read besides */
function podSpec(containers: readonly DriverContainer[]): Shape {
  const container = (value: unknown) => ({
    ...(kept(value, CONTAINER) as object),
    ...settingsOf(value as Container, containers),
  })
  return {
    nodeName: true,
    nodeSelector: true,
    affinity: true,
    tolerations: true,
    hostNetwork: true,
    restartPolicy: true,
    serviceAccountName: true,
    terminationGracePeriodSeconds: true,
    securityContext: { fsGroup: true, fsGroupChangePolicy: true, seLinuxOptions: true },
    volumes: VOLUME,
    initContainers: container,
    containers: container,
    ephemeralContainers: container,
  }
}

interface Container {
  name?: string
  command?: string[]
  args?: string[]
  env?: { name: string; value?: string }[]
}

/** Of one of the driver's own containers the flags and the variables that tell how it mounts. */
function settingsOf({ name, command = [], args = [], env = [] }: Container, known: readonly DriverContainer[]): object {
  const driver = known.find((each) => each.name === name)
  if (!driver) return {}
  const words = [...command, ...args].flatMap((text) => text.split(/\s+/))
  const flags = words.filter((word) => driver.flags.some((flag) => word === flag || word.startsWith(`${flag}=`)))
  const variables = env.filter((variable) => driver.variables.includes(variable.name))
  return {
    ...(flags.length > 0 ? { args: flags } : {}),
    ...(variables.length > 0 ? { env: kept(variables, { name: true, value: true }) } : {}),
  }
}

/** What the statuses of workloads and of what operators bring say of how far they are. */
const STATUS: Shape = {
  observedGeneration: true,
  replicas: true,
  availableWorkerReplicas: true,
  readyReplicas: true,
  updatedReplicas: true,
  availableReplicas: true,
  currentReplicas: true,
  currentRevision: true,
  updateRevision: true,
  desiredNumberScheduled: true,
  currentNumberScheduled: true,
  updatedNumberScheduled: true,
  numberReady: true,
  numberAvailable: true,
  active: (value) => (typeof value === 'number' ? value : undefined),
  succeeded: true,
  failed: true,
  lastScheduleTime: true,
  startTime: true,
  finishedAt: true,
  completionTime: true,
  phase: true,
  podIP: true,
  jobStatus: true,
  state: (value) => (typeof value === 'object' ? kept(value, { phase: true }) : undefined),
  applicationState: { state: true },
  conditions: CONDITION,
}

interface WorkloadShapes {
  pod: Shape
  controller: Shape
}

const SHAPES = new WeakMap<readonly DriverContainer[], WorkloadShapes>()

/** Made once for a driver. */
function shapesWith(containers: readonly DriverContainer[]): WorkloadShapes {
  const known = SHAPES.get(containers)
  if (known) return known
  const spec = podSpec(containers)
  const shapes = { pod: { metadata: METADATA, spec, status: STATUS }, controller: controllerOf(spec) }
  SHAPES.set(containers, shapes)
  return shapes
}

function controllerOf(podSpec: Shape): Shape {
  const template = { metadata: { labels: true, annotations: withoutForeignValues }, spec: podSpec } as const
  const run = {
    parallelism: true,
    completions: true,
    backoffLimit: true,
    suspend: true,
    manualSelector: true,
    selector: true,
    template,
  } as const
  return {
    metadata: METADATA,
    spec: {
      ...run,
      replicas: true,
      paused: true,
      strategy: true,
      updateStrategy: true,
      podManagementPolicy: true,
      minReadySeconds: true,
      serviceName: true,
      persistentVolumeClaimRetentionPolicy: true,
      volumeClaimTemplates: { metadata: { name: true, labels: true }, spec: CLAIM_SPEC },
      schedule: true,
      timeZone: true,
      concurrencyPolicy: true,
      startingDeadlineSeconds: true,
      jobTemplate: { metadata: { labels: true }, spec: run },
    },
    status: STATUS,
  }
}

const CLUSTER_OBJECTS: Readonly<Record<string, Shape>> = {
  Namespace: { metadata: METADATA },
  Node: {
    metadata: METADATA,
    spec: { unschedulable: true, taints: true },
    status: {
      addresses: true,
      allocatable: true,
      capacity: true,
      conditions: CONDITION,
      nodeInfo: { kubeletVersion: true, osImage: true, kernelVersion: true, architecture: true, operatingSystem: true },
    },
  },
  PersistentVolumeClaim: {
    metadata: METADATA,
    spec: CLAIM_SPEC,
    status: { phase: true, accessModes: true, capacity: true },
  },
  Service: {
    metadata: METADATA,
    spec: {
      type: true,
      selector: true,
      clusterIP: true,
      clusterIPs: true,
      externalIPs: true,
      externalName: true,
      ports: { name: true, port: true, targetPort: true, nodePort: true, protocol: true },
    },
    status: { loadBalancer: { ingress: { ip: true, hostname: true } } },
  },
  HorizontalPodAutoscaler: {
    metadata: METADATA,
    spec: { scaleTargetRef: true, minReplicas: true, maxReplicas: true },
  },
  CSIDriver: { metadata: METADATA, spec: true },
  CSINode: {
    metadata: METADATA,
    spec: { drivers: { name: true, nodeID: true, topologyKeys: true, allocatable: true } },
  },
  StorageClass: {
    metadata: METADATA,
    provisioner: true,
    reclaimPolicy: true,
    volumeBindingMode: true,
    allowVolumeExpansion: true,
  },
}

/** Of a volume that neither moves nor is on the file system, what it is, and not with which settings. */
const OTHER_VOLUME: Shape = {
  metadata: METADATA,
  spec: (spec) => ({
    ...(kept(spec, OTHER_VOLUME_SPEC) as object),
    ...Object.fromEntries(
      Object.entries(spec as object)
        .filter(([field]) => !(field in OTHER_VOLUME_SPEC) && !VOLUME_SETTINGS.has(field))
        .map(([source, settings]) => [source, kept(settings, { driver: true, volumeHandle: true })]),
    ),
  }),
  status: { phase: true, reason: true },
}

const OTHER_VOLUME_SPEC = {
  capacity: true,
  accessModes: true,
  persistentVolumeReclaimPolicy: true,
  storageClassName: true,
  volumeMode: true,
  claimRef: true,
  nodeAffinity: true,
} as const

const VOLUME_SETTINGS = new Set(['mountOptions', 'volumeAttributesClassName'])

/**
 * The object with what a plan and `check` read of it, and nothing else. A survey reads everything through this, so that no
 * plan can depend on a field that a snapshot does not have (of pods `podUse` keeps still less); what is to be read besides is
 * put into the list above.
 * The object given is not changed.
 */
export function whatIsRead<T extends KubeObject>(object: T, fileSystem: FileSystem): T {
  const { apiVersion, kind } = object
  return { apiVersion, kind, ...(readOf(object, fileSystem) as object) } as T
}

function readOf(object: KubeObject, { driver, volumes }: FileSystem): unknown {
  if (object.kind === 'PersistentVolume') return readOfVolume(object as PersistentVolume, volumes)
  if (isPod(object)) return kept(object, shapesWith(driver.containers).pod)
  // what an operator brings names its pods' claims wherever it likes
  if (kindOf(object) && !groupOf(object.apiVersion).includes('.'))
    return kept(object, shapesWith(driver.containers).controller)
  const shape = isBuiltIn(object) ? CLUSTER_OBJECTS[object.kind] : undefined
  return shape ? kept(object, shape) : custom(object)
}

function isBuiltIn({ apiVersion }: KubeObject): boolean {
  const group = groupOf(apiVersion)
  return !group.includes('.') || group.endsWith('.k8s.io')
}

/** One that may move, or is on the file system, stands in the plan in whole, and comes back to the letter. */
function readOfVolume(pv: PersistentVolume, volumes: FileSystem['volumes']): unknown {
  if (directoryOf(pv) === undefined && !volumes.holds(pv)) return kept(pv, OTHER_VOLUME)
  const { managedFields: _, ...metadata } = pv.metadata
  return { metadata, spec: pv.spec, ...(pv.status ? { status: pv.status } : {}) }
}

/** Of a custom resource: whether it is at work, its scale, and the claims and images in any place of it. */
function custom({ metadata, spec, status }: KubeObject): unknown {
  const own = kept(spec, {
    replicas: true,
    suspend: true,
    enabled: true,
    paused: true,
    runPolicy: { suspend: true },
    shutdownAfterJobFinishes: true,
    clusterSelector: () => ({}),
    restartPolicy: { type: true },
    scaleTargetRef: { apiVersion: true, kind: true, name: true },
    template: { metadata: { labels: true } },
  })
  const found = merged(own, used(spec))
  return {
    metadata: kept(metadata, METADATA),
    ...(found === undefined ? {} : { spec: found }),
    ...(status === undefined ? {} : { status: kept(status, STATUS) }),
  }
}

/** The claims and images below a value, each where it was; undefined where there are none. */
function used(value: unknown): unknown {
  if (Array.isArray(value)) {
    const parts = value.flatMap((part) => used(part) ?? [])
    return parts.length > 0 ? parts : undefined
  }
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value).flatMap(([key, part]) => {
    const shape = Object.hasOwn(USES, key) ? USES[key] : undefined
    const own = shape && (typeof part === 'string' ? shape === true && part : kept(part, shape))
    const found = merged(own || undefined, used(part))
    return found === undefined ? [] : [[key, found]]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** Where custom resources of whichever kind name claims and images, and say what becomes of claims. */
const USES: Readonly<Record<string, Shape>> = {
  persistentVolumeClaim: { claimName: true, readOnly: true },
  volumeClaimName: true,
  volumeClaimTemplates: { metadata: { name: true } },
  persistentVolumeClaimRetentionPolicy: { whenScaled: true },
  containers: { image: true },
  initContainers: { image: true },
}

function merged(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) return a.map((part, i) => merged(part, b[i]))
  if (!isRecord(a) || Object.keys(a).length === 0) return b ?? a
  if (!isRecord(b)) return a
  const both = Object.keys({ ...a, ...b }).map((key) => [key, merged(a[key], b[key])])
  return Object.fromEntries(both)
}

function kept(value: unknown, shape: Shape | undefined): unknown {
  if (shape === undefined) return undefined
  if (shape === true || value === null || value === undefined) return value
  if (Array.isArray(value)) {
    const parts = value.map((each) => kept(each, shape)).filter((each) => each !== undefined)
    return parts.length > 0 || value.length === 0 ? parts : undefined
  }
  if (typeof shape === 'function') return shape(value)
  // another type than expected is none that anything reads
  if (!isRecord(value)) return undefined
  const found: Record<string, unknown> = {}
  // a cluster has tens of thousands of pods
  for (const field in value) {
    const part =
      value[field] === undefined || !Object.hasOwn(shape, field) ? undefined : kept(value[field], shape[field])
    if (part !== undefined) found[field] = part
  }
  return found
}

/** The keys stay: they tell which tool keeps the object. */
function withoutForeignValues(annotations: unknown): unknown {
  const entries = Object.entries(annotations as Record<string, string>)
  return Object.fromEntries(entries.map(([key, value]) => [key, READ_ANNOTATIONS.test(key) ? value : '']))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
