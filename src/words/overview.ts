import { type Language, language } from './language.ts'
import { overview as english, type OverviewWords } from './overview.en.ts'
import { overview as chinese } from './overview.zh.ts'

const EDITIONS: Record<Language, OverviewWords> = { en: english, zh: chinese }

/** What `juicify --help` says, in the language that people are spoken to. */
export function overviewWords(of: Language = language()): OverviewWords {
  return EDITIONS[of]
}
