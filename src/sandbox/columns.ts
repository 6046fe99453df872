import { type ApiObject, at, fields, items } from './object.ts'
import { selectorText } from './selectors.ts'

/** A column of a table, and what stands in it for an object. */
export interface Column {
  name: string
  type: string
  format?: string
  /** Above 0: only in wide tables. */
  priority?: number
  cell: (object: ApiObject) => unknown
}

const column = (name: string, cell: Column['cell'], type = 'string'): Column => ({ name, type, cell })
const wide = (name: string, cell: Column['cell']): Column => ({ name, type: 'string', priority: 1, cell })
const number = (name: string, ...path: string[]): Column =>
  column(name, (object) => at(object, ...path) ?? 0, 'integer')
/** The place of the age among the columns; the table puts it in. */
const AGE = column('Age', () => '')

const SHORT: Record<string, string> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX' }
const modes = (list: unknown): string =>
  [...new Set(items(list).map(String))].map((mode) => SHORT[mode] ?? mode).join(',')
const field =
  (...path: string[]) =>
  (object: ApiObject) =>
    String(at(object, ...path) ?? '')
const orNone = (value: string): string => value || '<none>'

const containers = (object: ApiObject) => items(at(object, 'spec', 'template', 'spec', 'containers'))
const CONTAINERS = wide('Containers', (object) =>
  containers(object)
    .map((container) => at(container, 'name'))
    .join(','),
)
const IMAGES = wide('Images', (object) =>
  containers(object)
    .map((container) => at(container, 'image'))
    .join(','),
)
const SELECTOR = wide('Selector', (object) => orNone(selectorText(at(object, 'spec', 'selector'))))

/** The columns of built-in kinds, as pkg/printers of Kubernetes 1.20 has them, without the name. */
export const COLUMNS: Record<string, Column[]> = {
  Namespace: [column('Status', field('status', 'phase')), AGE],
  Node: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    AGE,
    column('Version', field('status', 'nodeInfo', 'kubeletVersion')),
  ],
  PersistentVolume: [
    column('Capacity', field('spec', 'capacity', 'storage')),
    column('Access Modes', (object) => modes(at(object, 'spec', 'accessModes'))),
    column('Reclaim Policy', field('spec', 'persistentVolumeReclaimPolicy')),
    column('Status', phaseOf),
    column('Claim', (object) => {
      const claim = at(object, 'spec', 'claimRef')
      return claim === undefined ? '' : `${String(at(claim, 'namespace'))}/${String(at(claim, 'name'))}`
    }),
    column('StorageClass', field('spec', 'storageClassName')),
    column('Reason', field('status', 'reason')),
    AGE,
    wide('VolumeMode', field('spec', 'volumeMode')),
  ],
  PersistentVolumeClaim: [
    column('Status', phaseOf),
    column('Volume', field('spec', 'volumeName')),
    column('Capacity', field('status', 'capacity', 'storage')),
    column('Access Modes', (object) => modes(at(object, 'status', 'accessModes'))),
    column('StorageClass', field('spec', 'storageClassName')),
    AGE,
    wide('VolumeMode', field('spec', 'volumeMode')),
  ],
  Pod: [
    column('Ready', podReady),
    column('Status', podStatus),
    column('Restarts', podRestarts, 'integer'),
    AGE,
    wide('IP', (pod) => orNone(field('status', 'podIP')(pod))),
    wide('Node', (pod) => orNone(field('spec', 'nodeName')(pod))),
    wide('Nominated Node', () => '<none>'),
    wide('Readiness Gates', () => '<none>'),
  ],
  ReplicationController: replicaColumns(),
  ReplicaSet: replicaColumns(),
  Deployment: [
    column(
      'Ready',
      (object) =>
        `${Number(at(object, 'status', 'readyReplicas') ?? 0)}/${Number(at(object, 'spec', 'replicas') ?? 0)}`,
    ),
    number('Up-to-date', 'status', 'updatedReplicas'),
    number('Available', 'status', 'availableReplicas'),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  StatefulSet: [
    column(
      'Ready',
      (object) =>
        `${Number(at(object, 'status', 'readyReplicas') ?? 0)}/${Number(at(object, 'spec', 'replicas') ?? 0)}`,
    ),
    AGE,
    CONTAINERS,
    IMAGES,
  ],
  DaemonSet: [
    number('Desired', 'status', 'desiredNumberScheduled'),
    number('Current', 'status', 'currentNumberScheduled'),
    number('Ready', 'status', 'numberReady'),
    number('Up-to-date', 'status', 'updatedNumberScheduled'),
    number('Available', 'status', 'numberAvailable'),
    column('Node Selector', (object) =>
      orNone(selectorText({ matchLabels: fields(at(object, 'spec', 'template', 'spec', 'nodeSelector')) })),
    ),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  Job: [
    column(
      'Completions',
      (job) => `${Number(at(job, 'status', 'succeeded') ?? 0)}/${Number(at(job, 'spec', 'completions') ?? 1)}`,
    ),
    column('Duration', (job) => (at(job, 'status', 'completionTime') === undefined ? '' : 'done')),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  CronJob: [
    column('Schedule', field('spec', 'schedule')),
    column('Suspend', (job) => (at(job, 'spec', 'suspend') === true ? 'True' : 'False'), 'boolean'),
    column('Active', (job) => items(at(job, 'status', 'active')).length, 'integer'),
    column('Last Schedule', (job) => orNone(field('status', 'lastScheduleTime')(job))),
    AGE,
  ],
  HorizontalPodAutoscaler: [
    column(
      'Reference',
      (object) =>
        `${String(at(object, 'spec', 'scaleTargetRef', 'kind'))}/${String(at(object, 'spec', 'scaleTargetRef', 'name'))}`,
    ),
    column(
      'Targets',
      (object) => `<unknown>/${String(at(object, 'spec', 'targetCPUUtilizationPercentage') ?? '<auto>')}%`,
    ),
    number('MinPods', 'spec', 'minReplicas'),
    number('MaxPods', 'spec', 'maxReplicas'),
    number('Replicas', 'status', 'currentReplicas'),
    AGE,
  ],
  Service: [
    column('Type', field('spec', 'type')),
    column('Cluster-IP', (object) => orNone(field('spec', 'clusterIP')(object))),
    column('External-IP', () => '<none>'),
    column('Port(s)', (object) =>
      items(at(object, 'spec', 'ports'))
        .map((port) => `${String(at(port, 'port'))}/${String(at(port, 'protocol'))}`)
        .join(','),
    ),
    AGE,
    wide('Selector', (object) => orNone(selectorText(at(object, 'spec', 'selector')))),
  ],
  Secret: [
    column('Type', field('type')),
    column('Data', (secret) => Object.keys(fields(secret.data)).length, 'integer'),
    AGE,
  ],
  ConfigMap: [
    column('Data', (map) => Object.keys({ ...fields(map.data), ...fields(map.binaryData) }).length, 'integer'),
    AGE,
  ],
  ServiceAccount: [column('Secrets', (account) => items(account.secrets).length, 'integer'), AGE],
  Event: [
    column('Last Seen', (event) => String(event.lastTimestamp ?? '')),
    column('Type', field('type')),
    column('Reason', field('reason')),
    column(
      'Object',
      (event) => `${field('involvedObject', 'kind')(event).toLowerCase()}/${field('involvedObject', 'name')(event)}`,
    ),
    column('Message', field('message')),
  ],
  StorageClass: [
    column('Provisioner', field('provisioner')),
    column('ReclaimPolicy', field('reclaimPolicy')),
    column('VolumeBindingMode', field('volumeBindingMode')),
    column('AllowVolumeExpansion', (object) => object.allowVolumeExpansion === true),
    AGE,
  ],
  Lease: [column('Holder', field('spec', 'holderIdentity')), AGE],
}

function replicaColumns(): Column[] {
  return [
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ]
}

function phaseOf(object: ApiObject): string {
  return object.metadata.deletionTimestamp === undefined ? field('status', 'phase')(object) : 'Terminating'
}

function nodeStatus(node: ApiObject): string {
  const ready = items(at(node, 'status', 'conditions')).find((condition) => at(condition, 'type') === 'Ready')
  const status = ready === undefined ? 'Unknown' : at(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status
}

function nodeRoles(node: ApiObject): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix))
  return orNone(roles.map((label) => label.slice(prefix.length)).join(','))
}

function podReady(pod: ApiObject): string {
  const statuses = items(at(pod, 'status', 'containerStatuses'))
  return `${statuses.filter((status) => at(status, 'ready') === true).length}/${items(at(pod, 'spec', 'containers')).length}`
}

function podStatus(pod: ApiObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating'
  const waiting = items(at(pod, 'status', 'containerStatuses')).map((status) =>
    at(status, 'state', 'waiting', 'reason'),
  )
  const phase = field('status', 'phase')(pod)
  if (phase === 'Succeeded') return 'Completed'
  if (phase === 'Failed') return field('status', 'reason')(pod) || 'Error'
  return String(waiting.find((reason) => reason !== undefined) ?? (field('status', 'reason')(pod) || phase))
}

function podRestarts(pod: ApiObject): number {
  return items(at(pod, 'status', 'containerStatuses')).reduce<number>(
    (sum, status) => sum + Number(at(status, 'restartCount') ?? 0),
    0,
  )
}
