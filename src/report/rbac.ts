import type { SecretRef } from '../domain/filesystem.ts'
import { NAMESPACE, namespaceManifest } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { definitionOf, OWN_KINDS } from '../domain/own-kinds.ts'
import { type Permission, permissionsOf, type Role, roleName, rulesFor } from '../domain/permissions.ts'
import { toYaml } from '../domain/yaml.ts'

/** Who is to get the roles, as RBAC names subjects. */
export interface Subject {
  kind: 'User' | 'Group' | 'ServiceAccount'
  name: string
  namespace?: string
}

const RBAC = 'rbac.authorization.k8s.io'

/**
 * What grants the permissions of one of juicify's roles, and their bindings where somebody is named: a ClusterRole for what lies in all
 * namespaces, Roles for what lies in one, juicify's namespace and the definitions of its kinds, so that nobody need be
 * allowed to create namespaces or to define kinds.
 * @param bindings what the bindings are called: those of one name are one list of subjects
 */
export function roles(
  permissions: readonly Permission[],
  secret: SecretRef | undefined,
  subjects: Subject[],
  role: Role = 'operator',
  bindings = roleName(role),
): KubeObject[] {
  const name = roleName(role)
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
    ...(subjects.length > 0 ? granted.map((each) => binding(each, subjects, bindings)) : []),
  ]
}

/** What is said of a role, as lines of a comment in YAML. */
export function worthOf(role: Role): string {
  return WORTH[role].map((line) => `# ${line}\n`).join('')
}

/** What a role is for, and what whoever has it can do with it besides: the truth, before it is given to anybody. */
const WORTH: Record<Role, string[]> = {
  viewer: [
    'A viewer can run plan, diff, status, check and snapshot. It reads workloads, volumes and claims of all namespaces, but no',
    'Secrets; what it may not read is reported as a finding.',
  ],
  copier: [
    'A copier can also run copy, plan --estimate and probe. It is equivalent to cluster-admin: it creates Jobs in namespace juicify,',
    'and a pod that mounts node directories as root can do anything to a node. It also creates and deletes volumes.',
  ],
  operator: [
    'An operator can run everything. It is equivalent to cluster-admin: it creates pods in every namespace, to start again what it',
    'stopped, and a pod can mount node directories as root and use any service account of its namespace. Only finish --open-files',
    'runs privileged pods, in namespace juicify, which see all processes of a node.',
  ],
}

/** The roles as a file for `kubectl apply`, with what they are worth, and how to bind them where nobody was named. */
export function rolesYaml(objects: KubeObject[], { bound, role }: { bound: boolean; role: Role }): string {
  const documents = objects.map((object) => toYaml(object)).join('---\n')
  return `${worthOf(role)}${bound ? '' : unboundNote(objects)}${documents}`
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
    '# Apply this, and bind it to whoever runs juicify: print it with --user NAME (or --group, --serviceaccount), or bind it by hand:',
    ...commands,
    '',
  ].join('\n')
}

function binding({ kind, metadata }: KubeObject, subjects: Subject[], name: string): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
    roleRef: { apiGroup: RBAC, kind, name: metadata.name },
    subjects: subjects.map(({ kind: of, ...who }) => ({
      ...(of === 'ServiceAccount' ? {} : { apiGroup: RBAC }),
      kind: of,
      ...who,
    })),
  }
}
