import type { SecretRef } from '../domain/filesystem.ts'
import { NAMESPACE, namespaceManifest } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { definitionOf, OWN_KINDS } from '../domain/own-kinds.ts'
import { type Permission, permissionsOf, type Role, rulesFor } from '../domain/permissions.ts'
import { toYaml } from '../domain/yaml.ts'

/** Who is to get the roles, as RBAC names subjects. */
export interface Subject {
  kind: 'User' | 'Group' | 'ServiceAccount'
  name: string
  namespace?: string
}

const RBAC = 'rbac.authorization.k8s.io'

function nameOf(role: Role): string {
  return role === 'operator' ? 'juicify' : `juicify-${role}`
}

/**
 * What grants the permissions of one of juicify's roles, and their bindings where somebody is named: a ClusterRole for what lies in all
 * namespaces, Roles for what lies in one, juicify's namespace and the definitions of its kinds, so that nobody need be
 * allowed to create namespaces or to define kinds.
 */
export function roles(
  permissions: readonly Permission[],
  secret: SecretRef | undefined,
  subjects: Subject[],
  role: Role = 'operator',
): KubeObject[] {
  const name = nameOf(role)
  const namespaceOf = { cluster: undefined, juicify: NAMESPACE, secret: secret?.namespace ?? NAMESPACE }
  const granted = [...new Set(Object.values(namespaceOf))].map((namespace): KubeObject => {
    const placed = permissionsOf(role, permissions).filter(({ where }) => namespaceOf[where] === namespace)
    return {
      apiVersion: `${RBAC}/v1`,
      kind: namespace === undefined ? 'ClusterRole' : 'Role',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      rules: rulesFor(placed, secret?.name),
    }
  })
  return [
    namespaceManifest(),
    ...OWN_KINDS.map(definitionOf),
    ...granted,
    ...(subjects.length > 0 ? granted.map((each) => binding(each, subjects)) : []),
  ]
}

/** What a role is for, and what whoever has it can do with it besides: the truth, before it is given to anybody. */
const WORTH: Record<Role, string[]> = {
  viewer: [
    'A viewer runs plan, diff, status, check and snapshot. It reads workloads, volumes and claims of all namespaces, and no',
    'Secret; what it may not read becomes a finding.',
  ],
  copier: [
    'A copier runs copy, plan --estimate and probe besides. It equals cluster-admin: it creates Jobs in the namespace juicify,',
    'and a pod that mounts directories of the nodes as root can do anything to them. It also creates and deletes volumes.',
  ],
  operator: [
    'An operator runs everything. It equals cluster-admin: it creates pods in every namespace, to start again what it has',
    'stopped, and a pod can mount directories of its node as root, and bear any service account of its namespace.',
  ],
}

/** The roles as a file for `kubectl apply`, with what they are worth, and how to bind them where nobody was named. */
export function rolesYaml(objects: KubeObject[], { bound, role }: { bound: boolean; role: Role }): string {
  const documents = objects.map((object) => toYaml(object)).join('---\n')
  return `${WORTH[role].map((line) => `# ${line}\n`).join('')}${bound ? '' : unboundNote(objects)}${documents}`
}

function unboundNote(objects: KubeObject[]): string {
  const commands = objects.flatMap(({ kind, metadata }) => {
    if (kind === 'ClusterRole')
      return [`#   kubectl create clusterrolebinding ${metadata.name} --clusterrole=${metadata.name} --user=NAME`]
    if (kind !== 'Role') return []
    return [
      `#   kubectl create rolebinding ${metadata.name} -n ${metadata.namespace} --role=${metadata.name} --user=NAME`,
    ]
  })
  return [
    '# Apply it, and bind it to whoever runs juicify, with --user NAME (or --group, --serviceaccount), or by hand:',
    ...commands,
    '',
  ].join('\n')
}

function binding({ kind, metadata }: KubeObject, subjects: Subject[]): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
    roleRef: { apiGroup: RBAC, kind, name: metadata.name },
    subjects: subjects.map(({ kind: of, ...who }) => ({
      ...(of === 'ServiceAccount' ? {} : { apiGroup: RBAC }),
      kind: of,
      ...who,
    })),
  }
}
