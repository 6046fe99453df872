import path from 'node:path'
import { refused } from '../domain/failure.ts'
import type { Role } from '../domain/permissions.ts'
import { shellWord } from '../domain/shell.ts'
import { FILES, NOTIFY_VARIABLE } from '../report/job.ts'
import { messages } from '../words/messages.ts'
import type { Refusals } from '../words/refusals.en.ts'
import type { CommandLine } from './command-line.ts'
import { selects } from './planning.ts'
import { STANDARD_INPUT } from './text-file.ts'

/** How long a pod waits for the one before it, which may still be bringing its volumes to a safe point. */
const WAIT = '10m'

/** The least role that a pod needs for what it runs. */
const ROLES_NEEDED: Readonly<Record<string, (argv: Record<string, unknown>) => Role>> = {
  check: ({ ask }) => (ask ? 'copier' : 'viewer'),
  plan: ({ estimate }) => (estimate ? 'copier' : 'viewer'),
  diff: () => 'viewer',
  status: () => 'viewer',
  copy: () => 'copier',
  probe: () => 'copier',
  report: () => 'viewer',
  // it looks on the nodes, with Jobs
  finish: () => 'copier',
  apply: () => 'operator',
  resume: () => 'operator',
  rollback: () => 'operator',
}

/** What a Job's pod can run. */
export const POD_COMMANDS = Object.keys(ROLES_NEEDED)

/** Why the others cannot be run there. */
const NOT_IN_POD: Readonly<Record<string, Parameters<Refusals['notInJob']>[1]>> = {
  snapshot: 'log',
  setup: 'files',
  manifests: 'files',
}

type RefusedFlags = Readonly<Record<string, Parameters<Refusals['flagNotInJob']>>>

/** Flags that mean nothing in a pod, and why; by the name that yargs gives them. */
const REFUSED: RefusedFlags = {
  interactive: ['--interactive', 'nobody'],
  watch: ['--watch', 'endless'],
  kubeconfig: ['--kubeconfig', 'cluster'],
  context: ['--context', 'cluster'],
  as: ['--as', 'account'],
  asGroup: ['--as-group', 'account'],
  sandbox: ['--sandbox', 'cluster'],
  log: ['--log', 'log'],
  out: ['--out', 'plan'],
}

/** The same, of one command alone. */
const REFUSED_OF: Readonly<Record<string, RefusedFlags>> = {
  report: { output: ['--output', 'report'], planned: ['--planned', 'last-plan'] },
  finish: {
    forget: ['--forget', 'records'],
    forgetInUse: ['--forget-in-use', 'records'],
    report: ['--report', 'records'],
  },
}

/** A command line as a Job's pod runs it. */
export interface WordsInPod {
  args: string[]
  /** What was added to what was typed. */
  added: string[]
  role: Role
  /** The file that it reads, as it was typed, and its name in the pod. */
  file?: { typed: string; name: string }
  notify?: string
}

/**
 * What of a command line a Job's pod runs, with the path that its file has there.
 * @param words the command line, which was read as `line`
 * @throws Refusal where it cannot run without anybody, or nowhere but here
 */
export function wordsInPod(words: readonly string[], { command, argv, flags }: CommandLine): WordsInPod {
  const roleOf = ROLES_NEEDED[command]
  const says = messages().refusal
  if (!roleOf) throw refused(says.notInJob(command, NOT_IN_POD[command] ?? 'local', POD_COMMANDS))
  for (const [name, [flag, why]] of Object.entries({ ...REFUSED, ...REFUSED_OF[command] }))
    if (argv[name] !== undefined && argv[name] !== false) throw refused(says.flagNotInJob(flag, why))
  mustSelect(command, argv)
  const typed = (argv.file ?? argv.filename) as string | undefined
  const name = typed === undefined ? undefined : keyOf(typed)
  const withFile = typed === undefined ? [...words] : replaced(words, typed, `${FILES}/${name}`)
  const address = argv.notify as URL | undefined
  const args = address ? replaced(withFile, typedAddress(withFile), `$(${NOTIFY_VARIABLE})`) : withFile
  const has = (flag: string) => flags.some((each) => each.name === flag)
  const added = [
    // without --forget, finish has nothing to ask
    ...(has('yes') && !argv.yes && command !== 'finish' ? ['--yes'] : []),
    ...(has('wait') && !words.some((word) => /^--wait(=|$)/.test(word)) ? ['--wait', WAIT] : []),
  ]
  return {
    args: [...args, ...added],
    added,
    role: roleOf(argv),
    ...(typed === undefined ? {} : { file: { typed, name: name ?? '' } }),
    ...(address ? { notify: address.href } : {}),
  }
}

/** The plan that was shown last is on this machine, and not in a pod. */
function mustSelect(command: string, argv: Record<string, unknown>): void {
  if (!['plan', 'diff', 'copy', 'apply'].includes(command) || argv.file !== undefined || selects(argv)) return
  throw refused(messages().refusal.jobSelects(command, command === 'apply' || command === 'diff'))
}

/** How a file is called in the pod: as here, where a ConfigMap takes that. */
function keyOf(file: string): string {
  if (file === STANDARD_INPUT) return 'stdin.yaml'
  return path
    .basename(file)
    .replace(/[^\w.-]/g, '-')
    .replace(/^\.+/, '')
    .slice(-200)
}

/** As yargs has taken it: after the flag, or in one word with it. */
function typedAddress(words: readonly string[]): string {
  const at = words.findIndex((word) => /^--notify(=|$)/.test(word))
  return words[at]?.split('=').slice(1).join('=') || (words[at + 1] ?? '')
}

/** The words with another in the place of a value, whether it stands alone or is joined to its flag: `-f=plan`, `--filename=plan`. */
function replaced(words: readonly string[], value: string, by: string): string[] {
  const isIt = (word: string) => word === value || (word.startsWith('-') && word.endsWith(`=${value}`))
  if (words.filter(isIt).length !== 1) throw refused(messages().refusal.wordTwice(shellWord(value)))
  return words.map((word) => (isIt(word) ? word.slice(0, word.length - value.length) + by : word))
}
