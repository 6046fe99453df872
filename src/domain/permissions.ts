/** What somebody may do to a kind of object, in the words of Kubernetes' RBAC. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** What a permission is for. `trouble`: to say what is in the way; `watch`: to follow a run. */
export type Need =
  | 'plan'
  | 'move'
  | 'workloads'
  | 'trouble'
  | 'jobs'
  | 'copy'
  | 'quota'
  | 'probe'
  | 'check'
  | 'watch'
  | 'operators'

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
  /** The least of the roles that has it; those after it have it too. */
  role: Role
}

/**
 * Who runs juicify: a viewer plans and looks, a copier copies ahead of time and probes besides, an operator migrates. The
 * first of them reads no Secret.
 */
export const ROLES = ['viewer', 'copier', 'operator'] as const
export type Role = (typeof ROLES)[number]

/** What the Roles and ClusterRoles of a role are called. */
export function roleName(role: Role): string {
  return role === 'operator' ? 'juicify' : `juicify-${role}`
}

/** What of the permissions a role has. */
export function permissionsOf(role: Role, permissions: readonly Permission[]): Permission[] {
  return permissions.filter((permission) => ROLES.indexOf(permission.role) <= ROLES.indexOf(role))
}

/** The name of the file system's Secret among the names of a permission. */
export const SECRET = '$secret'

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
