import { WHERE_TO_REPORT } from '../domain/bug.ts'
import { ExitCode, Failure } from '../domain/failure.ts'
import { type Language, languageOf, speak } from '../words/language.ts'
import { readCommandLine } from './command-line.ts'
import { COMMAND_NAMES, HELP } from './commands.ts'
import { layoutOf, say } from './terminal.ts'
import { UsageError } from './usage.ts'
import { VERSION } from './version.ts'

/** Reads a command line, and does what it says. Says on the terminal what goes wrong, and throws nothing. */
export async function main(words: string[]): Promise<ExitCode> {
  // asked by shells at every key: its words are no command line yet, and nothing but candidates may come out
  if (words[0] === '__complete') return (await import('./complete.ts')).complete(words.slice(1))
  if (words[0] === HELP)
    return main(COMMAND_NAMES.includes(words[1] ?? HELP) ? [...words.slice(1), '--help'] : words.slice(1))
  try {
    const line = await readCommandLine(words)
    if (!line) return ExitCode.done
    // the libraries that ask know of no flag
    if (line.argv.color === false) process.env.NO_COLOR = '1'
    speak((line.argv.lang as Language | undefined) ?? languageOf(process.env))
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
    const remedy = 'juicify --help lists the commands; juicify help COMMAND lists the flags of one.'
    say(failureText(new Failure(error.message, { remedy }), layout))
    return ExitCode.failed
  }
  const bug = error instanceof Error ? error : new Error(String(error))
  say(
    failureText(
      new Failure(`juicify ${VERSION} has a bug: ${bug.message}`, {
        remedy: `Run the same command with --verbose, and send its whole output to ${WHERE_TO_REPORT}.`,
      }),
      layout,
    ),
  )
  if (verbose) say(bug.stack ?? '')
  return ExitCode.failed
}
