import type { Cluster } from '../cluster/cluster.ts'
import { NAMESPACE } from '../domain/names.ts'
import { type KubeObject, refOf } from '../domain/object.ts'
import { ROLES, roleName } from '../domain/permissions.ts'
import type { Grant } from '../domain/survey.ts'

interface RoleBinding extends KubeObject {
  roleRef: { kind: string; name: string }
  subjects?: { kind: string; name: string; namespace?: string }[]
}

/** Juicify's own roles, which an administrator has given to whoever runs it. */
const OWN_ROLES: ReadonlySet<string> = new Set(ROLES.map(roleName))

/** `view`, and what OpenShift gives to every namespace; other roles of the system may do as much as `edit` and `admin`. */
const HARMLESS: ReadonlySet<string> = new Set([
  'view',
  'system:aggregate-to-view',
  'system:deployer',
  'system:image-builder',
  'system:image-puller',
])

/**
 * What others than administrators have been given in juicify's namespace, where its pods mount everybody's directories as
 * root. Juicify's own roles do not count, nor does `view`, which changes nothing, nor what Kubernetes and its
 * distributions give to every namespace. Throws as `list` does.
 */
export async function grantsIn(cluster: Cluster): Promise<Grant[]> {
  const kind = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' }
  const { items } = await cluster.list<RoleBinding>(kind, { namespace: NAMESPACE })
  return items.flatMap((binding) => {
    const { roleRef, subjects = [] } = binding
    const others = subjects.filter((subject) => !isAdministrator(subject))
    if (isHarmless(roleRef) || others.length === 0) return []
    const named = others.map(({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`)
    return [{ binding: refOf(binding), role: `${roleRef.kind} ${roleRef.name}`, subjects: named }]
  })
}

function isHarmless({ kind, name }: RoleBinding['roleRef']): boolean {
  return kind === 'Role' ? OWN_ROLES.has(name) : HARMLESS.has(name)
}

/** Who may do all of it anyway: the administrators' group, and what runs in the control plane's namespace. */
function isAdministrator({ kind, name, namespace }: { kind: string; name: string; namespace?: string }): boolean {
  if (kind === 'ServiceAccount') return namespace === 'kube-system'
  return kind === 'Group' && name === 'system:masters'
}
