import { messages } from './messages.ts'

/** What the system has against reading or writing a file, in words. */
export function fileTrouble(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const known: Readonly<Record<string, string>> = messages().fileTrouble
  return known[code] ?? (code || message)
}
