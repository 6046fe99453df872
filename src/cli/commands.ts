import type { Argv } from 'yargs'
import type { ExitCode } from '../domain/failure.ts'

/** A command's own file, loaded only when it is called. */
export interface CommandModule<A = never> {
  options(yargs: Argv): Argv
  run(argv: A): Promise<ExitCode>
}

export interface Command {
  usage: string
  describe: string
  load(): Promise<CommandModule>
}

/** The name of a command, of how it is used: `apply` of `apply [file]`. */
export function commandName({ usage }: Pick<Command, 'usage'>): string {
  return usage.split(' ')[0] ?? ''
}

/** In the order in which one meets them. */
export const COMMANDS: Command[] = [
  {
    usage: 'setup',
    describe: 'write what JuiceFS needs: format command, Secret, StorageClass, Helm values',
    load: () => import('./commands/setup.ts'),
  },
  {
    usage: 'check',
    describe: 'check that the cluster is ready to migrate',
    load: () => import('./commands/check.ts'),
  },
  { usage: 'plan', describe: 'show what would be done (changes nothing)', load: () => import('./commands/plan.ts') },
  {
    usage: 'diff [file]',
    describe: 'show each object before and after the migration',
    load: () => import('./commands/diff.ts'),
  },
  {
    usage: 'copy',
    describe: 'copy the data in advance, while workloads keep running',
    load: () => import('./commands/copy.ts'),
  },
  { usage: 'apply [file]', describe: 'apply a plan, or resume one', load: () => import('./commands/apply.ts') },
  {
    usage: 'status [groups..]',
    describe: 'show which groups are in progress or migrated',
    load: () => import('./commands/status.ts'),
  },
  {
    usage: 'report [file]',
    describe: 'write a report of a plan, or of what was done (HTML or Markdown)',
    load: () => import('./commands/report.ts'),
  },
  { usage: 'resume', describe: 'resume interrupted groups', load: () => import('./commands/resume.ts') },
  {
    usage: 'rollback [groups..]',
    describe: 'restore the original volumes',
    load: () => import('./commands/rollback.ts'),
  },
  {
    usage: 'finish [groups..]',
    describe: 'list the old directories; delete the migration records',
    load: () => import('./commands/finish.ts'),
  },
  {
    usage: 'manifests <folder>',
    describe: 'show what has to change in manifests that would bring the old volumes back',
    load: () => import('./commands/manifests.ts'),
  },
  {
    usage: 'probe',
    describe: 'test that a write on one node is visible on another',
    load: () => import('./commands/probe.ts'),
  },
  { usage: 'rbac', describe: 'print the RBAC roles juicify needs', load: () => import('./commands/rbac.ts') },
  {
    usage: 'job',
    describe: 'print the manifests of a Job or CronJob that runs juicify in the cluster',
    load: () => import('./commands/job.ts'),
  },
  {
    usage: 'snapshot',
    describe: 'save the cluster’s state to a file, for offline rehearsal',
    load: () => import('./commands/snapshot.ts'),
  },
  {
    usage: 'sandbox',
    describe: 'serve an embedded cluster, for rehearsals',
    load: () => import('./commands/sandbox.ts'),
  },
  {
    usage: 'demo',
    describe: 'walk through a migration on an embedded cluster',
    load: () => import('./commands/demo.ts'),
  },
  {
    usage: 'completion <shell>',
    describe: 'print the completion script for bash, zsh, fish or kubectl',
    load: () => import('./commands/completion.ts'),
  },
  { usage: 'version', describe: 'print the version', load: () => import('./commands/version.ts') },
]

/** `juicify help COMMAND` is another way to say `juicify COMMAND --help`. */
export const HELP = 'help'

/** All that may stand for a command. */
export const COMMAND_NAMES = [...COMMANDS.map(commandName), HELP]
