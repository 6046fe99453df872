import { type Language, language } from './language.ts'
import { reading as english, type ReadingWords } from './reading.en.ts'
import { reading as chinese } from './reading.zh.ts'

const EDITIONS: Record<Language, ReadingWords> = { en: english, zh: chinese }

/** What is wrong within a file that people write, in the language that they are spoken to. */
export function readingWords(of: Language = language()): ReadingWords {
  return EDITIONS[of]
}
