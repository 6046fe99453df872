import type { SecretRef } from '../domain/filesystem.ts'
import { NAMESPACE, namespaceManifest } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { type Permission, rulesFor } from '../domain/permissions.ts'
import { toYaml } from '../domain/yaml.ts'

/** Who is to get the roles, as RBAC names subjects. */
export interface Subject {
  kind: 'User' | 'Group' | 'ServiceAccount'
  name: string
  namespace?: string
}

const RBAC = 'rbac.authorization.k8s.io'
const NAME = 'juicify'

/**
 * The roles that grant the permissions, and their bindings where somebody is named: a ClusterRole for what lies in all
 * namespaces, Roles for what lies in one, and juicify's namespace, so that nobody need be allowed to create namespaces.
 */
export function roles(
  permissions: readonly Permission[],
  secret: SecretRef | undefined,
  subjects: Subject[],
): KubeObject[] {
  const namespaceOf = { cluster: undefined, juicify: NAMESPACE, secret: secret?.namespace ?? NAMESPACE }
  const granted = [...new Set(Object.values(namespaceOf))].map((namespace): KubeObject => {
    const placed = permissions.filter(({ where }) => namespaceOf[where] === namespace)
    return {
      apiVersion: `${RBAC}/v1`,
      kind: namespace === undefined ? 'ClusterRole' : 'Role',
      metadata: { name: NAME, ...(namespace === undefined ? {} : { namespace }) },
      rules: rulesFor(placed, secret?.name),
    }
  })
  return [
    namespaceManifest(),
    ...granted,
    ...(subjects.length > 0 ? granted.map((each) => binding(each, subjects)) : []),
  ]
}

/** The roles as a file for `kubectl apply`, with a word on how to bind them where nobody was named. */
export function rolesYaml(objects: KubeObject[], { bound }: { bound: boolean }): string {
  const documents = objects.map((object) => toYaml(object)).join('---\n')
  return `${bound ? '' : unboundNote(objects)}${documents}`
}

function unboundNote(objects: KubeObject[]): string {
  const commands = objects.flatMap(({ kind, metadata }) => {
    if (kind === 'ClusterRole')
      return [`#   kubectl create clusterrolebinding ${NAME} --clusterrole=${metadata.name} --user=NAME`]
    if (kind !== 'Role') return []
    return [`#   kubectl create rolebinding ${NAME} -n ${metadata.namespace} --role=${metadata.name} --user=NAME`]
  })
  return [
    '# The roles that suffice for a migration with juicify. Apply them, and bind them to whoever runs it, with',
    '# juicify rbac --user NAME (or --group, --serviceaccount), or by hand:',
    ...commands,
    '',
  ].join('\n')
}

function binding({ kind, metadata }: KubeObject, subjects: Subject[]): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name: NAME, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
    roleRef: { apiGroup: RBAC, kind, name: metadata.name },
    subjects: subjects.map(({ kind: of, ...who }) => ({
      ...(of === 'ServiceAccount' ? {} : { apiGroup: RBAC }),
      kind: of,
      ...who,
    })),
  }
}
