import { NAMESPACE } from '../../src/domain/names.ts'
import { type Permission, SECRET, type Verb } from '../../src/domain/permissions.ts'
import type { SandboxRequest } from '../../src/sandbox/index.ts'

/** What a request asks to be allowed, as an API server's authorizer sees it. */
export interface Asked {
  verb: Verb
  group: string
  resource: string
  namespace?: string
  name?: string
}

/** Undefined for what everybody may do: discovery, /version, and asking what one may do. */
export function askedBy({ method, path, query }: Pick<SandboxRequest, 'method' | 'path' | 'query'>): Asked | undefined {
  const match =
    /^\/(?:api|apis\/([^/]+))\/v[^/]+(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(
      path,
    )
  if (!match || path.startsWith('/apis/authorization.k8s.io/')) return undefined
  const [, group = '', namespace, plural = '', name, subresource] = match
  const read = name !== undefined ? 'get' : query.has('watch') ? 'watch' : 'list'
  const verbs: Record<string, Verb> = { GET: read, POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  const verb = verbs[method]
  if (!verb) throw new Error(`nobody expected ${method} ${path}`)
  return {
    verb,
    group,
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
}

/** True where a role with that permission lets it through; the Secret is the laboratory's. */
export function grants(permission: Permission, asked: Asked): boolean {
  const namespaces = { cluster: undefined, juicify: NAMESPACE, secret: 'kube-system' }
  const within = namespaces[permission.where]
  const names = permission.names?.map((name) => (name === SECRET ? 'juicefs-sc-secret' : name))
  return (
    permission.group === asked.group &&
    permission.resource === asked.resource &&
    permission.verbs.includes(asked.verb) &&
    (within === undefined || within === asked.namespace) &&
    (names === undefined || (asked.name !== undefined && names.includes(asked.name)))
  )
}

export function inWords({ verb, group, resource, namespace, name }: Asked): string {
  return [verb, group === '' ? resource : `${resource}.${group}`, namespace, name].filter(Boolean).join(' ')
}
