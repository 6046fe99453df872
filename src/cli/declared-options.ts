import type { Argv } from 'yargs'
import { helpWords } from '../words/help.ts'
import { LANGUAGES } from '../words/language.ts'

/** A flag as a command's `options` describes it. */
export interface Flag {
  name: string
  alias?: string
  describe?: string
  boolean: boolean
  choices?: readonly string[]
  /** It may be given more than once. */
  repeatable: boolean
}

/** What a command takes. */
export interface DeclaredOptions {
  flags: Flag[]
  /** What its first word may be, where that is one of a few. */
  choices: readonly string[]
}

/** Of every command, as `help` is. */
export function languageOption() {
  return { choices: LANGUAGES, describe: helpWords().lang } as const
}

/** Of a command that takes nothing. */
export const NOTHING_DECLARED: DeclaredOptions = { flags: [], choices: [] }

/** The values of a flag that may be given more than once, where yargs is not told that it is an array. */
export function asList(values: string | string[]): string[] {
  return [values].flat()
}

interface Option {
  type?: string
  alias?: string
  array?: boolean
  coerce?: unknown
  choices?: readonly string[]
  describe?: string
  hidden?: boolean
}

/**
 * What a command would tell yargs of its flags: it is told to one who only listens, for yargs itself has no way to ask.
 * @param options the command's
 */
export function declaredOptions(options: (yargs: Argv) => unknown): DeclaredOptions {
  let words: readonly string[] = []
  const flags: Flag[] = [
    { name: 'help', alias: 'h', describe: helpWords().layout['Show help'], boolean: true, repeatable: true },
    { name: 'lang', ...languageOption(), boolean: false, repeatable: false },
  ]
  const note = (name: string, { type, alias, array, coerce, choices, describe, hidden }: Option) => {
    if (hidden) return
    flags.push({
      name,
      boolean: type === 'boolean',
      repeatable: array ?? coerce === asList,
      ...(alias ? { alias } : {}),
      ...(choices ? { choices } : {}),
      ...(describe ? { describe } : {}),
    })
  }
  const listener: Argv = new Proxy({} as Argv, {
    get: (_, method) => (first: unknown, second: unknown) => {
      if ((method === 'option' || method === 'options') && typeof first === 'string') note(first, second as Option)
      else if (method === 'positional') words = (second as Option).choices ?? words
      else if (method === 'options') for (const [name, option] of Object.entries(first as object)) note(name, option)
      return listener
    },
  })
  options(listener)
  return { flags, choices: words }
}
