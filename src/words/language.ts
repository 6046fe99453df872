/** The languages in which juicify speaks to people; JSON is English always. */
export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * The language of the environment, as POSIX has it: the first of these variables that is set and not empty decides.
 * https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  return /^zh(?![a-z])/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en'
}

let spoken: Language = 'en'

/** Has all that is said to people from now on be said in this language. */
export function speak(language: Language): void {
  spoken = language
}

/** The language in which people are spoken to: English where nobody has said otherwise. */
export function language(): Language {
  return spoken
}
