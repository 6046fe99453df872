import { help as english, type HelpWords } from './help.en.ts'
import { help as chinese } from './help.zh.ts'
import { type Language, language } from './language.ts'

const EDITIONS: Record<Language, HelpWords> = { en: english, zh: chinese }

/** What `--help` and completion say, in the language that people are spoken to. */
export function helpWords(of: Language = language()): HelpWords {
  return EDITIONS[of]
}
