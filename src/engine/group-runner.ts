import type { Cluster } from '../cluster/cluster.ts'
import { ExitCode, Failure, type InLanguage, type Refusal } from '../domain/failure.ts'
import { type PlannedGroup, STEP_NAMES, type StepName } from '../domain/plan.ts'
import { tidings } from '../words/trouble.ts'
import { Denied, mustBeAdmitted } from './admission.ts'
import { copyAll, removeCopies } from './copies.ts'
import type { Event, EventOf, GroupOutcome } from './events.ts'
import { historyLine, isResult, withHistory } from './history.ts'
import { inspectGroup, type VolumeState } from './inspect.ts'
import { leftStopped } from './left-stopped.ts'
import type { MeetingPoint } from './meeting-point.ts'
import { type GroupRecord, type Phase, type PlanOrigin, readRecords, writeState } from './record.ts'
import { renewVersions } from './renew-versions.ts'
import type { RunOptions } from './run.ts'
import type { GroupRun, Mirrors, Step } from './step.ts'
import { catchUp } from './steps/catch-up.ts'
import { copy } from './steps/copy.ts'
import { finish } from './steps/finish.ts'
import { join } from './steps/join.ts'
import { probe } from './steps/probe.ts'
import { quota } from './steps/quota.ts'
import { record } from './steps/record.ts'
import { retain } from './steps/retain.ts'
import { start } from './steps/start.ts'
import { stop } from './steps/stop.ts'
import { swap } from './steps/swap.ts'
import { verify } from './steps/verify.ts'

const STEPS: Partial<Record<StepName, Step>> = {
  record,
  retain,
  copy,
  stop,
  join,
  'catch-up': catchUp,
  verify,
  quota,
  swap,
  probe,
  start,
  finish,
}

/** Those that are also taken back where the plan had nobody to stop, and somebody has come since. */
const OF_WORKLOADS: ReadonlySet<StepName> = new Set(['stop', 'start'])

/** What was found before the volumes go, and how long they were away, is written down before these steps, where it is not yet. */
const KEPT_BEFORE: StepName[] = ['catch-up', 'swap', 'probe', 'start']

/** `all`: this one and the rest of the group; `skip`: leave the group as it is; `stop`: leave everything as it is. */
export type StepDecision = 'do' | 'all' | 'skip' | 'roll-back' | 'stop'

export interface StepQuestion {
  group: PlannedGroup
  step: StepName
  title: string
  objects: string[]
  undo: string
}

/** A volume of a group after a run. */
export interface VolumeResult {
  name: string
  claim?: string
  /** Milliseconds for which it was away in this run. */
  awayMs?: number
  /**
   * Of a group that has a record and did not come to its end, as was looked then: whether the volume is where it goes, or it,
   * or its claim, is not bound. Unknown where that could not be seen, or it is neither of the two volumes.
   */
  now?: 'moved' | 'away' | 'as-before' | 'unknown'
}

/** How a group came out of a run. */
export interface GroupResult {
  group: string
  outcome: GroupOutcome
  volumes: VolumeResult[]
  /** Workloads that juicify has stopped and not started again. */
  leftStopped: string[]
  /** Workloads that were restarted pod by pod, and for how many milliseconds none of their pods was ready meanwhile. */
  restarted: { workload: string; downMs: number }[]
  message?: string
  remedy?: string
  /** Both in other languages. */
  in?: InLanguage
}

/** What all groups of a run have in common. */
export interface RunContext {
  cluster: Cluster
  mirrors: Mirrors
  inTurn: GroupRun['whileUnbound']
}

/** A group on its way through one run, and what becomes of it: once it has ended, nothing more is done to it. */
export class GroupRunner {
  readonly run: GroupRun
  readonly result: GroupResult
  readonly #options: RunOptions
  /** Where the groups that go in step wait for each other; absent for one that goes alone. */
  meeting: MeetingPoint | undefined
  #ended = false
  /** What policies make of its objects has been told in this run. */
  #told = false
  /** The operator wants no more questions about this group. */
  #unasked = false
  /** Lines of the history from before there was a record. */
  #early: string[] = []
  /** The version of the record to which results were added that nobody has written yet; written, it is another one. */
  #unwritten: string | undefined

  constructor(
    { cluster, mirrors, inTurn }: RunContext,
    group: PlannedGroup,
    plan: PlanOrigin,
    known: GroupRecord | undefined,
    options: RunOptions,
  ) {
    this.#options = options
    this.result = emptyResult(group, 'interrupted')
    this.run = {
      cluster,
      mirrors,
      whileUnbound: inTurn,
      together: async () => this.meeting?.arrive(this),
      group,
      plan,
      settings: options.settings,
      emit: (event) => this.#tell(event),
      signal: options.signal,
      away: {},
      verifiedAhead: new Map(),
      comparedAlready: new Map(),
      claimed: new Map(),
      record: known,
      others: async () => (await readRecords(cluster)).filter((each) => each.kept.group.name !== group.name),
    }
  }

  begin(): void {
    if (this.#ended) return
    const { run } = this
    const volumes = run.group.volumes.map(({ name }) => name)
    const { name, steps, copies, forecast } = run.group
    run.emit({
      type: 'group-started',
      group: name,
      volumes,
      steps,
      ...(copies.length > 0 ? { copies: copies.length } : {}),
      ...(forecast ? { forecast: expected(forecast) } : {}),
    })
  }

  /** What an earlier run has begun is resumed only when no request of that run can arrive late any more. */
  async takeOver(way: 'forward' | 'back'): Promise<void> {
    const { record, cluster, emit } = this.run
    if (this.#ended || !record || record.state.phase === 'migrated') return
    await this.#guarded(way === 'forward' ? 'record' : 'finish', way === 'back', async () => {
      const { group } = this.run
      for (const refusal of await renewVersions(cluster, record))
        emit({ type: 'version-not-renewed', group: group.name, ...tidings(refusal) })
      return undefined
    })
  }

  /**
   * Asks the server whether it would accept all that this group is about to create. Where it would not, the group is
   * blocked; where an earlier run has stopped something of it already, it fails.
   */
  async ask(way: 'forward' | 'back'): Promise<void> {
    if (this.#ended) return
    await this.#guarded(way === 'forward' ? 'record' : 'finish', way === 'back', async () => {
      await mustBeAdmitted(this.run, way, !this.#told)
      this.#told = true
      return undefined
    })
  }

  /** Takes a step that the plan has, unless it is done already, or the operator does not want it. */
  async take(name: StepName): Promise<void> {
    const step = STEPS[name]
    if (this.#ended || !step || !this.run.group.steps.includes(name)) return
    await this.#guarded(name, false, async () => {
      if (await step.isDone(this.run)) return 'done-already'
      this.run.signal.throwIfAborted()
      const answer = await this.#ask(step)
      this.run.signal.throwIfAborted()
      if (answer === 'skip') return this.end('skipped')
      if (answer === 'roll-back') return this.goBack()
      if (KEPT_BEFORE.includes(name)) await this.#keepResults()
      this.#started(name, false)
      await step.do(this.run)
      return 'done'
    })
  }

  /** Takes a step back that the plan has. */
  async undo(name: StepName): Promise<void> {
    const step = STEPS[name]
    const { record, group } = this.run
    if (this.#ended || !step || !record) return
    const isForWorkloads = OF_WORKLOADS.has(name) && record.kept.workloads.length > 0
    if (!group.steps.includes(name) && !isForWorkloads) return
    await this.#guarded(name, true, async () => {
      this.run.signal.throwIfAborted()
      this.#started(name, true)
      await step.undo(this.run)
      return 'done'
    })
  }

  /** Copies the data while it is in use, and does nothing else. */
  async preload(): Promise<void> {
    if (this.#ended) return
    await this.#guarded('copy', false, async () => {
      this.#started('copy', false)
      await copyAll(this.run, 'copy', 'warm')
      await removeCopies(this.run.cluster, this.run)
      return 'done'
    })
    this.end('copied')
  }

  /** Takes this group back, whatever becomes of the others. */
  async goBack(): Promise<undefined> {
    for (const name of STEP_NAMES.toReversed()) await this.undo(name)
    this.end('rolled-back')
  }

  end(outcome: GroupOutcome): undefined {
    if (this.#ended) return
    this.#ended = true
    const { run, result } = this
    run.usage?.close()
    result.outcome = outcome
    for (const volume of result.volumes) {
      const awayMs = run.away[volume.name]
      if (awayMs !== undefined) volume.awayMs = awayMs
    }
    const { message, remedy, in: inLanguage } = result
    const because = {
      ...(message ? { message } : {}),
      ...(remedy ? { remedy } : {}),
      ...(inLanguage ? { in: inLanguage } : {}),
    }
    run.emit({ type: 'group-ended', group: run.group.name, outcome, ...because })
  }

  /** Ends a group that was not begun, with why the run is over. */
  giveUp(why: Failure): void {
    this.#endWith(why.exitCode === ExitCode.interrupted ? 'interrupted' : 'failed', why)
  }

  /** Ends a group that must not be begun, with why. */
  refuse(why: Refusal): void {
    this.#endWith('blocked', why)
  }

  #endWith(outcome: GroupOutcome, why: Failure): void {
    if (this.#ended) return
    this.#because(why)
    this.end(outcome)
  }

  #because(why: Failure): void {
    this.result.message = why.message
    if (why.remedy) this.result.remedy = why.remedy
    this.result.in = (language) => why.in(language)
  }

  /** Sees what is left stopped, when nothing is under way any more that could start or stop it. */
  async look(): Promise<void> {
    const { record, cluster, group } = this.run
    if (!record || this.result.outcome === 'migrated') return
    await this.#keepResults().catch(ignoreFailure)
    this.result.leftStopped = await leftStopped(cluster, group.name, record)
    try {
      const { volumes } = await inspectGroup(cluster, record)
      for (const result of this.result.volumes) {
        const state = volumes.find(({ name }) => name === result.name)?.state
        if (state) result.now = whereItIs(state, record.state.phase)
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      for (const result of this.result.volumes) result.now = 'unknown'
    }
  }

  async #ask(step: Step): Promise<StepDecision> {
    if (!this.#options.ask || this.#unasked) return 'do'
    const { group } = this.run
    const answer = await this.#options.ask({ group, step: step.name, ...step.describe(group) })
    if (answer === 'all') this.#unasked = true
    if (answer === 'stop') this.#options.stop()
    return answer
  }

  /** Runs one step; what it throws ends this group at a safe point, and no other. */
  async #guarded(
    step: StepName,
    undo: boolean,
    work: () => Promise<'done' | 'done-already' | undefined>,
  ): Promise<void> {
    const { run } = this
    const group = run.group.name
    try {
      const outcome = await work()
      if (outcome) run.emit({ type: 'step-ended', group, step, undo, outcome })
    } catch (error) {
      if (!(error instanceof Failure)) {
        if (run.signal.aborted) return this.end('interrupted')
        throw error
      }
      this.#because(error)
      if (error.exitCode === ExitCode.interrupted) return this.end('interrupted')
      const isHeldBack = error instanceof Denied && !run.record?.state.stopping
      if (!isHeldBack) run.emit({ type: 'step-ended', group, step, undo, outcome: 'failed', message: error.message })
      await this.#noteFailure(`${undo ? 'undo ' : ''}${step}: ${error.message}`)
      this.end(isHeldBack ? 'blocked' : 'failed')
    }
  }

  /** For `juicify status`, on whichever machine; where it cannot be written the last line of this run says it all the same. */
  async #noteFailure(failure: string): Promise<void> {
    const { run } = this
    if (!run.record || run.record.state.phase === 'migrated') return
    try {
      run.record = await writeState(run.cluster, run.record, { failure })
    } catch (error) {
      ignoreFailure(error)
    }
  }

  /** Writes down what nobody could tell any more if this run were killed now. */
  async #keepResults(): Promise<void> {
    const { record, cluster } = this.run
    if (record?.resourceVersion && record.resourceVersion === this.#unwritten)
      this.run.record = await writeState(cluster, record, {})
  }

  #note(event: Event): void {
    const { run } = this
    const line = historyLine(event, new Date())
    if (line !== undefined) this.#early.push(line)
    if (!run.record) return
    run.record = withHistory(run.record, this.#early)
    this.#early = []
    const { state } = run.record
    if (event.type === 'volume-moved' && event.awayMs !== undefined && state.phase === 'migrating')
      run.record = { ...run.record, state: { ...state, away: { ...state.away, [event.volume]: event.awayMs } } }
    if (isResult(event)) this.#unwritten = run.record.resourceVersion
  }

  #started(step: StepName, undo: boolean): void {
    this.run.emit({ type: 'step-started', group: this.run.group.name, step, undo })
  }

  #tell(event: Event): void {
    if (event.type === 'volume-moved' && event.awayMs !== undefined) this.run.away[event.volume] = event.awayMs
    if (event.type === 'workload-restarted')
      this.result.restarted.push({ workload: event.workload, downMs: event.downMs })
    this.#note(event)
    this.#options.objectEvents?.note(event, this.run.group, this.run.record)
    this.#options.emit(event)
  }
}

function expected({
  basis: _,
  ...amounts
}: NonNullable<PlannedGroup['forecast']>): EventOf<'group-started'>['forecast'] {
  return amounts
}

/** The last line of the run says it all the same. */
function ignoreFailure(error: unknown): void {
  if (!(error instanceof Failure)) throw error
}

function whereItIs(state: VolumeState, phase: Phase): NonNullable<VolumeResult['now']> {
  if (state === 'away' || state === 'unbound') return 'away'
  if (state === 'unknown') return 'unknown'
  return state === (phase === 'rolling-back' ? 'restored' : 'moved') ? 'moved' : 'as-before'
}

export function emptyResult(group: PlannedGroup, outcome: GroupOutcome): GroupResult {
  const volumes = group.volumes.map(({ name, claim }) => ({
    name,
    ...(claim ? { claim: `${claim.metadata.namespace}/${claim.metadata.name}` } : {}),
  }))
  return { group: group.name, outcome, volumes, leftStopped: [], restarted: [] }
}
