import type { KubeObject } from '../domain/object.ts'
import { type NodeSelectorTerm, selectsNode } from '../domain/selector.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'

const HOSTNAME = 'kubernetes.io/hostname'

/**
 * The names of the nodes that a volume's affinity allows, in order; undefined where it has none. Where none of the
 * cluster's nodes fits, the hostnames that the affinity itself names: the node may be gone, its disk is not another's.
 */
export function nodesOf(pv: PersistentVolume, nodes: KubeObject[]): string[] | undefined {
  const terms = pv.spec.nodeAffinity?.required?.nodeSelectorTerms
  if (!terms) return undefined
  const matching = nodes
    .filter((node) => terms.some((term) => selectsNode(term, node.metadata)))
    .map((node) => node.metadata.name)
  return [...new Set(matching.length > 0 ? matching : terms.flatMap(namedHosts))].sort(compareText)
}

function namedHosts({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): string[] {
  const byLabel = matchExpressions.filter(({ key }) => key === HOSTNAME)
  const byName = matchFields.filter(({ key }) => key === 'metadata.name')
  return [...byLabel, ...byName].filter(({ operator }) => operator === 'In').flatMap(({ values = [] }) => values)
}
