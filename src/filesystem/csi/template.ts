import { normalise } from '../../domain/directory.ts'
import type { Place } from '../../domain/filesystem.ts'

/** What a template may name between braces, and what that stands for. */
export const PLACEHOLDERS = ['subdir', 'name', 'namespace', 'claim'] as const

const SUBDIR = '{subdir}'
const BRACES = /\{(\w+)\}/g

/** The words between braces in a text, known or not. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(BRACES)].map(([, name = '']) => name)
}

/** True where the text tells a directory. */
export function tellsPlace(text: string): boolean {
  return text.includes(SUBDIR)
}

/**
 * The text for a volume. At the root the directory goes with the slash before it, for `/exports/{subdir}` is `/exports` there;
 * undefined where nothing else is in it.
 */
export function rendered(text: string, { name, subdir, claim }: Place): string | undefined {
  if (subdir === '' && isOnlyPlace(text)) return undefined
  const known: Record<string, string> = { name, subdir, namespace: claim?.namespace ?? '', claim: claim?.name ?? '' }
  const atRoot = subdir === '' ? text.replace(`/${SUBDIR}`, '') || '/' : text
  return atRoot.replace(BRACES, (braces, word: string) => known[word] ?? braces)
}

/** True where a text, or the value of an option, is the directory and nothing else. */
export function isOnlyPlace(text: string): boolean {
  return text === SUBDIR || (text.endsWith(`=${SUBDIR}`) && !text.includes('/'))
}

/** The directory that a text tells which was made of the template, or could have been; undefined where it was not. */
export function subdirIn(template: string, text: string): string | undefined {
  const [before = '', after = ''] = template.split(SUBDIR)
  const root = template.replace(`/${SUBDIR}`, '') || '/'
  if (template.includes(`/${SUBDIR}`) && normalise(text) === normalise(root)) return ''
  if (!text.startsWith(before) || !text.endsWith(after) || text.length < before.length + after.length) return undefined
  return normalise(text.slice(before.length, text.length - after.length).replace(/^\/+/, ''))
}
