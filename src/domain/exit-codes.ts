/** What an exit code says, in a few words, and what to do about it, where there is more to do than to look and resume. */
export interface ExitMeaning {
  means: string
  remedy?: string
}

/** Meanings by exit code. */
export type ExitCodes = Readonly<Record<number, ExitMeaning>>
