import type { Api } from './api.ts'
import { withoutZeros } from './controllers/controller.ts'
import { discover } from './discovery.ts'
import { isDryRun } from './dry-run.ts'
import { badRequest, methodNotAllowed, noSuchPath, unsupportedMediaType } from './errors.ts'
import { type Kind, resourceOf } from './kinds.ts'
import { listReply } from './lists.ts'
import { type ApiObject, at, define, type Fields, fields, items, text } from './object.ts'
import { jsonPatch, mergePatch, strategicPatch } from './patch.ts'
import { selectorText } from './selectors.ts'
import type { Reply, SandboxRequest } from './service.ts'
import { tableOf, wantsTable } from './table.ts'
import { watchReply } from './watch.ts'

/** What a path of the API names. */
export interface Target {
  kind: Kind
  version: string
  namespace?: string
  name?: string
  subresource?: string
}

/** Answers a request: finds out what it is about, does it, and gives the result the form that was asked for. */
export function answer(api: Api, request: SandboxRequest): Reply {
  const review = reviewReply(request)
  if (review) return review
  const target = targetOf(api, request.path)
  const asked = isDryRun(request) ? api.dry() : api
  if (!target) {
    if (request.method !== 'GET') throw noSuchPath()
    return discover(api.kinds, api.rules, request) ?? missing()
  }
  if (target.subresource !== undefined) return subresourceReply(asked, request, target)
  return target.name === undefined ? collectionReply(asked, request, target) : objectReply(asked, request, target)
}

const missing = (): never => {
  throw noSuchPath()
}

/** `/api/v1/…` or `/apis/<group>/<version>/…`, within a namespace or not. */
export function targetOf(api: Api, path: string): Target | undefined {
  const parts = path.split('/').filter((part) => part !== '')
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return undefined
  const [group = '', version = '', ...rest] = core ? ['', ...parts.slice(1)] : parts.slice(1)
  // namespaces/<name>/status is a part of a namespace, namespaces/<name>/pods is what lies in it.
  const within = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')
  const [plural, name, subresource, ...more] = within ? rest.slice(2) : rest
  const kind = plural === undefined ? undefined : api.kinds.at(group, version, plural)
  if (!kind || more.length > 0 || (within && !kind.namespaced)) return undefined
  return {
    kind,
    version,
    ...(within ? { namespace: rest[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

function reviewReply({ method, path, body }: SandboxRequest): Reply | undefined {
  const match = /^\/apis\/authorization\.k8s\.io\/v1\/(selfsubjectaccessreviews)$/.exec(path)
  if (!match) return undefined
  if (method !== 'POST') throw methodNotAllowed()
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: at(body, 'spec') ?? {},
      status: { allowed: true, reason: 'the sandbox allows everything' },
    },
  }
}

function collectionReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, namespace } = target
  switch (request.method) {
    case 'GET':
      return isTrue(request.query.get('watch')) ? watchReply(api, request, target) : listReply(api, request, target)
    case 'POST':
      if (kind.namespaced && namespace === undefined) throw methodNotAllowed()
      refuseForm(request)
      return one(request, target, api, 201, api.create(kind, namespace, request.body))
    case 'DELETE': {
      const options = deleteOptions(request)
      const reply = listReply(api, request, target)
      const found = items(at(reply.body, 'items')) as ApiObject[]
      for (const { metadata } of found) api.delete(kind, metadata.namespace, metadata.name, options)
      return reply
    }
    default:
      throw methodNotAllowed()
  }
}

function objectReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, namespace, name = '' } = target
  if (kind.namespaced && namespace === undefined) throw noSuchPath()
  switch (request.method) {
    case 'GET':
      if (isTrue(request.query.get('watch'))) return watchReply(api, request, target)
      return one(request, target, api, 200, api.get(kind, namespace, name))
    case 'PUT': {
      refuseForm(request)
      const known = api.store.get(resourceOf(kind), namespace === undefined ? name : `${namespace}/${name}`)
      return one(request, target, api, known ? 200 : 201, api.replace(kind, namespace, name, request.body))
    }
    case 'PATCH':
      return one(request, target, api, 200, api.update(kind, namespace, name, patcher(request, kind)))
    case 'DELETE':
      return deleteReply(api, request, target)
    default:
      throw methodNotAllowed()
  }
}

/** Kinds of which a deletion returns the object itself, also when it is gone at once. */
const RETURNED = new Set([
  'Pod',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  'ServiceAccount',
  'StorageClass',
  'CSIDriver',
  'CSINode',
])

function deleteReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, namespace, name = '' } = target
  const options = deleteOptions(request)
  const { gone, object } = api.delete(kind, namespace, name, options)
  if (!gone || (RETURNED.has(kind.kind) && !kind.custom)) return one(request, target, api, 200, object)
  const details = { name, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid: object.metadata.uid }
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } }
}

function subresourceReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, namespace, name = '', subresource } = target
  if (subresource === 'status' && kind.status) return statusReply(api, request, target)
  if (subresource === 'scale' && kind.scale) return scaleReply(api, request, target)
  if (subresource === 'log' && kind.kind === 'Pod' && request.method === 'GET') {
    const pod = api.get(kind, namespace, name)
    return {
      status: 200,
      raw: { contentType: 'text/plain', content: pod.metadata.annotations?.[LOG_ANNOTATION] ?? '' },
    }
  }
  if (subresource === 'finalize' && kind.kind === 'Namespace' && request.method === 'PUT')
    return one(request, target, api, 200, api.replace(kind, undefined, name, request.body))
  throw noSuchPath()
}

/** Nothing runs in a sandbox's pods, so nothing is written; a test may say here what a pod's log holds. */
export const LOG_ANNOTATION = 'sandbox.juicify.dev/log'

function statusReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, namespace, name = '' } = target
  switch (request.method) {
    case 'GET':
      return one(request, target, api, 200, api.get(kind, namespace, name))
    case 'PUT':
      refuseForm(request)
      return one(request, target, api, 200, api.replace(kind, namespace, name, request.body, 'status'))
    case 'PATCH':
      return one(request, target, api, 200, api.update(kind, namespace, name, patcher(request, kind), 'status'))
    default:
      throw methodNotAllowed()
  }
}

function scaleReply(api: Api, request: SandboxRequest, { kind, namespace, name = '' }: Target): Reply {
  const before = api.get(kind, namespace, name)
  if (request.method === 'GET') return { status: 200, body: scaleOf(kind, before) }
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed()
  const wanted =
    request.method === 'PUT' ? request.body : patcher(request, kind)(scaleOf(kind, before) as unknown as ApiObject)
  const replicas = at(wanted, 'spec', 'replicas') ?? 0
  const version = text(at(wanted, 'metadata', 'resourceVersion'))
  const after = api.update(kind, namespace, name, (object) => {
    const next = withValueAt(object, kind.scale?.replicas ?? [], replicas) as ApiObject
    return { ...next, metadata: { ...next.metadata, ...(version ? { resourceVersion: version } : {}) } }
  })
  return { status: 200, body: scaleOf(kind, after) }
}

function scaleOf(kind: Kind, object: ApiObject): Fields {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas = [], statusReplicas = [], selector } = kind.scale ?? {}
  const found = selector && at(object, ...selector)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    // Left out where it is 0, as the server does.
    spec: withoutZeros({ replicas: at(object, ...replicas) ?? 0 }),
    status: {
      replicas: at(object, ...statusReplicas) ?? 0,
      ...(found === undefined ? {} : { selector: text(found) ?? selectorText(found) }),
    },
  }
}

function withValueAt(object: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value
  const copy: Fields = { ...fields(object) }
  define(copy, name, withValueAt(copy[name], rest, value))
  return copy
}

const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/** The change that a patch asks for. */
function patcher({ contentType, body }: SandboxRequest, kind: Kind): (before: ApiObject) => unknown {
  const accepted = kind.custom ? PATCHES.slice(0, 2) : PATCHES
  if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted)
  if (contentType === PATCHES[0]) return (before) => jsonPatch(before, body)
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject) throw badRequest('the patch is no JSON object')
  if (contentType === PATCHES[1]) return (before) => mergePatch(before, body)
  return (before) => strategicPatch(before, fields(body), kind.kind)
}

/** Refuses forms other than JSON: kubectl sends protocol buffers where it makes the object itself, JSON from files. */
function refuseForm({ contentType }: SandboxRequest): void {
  if (contentType === '' || contentType === 'application/json') return
  throw unsupportedMediaType(['application/json (the sandbox reads nothing else: use kubectl create -f or apply -f)'])
}

function deleteOptions({ body, query }: SandboxRequest) {
  const uid = text(at(body, 'preconditions', 'uid'))
  const resourceVersion = text(at(body, 'preconditions', 'resourceVersion'))
  const orphan = at(body, 'orphanDependents') ?? query.get('orphanDependents')
  const propagation =
    text(at(body, 'propagationPolicy')) ??
    query.get('propagationPolicy') ??
    (orphan === undefined || orphan === null ? undefined : String(orphan) === 'true' ? 'Orphan' : 'Background')
  const grace = at(body, 'gracePeriodSeconds') ?? query.get('gracePeriodSeconds')
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(propagation === undefined ? {} : { propagation }),
    ...(grace === null || grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
  }
}

/** One object as the answer, as a table where that is preferred. */
function one(request: SandboxRequest, { kind, version }: Target, api: Api, status: number, object: ApiObject): Reply {
  const shown = api.inVersion(kind, object, version)
  if (!wantsTable(request.accept)) return { status, body: shown }
  return {
    status,
    body: tableOf(kind, version, [shown], { resourceVersion: object.metadata.resourceVersion }, request.query),
  }
}

export const isTrue = (value: string | null): boolean => value !== null && value !== '0' && value !== 'false'
