import type { Failure, InLanguage, Told } from '../domain/failure.ts'
import type { Trouble } from '../domain/trouble.ts'
import type { Language } from './language.ts'
import { troubles as english, type TroubleWords } from './trouble.en.ts'
import { troubles as chinese } from './trouble.zh.ts'

export type { TroubleWords } from './trouble.en.ts'

const EDITIONS: Record<Language, TroubleWords> = { en: english, zh: chinese }

/** Words that are put together in whichever language they are asked for. */
export type Wording<Text = string> = (say: TroubleWords) => Text

/** What is said of trouble deep in a run, in a language. */
export function troubleWords(language: Language): TroubleWords {
  return EDITIONS[language]
}

/**
 * What a failure is made with, as in `new Failure(...worded((say) => say.lease.lost(holder)))`: its message in English, and
 * besides its remedy how to say both in other languages.
 */
export function worded(wording: Wording<Told>): [string, Spoken]
export function worded<More extends object>(wording: Wording<Told>, more: More): [string, Spoken & More]
export function worded(wording: Wording<Told>, more: object = {}): [string, Spoken] {
  const { message, remedy } = wording(english)
  return [message, { ...more, remedy, in: inLanguage(wording) }]
}

interface Spoken {
  remedy: string | undefined
  in: InLanguage
}

/** The same of a trouble that may get better by itself: why, in English, and how to say it in other languages. */
export function troubled(wording: Wording<Told>): { why: string; remedy?: string; in: InLanguage } {
  const { message, remedy } = wording(english)
  return { why: message, ...(remedy === undefined ? {} : { remedy }), in: inLanguage(wording) }
}

/** The same where there always is something to do. */
export function remedied(wording: Wording<Told & { remedy: string }>): { why: string; remedy: string; in: InLanguage } {
  const { message, remedy } = wording(english)
  return { why: message, remedy, in: inLanguage(wording) }
}

/** The same of an event that has a message. */
export function tidings(wording: Wording): { message: string; in: InLanguage } {
  return { message: wording(english), in: inLanguage((say) => ({ message: wording(say) })) }
}

/** What a trouble says, in the words that something else is said in with it; undefined where there is none. */
export function sayTrouble(trouble: Trouble | undefined, say: TroubleWords): Told | undefined {
  return trouble && (trouble.in?.(say.language) ?? { message: trouble.why, remedy: trouble.remedy })
}

/** What a failure says, in the words that something else is said in with it. */
export function words(failure: Failure, say: TroubleWords): Told {
  return failure.in(say.language)
}

function inLanguage(wording: Wording<Told>): InLanguage {
  return (language) => wording(language in EDITIONS ? EDITIONS[language as Language] : english)
}
