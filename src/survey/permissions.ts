import type { FileSystem } from '../domain/filesystem.ts'
import { NAMESPACE } from '../domain/names.ts'
import { type Need, type Permission, SECRET, type Verb } from '../domain/permissions.ts'
import { WORKLOAD_KINDS } from '../workloads/kinds.ts'
import { RUN_KINDS } from '../workloads/runs.ts'
import type { WorkloadKind } from '../workloads/workload-kind.ts'

const READ: readonly Verb[] = ['get', 'list', 'watch']

/**
 * All that juicify asks of every cluster, and no more: `rbac` prints it as roles, `check` asks whether it is granted. What
 * every user may do (discovery, /version, asking what one may do) is not in it.
 */
export const PERMISSIONS: readonly Permission[] = [
  ...everywhere('plan', '', ['nodes', 'services'], ['list']),
  { group: '', resource: 'namespaces', verbs: ['get'], names: ['kube-system', NAMESPACE], ...at('plan') },
  ...everywhere('plan', 'autoscaling', ['horizontalpodautoscalers'], ['list']),
  ...everywhere('plan', 'storage.k8s.io', ['csidrivers', 'csinodes'], ['list']),
  { group: '', resource: 'secrets', verbs: ['get'], where: 'secret', names: [SECRET], need: 'plan' },

  ...everywhere('move', '', ['persistentvolumes'], ['get', 'list', 'watch', 'create', 'patch', 'delete']),
  ...everywhere('move', '', ['persistentvolumeclaims'], ['get', 'list', 'watch', 'patch']),
  ...own('move', '', ['configmaps'], ['list', 'create', 'update', 'patch', 'delete']),
  ...own('move', 'coordination.k8s.io', ['leases'], ['get', 'create', 'update']),

  ...WORKLOAD_KINDS.flatMap(permissionsForKind),

  ...everywhere('trouble', '', ['events'], ['list']),
  ...everywhere('trouble', '', ['nodes'], ['get']),

  // what their pods run; the note of what is on the file system; and a record that is too large for one ConfigMap
  ...own('copy', '', ['configmaps'], ['get', 'list', 'create', 'patch', 'delete']),
  ...own('probe', '', ['configmaps'], ['get', 'list', 'create', 'delete']),
  ...own('copy', 'batch', ['jobs'], ['create']),
  // what a copy of 0.1.0 has left
  ...own('copy', '', ['secrets'], ['get', 'list', 'watch', 'delete']),
  ...own('copy', '', ['persistentvolumeclaims'], ['create', 'delete']),
  ...own('copy', '', ['pods/log'], ['get']),

  ...own('probe', '', ['persistentvolumeclaims'], ['create', 'delete']),
  ...own('probe', '', ['pods/log'], ['get']),

  ...everywhere('check', 'storage.k8s.io', ['storageclasses'], ['list']),

  ...RUN_KINDS.flatMap(({ group, plural }) => everywhere('operators', group, [plural], [...READ, 'delete'])),
]

/** The permissions for moving volumes onto that file system: of its Secret only where it has one, and of the driver's settings. */
export function permissionsOn({ secretRef, driver }: Pick<FileSystem, 'secretRef' | 'driver'>): Permission[] {
  if (!secretRef) return PERMISSIONS.filter(({ where }) => where !== 'secret')
  const names = [...driver.configMaps]
  if (names.length === 0) return [...PERMISSIONS]
  return [...PERMISSIONS, { group: '', resource: 'configmaps', verbs: ['get'], where: 'secret', names, need: 'check' }]
}

/** To find a kind's workloads, to wait for them, and to do to them what their descriptor says. */
function permissionsForKind({ group, plural, comesToAnEnd, verbs }: WorkloadKind): Permission[] {
  // check asks for what an operator brings only where it is served
  const need = group.includes('.') ? 'operators' : comesToAnEnd ? 'jobs' : 'workloads'
  return [
    ...everywhere(need, group, [plural], [...READ, ...verbs.object]),
    ...Object.entries(verbs.subresources).flatMap(([subresource, own]) =>
      everywhere('trouble', group, [`${plural}/${subresource}`], [...own]),
    ),
  ]
}

/**
 * What is needed besides for custom resources that have a scale, so that they can be stopped and started again.
 * @param resource as RBAC and CustomResourceDefinitions name it: `notebooks.kubeflow.org`
 */
export function permissionsForCustom(resource: string): Permission[] {
  const dot = resource.indexOf('.')
  const [plural, group] = [resource.slice(0, dot), resource.slice(dot + 1)]
  return [
    ...everywhere('operators', group, [plural], [...READ, 'patch', 'delete']),
    ...everywhere('operators', group, [`${plural}/scale`], ['get', 'patch']),
  ]
}

function at(need: Need): Pick<Permission, 'where' | 'need'> {
  return { where: 'cluster', need }
}

function everywhere(need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'cluster', need }))
}

function own(need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'juicify', need }))
}
