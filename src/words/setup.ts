import { type Language, language } from './language.ts'
import { setup as english, type SetupWords } from './setup.en.ts'
import { setup as chinese } from './setup.zh.ts'

const EDITIONS: Record<Language, SetupWords> = { en: english, zh: chinese }

/** What `juicify setup` says, in the language that people are spoken to. */
export function setupWords(of: Language = language()): SetupWords {
  return EDITIONS[of]
}
