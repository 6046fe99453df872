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

/** In the order in which one meets them. */
export const COMMANDS: Command[] = [
  {
    usage: 'setup',
    describe: 'write what JuiceFS needs: its format line, Secret, class and Helm values',
    load: () => import('./commands/setup.ts'),
  },
  {
    usage: 'check',
    describe: 'say whether everything is there to migrate',
    load: () => import('./commands/check.ts'),
  },
  { usage: 'plan', describe: 'say what would be done, and change nothing', load: () => import('./commands/plan.ts') },
  { usage: 'diff [file]', describe: 'show each object before and after', load: () => import('./commands/diff.ts') },
  {
    usage: 'copy',
    describe: 'copy the data ahead of time, while it is in use',
    load: () => import('./commands/copy.ts'),
  },
  { usage: 'apply [file]', describe: 'carry a plan out, or go on with it', load: () => import('./commands/apply.ts') },
  {
    usage: 'status [groups..]',
    describe: 'show what is under way, and what is done',
    load: () => import('./commands/status.ts'),
  },
  { usage: 'resume', describe: 'go on with what was interrupted', load: () => import('./commands/resume.ts') },
  {
    usage: 'rollback [groups..]',
    describe: 'bring the original volumes back',
    load: () => import('./commands/rollback.ts'),
  },
  {
    usage: 'finish [groups..]',
    describe: 'forget what is migrated, and name the old directories',
    load: () => import('./commands/finish.ts'),
  },
  {
    usage: 'probe',
    describe: 'write on one node, and read on another',
    load: () => import('./commands/probe.ts'),
  },
  { usage: 'rbac', describe: 'print the roles that suffice for all of it', load: () => import('./commands/rbac.ts') },
  {
    usage: 'snapshot',
    describe: 'write what a plan is made from into a file, to rehearse on',
    load: () => import('./commands/snapshot.ts'),
  },
  {
    usage: 'sandbox',
    describe: 'serve an embedded cluster, to rehearse on',
    load: () => import('./commands/sandbox.ts'),
  },
  { usage: 'demo', describe: 'see the whole story on an embedded cluster', load: () => import('./commands/demo.ts') },
  {
    usage: 'completion <shell>',
    describe: 'print the completion script for bash, zsh, fish or kubectl',
    load: () => import('./commands/completion.ts'),
  },
  { usage: 'version', describe: 'print the version', load: () => import('./commands/version.ts') },
]
