import type { KubeObject } from '../domain/object.ts'
import { type NodeSelectorTerm, selectsNode } from '../domain/selector.ts'
import type { Scheduling } from '../domain/workload.ts'

type Toleration = NonNullable<Scheduling['tolerations']>[number]

interface Taint {
  key: string
  value?: string
  effect: string
}

/** What Kubernetes' own controllers put on a node for as long as something is wrong with it, or nobody is to come. */
const PASSING = /^node(\.cloudprovider)?\.kubernetes\.io\//

/**
 * Whether a pod of that spec may run on the node at all, as the scheduler decides it: by name, labels and lasting taints.
 * Whether there is room, and whether the node takes pods at the moment, is another question.
 */
export function mayRunOn(spec: Scheduling & { nodeName?: string }, node: KubeObject): boolean {
  const { name, labels = {} } = node.metadata
  const { taints = [] } = (node.spec ?? {}) as { taints?: Taint[] }
  const terms = requiredTerms(spec)
  return (
    (spec.nodeName === undefined || spec.nodeName === name) &&
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms === undefined || terms.some((term) => selectsNode(term, { name, labels }))) &&
    // who is named for a node is not scheduled, and taints that drive nobody out do not count for it
    taints
      .filter(({ key, effect }) => !PASSING.test(key) && (effect === 'NoExecute' || effect === 'NoSchedule'))
      .filter(({ effect }) => spec.nodeName === undefined || effect === 'NoExecute')
      .every((taint) => (spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint)))
  )
}

function requiredTerms({ affinity }: Scheduling): NodeSelectorTerm[] | undefined {
  const { nodeAffinity } = (affinity ?? {}) as {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] }
    }
  }
  return nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (!key) return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}
