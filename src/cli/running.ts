import { createColors } from 'picocolors'
import type { Argv } from 'yargs'
import type { Cluster } from '../cluster/cluster.ts'
import { ExitCode, Failure, refused } from '../domain/failure.ts'
import { isRehearsal } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { GroupResult, VolumeResult } from '../engine/group-runner.ts'
import { ObjectEvents } from '../engine/object-events.ts'
import type { RunOptions } from '../engine/run.ts'
import { type RunSummary, summaryText } from '../report/summary.ts'
import { helpWords } from '../words/help.ts'
import { type Language, language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { duration, wholeNumber } from './flag-values.ts'
import { interruption } from './interrupt.ts'
import { openLog } from './log-file.ts'
import { type NotifyArguments, notifier, notifyOptions } from './notify.ts'
import { jsonLine, progressFor } from './progress.ts'
import { isInteractive, isUnanswered, layoutOf, print, say, untilEndOfInput } from './terminal.ts'
import { VERSION } from './version.ts'

/** The flags of the commands that change a cluster. */
export interface RunArguments extends NotifyArguments {
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
  log?: string
  /** An embedded cluster is started for it: of what is only rehearsed nothing stays. */
  sandbox?: string[]
  /** The command's name is the first. */
  _?: (string | number)[]
}

export function runOptions<T>(yargs: Argv<T>): Argv<T & RunArguments> {
  const says = helpWords().run
  return yargs.options({
    yes: { alias: 'y', type: 'boolean', describe: helpWords().yes },
    output: {
      alias: 'o',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: says.output,
    },
    concurrency: {
      type: 'string',
      default: '4',
      describe: says.concurrency,
      coerce: wholeNumber('concurrency', { least: 1, example: 4 }),
    },
    'fail-fast': { type: 'boolean', describe: says.failFast },
    wait: {
      type: 'string',
      default: '0s',
      describe: says.wait,
      coerce: duration('wait'),
    },
    outage: {
      type: 'string',
      default: '10m',
      describe: says.outage,
      coerce: duration('outage'),
    },
    timeout: {
      type: 'string',
      default: '10m',
      describe: says.timeout,
      coerce: duration('timeout'),
    },
    log: {
      type: 'string',
      requiresArg: true,
      describe: says.log,
    },
    'force-delete-pods': {
      type: 'boolean',
      describe: says.forceDeletePods,
    },
    ...notifyOptions(),
  }) as unknown as Argv<T & RunArguments>
}

/** Milliseconds that a run which has ended waits until its objects are told of. */
const TELLING = 5_000

/** Nobody's terminal is as narrow as that. */
const LOG_COLUMNS = 200

/** Asks once, before anything is changed. Throws Refusal where nobody is there to answer, Failure at Ctrl-C and Ctrl-D. */
export async function confirmed(question: string, { yes }: Pick<RunArguments, 'yes'>): Promise<boolean> {
  if (yes) return true
  if (!isInteractive()) throw refused(messages().refusal.noTerminal())
  const { confirm } = await import('@inquirer/prompts')
  try {
    return await untilEndOfInput((signal) =>
      confirm({ message: question, default: false }, { output: process.stderr, signal }),
    )
  } catch (error) {
    if (!isUnanswered(error)) throw error
    throw new Failure(messages().interrupt.nothingChanged, { exitCode: ExitCode.interrupted })
  }
}

/** What a command ends with where the answer was no. */
export function declined(): ExitCode {
  say(messages().question.declined)
  return ExitCode.declined
}

interface FollowOptions {
  /** Ask before every step. */
  interactive?: boolean
  /** The command that goes on, where something is left half done: of these groups there is a record. */
  next?: (groups: string[], language?: Language) => string
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
    next = (groups, language) => `juicify resume${flags}${orRollback(groups, flags, language)}`,
    rolledBack = ExitCode.rolledBack,
    done = [],
    shown,
  }: FollowOptions = {},
): Promise<ExitCode> {
  const log = openLog(String(argv._?.[0] ?? 'run'), argv.log, { keep: argv.sandbox === undefined })
  log.say(`juicify ${VERSION}: ${argv._?.[0] ?? 'run'} on ${cluster.title}`)
  const away = new Set<string>()
  const { signal, abort, off } = interruption({
    atOnce: () =>
      argv._?.[0] === 'copy' ? messages().interrupt.copyAtOnce : `${messages().interrupt.atOnce}${awayText([...away])}`,
  })
  const progress = await progressFor(argv)
  const { ask } = progress
  const begun = new Set<string>()
  const told = notifier(argv, cluster.title, say)
  let failed = false
  const objectEvents = new ObjectEvents(cluster, (message) => {
    const event = { type: 'object-events-denied', message } as const
    log.note(event)
    progress.emit(event)
  })
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
        log.note(event)
        if (event.type === 'run-started') told.tell({ type: 'begun', verb: event.verb, groups: event.groups })
        // the first one is told at once; all of them are in the summary
        if (event.type === 'group-ended' && event.outcome === 'failed' && !failed) {
          failed = true
          const { group } = event
          const { message = messages(told.language).notification.unfinished, remedy } =
            event.in?.(told.language) ?? event
          told.tell({ type: 'failed', group, message, ...(remedy ? { remedy } : {}) })
        }
        progress.emit(event)
      },
      signal,
      stop: abort,
      objectEvents,
      ...(shown ? { shown } : {}),
      ...(interactive && ask ? { ask: (question) => ask(question, signal) } : {}),
    })
    await objectEvents.settled(TELLING)
    await progress.close()
    const unfinished = results.filter(isUnfinished).map(({ group }) => group)
    const goOn = (language?: Language) =>
      unfinished.length > 0
        ? next(
            unfinished.filter((group) => begun.has(group)),
            language,
          )
        : undefined
    const summaryIn = (language: Language) =>
      summaryOf(results, goOn(language), argv.output === 'json' ? done : [], language)
    const summary = summaryIn(language())
    log.say(summaryText(summary, { columns: LOG_COLUMNS, color: createColors(false) }))
    if (argv.output === 'json') await print(jsonLine({ type: 'summary', ...summaryIn('en') }).trimEnd())
    else say(summaryText(summary, layoutOf(process.stderr, argv.color)))
    told.tell({ type: 'ended', summary: summaryIn(told.language) })
    if (log.path !== undefined && argv.output !== 'json') say(messages().logIs(log.path))
    return exitCodeOf(results, rolledBack)
  } catch (error) {
    if (error instanceof Failure) {
      const { message, remedy } = error.in(language())
      log.say(`${message}${remedy ? ` ${messages().plan.try}${remedy}` : ''}`)
      const inTheirs = error.in(told.language)
      told.tell({
        type: 'failed',
        message: inTheirs.message,
        ...(inTheirs.remedy ? { remedy: inTheirs.remedy } : {}),
      })
    }
    throw error
  } finally {
    log.close()
    await progress.close()
    await told.settled()
    off()
  }
}

/** For one who leaves at once: of which volumes the claims are not bound at that moment. */
function awayText(volumes: string[]): string {
  if (volumes.length === 0) return ''
  const names = volumes.sort(compareText).join(', ')
  return messages().notBound(names)
}

/** The other way, for the end of a sentence: these groups and no others, or nothing where there is none to take back. */
export function orRollback(groups: string[], flags: string, language?: Language): string {
  return groups.length > 0 ? messages(language).summary.orRollback(`juicify rollback ${groups.join(' ')}${flags}`) : ''
}

/** True for `juicify sandbox` and `--sandbox`, which say so in their version. */
export async function isEmbedded(cluster: Cluster): Promise<boolean> {
  const { gitVersion } = (await cluster.raw('GET', '/version')) as { gitVersion?: string }
  return isRehearsal({ version: gitVersion ?? '' })
}

function summaryOf(results: GroupResult[], next: string | undefined, done: string[], language: Language): RunSummary {
  const volumes = results.flatMap((result) =>
    result.volumes.map(({ now, ...volume }) => ({
      ...volume,
      group: result.group,
      outcome: outcomeOf(result, now),
      ...(result.message ? { reason: result.in?.(language).message ?? result.message } : {}),
    })),
  )
  const stillStopped = results.flatMap(({ group, leftStopped }) => leftStopped.map((workload) => ({ workload, group })))
  const restarted = results.flatMap(({ group, restarted: each }) => each.map((one) => ({ ...one, group })))
  const skipped = done.map((name) => ({ name, outcome: 'skipped' as const, reason: 'already on the file system' }))
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
  // on an answer to --interactive; where another group's failure is why, that has counted above
  if (outcomes.has('skipped')) return ExitCode.declined
  return ExitCode.done
}
