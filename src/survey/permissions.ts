import type { FileSystem } from '../domain/filesystem.ts'
import { NAMESPACE } from '../domain/names.ts'
import { definitionName, OWN_GROUP, OWN_KINDS } from '../domain/own-kinds.ts'
import { type Need, type Permission, type Role, SECRET, type Verb } from '../domain/permissions.ts'
import { WORKLOAD_KINDS } from '../workloads/kinds.ts'
import type { WorkloadKind } from '../workloads/workload-kind.ts'

const DEFINITIONS = OWN_KINDS.map(definitionName)

const READ: readonly Verb[] = ['get', 'list', 'watch']

/**
 * All that juicify asks of every cluster, and no more: `rbac` prints it as roles, `check` asks whether it is granted. What
 * every user may do (discovery, /version, asking what one may do) is not in it.
 */
export const PERMISSIONS: readonly Permission[] = [
  ...everywhere('viewer', 'plan', '', ['nodes', 'services'], ['list']),
  {
    group: '',
    resource: 'namespaces',
    verbs: ['get'],
    where: 'cluster',
    names: ['kube-system', NAMESPACE],
    need: 'plan',
    role: 'viewer',
  },
  ...everywhere('viewer', 'plan', 'autoscaling', ['horizontalpodautoscalers'], ['list']),
  ...everywhere('viewer', 'plan', 'storage.k8s.io', ['csidrivers', 'csinodes'], ['list']),
  { group: '', resource: 'secrets', verbs: ['get'], where: 'secret', names: [SECRET], need: 'plan', role: 'copier' },
  ...everywhere('viewer', 'plan', OWN_GROUP, ['migrationrecords'], ['list']),
  ...everywhere('viewer', 'trouble', OWN_GROUP, ['migrationrecordparts'], ['get']),
  {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    verbs: ['get'],
    where: 'cluster',
    names: DEFINITIONS,
    need: 'move',
    role: 'copier',
  },
  ...everywhere('copier', 'move', OWN_GROUP, ['migrationrecordparts'], ['list']),
  ...everywhere('operator', 'move', OWN_GROUP, ['migrationrecords'], ['create', 'update', 'patch', 'delete']),
  ...everywhere('operator', 'trouble', OWN_GROUP, ['migrationrecords'], ['get']),
  ...everywhere('operator', 'trouble', OWN_GROUP, ['migrationrecordparts'], ['create', 'delete']),
  ...everywhere('copier', 'copy', OWN_GROUP, ['copiedplaces'], ['get', 'list', 'create', 'patch']),

  ...everywhere('viewer', 'plan', '', ['persistentvolumes', 'persistentvolumeclaims'], ['get', 'list']),
  ...own('viewer', 'plan', '', ['configmaps'], ['list']),
  // who else has been given rights there
  ...own('viewer', 'plan', 'rbac.authorization.k8s.io', ['rolebindings'], ['list']),
  ...WORKLOAD_KINDS.flatMap(permissionsForKind),

  // to follow a run of somebody else's
  ...everywhere('viewer', 'watch', '', ['persistentvolumes'], ['watch']),
  ...everywhere('viewer', 'watch', OWN_GROUP, ['migrationrecords'], ['watch']),
  ...own('viewer', 'watch', 'batch', ['jobs'], ['watch']),
  ...own('copier', 'watch', 'coordination.k8s.io', ['leases'], ['list', 'watch']),

  ...everywhere('operator', 'move', '', ['persistentvolumes'], ['watch', 'create', 'patch', 'delete']),
  ...everywhere('operator', 'move', '', ['persistentvolumeclaims'], ['watch', 'patch']),
  ...own('copier', 'move', 'coordination.k8s.io', ['leases'], ['get', 'create', 'update']),

  ...everywhere('copier', 'trouble', '', ['events'], ['list']),
  // kubectl describe of a volume, a claim and a workload tells what was done to it
  ...everywhere('operator', 'trouble', '', ['events'], ['create']),
  ...everywhere('copier', 'trouble', '', ['nodes'], ['get']),

  // what their pods run
  ...own('copier', 'copy', '', ['configmaps'], ['get', 'list', 'create', 'patch', 'delete']),
  ...own('copier', 'copy', 'batch', ['jobs'], ['create', 'patch', 'delete']),
  // what a copy of 0.1.0 has left
  ...own('copier', 'copy', '', ['secrets'], ['get', 'list', 'watch', 'delete']),
  ...everywhere('copier', 'copy', '', ['persistentvolumes'], ['create', 'delete', 'watch']),
  ...own('copier', 'copy', '', ['persistentvolumeclaims'], ['create', 'patch', 'delete', 'watch']),
  ...own('copier', 'copy', '', ['pods'], ['delete']),
  ...own('copier', 'copy', '', ['serviceaccounts'], ['get']),
  ...own('copier', 'copy', '', ['pods/log'], ['get']),

  ...own('copier', 'probe', '', ['configmaps'], ['get', 'list', 'create', 'delete']),
  ...own('copier', 'probe', '', ['pods'], ['create', 'delete']),

  ...everywhere('viewer', 'check', 'storage.k8s.io', ['storageclasses'], ['list']),
]

/** For Jobs beside the Secret, which get its address of the metadata engine. */
const FOR_QUOTAS: readonly Permission[] = [
  { group: 'batch', resource: 'jobs', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'create', 'patch', 'delete'] },
  { group: '', resource: 'pods', verbs: ['list'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
].map(({ verbs, ...rest }) => ({ ...rest, verbs: verbs as Verb[], where: 'secret', need: 'quota', role: 'operator' }))

/** The permissions for moving volumes onto that file system: of its Secret only where it has one, and of the driver's settings. */
export function permissionsOn({
  secretRef,
  driver,
  quotas,
}: Pick<FileSystem, 'secretRef' | 'driver' | 'quotas'>): Permission[] {
  if (!secretRef) return PERMISSIONS.filter(({ where }) => where !== 'secret')
  const names = [...driver.configMaps]
  const all = quotas ? [...PERMISSIONS, ...FOR_QUOTAS] : [...PERMISSIONS]
  if (names.length === 0) return all
  return [
    ...all,
    { group: '', resource: 'configmaps', verbs: ['get'], where: 'secret', names, need: 'plan', role: 'viewer' },
  ]
}

/** To find a kind's workloads, to wait for them, and to do to them what their descriptor says. */
function permissionsForKind({ group, plural, comesToAnEnd, verbs }: WorkloadKind): Permission[] {
  // check asks for what an operator brings only where it is served
  const need = group.includes('.') ? 'operators' : comesToAnEnd ? 'jobs' : 'workloads'
  return [
    ...everywhere('viewer', need, group, [plural], [...READ]),
    ...everywhere('operator', need, group, [plural], [...verbs.object]),
    ...Object.entries(verbs.subresources).flatMap(([subresource, own]) =>
      everywhere('operator', 'trouble', group, [`${plural}/${subresource}`], [...own]),
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
    ...everywhere('viewer', 'operators', group, [plural], [...READ]),
    ...everywhere('viewer', 'operators', group, [`${plural}/scale`], ['get']),
    ...everywhere('operator', 'operators', group, [plural], ['patch', 'delete']),
    ...everywhere('operator', 'operators', group, [`${plural}/scale`], ['patch']),
  ]
}

function everywhere(role: Role, need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'cluster', need, role }))
}

function own(role: Role, need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'juicify', need, role }))
}
