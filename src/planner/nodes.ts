import type { KubeObject } from '../domain/object.ts'
import { compareText } from '../domain/text.ts'
import type { NodeSelectorTerm, PersistentVolume } from '../domain/volume.ts'

const HOSTNAME = 'kubernetes.io/hostname'

/**
 * The names of the nodes that a volume's affinity allows, in order; undefined where it has none. Where none of the
 * cluster's nodes fits, the hostnames that the affinity itself names: the node may be gone, its disk is not another's.
 */
export function nodesOf(pv: PersistentVolume, nodes: KubeObject[]): string[] | undefined {
  const terms = pv.spec.nodeAffinity?.required?.nodeSelectorTerms
  if (!terms) return undefined
  const matching = nodes
    .filter((node) => terms.some((term) => matchesTerm(term, node)))
    .map((node) => node.metadata.name)
  return [...new Set(matching.length > 0 ? matching : terms.flatMap(namedHosts))].sort(compareText)
}

type Requirement = { key: string; operator: string; values?: string[] }

// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#NodeSelector: terms are alternatives,
// the expressions of one must all hold, and an empty one matches nothing.
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: KubeObject): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const labels = node.metadata.labels ?? {}
  return (
    matchExpressions.every((requirement) => holds(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => holds(requirement, node.metadata.name))
  )
}

function holds({ operator, values = [] }: Requirement, found: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found)
    case 'NotIn':
      return found === undefined || !values.includes(found)
    case 'Exists':
      return found !== undefined
    case 'DoesNotExist':
      return found === undefined
    case 'Gt':
      return Number(found) > Number(values[0])
    case 'Lt':
      return Number(found) < Number(values[0])
    default:
      return false
  }
}

function namedHosts({ matchExpressions = [] }: NodeSelectorTerm): string[] {
  return matchExpressions
    .filter(({ key, operator }) => key === HOSTNAME && operator === 'In')
    .flatMap(({ values = [] }) => values)
}
