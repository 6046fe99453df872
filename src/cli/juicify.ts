import path from 'node:path'
import yargs from 'yargs'
import { WHERE_TO_REPORT } from '../domain/bug.ts'
import { ExitCode, Failure } from '../domain/failure.ts'
import { COMMANDS } from './commands.ts'
import { declaredOptions } from './declared-options.ts'
import { layoutOf, say } from './terminal.ts'
import { onlyOnce, UsageError, usageMessage } from './usage.ts'
import { VERSION } from './version.ts'

/** Reads a command line, and does what it says. Says on the terminal what goes wrong, and throws nothing. */
export async function main(words: string[]): Promise<ExitCode> {
  // asked by shells at every key: its words are no command line yet, and nothing but candidates may come out
  if (words[0] === '__complete') return (await import('./complete.ts')).complete(words.slice(1))
  let chosen: (() => Promise<ExitCode>) | undefined
  const parser = yargs(words)
    .scriptName(path.basename(process.argv[1] ?? '') === 'kubectl-juicify' ? 'kubectl juicify' : 'juicify')
    .usage('Moves cube-studio’s volumes from the nodes’ local disks to JuiceFS, in place.\n\nUsage: $0 COMMAND')
    .strict()
    .demandCommand(1, 'Name a command.')
    .version(false)
    .help()
    .alias('help', 'h')
    .wrap(Math.min(layoutOf(process.stderr).columns, 110))
    .parserConfiguration({ 'strip-aliased': true, 'strip-dashed': true })
    .exitProcess(false)
    .epilogue('juicify COMMAND --help tells more, with examples.')
    .fail((message, error, command) => {
      // what yargs hands over is the command that was being read
      throw error ?? new UsageError(usageMessage(message, words, (command as unknown as { help(): string }).help()))
    })
  for (const command of COMMANDS) {
    parser.command({
      command: command.usage,
      describe: command.describe,
      builder: async (yargs) => (await command.load()).options(yargs),
      // not the run itself: what that throws is none of yargs' business
      handler: async (argv) => {
        const { options, run } = await command.load()
        onlyOnce(declaredOptions(options).flags, argv)
        // the libraries that ask know of no flag
        if (argv.color === false) process.env.NO_COLOR = '1'
        chosen = () => run(argv as never)
      },
    })
  }
  try {
    await parser.parseAsync()
    return chosen ? await chosen() : ExitCode.done
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
  // yargs throws some of its own past `fail`
  if (error instanceof UsageError || (error as Error).name === 'YError') {
    say(
      failureText(
        new Failure(usageMessage((error as Error).message, words), {
          remedy: 'juicify --help lists the commands, juicify COMMAND --help its flags.',
        }),
        layout,
      ),
    )
    return ExitCode.failed
  }
  const bug = error instanceof Error ? error : new Error(String(error))
  say(
    failureText(
      new Failure(`juicify ${VERSION} has a bug: ${bug.message}`, {
        remedy: `Run it again with --verbose, and report all that it prints to ${WHERE_TO_REPORT}.`,
      }),
      layout,
    ),
  )
  if (verbose) say(bug.stack ?? '')
  return ExitCode.failed
}
