import { type Cause, forbiddenField, invalidField, required, unsupportedValue } from './errors.ts'
import type { Kind } from './kinds.ts'
import { type ApiObject, at, type Fields, fields, isEqual, items } from './object.ts'
import { podSecurityCauses } from './pod-security.ts'
import { quantityOf } from './quantity.ts'
import { labelSelector } from './selectors.ts'
import type { Rules } from './versions.ts'

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const QUALIFIED =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SHORT_NAMES = new Set(['Namespace', 'Service'])

/** What the server would refuse in a new object. */
export function newObjectCauses(kind: Kind, object: ApiObject, rules: Rules): Cause[] {
  return [
    ...metadataCauses(kind, object),
    ...(kind.custom ? [] : (NEW[kind.kind]?.(fields(object.spec), object, rules) ?? [])),
  ]
}

function metadataCauses(kind: Kind, { metadata }: ApiObject): Cause[] {
  const anyName = kind.group === 'rbac.authorization.k8s.io'
  const { name } = metadata
  const short = SHORT_NAMES.has(kind.kind) && !kind.custom
  const causes: Cause[] = []
  if (name.length > (short ? 63 : 253))
    causes.push(invalidField('metadata.name', name, `must be no more than ${short ? 63 : 253} characters`))
  if (!anyName && !(short ? LABEL : SUBDOMAIN).test(name))
    causes.push(invalidField('metadata.name', name, short ? LABEL_RULE : SUBDOMAIN_RULE))
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (!QUALIFIED.test(key))
      causes.push(invalidField('metadata.labels', key, 'name part must consist of alphanumeric characters'))
    if (!LABEL_VALUE.test(value))
      causes.push(invalidField('metadata.labels', value, 'a valid label must be 63 characters or less'))
  }
  for (const key of Object.keys(metadata.annotations ?? {}))
    if (!QUALIFIED.test(key.toLowerCase()))
      causes.push(invalidField('metadata.annotations', key, 'name part must consist of alphanumeric characters'))
  for (const finalizer of metadata.finalizers ?? [])
    if (!QUALIFIED.test(finalizer))
      causes.push(invalidField('metadata.finalizers', finalizer, 'name part must consist of alphanumeric characters'))
  for (const owner of metadata.ownerReferences ?? []) {
    if (!owner.uid) causes.push(required('metadata.ownerReferences.uid', 'uid must not be empty'))
  }
  return causes
}

const SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
]

const NEW: Record<string, (spec: Fields, object: ApiObject, rules: Rules) => Cause[]> = {
  Namespace: (_, object, { podSecurity }) => (podSecurity ? podSecurityCauses(object) : []),
  PersistentVolume(spec, _, { accessModes }) {
    const sources = SOURCES.filter((source) => spec[source] !== undefined)
    const capacity = fields(spec.capacity)
    const causes: Cause[] = []
    if (!items(spec.accessModes).length) causes.push(required('spec.accessModes'))
    causes.push(...accessModeCauses(spec, accessModes))
    if (capacity.storage === undefined) {
      causes.push(required('spec.capacity'))
      causes.push({
        ...unsupportedValue('spec.capacity', '', ['storage']),
        message: 'Unsupported value: core.ResourceList(nil): supported values: "storage"',
      })
    } else causes.push(...storageCauses('spec.capacity[storage]', capacity.storage))
    if (sources.length === 0) causes.push(required('spec', 'must specify a volume type'))
    if (sources.length > 1) causes.push(forbiddenField(`spec.${sources[1]}`, 'may not specify more than 1 volume type'))
    causes.push(...sourceCauses(spec))
    const policy = spec.persistentVolumeReclaimPolicy
    if (!['Delete', 'Recycle', 'Retain'].includes(String(policy)))
      causes.push(unsupportedValue('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']))
    return causes
  },
  PersistentVolumeClaim(spec, _, { accessModes }) {
    const storage = at(spec, 'resources', 'requests', 'storage')
    return [
      ...(items(spec.accessModes).length ? [] : [required('spec.accessModes', 'at least 1 access mode is required')]),
      ...accessModeCauses(spec, accessModes),
      ...(storage === undefined
        ? [required('spec.resources[storage]')]
        : storageCauses('spec.resources[storage]', storage)),
    ]
  },
  Pod: (spec) => podSpecCauses(spec, 'spec'),
  Deployment: (spec) => [...templateCauses(spec, 'Always'), ...replicasCauses(spec)],
  ReplicaSet: (spec) => [...templateCauses(spec, 'Always'), ...replicasCauses(spec)],
  StatefulSet: (spec, _, { statefulSetMountsAreChecked }) => [
    ...templateCauses(spec, 'Always', namesOfClaimTemplates(spec)).filter(
      ({ reason }) => statefulSetMountsAreChecked || reason !== 'FieldValueNotFound',
    ),
    ...replicasCauses(spec),
  ],
  DaemonSet: (spec) => templateCauses(spec, 'Always'),
  ReplicationController(spec) {
    const labels = fields(at(spec, 'template', 'metadata', 'labels')) as Record<string, string>
    const selector = fields(spec.selector)
    const matches = labelSelector({ matchLabels: selector })(labels)
    return [
      ...(Object.keys(selector).length ? [] : [required('spec.selector')]),
      ...(matches
        ? []
        : [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
      ...podSpecCauses(fields(at(spec, 'template', 'spec')), 'spec.template.spec'),
      ...replicasCauses(spec),
    ]
  },
  Job: (spec) => jobCauses(spec, 'spec'),
  CronJob: (spec) => [
    ...(spec.schedule ? [] : [required('spec.schedule')]),
    ...jobCauses(fields(at(spec, 'jobTemplate', 'spec')), 'spec.jobTemplate.spec'),
  ],
  StorageClass: (_, object) => (object.provisioner ? [] : [required('provisioner')]),
  CustomResourceDefinition(spec, { metadata }) {
    const expected = `${String(at(spec, 'names', 'plural'))}.${String(spec.group)}`
    return [
      ...(metadata.name === expected
        ? []
        : [invalidField('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`)]),
      ...(items(spec.versions).some((version) => at(version, 'storage') === true)
        ? []
        : [invalidField('spec.versions', null, 'must have exactly one version marked as storage version')]),
    ]
  },
}

function accessModeCauses(spec: Fields, known: readonly string[]): Cause[] {
  return items(spec.accessModes)
    .filter((mode) => !known.includes(String(mode)))
    .map((mode) => unsupportedValue('spec.accessModes', mode, [...known]))
}

/** Its pods mount claims of its own making too, by the names of their templates. */
function namesOfClaimTemplates(spec: Fields): unknown[] {
  return items(spec.volumeClaimTemplates).map((template) => at(template, 'metadata', 'name'))
}

function storageCauses(field: string, quantity: unknown): Cause[] {
  const value = quantityOf(quantity)
  return value > 0 ? [] : [invalidField(field, quantity, 'must be greater than zero')]
}

function sourceCauses(spec: Fields): Cause[] {
  const hostPath = at(spec, 'hostPath', 'path')
  if (spec.hostPath !== undefined) {
    if (!hostPath) return [required('spec.hostPath.path')]
    if (String(hostPath).split('/').includes('..'))
      return [invalidField('spec.hostPath.path', hostPath, "must not contain '..'")]
  }
  if (spec.local !== undefined && !at(spec, 'nodeAffinity', 'required'))
    return [required('spec.nodeAffinity', 'Local volume requires node affinity')]
  if (spec.csi !== undefined)
    return [
      ...(at(spec, 'csi', 'driver') ? [] : [required('spec.csi.driver')]),
      ...(at(spec, 'csi', 'volumeHandle') ? [] : [required('spec.csi.volumeHandle')]),
    ]
  return []
}

function podSpecCauses(spec: Fields, path: string, others: unknown[] = []): Cause[] {
  const containers = items(spec.containers).map(fields)
  const volumes = new Set([...others, ...items(spec.volumes).map((volume) => at(volume, 'name'))])
  const causes: Cause[] = containers.length ? [] : [required(`${path}.containers`)]
  containers.forEach((container, index) => {
    const here = `${path}.containers[${index}]`
    if (!container.name) causes.push(required(`${here}.name`))
    if (!container.image) causes.push(required(`${here}.image`))
    items(container.volumeMounts).forEach((mount, position) => {
      const name = at(mount, 'name')
      if (!volumes.has(name))
        causes.push({
          reason: 'FieldValueNotFound',
          message: `Not found: ${JSON.stringify(name)}`,
          field: `${here}.volumeMounts[${position}].name`,
        })
    })
  })
  return causes
}

function templateCauses(spec: Fields, restartPolicy: string, volumes: unknown[] = []): Cause[] {
  const labels = fields(at(spec, 'template', 'metadata', 'labels')) as Record<string, string>
  const policy = at(spec, 'template', 'spec', 'restartPolicy')
  const selector = spec.selector
  const causes: Cause[] = []
  if (selector === undefined) causes.push(required('spec.selector'))
  if (selector === undefined || !labelSelector(selector)(labels))
    causes.push(invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  causes.push(...podSpecCauses(fields(at(spec, 'template', 'spec')), 'spec.template.spec', volumes))
  if (policy !== restartPolicy)
    causes.push(unsupportedValue('spec.template.spec.restartPolicy', policy, [restartPolicy]))
  return causes
}

function jobCauses(spec: Fields, path: string): Cause[] {
  const policy = at(spec, 'template', 'spec', 'restartPolicy')
  return [
    ...podSpecCauses(fields(at(spec, 'template', 'spec')), `${path}.template.spec`),
    ...(policy === 'Never' || policy === 'OnFailure'
      ? []
      : [unsupportedValue(`${path}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never'])]),
  ]
}

function replicasCauses(spec: Fields): Cause[] {
  const replicas = Number(spec.replicas)
  return replicas >= 0 ? [] : [invalidField('spec.replicas', spec.replicas, 'must be greater than or equal to 0')]
}

/** What the server would refuse in a change of an object. */
export function changeCauses(kind: Kind, before: ApiObject, after: ApiObject, rules: Rules): Cause[] {
  const added = (after.metadata.finalizers ?? []).filter((name) => !before.metadata.finalizers?.includes(name))
  const causes: Cause[] = metadataCauses(kind, after)
  if (before.metadata.deletionTimestamp !== undefined && added.length)
    causes.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
      ),
    )
  if (kind.custom) return causes
  const specs: [Fields, Fields] = [fields(before.spec), fields(after.spec)]
  return [...causes, ...(CHANGED[kind.kind]?.(...specs, before, after, rules) ?? [])]
}

const same = (before: Fields, after: Fields, ...names: string[]): boolean =>
  names.every((name) => isEqual(before[name], after[name]))

const without = (spec: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(spec).filter(([name, value]) => !names.includes(name) && value !== undefined))

const immutable = (field: string, value: unknown): Cause => invalidField(field, value, 'field is immutable')

const CHANGED: Record<
  string,
  (before: Fields, after: Fields, old: ApiObject, object: ApiObject, rules: Rules) => Cause[]
> = {
  PersistentVolume: (before, after, _, object, rules) => [
    ...(NEW.PersistentVolume?.(after, object, rules) ?? []),
    ...(same(before, after, ...SOURCES)
      ? []
      : [forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...(same(before, after, 'volumeMode') ? [] : [immutable('spec.volumeMode', after.volumeMode)]),
    ...(before.nodeAffinity === undefined || same(before, after, 'nodeAffinity')
      ? []
      : [immutable('spec.nodeAffinity', after.nodeAffinity)]),
  ],
  Namespace: (_, after, __, object, rules) => NEW.Namespace?.(after, object, rules) ?? [],
  PersistentVolumeClaim: claimChangeCauses,
  Pod: podChangeCauses,
  Deployment: (before, after, _, object, rules) => [
    ...selectorChange(before, after),
    ...(NEW.Deployment?.(after, object, rules) ?? []),
  ],
  ReplicaSet: (before, after, _, object, rules) => [
    ...selectorChange(before, after),
    ...(NEW.ReplicaSet?.(after, object, rules) ?? []),
  ],
  DaemonSet: (before, after, _, object, rules) => [
    ...selectorChange(before, after),
    ...(NEW.DaemonSet?.(after, object, rules) ?? []),
  ],
  ReplicationController: (_, after, __, object, rules) => NEW.ReplicationController?.(after, object, rules) ?? [],
  StatefulSet: (before, after, _, __, { statefulSetChanges }) => [
    ...statefulSetChangeCauses(before, after, statefulSetChanges),
    ...replicasCauses(after),
  ],
  Job: (before, after) =>
    (['completions', 'selector', 'template'] as const)
      .filter((name) => !same(before, after, name))
      .map((name) => immutable(`spec.${name}`, after[name])),
  CronJob: (_, after, __, object, rules) => NEW.CronJob?.(after, object, rules) ?? [],
  ConfigMap: (_, __, old, object) =>
    old.immutable === true && !(isEqual(old.data, object.data) && object.immutable === true)
      ? [forbiddenField('data', 'field is immutable when `immutable` is set')]
      : [],
  Secret: (_, __, old, object) => (old.type === object.type ? [] : [immutable('type', object.type)]),
  StorageClass: (_, __, old, object) =>
    ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']
      .filter((name) => !isEqual(old[name], object[name]))
      .map((name) => forbiddenField(name, `updates to ${name} are forbidden.`)),
}

function selectorChange(before: Fields, after: Fields): Cause[] {
  return same(before, after, 'selector') ? [] : [immutable('spec.selector', after.selector)]
}

function statefulSetChangeCauses(
  before: Fields,
  after: Fields,
  { free, refusal }: Rules['statefulSetChanges'],
): Cause[] {
  const [fixed, now] = [without(before, ...free), without(after, ...free)]
  if (isEqual(fixed, now)) return []
  if (refusal !== undefined) return [forbiddenField('spec', refusal)]
  const names = [...new Set([...Object.keys(fixed), ...Object.keys(now)])]
  return names.filter((name) => !same(before, after, name)).map((name) => immutable(`spec.${name}`, after[name]))
}

function claimChangeCauses(before: Fields, after: Fields, old: ApiObject, _: ApiObject, rules: Rules): Cause[] {
  const { free, refusal } = rules.claimChanges
  // The controller may set volumeName once, and a bound claim may ask for what the version lets it.
  const chosen = before.volumeName === undefined ? ['volumeName'] : []
  const sameSpec = isEqual(without(before, ...chosen, ...free), without(after, ...chosen, ...free))
  const bound = old.status?.phase === 'Bound'
  if (!sameSpec || (!bound && !same(before, after, ...free))) return [forbiddenField('spec', refusal)]
  const floor = rules.claimFloor.of === 'status' ? at(old.status, 'capacity', 'storage') : undefined
  const size = (spec: Fields) => at(spec, 'resources', 'requests', 'storage')
  const [wanted, asked] = [quantityOf(size(after)), quantityOf(size(before))]
  return wanted < asked && !(wanted > quantityOf(floor))
    ? [forbiddenField('spec.resources.requests.storage', rules.claimFloor.refusal)]
    : []
}

const POD_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)'

function podChangeCauses(before: Fields, after: Fields): Cause[] {
  const rest = (spec: Fields): Fields => ({
    ...without(spec, 'activeDeadlineSeconds', 'tolerations'),
    containers: items(spec.containers).map((container) => without(fields(container), 'image')),
    initContainers: items(spec.initContainers).map((container) => without(fields(container), 'image')),
  })
  const kept = items(before.tolerations).every((old) => items(after.tolerations).some((found) => isEqual(old, found)))
  return isEqual(rest(before), rest(after)) && kept ? [] : [forbiddenField('spec', POD_RULE)]
}
