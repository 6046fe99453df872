import path from 'node:path'
import yargs from 'yargs'
import type { ExitCode } from '../domain/failure.ts'
import { helpWords } from '../words/help.ts'
import { overviewWords } from '../words/overview.ts'
import { COMMANDS, commandName, END_OF_FLAGS, TAKES_ANOTHER } from './commands.ts'
import { declaredOptions, type Flag, languageOption, NOTHING_DECLARED } from './declared-options.ts'
import { refusedValue } from './flag-values.ts'
import { layoutOf } from './terminal.ts'
import { NO_COMMAND, onlyOnce, UsageError, usageMessage } from './usage.ts'

/** A command line that was read, and nothing of it done. */
export interface CommandLine {
  command: string
  argv: Record<string, unknown>
  /** Those that the command has. */
  flags: readonly Flag[]
  run(): Promise<ExitCode>
}

/**
 * Reads a command line; undefined where it asked for help, which is printed then.
 * @throws UsageError, with what is wrong in our words; Refusal of a value
 */
export async function readCommandLine(words: string[]): Promise<CommandLine | undefined> {
  const [own, takesAnother] = ownWords(words)
  let line: CommandLine | undefined
  const says = overviewWords()
  const name = path.basename(process.argv[1] ?? '') === 'kubectl-juicify' ? 'kubectl juicify' : 'juicify'
  const parser = yargs(words)
    // what is wrong with a line is read from its own words, which would be those of the environment
    .locale('en')
    .updateStrings(helpWords().layout)
    .scriptName(name)
    .usage(`${says.about}\n\n${says.usage('$0')}`)
    .strict()
    .demandCommand(1, NO_COMMAND)
    .version(false)
    .help()
    .alias('help', 'h')
    .option('lang', { ...languageOption(), requiresArg: true })
    .wrap(Math.min(layoutOf(process.stderr).columns, 110))
    .parserConfiguration({ 'strip-aliased': true, 'strip-dashed': true, 'populate--': takesAnother })
    .exitProcess(false)
    .epilogue(says.more(name))
    .fail((message, error) => {
      throw error ?? new UsageError(message)
    })
  for (const command of COMMANDS) {
    parser.command({
      command: command.usage,
      describe: says.commands[commandName(command)],
      builder: async (yargs) => {
        const { options } = await command.load()
        // yargs composes a help text with every command line, which takes longer than reading it
        if (!asksForHelp(own)) for (const { name } of declaredOptions(options).flags) yargs.hide(name)
        return options(yargs)
      },
      // not the run itself: what that throws is none of yargs' business
      handler: async (argv) => {
        const { options, run } = await command.load()
        const { flags } = declaredOptions(options)
        onlyOnce(flags, argv)
        const refusal = refusedValue(argv)
        if (refusal) throw refusal
        line = { command: commandName(command), argv, flags, run: () => run(argv as never) }
      },
    })
  }
  try {
    await parser.parseAsync()
  } catch (error) {
    // yargs throws some of its own past `fail`
    if (!(error instanceof UsageError) && (error as Error).name !== 'YError') throw error
    throw new UsageError(usageMessage((error as Error).message, own, await flagsOf(own)))
  }
  return line
}

/** The words of the command itself, and whether another one's may come after them. */
function ownWords(words: string[]): [string[], boolean] {
  const end = words.indexOf(END_OF_FLAGS)
  const own = end < 0 ? words : words.slice(0, end)
  return own.includes(TAKES_ANOTHER) ? [own, true] : [words, false]
}

/** Short flags may stand in one word: -Ah. */
function asksForHelp(words: string[]): boolean {
  return words.some((word) => /^(--help|-[a-zA-Z]*h)/.test(word))
}

/** The names of the flags of the command that a command line names. */
async function flagsOf(words: string[]): Promise<string[]> {
  const command = COMMANDS.find((each) => words.includes(commandName(each)))
  const { flags } = command ? declaredOptions((await command.load()).options) : NOTHING_DECLARED
  return flags.map(({ name }) => name)
}
