import { below, normalise } from '../domain/directory.ts'
import type { PathRule } from '../domain/migration.ts'

/** Where a directory goes by the rule with the longest `from` that covers it; undefined where none does. */
export function subdirFor(directory: string, rules: PathRule[]): string | undefined {
  const rule = longest(
    rules.filter(({ from }) => below(directory, from) !== undefined),
    ({ from }) => from,
  )
  if (!rule) return undefined
  return join(rule.to, below(directory, rule.from) ?? '')
}

/** The directory that the rules take to this subdir, by the one with the longest `to`; none where two are as long. */
export function directoryFor(subdir: string, rules: PathRule[]): string | undefined {
  const found = rules.flatMap(({ from, to }) => {
    const rest = below(subdir, to)
    const directory = rest === undefined ? undefined : normalise(`${from}/${rest}`)
    return directory !== undefined && subdirFor(directory, rules) === subdir ? [{ directory, to }] : []
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
