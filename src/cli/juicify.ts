import path from 'node:path'
import yargs from 'yargs'
import { ExitCode, Failure } from '../domain/failure.ts'
import { nearest } from '../domain/text.ts'
import { COMMANDS } from './commands.ts'
import { layoutOf, say } from './terminal.ts'

class UsageError extends Error {}

// whatever ends this process before a command has said how it went is no success
process.exitCode = ExitCode.failed
process.exitCode = await main(process.argv.slice(2))

async function main(words: string[]): Promise<ExitCode> {
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
      throw error ?? new UsageError(suggested(message, flagsOf(command)))
    })
  for (const command of COMMANDS) {
    parser.command({
      command: command.usage,
      describe: command.describe,
      builder: async (yargs) => (await command.load()).options(yargs),
      // not the run itself: while a promise is open, yargs lays out a help text that it may need
      handler: (argv) => {
        chosen = async () => (await command.load()).run(argv as never)
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
        new Failure((error as Error).message, {
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
      new Failure(`juicify has a bug: ${bug.message}`, {
        remedy: 'Run it again with --verbose, and report what it prints.',
      }),
      layout,
    ),
  )
  if (verbose) say(bug.stack ?? '')
  return ExitCode.failed
}

/** The flags of the command that was being read, as its help names them: that is what yargs hands to who fails. */
function flagsOf(command: unknown): string[] {
  const help = (command as { help(): string }).help()
  return [...help.matchAll(/--([a-z][a-z-]*)/g)].map(([, flag = '']) => flag)
}

/** yargs names what it does not know; we name what was probably meant. */
function suggested(message: string, flags: string[]): string {
  const unknown = /^Unknown (?:argument|command)s?: ([^\s,]+)/.exec(message)?.[1]
  if (unknown === undefined) return message
  const commands = COMMANDS.map(({ usage }) => usage.split(' ')[0] ?? '')
  const isFlag = process.argv.some(
    (word) => word.startsWith('-') && word.replace(/^--?(no-)?/, '').split('=')[0] === unknown,
  )
  const near = nearest(unknown, isFlag ? flags : commands)
  const what = isFlag ? `There is no flag --${unknown}.` : `There is no command ${unknown}.`
  return near ? `${what} Did you mean ${isFlag ? '--' : ''}${near}?` : what
}
