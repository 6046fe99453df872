import type { FileSystem } from './filesystem.ts'
import { NAMESPACE } from './names.ts'
/** What somebody may do to a kind of object, in the words of Kubernetes' RBAC. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** What a permission is for. `trouble`: to say what is in the way. */
export type Need = 'plan' | 'move' | 'workloads' | 'trouble' | 'jobs' | 'copy' | 'probe' | 'check' | 'operators'

/** One line of the roles that juicify needs. */
export interface Permission {
  /** The API group; empty for the core group. */
  group: string
  /** The plural, with a subresource where it is one: `pods/log`. */
  resource: string
  verbs: Verb[]
  /** In all namespaces (and for what has none), in juicify's own, or in that of the file system's Secret. */
  where: 'cluster' | 'juicify' | 'secret'
  /** These objects only. `$secret` stands for the file system's Secret. */
  names?: string[]
  need: Need
}

/** The name of the file system's Secret among the names of a permission. */
export const SECRET = '$secret'

/** Runs that come to an end, by the operators that cube-studio uses; others are named with `--custom`. */
const RUNS: Record<string, string[]> = {
  'argoproj.io': ['workflows'],
  'batch.volcano.sh': ['jobs'],
  'kubeflow.org': ['experiments', 'mpijobs', 'mxjobs', 'paddlejobs', 'pytorchjobs', 'tfjobs', 'trials', 'xgboostjobs'],
  'ray.io': ['rayjobs'],
  'sparkoperator.k8s.io': ['sparkapplications'],
}

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

  ...everywhere('workloads', '', ['pods'], ['get', 'list', 'watch', 'create', 'patch', 'delete']),
  ...everywhere('workloads', '', ['replicationcontrollers'], ['get', 'list', 'watch', 'patch']),
  ...everywhere(
    'workloads',
    'apps',
    ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    ['get', 'list', 'watch', 'patch'],
  ),
  ...everywhere('workloads', 'batch', ['cronjobs'], ['get', 'list', 'watch', 'patch']),

  ...everywhere('trouble', '', ['events'], ['list']),
  ...everywhere('trouble', '', ['nodes'], ['get']),
  // of one that has missed so many runs that its controller would give it up
  ...everywhere('trouble', 'batch', ['cronjobs/status'], ['patch']),

  ...everywhere('jobs', 'batch', ['jobs'], ['get', 'list', 'watch', 'patch', 'delete']),

  // the note of what is on the file system; and a record that is too large for one ConfigMap
  ...own('copy', '', ['configmaps'], ['get']),
  ...own('copy', 'batch', ['jobs'], ['create']),
  ...own('copy', '', ['secrets'], ['get', 'list', 'watch', 'create', 'delete']),
  ...own('copy', '', ['persistentvolumeclaims'], ['create', 'delete']),
  ...own('copy', '', ['pods/log'], ['get']),

  ...own('probe', '', ['persistentvolumeclaims'], ['create', 'delete']),
  ...own('probe', '', ['pods/log'], ['get']),

  ...everywhere('check', 'storage.k8s.io', ['storageclasses'], ['list']),

  ...Object.entries(RUNS).flatMap(([group, resources]) =>
    everywhere('operators', group, resources, ['get', 'list', 'watch', 'delete']),
  ),
]

/** The permissions for moving volumes onto that file system: of its Secret only where it has one, and of the driver's settings. */
export function permissionsOn({ secretRef, driver }: Pick<FileSystem, 'secretRef' | 'driver'>): Permission[] {
  if (!secretRef) return PERMISSIONS.filter(({ where }) => where !== 'secret')
  const names = [...driver.configMaps]
  if (names.length === 0) return [...PERMISSIONS]
  return [...PERMISSIONS, { group: '', resource: 'configmaps', verbs: ['get'], where: 'secret', names, need: 'check' }]
}

/**
 * What is needed besides for custom resources that have a scale, so that they can be stopped and started again.
 * @param resource as RBAC and CustomResourceDefinitions name it: `notebooks.kubeflow.org`
 */
export function permissionsForCustom(resource: string): Permission[] {
  const dot = resource.indexOf('.')
  const [plural, group] = [resource.slice(0, dot), resource.slice(dot + 1)]
  return [
    ...everywhere('operators', group, [plural], ['get', 'list', 'watch', 'patch', 'delete']),
    ...everywhere('operators', group, [`${plural}/scale`], ['get', 'patch']),
  ]
}

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
}

/** The rules that grant the permissions, resources with the same verbs in one. `secretName` is the file system's. */
export function rulesFor(permissions: readonly Permission[], secretName = ''): PolicyRule[] {
  const verbsOf = new Map<string, { group: string; resource: string; names: string[]; verbs: Set<Verb> }>()
  for (const { group, resource, names = [], verbs } of permissions) {
    const named = names.map((name) => (name === SECRET ? secretName : name))
    const key = JSON.stringify([group, resource, named])
    const known = verbsOf.get(key) ?? { group, resource, names: named, verbs: new Set<Verb>() }
    for (const verb of verbs) known.verbs.add(verb)
    verbsOf.set(key, known)
  }
  const rules = new Map<string, PolicyRule>()
  for (const { group, resource, names, verbs } of verbsOf.values()) {
    const sorted = VERBS.filter((verb) => verbs.has(verb))
    const key = JSON.stringify([group, names, sorted])
    const known = rules.get(key)
    if (known) known.resources.push(resource)
    else {
      const resourceNames = names.length > 0 ? { resourceNames: names } : {}
      rules.set(key, { apiGroups: [group], resources: [resource], ...resourceNames, verbs: sorted })
    }
  }
  return [...rules.values()]
}

const VERBS: Verb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

function at(need: Need): Pick<Permission, 'where' | 'need'> {
  return { where: 'cluster', need }
}

function everywhere(need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'cluster', need }))
}

function own(need: Need, group: string, resources: string[], verbs: Verb[]): Permission[] {
  return resources.map((resource) => ({ group, resource, verbs, where: 'juicify', need }))
}
