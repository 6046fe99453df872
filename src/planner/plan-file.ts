import { YAMLException } from 'js-yaml'
import { parseJson, stringifyJson } from '../cluster/json.ts'
import { digestOf } from '../domain/digest.ts'
import { refused } from '../domain/failure.ts'
import { PLAN_API_VERSION, type Plan } from '../domain/plan.ts'
import { shellWord } from '../domain/shell.ts'
import { inChunks } from '../domain/text.ts'
import { fromYaml, toYaml } from '../domain/yaml.ts'
import { messages } from '../words/messages.ts'

/**
 * The plan as a file: YAML for people, JSON for programs, dense JSON where nobody looks at it. All are read back by
 * readPlan, to the letter. It comes in pieces: a plan may have tens of thousands of volumes.
 */
export function writePlan(plan: Plan, format: 'yaml' | 'json' | 'dense' = 'yaml'): Iterable<string> {
  return inChunks(format === 'yaml' ? yamlOf(plan) : jsonOf(plan, format === 'json' ? 2 : 0))
}

function* yamlOf(plan: Plan): Generator<string> {
  for (const [key, value] of Object.entries(plan)) {
    if (!Array.isArray(value) || value.length === 0) yield toYaml({ [key]: value })
    else {
      const head = `${key}:\n`
      yield head
      for (const item of value) yield toYaml({ [key]: [item] }).slice(head.length)
    }
  }
}

/** As JSON.stringify writes it, but for the line ends that it has without an indentation too. */
function* jsonOf(plan: Plan, indent: number): Generator<string> {
  const lines = (depth: number) => `\n${' '.repeat(depth * indent)}`
  const within = (depth: number, value: unknown) => stringifyJson(value, indent).replaceAll('\n', lines(depth))
  let before = '{'
  for (const [key, value] of Object.entries(plan)) {
    yield `${before}${lines(1)}${within(1, key)}:${' '.repeat(Math.sign(indent))}`
    before = ','
    if (!Array.isArray(value) || value.length === 0) yield within(1, value)
    else {
      for (const [i, item] of value.entries()) yield `${i === 0 ? '[' : ','}${lines(2)}${within(2, item)}`
      yield `${lines(1)}]`
    }
  }
  yield '\n}\n'
}

/** True where a text is a plan of juicify's own making, of any version, edited or not: plans begin with what they are. */
export function isPlan(text: string): boolean {
  return /(?:^|[{,])\s*"?kind"?\s*:\s*["']?Plan\b/m.test(text.slice(0, 4096))
}

/**
 * The plan that a file holds, in YAML or JSON.
 * @param file what the text was read from, for the messages
 * @throws Refusal where it is no plan, one of another version, or one that was changed after it was made
 */
export function readPlan(text: string, file: string): Plan {
  const found = parse(text, file)
  const says = messages().refusal
  if (!isRecord(found) || found.kind !== 'Plan') {
    const kind = isRecord(found) && typeof found.kind === 'string' ? found.kind : undefined
    const what = kind === undefined ? (found === undefined ? 'nothing' : 'else') : { kind }
    throw refused(says.notAPlan(file, what, shellWord(file)))
  }
  if (found.apiVersion !== PLAN_API_VERSION) {
    throw refused(says.otherPlanVersion(file, PLAN_API_VERSION, `${JSON.stringify(found.apiVersion)}`))
  }
  const { digest, ...content } = found
  const actual = digestOf(content)
  if (digest !== actual) {
    throw refused(says.planEdited(file, `${JSON.stringify(digest)}`, actual))
  }
  return found as unknown as Plan
}

function parse(text: string, file: string): unknown {
  if (text.trim() === '') return undefined
  try {
    if (/^\uFEFF?\s*\{/.test(text)) return parseJson(text.replace(/^\uFEFF/, ''))
    return fromYaml(text, file)
  } catch (error) {
    if (!(error instanceof YAMLException) && !(error instanceof SyntaxError)) throw error
    const place = error instanceof YAMLException && error.mark ? `:${error.mark.line + 1}` : ''
    const [what, why] = error instanceof YAMLException ? ['YAML', error.reason] : ['JSON', error.message]
    throw refused(messages().refusal.planUnreadable(`${file}${place}`, what, why), { cause: error })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
