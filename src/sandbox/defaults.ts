import { suffixOf } from './identity.ts'
import type { Kind } from './kinds.ts'
import { type ApiObject, at, define, type Fields, fields, isFields, items, text } from './object.ts'
import { canonicalQuantity } from './quantity.ts'
import type { Rules } from './versions.ts'

/** What an object gets from the server, by its kind: the API's defaults, without fields that it does not know. Changes `object`. */
export function setDefaults(kind: Kind, object: ApiObject, rules: Rules): void {
  if (kind.custom) return
  for (const name of rules.unknownFields[kind.kind] ?? []) delete object.spec?.[name]
  DEFAULTS[kind.kind]?.(object, rules)
}

const missing = (target: Fields, defaults: Fields): void => {
  for (const [name, value] of Object.entries(defaults)) if (target[name] === undefined) target[name] = value
}

/** The object below `name`, made where it is missing. */
function child(target: Fields, name: string): Fields {
  const value = fields(target[name])
  target[name] = value
  return value
}

const eachOf = (list: unknown, change: (item: Fields) => void): void => {
  for (const item of items(list)) change(fields(item))
}

const DEFAULTS: Record<string, (object: ApiObject, rules: Rules) => void> = {
  Namespace(object, { namespaceLabel }) {
    child(object, 'spec').finalizers ??= ['kubernetes']
    const { metadata } = object
    if (namespaceLabel !== undefined) metadata.labels = { ...metadata.labels, [namespaceLabel]: metadata.name }
  },
  PersistentVolume(object) {
    const spec = child(object, 'spec')
    missing(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })
    canonical(spec.capacity)
    volumeDefaults(spec)
  },
  PersistentVolumeClaim(object) {
    claimDefaults(child(object, 'spec'))
  },
  Pod(object) {
    podSpecDefaults(child(object, 'spec'))
    missing(child(object, 'spec'), { enableServiceLinks: true })
  },
  ReplicationController(object) {
    const spec = child(object, 'spec')
    const labels = at(spec, 'template', 'metadata', 'labels')
    missing(spec, { replicas: 1, ...(labels ? { selector: labels } : {}) })
    if (labels && !object.metadata.labels) object.metadata.labels = { ...(labels as Record<string, string>) }
    templateDefaults(spec)
  },
  Service(object) {
    const spec = child(object, 'spec')
    missing(spec, { type: 'ClusterIP', sessionAffinity: 'None' })
    eachOf(spec.ports, (port) => {
      missing(port, { protocol: 'TCP', targetPort: port.port })
    })
  },
  Secret(object) {
    missing(object, { type: 'Opaque' })
    const plain = fields(object.stringData)
    for (const [key, value] of Object.entries(plain))
      define(child(object, 'data'), key, Buffer.from(String(value)).toString('base64'))
    delete object.stringData
  },
  Deployment(object) {
    const spec = child(object, 'spec')
    missing(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} })
    const strategy = child(spec, 'strategy')
    missing(strategy, { type: 'RollingUpdate' })
    if (strategy.type === 'RollingUpdate')
      missing(child(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' })
    templateDefaults(spec)
  },
  ReplicaSet(object) {
    const spec = child(object, 'spec')
    missing(spec, { replicas: 1 })
    templateDefaults(spec)
  },
  StatefulSet(object, { claimRetention, rollingStatefulSet }) {
    const spec = child(object, 'spec')
    if (claimRetention) missing(child(spec, 'persistentVolumeClaimRetentionPolicy'), claimRetention)
    missing(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady', updateStrategy: {} })
    const strategy = child(spec, 'updateStrategy')
    missing(strategy, { type: 'RollingUpdate' })
    if (strategy.type === 'RollingUpdate') missing(child(strategy, 'rollingUpdate'), rollingStatefulSet)
    eachOf(spec.volumeClaimTemplates, (claim) => {
      missing(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } })
      claimDefaults(child(claim, 'spec'))
    })
    templateDefaults(spec)
  },
  DaemonSet(object) {
    const spec = child(object, 'spec')
    missing(spec, { revisionHistoryLimit: 10, updateStrategy: {} })
    const strategy = child(spec, 'updateStrategy')
    missing(strategy, { type: 'RollingUpdate' })
    if (strategy.type === 'RollingUpdate') missing(child(strategy, 'rollingUpdate'), { maxUnavailable: 1 })
    templateDefaults(spec)
  },
  Job(object, { jobDefaults }) {
    const spec = child(object, 'spec')
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    missing(spec, { parallelism: 1, backoffLimit: 6, ...jobDefaults })
    templateDefaults(spec)
  },
  CronJob(object) {
    const spec = child(object, 'spec')
    missing(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    templateDefaults(child(child(spec, 'jobTemplate'), 'spec'))
  },
  HorizontalPodAutoscaler(object) {
    missing(child(object, 'spec'), { minReplicas: 1, targetCPUUtilizationPercentage: 80 })
  },
  StorageClass(object) {
    missing(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
  },
  CSIDriver(object) {
    missing(child(object, 'spec'), {
      attachRequired: true,
      podInfoOnMount: false,
      volumeLifecycleModes: ['Persistent'],
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
    })
  },
  CustomResourceDefinition(object) {
    const names = child(child(object, 'spec'), 'names')
    const kind = text(names.kind) ?? ''
    missing(names, { singular: kind.toLowerCase(), listKind: `${kind}List` })
    missing(child(object, 'spec'), { conversion: { strategy: 'None' } })
  },
}

function canonical(quantities: unknown): void {
  const target = fields(quantities)
  for (const [name, value] of Object.entries(target)) target[name] = canonicalQuantity(String(value))
}

function claimDefaults(spec: Fields): void {
  missing(spec, { volumeMode: 'Filesystem' })
  canonical(at(spec, 'resources', 'requests'))
  canonical(at(spec, 'resources', 'limits'))
}

function templateDefaults(spec: Fields): void {
  podSpecDefaults(child(child(spec, 'template'), 'spec'))
}

function podSpecDefaults(spec: Fields): void {
  // an empty map is left out of what the server writes: the field is `omitempty`
  if (isFields(spec.nodeSelector) && Object.keys(spec.nodeSelector).length === 0) delete spec.nodeSelector
  missing(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
  })
  if (spec.serviceAccountName !== undefined) spec.serviceAccount = spec.serviceAccountName
  else if (spec.serviceAccount !== undefined) spec.serviceAccountName = spec.serviceAccount
  eachOf(spec.containers, containerDefaults)
  eachOf(spec.initContainers, containerDefaults)
  eachOf(spec.volumes, volumeDefaults)
}

function containerDefaults(container: Fields): void {
  const image = text(container.image) ?? ''
  const tag = /:([^/:@]+)(@.*)?$/.exec(image)?.[1]
  missing(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: (tag === undefined && !image.includes('@')) || tag === 'latest' ? 'Always' : 'IfNotPresent',
  })
  eachOf(container.ports, (port) => {
    missing(port, { protocol: 'TCP' })
  })
  eachOf(container.env, (env) => {
    const reference = at(env, 'valueFrom', 'fieldRef')
    if (reference !== undefined) missing(fields(reference), { apiVersion: 'v1' })
  })
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[probe] !== undefined)
      missing(fields(container[probe]), {
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      })
  }
}

function volumeDefaults(volume: Fields): void {
  for (const source of ['secret', 'configMap', 'projected', 'downwardAPI'])
    if (volume[source] !== undefined) missing(fields(volume[source]), { defaultMode: 420 })
  if (volume.hostPath !== undefined) missing(fields(volume.hostPath), { type: '' })
}

/** What the admission plugins of a server add to a new pod: service account, its token, tolerations, priority. Changes `pod`. */
export function admitPod(pod: ApiObject, { tokenVolume }: Rules): void {
  const spec = child(pod, 'spec')
  missing(spec, { serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
  spec.serviceAccount = spec.serviceAccountName
  if (spec.automountServiceAccountToken !== false) addToken(pod, spec, tokenVolume)
  const tolerations = [...items(spec.tolerations)].map(fields)
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = tolerations.some(
      (found) =>
        (found.key === key || found.key === undefined) && (found.effect === 'NoExecute' || found.effect === undefined),
    )
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  }
  spec.tolerations = tolerations
}

const TOKEN_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

function addToken(pod: ApiObject, spec: Fields, source: Rules['tokenVolume']): void {
  const account = String(spec.serviceAccountName)
  const volume = source === 'secret' ? secretToken(pod, account) : projectedToken(pod)
  const { name } = volume
  let used = items(spec.volumes).some((present) => at(present, 'name') === name)
  const known = used
  eachOf([...items(spec.initContainers), ...items(spec.containers)], (container) => {
    const mounts = items(container.volumeMounts)
    if (mounts.some((mount) => at(mount, 'mountPath') === TOKEN_DIRECTORY)) return
    container.volumeMounts = [...mounts, { name, readOnly: true, mountPath: TOKEN_DIRECTORY }]
    used = true
  })
  if (used && !known) spec.volumes = [...items(spec.volumes), volume]
}

function secretToken(pod: ApiObject, account: string): Fields {
  const name = `${account}-token-${suffixOf(5, pod.metadata.namespace ?? '', account)}`
  return { name, secret: { secretName: name, defaultMode: 420 } }
}

function projectedToken({ metadata }: ApiObject): Fields {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' }
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
  ]
  return { name: `kube-api-access-${suffixOf(5, metadata.uid)}`, projected: { defaultMode: 420, sources } }
}
