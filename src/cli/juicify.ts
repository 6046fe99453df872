import { ExitCode, Failure } from '../domain/failure.ts'
import { speak } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { readCommandLine } from './command-line.ts'
import { COMMAND_NAMES, HELP } from './commands.ts'
import { spokenLanguage } from './spoken-language.ts'
import { layoutOf, say } from './terminal.ts'
import { UsageError } from './usage.ts'
import { VERSION } from './version.ts'

/** Reads a command line, and does what it says. Says on the terminal what goes wrong, and throws nothing. */
export async function main(words: string[]): Promise<ExitCode> {
  speak(spokenLanguage(words, process.env))
  // asked by shells at every key: its words are no command line yet, and nothing but candidates may come out
  if (words[0] === '__complete') return (await import('./complete.ts')).complete(words.slice(1))
  if (words[0] === HELP) {
    const [asked = '--help'] = words.slice(1)
    return main(COMMAND_NAMES.includes(asked) || asked.startsWith('-') ? [...words.slice(1), '--help'] : words.slice(1))
  }
  try {
    const line = await readCommandLine(words)
    if (!line) return ExitCode.done
    // the libraries that ask know of no flag
    if (line.argv.color === false) process.env.NO_COLOR = '1'
    return await line.run()
  } catch (error) {
    return await tell(error, words)
  }
}

/** One message, and no stack trace but for what is a bug of ours. */
async function tell(error: unknown, words: string[]): Promise<ExitCode> {
  const { failureText } = await import('../report/failure.ts')
  const layout = layoutOf(process.stderr)
  const verbose = words.includes('-v') || words.includes('--verbose')
  if (error instanceof Failure) {
    say(failureText(error, { ...layout, verbose }))
    return error.exitCode
  }
  if (error instanceof UsageError) {
    const { remedy } = messages().refusal.usage
    say(failureText(new Failure(error.message, { remedy }), layout))
    return ExitCode.failed
  }
  const bug = error instanceof Error ? error : new Error(String(error))
  const { message, remedy } = messages().refusal.bug(VERSION, bug.message)
  say(failureText(new Failure(message, { remedy }), layout))
  if (verbose) say(bug.stack ?? '')
  return ExitCode.failed
}
