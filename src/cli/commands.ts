import type { Argv } from 'yargs'
import type { ExitCode } from '../domain/failure.ts'
import type { CommandName } from '../words/overview.en.ts'

/** A command's own file, loaded only when it is called. */
export interface CommandModule<A = never> {
  options(yargs: Argv): Argv
  run(argv: A): Promise<ExitCode>
}

export interface Command {
  usage: CommandName | `${CommandName} ${string}`
  load(): Promise<CommandModule>
}

/** The name of a command, of how it is used: `apply` of `apply [file]`. */
export function commandName({ usage }: Pick<Command, 'usage'>): CommandName {
  return usage.split(' ')[0] as CommandName
}

/** In the order in which one meets them. */
export const COMMANDS: Command[] = [
  {
    usage: 'setup',
    load: () => import('./commands/setup.ts'),
  },
  {
    usage: 'check',
    load: () => import('./commands/check.ts'),
  },
  { usage: 'plan', load: () => import('./commands/plan.ts') },
  {
    usage: 'diff [file]',
    load: () => import('./commands/diff.ts'),
  },
  {
    usage: 'copy',
    load: () => import('./commands/copy.ts'),
  },
  { usage: 'apply [file]', load: () => import('./commands/apply.ts') },
  {
    usage: 'status [groups..]',
    load: () => import('./commands/status.ts'),
  },
  {
    usage: 'report [file]',
    load: () => import('./commands/report.ts'),
  },
  { usage: 'resume', load: () => import('./commands/resume.ts') },
  {
    usage: 'rollback [groups..]',
    load: () => import('./commands/rollback.ts'),
  },
  {
    usage: 'finish [groups..]',
    load: () => import('./commands/finish.ts'),
  },
  {
    usage: 'manifests <folder>',
    load: () => import('./commands/manifests.ts'),
  },
  {
    usage: 'probe',
    load: () => import('./commands/probe.ts'),
  },
  { usage: 'rbac', load: () => import('./commands/rbac.ts') },
  {
    usage: 'job',
    load: () => import('./commands/job.ts'),
  },
  {
    usage: 'snapshot',
    load: () => import('./commands/snapshot.ts'),
  },
  {
    usage: 'sandbox',
    load: () => import('./commands/sandbox.ts'),
  },
  {
    usage: 'demo',
    load: () => import('./commands/demo.ts'),
  },
  {
    usage: 'completion <shell>',
    load: () => import('./commands/completion.ts'),
  },
  { usage: 'version', load: () => import('./commands/version.ts') },
]

/** `juicify help COMMAND` is another way to say `juicify COMMAND --help`. */
export const HELP = 'help'

/** Between the flags of a command that takes another one's command line, and that. */
export const END_OF_FLAGS = '--'

/** The one command that takes another one's. */
export const TAKES_ANOTHER: CommandName = 'job'

/** All that may stand for a command. */
export const COMMAND_NAMES: string[] = [...COMMANDS.map(commandName), HELP]
