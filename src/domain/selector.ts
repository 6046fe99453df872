/** One requirement on a label or a field, as selectors of labels and of nodes have it. */
export interface SelectorRequirement {
  key: string
  operator: string
  values?: string[]
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: SelectorRequirement[]
}

/** One alternative of a node selector; all of its requirements must hold. */
export interface NodeSelectorTerm {
  matchExpressions?: SelectorRequirement[]
  matchFields?: SelectorRequirement[]
}

/** True if the labels meet every requirement of the selector; an empty one takes everything. */
export function selectsLabels(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Record<string, string> = {},
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => meets(requirement, labels[requirement.key]))
  )
}

/** True if a node of that name, with those labels, meets every requirement of the term; an empty one takes no node. */
export function selectsNode(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: { name: string; labels?: Record<string, string> },
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  return (
    matchExpressions.every((requirement) => meets(requirement, node.labels?.[requirement.key])) &&
    // the name is the only field that the API takes here
    matchFields.every((requirement) => meets(requirement, node.name))
  )
}

/** True if the value, undefined where there is none, meets the requirement; an operator that nobody knows is never met. */
function meets({ operator, values = [] }: SelectorRequirement, found: string | undefined): boolean {
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
