import { apiVersionOf, type Kind, type Kinds } from './kinds.ts'
import type { Fields } from './object.ts'
import type { Reply, SandboxRequest } from './service.ts'
import type { Rules } from './versions.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Answers questions about the API itself; undefined where the path is none of those. */
export function discover(kinds: Kinds, { release }: Rules, { path, accept }: SandboxRequest): Reply | undefined {
  const parts = path.split('/').filter((part) => part !== '')
  if (['/healthz', '/livez', '/readyz'].includes(path))
    return { status: 200, raw: { contentType: 'text/plain', content: 'ok' } }
  if (path === '/version') return { status: 200, body: release }
  if (path === '/openapi/v2') return openApi(accept, release.gitVersion)
  if (parts[0] === 'api' && parts.length === 1)
    return { status: 200, body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } }
  if (parts[0] === 'api' && parts[1] === 'v1' && parts.length === 2)
    return { status: 200, body: resources(kinds, '', 'v1') }
  if (parts[0] !== 'apis') return undefined
  const groups = groupsOf(kinds)
  const [, group, version] = parts
  if (group === undefined)
    return {
      status: 200,
      body: {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: [...groups].map(([name, versions]) => describe(name, versions)),
      },
    }
  const versions = groups.get(group)
  if (!versions || parts.length > 3) return undefined
  if (version === undefined)
    return { status: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...describe(group, versions) } }
  return versions.includes(version) ? { status: 200, body: resources(kinds, group, version) } : undefined
}

/**
 * No schemas: kubectl asks for them to check manifests before it sends them, and skips what it finds none for. An empty
 * document of protocol buffers is an empty message.
 */
function openApi(accept: string, version: string): Reply {
  const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
  if (accept.includes(protobuf)) return { status: 200, raw: { contentType: 'application/octet-stream', content: '' } }
  return {
    status: 200,
    body: { swagger: '2.0', info: { title: 'sandbox', version }, paths: {}, definitions: {} },
  }
}

function groupsOf(kinds: Kinds): Map<string, string[]> {
  const groups = new Map<string, string[]>([['authorization.k8s.io', ['v1']]])
  for (const { group, versions } of kinds.all())
    if (group) groups.set(group, [...new Set([...(groups.get(group) ?? []), ...versions])])
  return groups
}

function describe(name: string, versions: string[]): Fields {
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

function resources(kinds: Kinds, group: string, version: string): Fields {
  const served = kinds.all().filter((kind) => kind.group === group && kind.versions.includes(version))
  const reviews = group === 'authorization.k8s.io'
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(group, version),
    resources: [
      ...served.flatMap(resourcesOf),
      ...(reviews
        ? [
            {
              name: 'selfsubjectaccessreviews',
              singularName: '',
              namespaced: false,
              kind: 'SelfSubjectAccessReview',
              verbs: ['create'],
            },
          ]
        : []),
    ],
  }
}

function resourcesOf(kind: Kind): Fields[] {
  const { plural: name, namespaced, shortNames, categories } = kind
  const part = (subresource: string, of: Fields, verbs: string[]) => ({
    name: `${name}/${subresource}`,
    singularName: '',
    namespaced,
    ...of,
    verbs,
  })
  return [
    {
      name,
      singularName: kind.kind.toLowerCase(),
      namespaced,
      kind: kind.kind,
      verbs: VERBS,
      ...(shortNames.length ? { shortNames } : {}),
      ...(categories.length ? { categories } : {}),
    },
    ...(kind.status ? [part('status', { kind: kind.kind }, ['get', 'patch', 'update'])] : []),
    ...(kind.scale
      ? [part('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' }, ['get', 'patch', 'update'])]
      : []),
    ...(kind.kind === 'Pod' ? [part('log', { kind: 'Pod' }, ['get'])] : []),
  ]
}
