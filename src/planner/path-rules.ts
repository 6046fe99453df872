import { below, normalise } from '../domain/directory.ts'
import type { PathRule } from '../domain/migration.ts'
import { isGlob, matchesGlob } from '../domain/text.ts'

/** What rules ask of a volume; what is not known of it is undefined. */
export interface PathSubject {
  directory: string
  volume: string
  /** Where its data is, where that is one node. */
  node?: string | undefined
  namespace?: string | undefined
  claim?: string | undefined
}

/** What `to` may name between braces. */
export const PLACEHOLDERS = ['node', 'namespace', 'claim', 'volume'] as const
type Placeholder = (typeof PLACEHOLDERS)[number]

/** Each `{name}` in a text; the name is the first group. */
export const PLACEHOLDER = /\{([^{}]*)\}/g

/** Where a volume goes; undefined where no rule covers it, or the one that does asks for what is not known of it. */
export function subdirFor(subject: PathSubject, rules: PathRule[]): string | undefined {
  const rule = ruleFor(subject, rules)
  const to = rule && filledIn(rule.to, subject)
  if (rule === undefined || to === undefined) return undefined
  return join(to, rule.from === undefined ? '' : (below(subject.directory, rule.from) ?? ''))
}

/** The placeholders of the rule that covers the volume that nothing is known for; none where no rule covers it. */
export function unknownPlaceholders(subject: PathSubject, rules: PathRule[]): string[] {
  const names = [...(ruleFor(subject, rules)?.to.matchAll(PLACEHOLDER) ?? [])].map(([, name]) => name as Placeholder)
  return names.filter((name) => subject[name] === undefined)
}

/**
 * The rule that covers a volume: one for the volume before all others, its name before a glob; then the one with the longest
 * `from`, and of two of the same the one for its node.
 */
function ruleFor(subject: PathSubject, rules: PathRule[]): PathRule | undefined {
  const ofVolume = rules.filter(({ volume }) => volume !== undefined && matchesGlob(volume, subject.volume))
  const exact = ofVolume.find(({ volume }) => !isGlob(volume ?? ''))
  if (exact ?? ofVolume[0]) return exact ?? ofVolume[0]
  const covering = rules.filter(
    ({ from, node }) =>
      from !== undefined &&
      below(subject.directory, from) !== undefined &&
      (node === undefined || node === subject.node),
  )
  const best = longest(covering, ({ from = '' }) => from)
  return covering.find(({ from, node }) => from === best?.from && node !== undefined) ?? best
}

function filledIn(to: string, subject: PathSubject): string | undefined {
  let isKnown = true
  const text = to.replace(PLACEHOLDER, (_, name: Placeholder) => {
    const value = subject[name]
    if (value === undefined) isKnown = false
    return value ?? ''
  })
  return isKnown ? text : undefined
}

/**
 * The directory that the rules take to this subdir, by the one with the longest `to`; none where two are as long.
 * @param subject the volume that is there, as far as it is known
 */
export function directoryFor(
  subdir: string,
  subject: Omit<PathSubject, 'directory'>,
  rules: PathRule[],
): string | undefined {
  const found = rules.flatMap((rule) => {
    const to = filledIn(rule.to, { ...subject, directory: '' })
    const rest = to === undefined || rule.from === undefined ? undefined : below(subdir, to)
    const directory = rest === undefined ? undefined : normalise(`${rule.from}/${rest}`)
    return to !== undefined && directory !== undefined && subdirFor({ ...subject, directory }, rules) === subdir
      ? [{ directory, to }]
      : []
  })
  const best = longest(found, ({ to }) => to)
  const equals = found.filter(({ to, directory }) => to.length === best?.to.length && directory !== best.directory)
  return equals.length > 0 ? undefined : best?.directory
}

function join(to: string, rest: string): string {
  return to === '' || rest === '' ? to + rest : `${to}/${rest}`
}

function longest<T>(items: T[], text: (item: T) => string): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best && text(best).length >= text(item).length ? best : item),
    undefined,
  )
}
