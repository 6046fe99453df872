import { type Language, language } from './language.ts'
import { messages as english, type Messages } from './messages.en.ts'
import { messages as chinese } from './messages.zh.ts'

const EDITIONS: Record<Language, Messages> = { en: english, zh: chinese }

/** What is said to people, in the language that they are spoken to; programs are spoken to in English. */
export function messages(of: Language = language()): Messages {
  return EDITIONS[of]
}
