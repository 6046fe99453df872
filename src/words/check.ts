import { type CheckWords, check as english } from './check.en.ts'
import { check as chinese } from './check.zh.ts'
import type { Language } from './language.ts'

const EDITIONS: Record<Language, CheckWords> = { en: english, zh: chinese }

/** What `check` says, in a language; programs are spoken to in English. */
export function checkWords(language: Language): CheckWords {
  return EDITIONS[language]
}
