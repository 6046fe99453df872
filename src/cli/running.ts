import type { Argv } from 'yargs'
import type { Cluster } from '../cluster/cluster.ts'
import { ExitCode, Failure, Refusal } from '../domain/failure.ts'
import { isRehearsal } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { GroupResult, VolumeResult } from '../engine/group-runner.ts'
import type { RunOptions } from '../engine/run.ts'
import { type RunSummary, summaryText } from '../report/summary.ts'
import { interruption } from './interrupt.ts'
import { jsonLine, progressFor } from './progress.ts'
import { isInteractive, isUnanswered, layoutOf, print, say, untilEndOfInput } from './terminal.ts'

/** The flags of the commands that change a cluster. */
export interface RunArguments {
  yes?: boolean
  output?: 'text' | 'json'
  concurrency: number
  failFast?: boolean
  wait: number
  outage: number
  timeout: number
  forceDeletePods?: boolean
  copyBack?: boolean
  color?: boolean
}

export function runOptions<T>(yargs: Argv<T>): Argv<T & RunArguments> {
  return yargs.options({
    yes: { alias: 'y', type: 'boolean', describe: 'do not ask before it starts' },
    output: {
      alias: 'o',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: 'json: one object a line, the summary last',
    },
    concurrency: { type: 'number', default: 4, describe: 'groups under way at once', coerce: positive('concurrency') },
    'fail-fast': { type: 'boolean', describe: 'begin no other group after the first failure' },
    wait: {
      type: 'string',
      default: '0s',
      describe: 'how long to wait for another run that holds the lease',
      coerce: duration('wait'),
    },
    outage: {
      type: 'string',
      default: '10m',
      describe: 'how long to wait for an API server that goes away in the middle',
      coerce: duration('outage'),
    },
    timeout: {
      type: 'string',
      default: '10m',
      describe: 'how long to wait for pods to go, and to be ready again',
      coerce: duration('timeout'),
    },
    'force-delete-pods': { type: 'boolean', describe: 'after the timeout, delete pods without waiting for their node' },
  }) as unknown as Argv<T & RunArguments>
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads durations as kubectl does, `1h30m`; milliseconds come out. */
export function duration(flag: string): (text: string) => number {
  return (text) => {
    if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
      throw new Refusal(`--${flag} should be a duration, and is ${text}.`, { remedy: 'Write it as 30s, 10m or 1h30m.' })
    }
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)
    return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? 's'] ?? 0), 0)
  }
}

function positive(flag: string): (value: number) => number {
  return (value) => {
    if (Number.isInteger(value) && value > 0) return value
    throw new Refusal(`--${flag} should be a whole number from 1 on, and is ${value}.`, { remedy: `Try --${flag} 4.` })
  }
}

/** Asks once, before anything is changed. Throws Refusal where nobody is there to answer, Failure at Ctrl-C and Ctrl-D. */
export async function confirmed(question: string, { yes }: Pick<RunArguments, 'yes'>): Promise<boolean> {
  if (yes) return true
  if (!isInteractive()) {
    throw new Refusal('There is no terminal to ask on.', { remedy: 'Give --yes to go ahead without a question.' })
  }
  const { confirm } = await import('@inquirer/prompts')
  try {
    return await untilEndOfInput((signal) =>
      confirm({ message: question, default: false }, { output: process.stderr, signal }),
    )
  } catch (error) {
    if (!isUnanswered(error)) throw error
    throw new Failure('Interrupted before anything was changed.', { exitCode: ExitCode.interrupted })
  }
}

/** What a command ends with where the answer was no. */
export function declined(): ExitCode {
  say('Nothing was changed.')
  return ExitCode.declined
}

interface FollowOptions {
  /** Ask before every step. */
  interactive?: boolean
  /** The command that goes on, where something is left half done: of these groups there is a record. */
  next?: (groups: string[]) => string
  /** The records that were shown, by group. */
  shown?: ReadonlyMap<string, string>
  /** The exit code where groups were rolled back: to be told, unless that is what was asked for. */
  rolledBack?: ExitCode
  /** Volumes that are on the file system already: a program is told that each of them is skipped, people have read it in the plan. */
  done?: string[]
}

type Run = (options: RunOptions) => Promise<GroupResult[]>

/** Carries something out while a person, or a program, follows it; sums up, and says how to go on. */
export async function follow(
  cluster: Cluster,
  argv: RunArguments,
  flags: string,
  run: Run,
  {
    interactive = false,
    next = (groups) => `juicify resume${flags}${orRollback(groups, flags)}`,
    rolledBack = ExitCode.rolledBack,
    done = [],
    shown,
  }: FollowOptions = {},
): Promise<ExitCode> {
  const away = new Set<string>()
  const { signal, abort, off } = interruption({ leaving: () => awayText([...away]) })
  const progress = await progressFor(argv)
  const { ask } = progress
  const begun = new Set<string>()
  try {
    const results = await run({
      cluster,
      settings: {
        stopTimeout: argv.timeout,
        startTimeout: argv.timeout,
        bindTimeout: 60_000,
        forceDeletePods: argv.forceDeletePods ?? false,
        ...(argv.copyBack === undefined ? {} : { copyBack: argv.copyBack }),
        rehearsal: await isEmbedded(cluster),
      },
      concurrency: argv.concurrency,
      failFast: argv.failFast ?? false,
      lease: { wait: argv.wait, patience: argv.outage },
      emit: (event) => {
        // the first step is the record
        if (event.type === 'step-ended' && event.outcome !== 'failed') begun.add(event.group)
        if (event.type === 'volume-away') away.add(event.volume)
        if (event.type === 'volume-moved' || event.type === 'volume-put-back') away.delete(event.volume)
        progress.emit(event)
      },
      signal,
      stop: abort,
      ...(shown ? { shown } : {}),
      ...(interactive && ask ? { ask: (question) => ask(question, signal) } : {}),
    })
    await progress.close()
    const unfinished = results.filter(isUnfinished).map(({ group }) => group)
    const goOn = unfinished.length > 0 ? next(unfinished.filter((group) => begun.has(group))) : undefined
    const summary = summaryOf(results, goOn, argv.output === 'json' ? done : [])
    if (argv.output === 'json') await print(jsonLine({ type: 'summary', ...summary }).trimEnd())
    else say(summaryText(summary, layoutOf(process.stderr, argv.color)))
    return exitCodeOf(results, rolledBack)
  } finally {
    await progress.close()
    off()
  }
}

/** For one who leaves at once: of which volumes the claims are not bound at that moment. */
function awayText(volumes: string[]): string {
  if (volumes.length === 0) return ''
  const names = volumes.sort(compareText).join(', ')
  return ` Away at this moment, so that no pod can start with their claims: PersistentVolume ${names}. juicify resume brings them.`
}

/** The other way, for the end of a sentence: these groups and no others, or nothing where there is none to take back. */
export function orRollback(groups: string[], flags: string): string {
  return groups.length > 0 ? `, or juicify rollback ${groups.join(' ')}${flags}` : ''
}

/** True for `juicify sandbox` and `--sandbox`, which say so in their version. */
export async function isEmbedded(cluster: Cluster): Promise<boolean> {
  const { gitVersion } = (await cluster.raw('GET', '/version')) as { gitVersion?: string }
  return isRehearsal({ version: gitVersion ?? '' })
}

function summaryOf(results: GroupResult[], next: string | undefined, done: string[]): RunSummary {
  const volumes = results.flatMap((result) =>
    result.volumes.map(({ now, ...volume }) => ({
      ...volume,
      group: result.group,
      outcome: outcomeOf(result, now),
      ...(result.message ? { reason: result.message } : {}),
    })),
  )
  const stillStopped = results.flatMap(({ group, leftStopped }) => leftStopped.map((workload) => ({ workload, group })))
  const restarted = results.flatMap(({ group, restarted: each }) => each.map((one) => ({ ...one, group })))
  const skipped = done.map((name) => ({ name, outcome: 'skipped' as const, reason: 'on the file system already' }))
  return {
    volumes: [...skipped, ...volumes],
    restarted,
    stillStopped,
    next,
  }
}

/** What became of a volume: where its group did not come to its end, that is told of it as it is, and not of the group. */
function outcomeOf({ outcome }: GroupResult, now: VolumeResult['now']): RunSummary['volumes'][number]['outcome'] {
  if (outcome !== 'interrupted' && outcome !== 'failed') return outcome
  if (now === 'away') return 'away'
  if (now === 'moved') return 'swapped'
  if (outcome === 'failed') return 'failed'
  return now === 'unknown' ? 'unknown' : 'untouched'
}

/** Something of it was left half done. */
function isUnfinished({ outcome, leftStopped }: GroupResult): boolean {
  return outcome === 'failed' || outcome === 'interrupted' || leftStopped.length > 0
}

function exitCodeOf(results: GroupResult[], rolledBack: ExitCode): ExitCode {
  const outcomes = new Set(results.map(({ outcome }) => outcome))
  if (outcomes.has('interrupted')) return ExitCode.interrupted
  if (outcomes.has('failed')) return ExitCode.failed
  // somebody has skipped the rest of a group of which something is stopped
  if (results.some(({ leftStopped }) => leftStopped.length > 0)) return ExitCode.interrupted
  if (outcomes.has('blocked')) return ExitCode.blocked
  if (outcomes.has('rolled-back')) return rolledBack
  return ExitCode.done
}
