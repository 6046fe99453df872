import { LANGUAGES, type Language, languageOf } from '../words/language.ts'

/**
 * The language that a command line asks for with --lang, else that of the environment. It is looked for before the line is
 * read: what is wrong with a line is said in it too.
 */
export function spokenLanguage(words: readonly string[], environment: NodeJS.ProcessEnv): Language {
  const end = words.indexOf('--')
  const own = end < 0 ? words : words.slice(0, end)
  const at = own.findIndex((word) => /^--lang(=|$)/.test(word))
  const asked = at < 0 ? undefined : (own[at]?.split('=')[1] ?? own[at + 1])
  return LANGUAGES.find((each) => each === asked) ?? languageOf(environment)
}
