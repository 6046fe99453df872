import { shellWord } from '../domain/shell.ts'
import { nearest } from '../domain/text.ts'
import { messages } from '../words/messages.ts'
import { COMMAND_NAMES } from './commands.ts'
import type { Flag } from './declared-options.ts'

/** What yargs is to say where no command is named; what it says itself is English always. */
export const NO_COMMAND = 'Name a command.'

/** A command line that cannot be read. */
export class UsageError extends Error {}

/**
 * What yargs says is wrong with a command line, in our words: flags with their dashes, and the nearest right one.
 * @param words the command line
 * @param flags the names of those that its command has
 */
export function usageMessage(message: string, words: string[], flags: string[]): string {
  const shown = (name: string) => (flags.includes(name) ? `--${name}` : name)
  const says = messages().refusal.usage

  if (message === NO_COMMAND) return says.noCommand
  const unknown = /^Unknown (?:argument|command)s?: ([^\s,]+)/.exec(message)?.[1]
  if (unknown !== undefined) return unknownWord(unknown, words, flags)
  const without = /^Not enough arguments following: (\S+)/.exec(message)?.[1]
  if (without !== undefined) return says.needsValue(`${without.length === 1 ? '-' : '--'}${without}`)
  const missing = /^Missing required argument: (\S+)/.exec(message)?.[1]
  if (missing !== undefined) return says.missingFlag(`--${missing}`)
  if (message.startsWith('Not enough non-option arguments')) return says.missingArgument(words.join(' '))
  const [, one, other] = /^Arguments (\S+) and (\S+) are mutually exclusive/.exec(message) ?? []
  if (one !== undefined && other !== undefined) return says.together(shown(one), shown(other))
  const [, name, given, choices] = /Argument: (\S+), Given: "(.*)", Choices: (.*)$/m.exec(message) ?? []
  if (name !== undefined && choices !== undefined)
    return says.notOneOf(shown(name), given ?? '', choices.replaceAll('"', ''))
  return message
}

function unknownWord(unknown: string, words: string[], flags: string[]): string {
  const says = messages().refusal.usage
  const asTyped = words.flatMap((word) => /^--?(?:no-)?([^=]+)/.exec(word)?.[1] ?? [])
  // yargs calls --whole-group wholeGroup
  const flag = asTyped.find((name) => name === unknown || camelCase(name) === unknown)
  // short ones may stand in one word: -Ao
  if (unknown.length === 1 && words.some((word) => /^-[a-zA-Z]/.test(word) && word.includes(unknown)))
    return says.unknownFlag(`-${unknown}`)
  const [first = ''] = words
  if (flag === undefined && first !== unknown && COMMAND_NAMES.includes(first)) {
    const isFile = flags.includes('filename') && /\.(ya?ml|json)$/.test(unknown)
    return says.unexpected(unknown, first, isFile ? `-f ${shellWord(unknown)}` : undefined)
  }
  if (flag === undefined) return says.unknownCommand(unknown, nearest(unknown, COMMAND_NAMES))
  const near = nearest(flag, flags)
  return says.unknownFlag(`--${flag}`, near === undefined ? undefined : `--${near}`)
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * yargs makes a list of what is given twice, also where one value is wanted.
 * @param flags those that the command has
 * @throws UsageError naming the flag
 */
export function onlyOnce(flags: readonly Flag[], argv: Record<string, unknown>): void {
  const twice = flags.find(({ name, repeatable }) => !repeatable && Array.isArray(argv[camelCase(name)]))
  if (twice) throw new UsageError(messages().refusal.usage.twice(`--${twice.name}`))
}
