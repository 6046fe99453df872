import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { Failure, Refusal } from '../domain/failure.ts'
import { describeRef } from '../domain/object.ts'
import { type Plan, type PlannedGroup, STEP_NAMES, type StepName } from '../domain/plan.ts'
import type { Workload } from '../domain/workload.ts'
import type { Emit, Event, Outcome } from './events.ts'
import { fenced } from './fence.ts'
import { LeaseHold, type LeaseOptions } from './lease.ts'
import { deleteRecord, type GroupRecord, type PlanOrigin, readRecords, writeState } from './record.ts'
import type { GroupRun, RunSettings, Step } from './step.ts'
import { finish } from './steps/finish.ts'
import { record } from './steps/record.ts'
import { retain } from './steps/retain.ts'
import { start } from './steps/start.ts'
import { stop } from './steps/stop.ts'
import { swap } from './steps/swap.ts'
import { units } from './units.ts'

const STEPS: Partial<Record<StepName, Step>> = { record, retain, stop, swap, start, finish }

export interface RunOptions {
  cluster: Cluster
  settings: RunSettings
  /** Groups, or groups that share a workload, that are on their way at once. */
  concurrency: number
  /** After the first failure no other group is begun. */
  failFast: boolean
  lease: Pick<LeaseOptions, 'wait' | 'duration' | 'holder'>
  emit: Emit
  /** Aborted when the operator wants to stop: what is under way goes on to its next safe point. */
  signal: AbortSignal
  /** Aborts `signal`: the operator has answered a question with it. */
  stop: () => void
  /** Asked before every step, where the operator wants to be. */
  ask?: (question: Question) => Promise<Answer>
}

/** `all`: this one and the rest of the group; `skip`: leave the group as it is; `stop`: leave everything as it is. */
export type Answer = 'do' | 'all' | 'skip' | 'roll-back' | 'stop'

export interface Question {
  group: PlannedGroup
  step: StepName
  title: string
  objects: string[]
  undo: string
}

/** How a group came out of a run. */
export interface GroupResult {
  group: string
  outcome: Outcome
  volumes: { name: string; claim?: string; awayMs?: number }[]
  /** Workloads that juicify has stopped and not started again. */
  leftStopped: string[]
  message?: string
  remedy?: string
}

/**
 * Carries out what a plan says, group by group; what an earlier run has begun is gone on with, from the record. Throws
 * only where nothing could be begun at all (the lease, the cluster); what goes wrong with a group is in its result.
 */
export function apply(plan: Plan, options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (cluster, signal) => {
    const records = new Map((await readRecords(cluster)).map((each) => [each.kept.group.name, each]))
    const underWay = plan.findings.flatMap((finding) =>
      finding.code === 'under-way' && finding.group ? [finding.group] : [],
    )
    const { cluster: identity, digest, migration } = plan
    const origin = { name: plan.metadata.name, digest, cluster: identity, migration }
    const results: GroupResult[] = []
    const travels: Travel[] = []
    for (const name of new Set([...plan.groups.map((group) => group.name), ...underWay])) {
      const planned = plan.groups.find((group) => group.name === name)
      const known = records.get(name)
      const group = known?.state.phase === 'migrating' ? known.kept.group : planned
      if (!group) continue
      const why = whyNot(group, known)
      if (why) results.push(blocked(group, why, options.emit))
      else travels.push(await travel(cluster, group, origin, known, options, signal))
    }
    return [...results, ...(await carry(travels, 'forward', options, signal))]
  })
}

/**
 * Takes groups back, from wherever they are. `workloads` says of each group, by name, what uses its volumes now: it may
 * be others than when it was planned.
 */
export function rollback(workloads: Map<string, Workload[]>, options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (cluster, signal) => {
    const travels: Travel[] = []
    for (const known of await readRecords(cluster)) {
      const now = workloads.get(known.kept.group.name)
      if (now)
        travels.push(
          await travel(cluster, { ...known.kept.group, workloads: now }, known.kept.plan, known, options, signal),
        )
    }
    return carry(travels, 'back', options, signal)
  })
}

/** Goes on with what was interrupted, each group in the direction that it was going. */
export async function resume(options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (cluster, signal) => {
    const records = await readRecords(cluster)
    const results: GroupResult[] = []
    for (const [phase, direction] of [
      ['rolling-back', 'back'],
      ['migrating', 'forward'],
    ] as const) {
      const going = records.filter(({ state }) => state.phase === phase)
      const travels = await Promise.all(
        going.map((known) => travel(cluster, known.kept.group, known.kept.plan, known, options, signal)),
      )
      results.push(...(await carry(travels, direction, options, signal)))
    }
    return results
  })
}

/** A group on its way, and what became of it. */
interface Travel {
  run: GroupRun
  result: GroupResult
  ended: boolean
  /** The operator wants no more questions about this group. */
  unasked: boolean
}

async function underLease<T>(
  options: RunOptions,
  work: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await LeaseHold.acquire(options.cluster, {
    ...options.lease,
    signal: options.signal,
    onWaiting: (holder) =>
      options.emit({
        type: 'message',
        level: 'info',
        text: `${holder} holds the lease; looking whether that run is alive`,
      }),
  })
  try {
    return await work(fenced(options.cluster, lease), options.signal)
  } finally {
    await lease.release()
  }
}

function whyNot(group: PlannedGroup, known: GroupRecord | undefined): Failure | undefined {
  if (known?.state.phase === 'rolling-back') {
    return new Refusal(`The group ${group.name} is being rolled back.`, {
      remedy: `juicify rollback ${group.name} brings that to its end.`,
    })
  }
  if (group.blocked && known?.state.phase !== 'migrating') {
    return new Refusal(`The group ${group.name} is held back by a finding.`, {
      remedy: 'juicify plan shows what is to be done.',
    })
  }
  return undefined
}

function blocked(group: PlannedGroup, why: Failure, emit: Emit): GroupResult {
  const result = emptyResult(group, 'blocked')
  emit({ type: 'group-ended', group: group.name, outcome: 'blocked', message: why.message, remedy: why.remedy })
  return { ...result, message: why.message, ...(why.remedy ? { remedy: why.remedy } : {}) }
}

function emptyResult(group: PlannedGroup, outcome: Outcome): GroupResult {
  const volumes = group.volumes.map(({ name, claim }) => ({
    name,
    ...(claim ? { claim: `${claim.metadata.namespace}/${claim.metadata.name}` } : {}),
  }))
  return { group: group.name, outcome, volumes, leftStopped: [] }
}

async function travel(
  cluster: Cluster,
  group: PlannedGroup,
  plan: PlanOrigin,
  known: GroupRecord | undefined,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Travel> {
  const result = emptyResult(group, 'interrupted')
  const away = new Map(result.volumes.map((volume) => [volume.name, volume]))
  const emit = (event: Event) => {
    const volume = event.type === 'volume-moved' ? away.get(event.volume) : undefined
    if (volume && event.type === 'volume-moved' && event.awayMs !== undefined) volume.awayMs = event.awayMs
    options.emit(event)
  }
  const run: GroupRun = {
    cluster,
    group,
    plan,
    settings: options.settings,
    emit,
    signal,
    record: known,
    others: async () => (await readRecords(cluster)).filter((each) => each.kept.group.name !== group.name),
  }
  return { run, result, ended: false, unasked: false }
}

async function carry(
  travels: Travel[],
  direction: 'forward' | 'back',
  options: RunOptions,
  signal: AbortSignal,
): Promise<GroupResult[]> {
  const verb = direction === 'forward' ? 'apply' : 'rollback'
  options.emit({ type: 'run-started', verb, groups: travels.map(({ run }) => run.group.name) })
  const limit = pLimit(options.ask ? 1 : options.concurrency)
  const isFailed = () => options.failFast && travels.some(({ result }) => result.outcome === 'failed')
  await Promise.all(
    units(travels, ({ run }) => run.group.workloads.map(({ ref }) => describeRef(ref))).map((unit) =>
      limit(async () => {
        if (signal.aborted || isFailed()) for (const each of unit) end(each, 'skipped', options)
        else await (direction === 'forward' ? goForward(unit, options) : goBack(unit, options))
      }),
    ),
  )
  return travels.map(({ result }) => result)
}

/** Groups that share a workload go in step: what is stopped for all of them is started when all of them are moved. */
async function goForward(unit: Travel[], options: RunOptions): Promise<void> {
  for (const each of unit) await begin(each)
  for (const name of STEP_NAMES) {
    await Promise.all(unit.map((each) => each.run.group.steps.includes(name) && forwardStep(each, name, options)))
  }
  for (const each of unit) end(each, 'migrated', options)
}

async function begin(each: Travel): Promise<void> {
  const { run } = each
  run.emit({
    type: 'group-started',
    group: run.group.name,
    volumes: run.group.volumes.map(({ name }) => name),
    steps: run.group.steps,
  })
  // what is planned again although it was migrated once was put back by hand: the old record speaks of other objects
  if (run.record?.state.phase === 'migrated') {
    await deleteRecord(run.cluster, run.group.name)
    run.record = undefined
  }
}

async function forwardStep(each: Travel, name: StepName, options: RunOptions): Promise<void> {
  const step = STEPS[name]
  if (each.ended || !step) return
  await guarded(each, name, options, async () => {
    if (await step.isDone(each.run)) return 'done-already'
    each.run.signal.throwIfAborted()
    const answer = await ask(each, step, options)
    if (answer !== 'do' && answer !== 'all') return leave(each, answer, options)
    each.run.signal.throwIfAborted()
    each.run.emit({ type: 'step-started', group: each.run.group.name, step: name })
    await step.do(each.run)
    return 'done'
  })
}

async function leave(each: Travel, answer: 'skip' | 'roll-back' | 'stop', options: RunOptions): Promise<undefined> {
  if (answer === 'roll-back') await goBack([each], { ...options, ask: undefined })
  else if (answer === 'skip') end(each, 'skipped', options)
  else options.stop()
}

async function goBack(unit: Travel[], options: RunOptions): Promise<void> {
  for (const name of STEP_NAMES.toReversed()) {
    const step = STEPS[name]
    if (!step) continue
    await Promise.all(
      unit.map(async (each) => {
        if (each.ended || !each.run.record) return
        await guarded(each, name, options, async () => {
          each.run.signal.throwIfAborted()
          each.run.emit({ type: 'step-started', group: each.run.group.name, step: name })
          await step.undo(each.run)
          return 'done'
        })
      }),
    )
  }
  for (const each of unit) end(each, 'rolled-back', options)
}

async function ask(each: Travel, step: Step, options: RunOptions): Promise<Answer> {
  if (!options.ask || each.unasked) return 'do'
  const answer = await options.ask({ group: each.run.group, step: step.name, ...step.describe(each.run.group) })
  if (answer === 'all') each.unasked = true
  return answer
}

/** Runs one step of one group; what it throws ends that group at a safe point, and no other. */
async function guarded(
  each: Travel,
  step: StepName,
  options: RunOptions,
  work: () => Promise<'done' | 'done-already' | undefined>,
): Promise<void> {
  const { run } = each
  try {
    const outcome = await work()
    if (outcome) run.emit({ type: 'step-ended', group: run.group.name, step, outcome })
  } catch (error) {
    if (!(error instanceof Failure) && !run.signal.aborted) throw error
    if (run.signal.aborted) return end(each, 'interrupted', options)
    const failure = error as Failure
    run.emit({ type: 'step-ended', group: run.group.name, step, outcome: 'failed', message: failure.message })
    each.result.message = failure.message
    if (failure.remedy) each.result.remedy = failure.remedy
    await noteFailure(run, `${step}: ${failure.message}`)
    end(each, 'failed', options)
  }
}

/** For `juicify status`, on whichever machine; where it cannot be written the last line of this run says it all the same. */
async function noteFailure(run: GroupRun, failure: string): Promise<void> {
  if (!run.record) return
  try {
    run.record = await writeState(run.cluster, run.record, { failure })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

function end(each: Travel, outcome: Outcome, { emit }: RunOptions): void {
  if (each.ended) return
  each.ended = true
  const { run, result } = each
  result.outcome = outcome
  if (run.record?.state.stopping) {
    result.leftStopped = run.record.kept.workloads.flatMap(({ ref, stopped }) => (stopped ? [] : [describeRef(ref)]))
  }
  emit({
    type: 'group-ended',
    group: run.group.name,
    outcome,
    ...(result.message ? { message: result.message } : {}),
    ...(result.remedy ? { remedy: result.remedy } : {}),
  })
}
