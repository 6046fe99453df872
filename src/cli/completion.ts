import { matchesGlob } from '../domain/text.ts'
import type { Flag } from './declared-options.ts'

/** What is to be completed. */
export type Wanted =
  | { of: 'command' }
  | { of: 'flag' }
  /** A flag's value; `prefix` is what stands before it in the same word: `--output=`. */
  | { of: 'value'; flag: Flag; prefix: string }
  | { of: 'positional'; given: string[] }
  /** Nothing is known of it. */
  | { of: 'nothing' }

export interface Line {
  command: string | undefined
  wanted: Wanted
  /** What the word to be completed begins with, a flag's name before `=` left out. */
  beginning: string
  /** The values of flags that stand before it, by name. */
  flags: Record<string, string[]>
}

/**
 * Finds out what the last one of the words is, those after the program's name up to the cursor. bash tears words apart
 * at `=`; the parts are put together again.
 */
export function readLine(words: readonly string[], flagsOf: (command: string) => Flag[]): Line {
  const joined = join(words)
  const current = joined.words.at(-1) ?? ''
  const before = joined.words.slice(0, -1)
  const command = before[0]
  const line = { command, beginning: current, flags: {} }
  if (command === undefined) return { ...line, wanted: { of: 'command' } }
  const known = flagsOf(command)
  const { flags, positionals, open } = readBefore(before.slice(1), known)
  if (open) return { ...line, flags, wanted: { of: 'value', flag: open, prefix: '' } }
  const [, name, value] = /^(--?[\w-]+)=(.*)$/s.exec(current) ?? []
  if (name !== undefined && value !== undefined) {
    const flag = find(known, name)
    if (!flag) return { ...line, flags, wanted: { of: 'nothing' } }
    return { ...line, beginning: value, flags, wanted: { of: 'value', flag, prefix: joined.torn ? '' : `${name}=` } }
  }
  if (current.startsWith('-')) return { ...line, flags, wanted: { of: 'flag' } }
  return { ...line, flags, wanted: { of: 'positional', given: positionals } }
}

function join(words: readonly string[]): { words: string[]; torn: boolean } {
  const joined: string[] = []
  let torn = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '=' && joined.at(-1)?.startsWith('-')) {
      torn = i + 1 >= words.length - 1
      joined.push(`${joined.pop()}=${words[++i] ?? ''}`)
    } else joined.push(word)
  }
  return { words: joined, torn }
}

function readBefore(
  words: string[],
  known: Flag[],
): { flags: Record<string, string[]>; positionals: string[]; open?: Flag } {
  const flags: Record<string, string[]> = {}
  const positionals: string[] = []
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^(--?[\w-]+)(?:=(.*))?$/s.exec(words[i] ?? '') ?? []
    if (name === undefined) {
      positionals.push(words[i] ?? '')
      continue
    }
    const flag = find(known, name)
    if (!flag || flag.boolean) continue
    if (value === undefined && i === words.length - 1) return { flags, positionals, open: flag }
    flags[flag.name] = [...(flags[flag.name] ?? []), value ?? words[++i] ?? '']
  }
  return { flags, positionals }
}

function find(known: Flag[], written: string): Flag | undefined {
  return known.find(({ name, alias }) => written === `--${name}` || (alias !== undefined && written === `-${alias}`))
}

/** A candidate, with a word of what it is. */
export interface Candidate {
  word: string
  describe?: string
}

/** The candidates that begin as the word does, in the form of cobra's __complete: `word<TAB>what it is`, one a line. */
export function shownCandidates(candidates: Candidate[], { wanted, beginning }: Line): string[] {
  const prefix = wanted.of === 'value' ? wanted.prefix : ''
  return candidates
    .filter(({ word }) => word.startsWith(beginning) && !matchesGlob('*[\n\t]*', word))
    .map(({ word, describe }) => `${prefix}${word}${describe ? `\t${describe.replace(/\s+/g, ' ')}` : ''}`)
}
