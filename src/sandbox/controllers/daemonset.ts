import type { Api } from '../api.ts'
import { type ApiObject, at, fields, items, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  isFinished,
  isReady,
  orphanKeys,
  ownedBy,
  podOf,
  type Surroundings,
  shareOf,
} from './controller.ts'
import { canRunOn } from './scheduler.ts'
import { revisionOf } from './statefulset.ts'

const SETS = 'daemonsets.apps'
const REVISION = 'controller-revision-hash'

/** What a daemon bears with on its node. */
const TOLERATIONS = [
  ...['not-ready', 'unreachable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoExecute',
  })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoSchedule',
  })),
]

const isLeaving = (pod: ApiObject): boolean => pod.metadata.deletionTimestamp !== undefined

/** Keeps one pod of a DaemonSet on every node that its template takes. */
export class DaemonSets implements Controller {
  readonly name = 'daemonset'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { type, resource, object } = change
    if (resource === SETS) return type === 'DELETED' ? [] : [keyOf(object)]
    if (resource === 'nodes') return this.#api.store.list(SETS).map(keyOf)
    if (resource !== 'pods') return []
    return [...controllerKey(object, 'DaemonSet'), ...orphanKeys(this.#api.store, change, SETS)]
  }

  sync(key: string): void {
    const set = this.#api.store.get(SETS, key)
    if (!set) return
    const revision = revisionOf(this.#api, set, 'DaemonSet')
    ownedBy(this.#api, 'pods', set, labelSelector(set.spec?.selector))
    if (set.metadata.deletionTimestamp === undefined) {
      this.#place(set, revision)
      this.#update(set, revision)
    }
    this.#report(set, revision)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #nodes(set: ApiObject): ApiObject[] {
    const spec = fields(at(set, 'spec', 'template', 'spec'))
    const tolerating = { ...spec, tolerations: [...items(spec.tolerations), ...TOLERATIONS] }
    return this.#api.store.list('nodes').filter((node) => canRunOn(tolerating, node))
  }

  #pods(set: ApiObject): Map<string, ApiObject[]> {
    const byNode = new Map<string, ApiObject[]>()
    for (const pod of ownedBy(this.#api, 'pods', set))
      byNode.set(nodeOf(pod), [...(byNode.get(nodeOf(pod)) ?? []), pod])
    return byNode
  }

  #place(set: ApiObject, revision: string) {
    const wanted = new Set(this.#nodes(set).map((node) => node.metadata.name))
    const pods = this.#pods(set)
    for (const node of wanted) if (!pods.has(node)) this.#create(set, node, revision)
    for (const [node, present] of pods) {
      const live = present.filter((pod) => !isLeaving(pod))
      const [, ...spare] = live.filter((pod) => !isFinished(pod))
      for (const pod of wanted.has(node) ? [...spare, ...live.filter(isFinished)] : live) this.#delete(pod)
    }
  }

  #create(set: ApiObject, node: string, revision: string) {
    const manifest = podOf(set, set.spec?.template, { generateName: `${set.metadata.name}-` })
    const metadata = fields(manifest.metadata)
    const spec = fields(manifest.spec)
    metadata.labels = {
      ...fields(metadata.labels),
      [REVISION]: revision,
      'pod-template-generation': String(set.metadata.generation ?? 1),
    }
    spec.tolerations = [...items(spec.tolerations), ...TOLERATIONS]
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
    const affinity = fields(spec.affinity)
    spec.affinity = {
      ...affinity,
      nodeAffinity: {
        ...fields(affinity.nodeAffinity),
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
      },
    }
    const pod = this.#api.create(this.#api.kinds.named('pods'), set.metadata.namespace, manifest)
    this.#surroundings.events.record(
      set,
      'Normal',
      'SuccessfulCreate',
      `Created pod: ${pod.metadata.name}`,
      'daemonset-controller',
    )
  }

  /** Replaces pods of older revisions, as many at a time as may be missing. */
  #update(set: ApiObject, revision: string) {
    if (at(set, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return
    const nodes = this.#nodes(set)
    const pods = this.#pods(set)
    const present = nodes.map((node) => pods.get(node.metadata.name)?.find((pod) => !isLeaving(pod)))
    const isOld = (pod: ApiObject | undefined) => pod !== undefined && pod.metadata.labels?.[REVISION] !== revision
    const limit = shareOf(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'), nodes.length, Math.ceil)
    let missing = present.filter((pod) => pod === undefined || !isReady(pod)).length
    for (const pod of present) {
      if (!pod || !isOld(pod)) continue
      if (isReady(pod) && missing >= Math.max(1, limit)) continue
      if (isReady(pod)) missing++
      this.#delete(pod)
    }
  }

  #delete(pod: ApiObject) {
    const { namespace, name, uid } = pod.metadata
    this.#api.delete(this.#api.kindOf(pod), namespace, name, { uid })
  }

  #report(set: ApiObject, revision: string) {
    const wanted = new Set(this.#nodes(set).map((node) => node.metadata.name))
    const pods = [...this.#pods(set)].flatMap(([node, present]) => present.map((pod) => ({ node, pod })))
    const right = pods.filter(({ node, pod }) => wanted.has(node) && !isLeaving(pod))
    const ready = right.filter(({ pod }) => isReady(pod)).length
    this.#api.setStatus(set, {
      currentNumberScheduled: right.length,
      numberMisscheduled: pods.filter(({ node, pod }) => !wanted.has(node) && !isLeaving(pod)).length,
      desiredNumberScheduled: wanted.size,
      numberReady: ready,
      observedGeneration: set.metadata.generation,
      ...(right.length
        ? { updatedNumberScheduled: right.filter(({ pod }) => pod.metadata.labels?.[REVISION] === revision).length }
        : {}),
      ...(ready ? { numberAvailable: ready } : {}),
      ...(wanted.size > ready ? { numberUnavailable: wanted.size - ready } : {}),
    })
  }
}

/** The node that a daemon's pod is on, or is meant for. */
function nodeOf(pod: ApiObject): string {
  if (pod.spec?.nodeName) return String(pod.spec.nodeName)
  const affinity = at(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')
  const [term] = items(at(affinity, 'nodeSelectorTerms'))
  const [field] = items(at(term, 'matchFields'))
  return String(items(at(field, 'values'))[0] ?? '')
}
