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

const KEY = String.raw`([\w.-]+(?:/[\w.-]+)?)`
const EQUALITY = new RegExp(`^${KEY}\\s*(=|==|!=)\\s*([\\w.-]*)$`)
const SET = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const PRESENCE = new RegExp(`^(!?)\\s*${KEY}$`)

/** Reads a label selector as `kubectl -l` takes it: `app=web,tier in (a,b),!old`; undefined where it is none. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const terms = text.split(/,(?![^(]*\))/).map((term) => requirementOf(term.trim()))
  return terms.every((term) => term !== undefined) ? { matchExpressions: terms } : undefined
}

function requirementOf(term: string): SelectorRequirement | undefined {
  const [, key, sign, value] = EQUALITY.exec(term) ?? []
  if (key !== undefined && value !== undefined)
    return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] }
  const [, of, word, list] = SET.exec(term) ?? []
  if (of !== undefined && list !== undefined)
    return { key: of, operator: word === 'in' ? 'In' : 'NotIn', values: list.split(',').map((each) => each.trim()) }
  const [, not, present] = PRESENCE.exec(term) ?? []
  return present === undefined ? undefined : { key: present, operator: not ? 'DoesNotExist' : 'Exists' }
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

/** True where at least one of these sets of labels, a volume's and its claim's, meets the selector. */
export function haveLabels(sets: (Record<string, string> | undefined)[], selector: string): boolean {
  const parsed = parseLabelSelector(selector)
  return parsed !== undefined && sets.some((labels) => selectsLabels(parsed, labels))
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
