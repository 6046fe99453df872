import { badRequest } from './errors.ts'
import { type ApiObject, at, fields, isFields, items } from './object.ts'

type Test<T> = (value: T) => boolean
export type Labels = Record<string, string>

interface Requirement {
  key: string
  operator: string
  values: string[]
}

const meets = (labels: Labels, { key, operator, values }: Requirement): boolean => {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

const TERM = /^\s*(!?)\s*([^\s=!,()<>]+)\s*(?:(==|!=|=|<|>|\bin\b|\bnotin\b)\s*(.*?))?\s*$/

/** The test of a `labelSelector` of a request: `a=b,c!=d,e in (f,g),h,!i`. */
export function parseLabelSelector(selector: string): Test<Labels> {
  const requirements = splitOutsideBrackets(selector).map(parseTerm)
  return (labels) => requirements.every((requirement) => meets(labels, requirement))
}

function splitOutsideBrackets(selector: string): string[] {
  if (selector.trim() === '') return []
  const terms: string[] = ['']
  let depth = 0
  for (const character of selector) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) terms.push('')
    else terms[terms.length - 1] += character
  }
  return terms
}

function parseTerm(term: string): Requirement {
  const [, negated, key, operator, rest = ''] = TERM.exec(term) ?? []
  const wrong = badRequest(`unable to parse requirement: found '${term.trim()}', expected: identifier`)
  if (key === undefined || (negated && operator)) throw wrong
  if (!operator) return { key, operator: negated ? 'DoesNotExist' : 'Exists', values: [] }
  if (operator === 'in' || operator === 'notin') {
    const list = /^\((.*)\)$/.exec(rest)
    if (!list) throw wrong
    const values = (list[1] ?? '').split(',').map((value) => value.trim())
    return { key, operator: operator === 'in' ? 'In' : 'NotIn', values }
  }
  if (!/^[\w.-]*$/.test(rest)) throw wrong
  const names: Record<string, string> = { '!=': 'NotIn', '<': 'Lt', '>': 'Gt' }
  return { key, operator: names[operator] ?? 'In', values: [rest] }
}

/** The test of a selector within an object: `matchLabels` and `matchExpressions`. An empty one takes all. */
export function labelSelector(selector: unknown): Test<Labels> {
  const requirements = [
    ...Object.entries(fields(at(selector, 'matchLabels'))).map(([key, value]) => ({
      key,
      operator: 'In',
      values: [String(value)],
    })),
    ...requirementsOf(at(selector, 'matchExpressions')),
  ]
  return (labels) => requirements.every((requirement) => meets(labels, requirement))
}

function requirementsOf(expressions: unknown): Requirement[] {
  return items(expressions).map((expression) => ({
    key: String(at(expression, 'key')),
    operator: String(at(expression, 'operator')),
    values: items(at(expression, 'values')).map(String),
  }))
}

/** True where one of the terms of a node selector takes the node; a term without requirements takes none. */
export function nodeSelectorTakes(selector: unknown, node: ApiObject): boolean {
  return items(at(selector, 'nodeSelectorTerms')).some((term) => {
    const labels = requirementsOf(at(term, 'matchExpressions'))
    const names = requirementsOf(at(term, 'matchFields'))
    return (
      labels.length + names.length > 0 &&
      labels.every((requirement) => meets(node.metadata.labels ?? {}, requirement)) &&
      names.every((requirement) => meets({ 'metadata.name': node.metadata.name }, requirement))
    )
  })
}

/** A selector within an object in the form of a request's; labels alone count as `matchLabels`. */
export function selectorText(selector: unknown): string {
  const structured = at(selector, 'matchLabels') !== undefined || at(selector, 'matchExpressions') !== undefined
  const labels = Object.entries(fields(structured ? at(selector, 'matchLabels') : selector))
  const expressions = requirementsOf(at(selector, 'matchExpressions')).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
  })
  return [...labels.map(([key, value]) => `${key}=${String(value)}`).sort(), ...expressions].join(',')
}

/** The fields that may be selected by, for each resource, besides metadata.name and metadata.namespace. */
const SELECTABLE: Record<string, string[]> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  'jobs.batch': ['status.successful'],
  'replicasets.apps': ['status.replicas'],
  replicationcontrollers: ['status.replicas'],
}

/** The test of a `fieldSelector` of a request: `a=b,c!=d` with the fields that the server allows for the resource. */
export function parseFieldSelector(selector: string, resource: string): Test<ApiObject> {
  const tests = selector
    .split(',')
    .filter((term) => term.trim() !== '')
    .map((term) => fieldTest(term, resource))
  return (object) => tests.every((test) => test(object))
}

function fieldTest(term: string, resource: string): Test<ApiObject> {
  const [, field = '', operator, value = ''] = /^\s*([^=!]+?)\s*(==|!=|=)\s*(.*?)\s*$/.exec(term) ?? []
  if (!operator) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`)
  const known = field === 'metadata.name' || field === 'metadata.namespace' || SELECTABLE[resource]?.includes(field)
  if (!known && SELECTABLE[resource]) throw badRequest(`field label not supported: ${field}`)
  if (!known) throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`)
  const path = field.split('.')
  return (object) => {
    const found = at(object, ...path)
    const actual =
      isFields(found) || found === undefined ? (field === 'spec.unschedulable' ? 'false' : '') : String(found)
    return (actual === value) === (operator !== '!=')
  }
}
