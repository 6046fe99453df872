import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { Mirror } from '../cluster/mirror.ts'
import { removeStrayWork } from '../copy/run-stage.ts'
import { Failure, Refusal } from '../domain/failure.ts'
import { blockersOf, type Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import { type Plan, type PlannedGroup, STEP_NAMES } from '../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import type { Workload } from '../domain/workload.ts'
import { ensureDefinitions } from '../jobs/definitions.ts'
import { fenced } from '../lock/fence.ts'
import { LeaseHold, type LeaseOptions } from '../lock/lease.ts'
import { said } from '../words/finding.ts'
import { worded } from '../words/trouble.ts'
import { connected } from './connected.ts'
import { carryOver, type EarlierRecord, removeCarriedOver } from './earlier-record.ts'
import type { Emit } from './events.ts'
import {
  emptyResult,
  type GroupResult,
  GroupRunner,
  type RunContext,
  type StepDecision,
  type StepQuestion,
} from './group-runner.ts'
import { hasJoined, volumesTogether, whyNotAlone } from './joined.ts'
import { lookAtSources } from './look.ts'
import { MeetingPoint } from './meeting-point.ts'
import type { ObjectEvents } from './object-events.ts'
import {
  deleteRecord,
  fingerprintOf,
  type GroupRecord,
  type PlanOrigin,
  readAllRecords,
  readRecords,
  removeStrayRecords,
} from './record.ts'
import type { RunSettings } from './step.ts'

export interface RunOptions {
  cluster: Cluster
  settings: RunSettings
  /** Groups, or groups that share a workload, that are on their way at once. */
  concurrency: number
  /** After the first failure no other group is begun. */
  failFast: boolean
  lease: Pick<LeaseOptions, 'wait' | 'duration' | 'holder' | 'patience'>
  emit: Emit
  /** Aborted when the operator wants to stop: what is under way goes on to its next safe point. */
  signal: AbortSignal
  /** Aborts `signal`: the operator has answered a question with it. */
  stop: () => void
  /** The records that the operator was shown, by group, as `fingerprintOf` tells them; another one is not acted on. */
  shown?: ReadonlyMap<string, string>
  /** Told of the objects as well what the run does to them; nobody waits for it. */
  objectEvents?: ObjectEvents
  /** Asked before every step, where the operator wants to be. */
  ask?: (question: StepQuestion) => Promise<StepDecision>
}

/**
 * Max groups whose volumes are unbound at the same time. The controller binds with 20 requests a second: with more groups
 * each stays unbound for longer, with fewer the controller finds time to mark claims Lost, which is three requests more
 * for a volume.
 */
const AWAY_AT_ONCE = 3

/**
 * Applies a plan, group by group; what an earlier run has begun is resumed from the record. Throws
 * only where nothing could be started at all (the lease, the cluster); what goes wrong with a group is in its result.
 */
export function apply(plan: Plan, options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (ground, options) => {
    const records = new Map((await readRecords(ground.cluster)).map((each) => [each.kept.group.name, each]))
    const underWay = plan.findings.flatMap((finding) =>
      finding.code === 'under-way' && finding.group ? [finding.group] : [],
    )
    const results: GroupResult[] = []
    const travels: GroupRunner[] = []
    // what is half done is brought to its end before anything new is begun
    for (const name of new Set([...underWay, ...plan.groups.map((group) => group.name)])) {
      const planned = plan.groups.find((group) => group.name === name)
      const known = records.get(name)
      const begun = known?.state.phase === 'migrating' ? known.kept : undefined
      const group = begun?.group ?? planned
      if (!group) continue
      const why = (known && begun && whyUnseen(known, options)) ?? whyNot(group, known, plan.findings)
      const origin = originOf(plan)
      // its new volumes are planned already: the data has to go where they are, and not where the plan made since says
      if (begun) {
        const { target, paths } = begun.plan.migration
        origin.migration = { ...plan.migration, target, paths }
      }
      if (why) results.push(blocked(group, why, options.emit))
      else travels.push(new GroupRunner(ground, group, origin, known, options))
    }
    return [...results, ...(await carry(travels, 'forward', options))]
  })
}

/**
 * Copies the data of a plan's groups while it is in use: as often as wanted, days before, so that little is left to copy
 * when things stand still. Groups that are under way already are left to their own copies.
 */
export function preload(plan: Plan, options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (ground, options) => {
    const known = new Set((await readRecords(ground.cluster)).map(({ kept }) => kept.group.name))
    const groups = plan.groups.filter(({ name, copies, blocked }) => copies.length > 0 && !blocked && !known.has(name))
    const travels = groups.map((group) => new GroupRunner(ground, group, originOf(plan), undefined, options))
    options.emit({ type: 'run-started', verb: 'copy', groups: groups.map(({ name }) => name) })
    await lookFirst(travels)
    const limit = pLimit(options.concurrency)
    await Promise.all(travels.map((each) => limit(() => each.preload())))
    return travels.map(({ result }) => result)
  })
}

/**
 * Takes groups back, from wherever they are. `workloads` says of each group, by name, what uses its volumes now: it may
 * be others than when it was planned.
 */
export function rollback(workloads: Map<string, Workload[]>, options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (ground, options) => {
    const travels: GroupRunner[] = []
    const results: GroupResult[] = []
    const records = await readRecords(ground.cluster)
    const going = new Set(workloads.keys())
    for (const known of records) {
      const now = workloads.get(known.kept.group.name)
      const { group, plan } = known.kept
      const copyBack = options.settings.copyBack ?? known.state.copyBack === true
      const why = now && (whyUnseen(known, options) ?? whyNotAlone(known, records, { going, copyBack }))
      if (why) results.push(blocked(group, why, options.emit))
      else if (now) travels.push(new GroupRunner(ground, { ...group, workloads: now }, plan, known, options))
    }
    return [...results, ...(await carry(travels, 'back', options))]
  })
}

/** Resumes what was interrupted, each group in its direction: a migration or a rollback. */
export async function resume(options: RunOptions): Promise<GroupResult[]> {
  return underLease(options, async (ground, options) => {
    const records = await readRecords(ground.cluster)
    const results: GroupResult[] = []
    for (const [phase, direction] of [
      ['rolling-back', 'back'],
      ['migrating', 'forward'],
    ] as const) {
      const going = records.filter(({ state }) => state.phase === phase)
      const unseen = new Map(going.map((known) => [known, whyUnseen(known, options)] as const))
      for (const [{ kept }, why] of unseen) if (why) results.push(blocked(kept.group, why, options.emit))
      const seen = going.filter((known) => !unseen.get(known))
      const travels = seen.map((known) => new GroupRunner(ground, known.kept.group, known.kept.plan, known, options))
      if (travels.length > 0) results.push(...(await carry(travels, direction, options)))
    }
    return results
  })
}

/**
 * Forgets groups that are migrated: from now on they cannot be taken back. Those that somebody has begun to take back
 * meanwhile are left alone. Ends after any one where it is interrupted. Returns the names of those that are kept for that.
 */
export function forget(
  names: string[],
  options: LeaseNeeds & { onDeleted?: (name: string) => unknown },
): Promise<string[]> {
  return underLease(options, async ({ cluster }) => {
    const records = (await readRecords(cluster)).filter(({ state }) => state.phase === 'migrated')
    const kept = records.filter(({ kept }) => names.includes(kept.group.name))
    for (let record = kept[0]; record && !options.signal.aborted; record = kept[0]) {
      await deleteRecord(cluster, record)
      kept.shift()
      options.onDeleted?.(record.kept.group.name)
    }
    return kept.map(({ kept }) => kept.group.name)
  })
}

/** Makes records of today of those of juicify 0.1.0, to which a person has said yes. Throws as `carryOver` does. */
export function carryOverAll(earlier: EarlierRecord[], options: LeaseNeeds): Promise<void> {
  return underLease(options, async ({ cluster }) => {
    for (const each of earlier) await carryOver(cluster, each)
  })
}

/** What it takes to hold the lease while something is done. */
type LeaseNeeds = Pick<RunOptions, 'cluster' | 'lease' | 'emit' | 'signal'>

async function underLease<O extends LeaseNeeds, T>(
  options: O,
  work: (ground: RunContext, options: O) => Promise<T>,
): Promise<T> {
  const inTurn = pLimit(AWAY_AT_ONCE)
  const lease = await LeaseHold.acquire(options.cluster, {
    ...options.lease,
    // a group is about to take its volumes away, or has
    mustFinish: () => inTurn.activeCount > 0,
    signal: options.signal,
    onWaiting: (holder) => options.emit({ type: 'lease-held', holder }),
    onAway: (since, until) =>
      options.emit({ type: 'server-away', since: since.toISOString(), until: until.toISOString() }),
    onBack: (awayMs) => options.emit({ type: 'server-back', awayMs: Math.round(awayMs) }),
  })
  const cluster = fenced(options.cluster, lease)
  const mirrors = {
    volumes: new Mirror<PersistentVolume>(cluster, { apiVersion: 'v1', kind: 'PersistentVolume' }),
    claims: new Mirror<PersistentVolumeClaim>(cluster, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
  }
  try {
    const made = await ensureDefinitions(cluster)
    if (made.length > 0) options.emit({ type: 'kinds-defined', definitions: made })
    else await removeStrayRecords(cluster)
    await removeCarriedOver(cluster)
    const { records, broken } = await readAllRecords(cluster)
    await removeStrayWork(
      cluster,
      new Set([...records.map(({ kept }) => kept.group.name), ...broken.map(({ group }) => group)]),
    )
    const signal = AbortSignal.any([options.signal, lease.lost, lease.givenUp])
    return await work({ cluster, mirrors, inTurn }, { ...options, signal })
  } finally {
    mirrors.volumes.close()
    mirrors.claims.close()
    await lease.release()
  }
}

/** Which plan its groups are moved by. */
export function originOf({ metadata, digest, cluster, migration, jobs }: Plan): PlanOrigin {
  return { name: metadata.name, digest, cluster, migration, ...(jobs ? { jobs } : {}) }
}

/** What was shown is what is done. */
function whyUnseen(known: GroupRecord, { shown }: RunOptions): Failure | undefined {
  const { name } = known.kept.group
  if (!shown || shown.get(name) === fingerprintOf(known)) return undefined
  return new Refusal(...worded((say) => say.group.changedSinceShown(name)))
}

function whyNot(group: PlannedGroup, known: GroupRecord | undefined, findings: Finding[]): Failure | undefined {
  if (known?.state.phase === 'rolling-back') {
    return new Refusal(...worded((say) => say.group.rollingBack(group.name)))
  }
  if (group.blocked && known?.state.phase !== 'migrating') {
    return blockedBy(group, findings)
  }
  return undefined
}

/** The findings that block a group, as a refusal that carries their sentences. */
function blockedBy({ name }: PlannedGroup, findings: Finding[]): Refusal {
  const blockers = blockersOf(findings, name)
  return new Refusal(
    ...worded((say) => {
      const findings = blockers.map((each) => ({ code: each.code, ...said(each, say.language) }))
      const remedies = new Set(findings.flatMap(({ remedy }) => remedy ?? []))
      return say.group.blocked(name, findings, [...remedies])
    }),
  )
}

/**
 * Ends groups that the plan's findings block, without asking the cluster for anything: each `group-ended` event and each
 * result says which findings, and what to do about them.
 */
export function endBlocked(groups: PlannedGroup[], findings: Finding[], emit: Emit): GroupResult[] {
  return groups.map((group) => blocked(group, blockedBy(group, findings), emit))
}

function blocked(group: PlannedGroup, why: Failure, emit: Emit): GroupResult {
  const result = emptyResult(group, 'blocked')
  const { message, remedy } = why
  const because = { message, ...(remedy ? { remedy } : {}), in: (language: string) => why.in(language) }
  emit({ type: 'group-ended', group: group.name, outcome: 'blocked', ...because })
  return { ...result, ...because }
}

/** Groups that share a workload go in step; what has nothing in common goes side by side. */
async function carry(
  travels: GroupRunner[],
  direction: 'forward' | 'back',
  options: RunOptions,
): Promise<GroupResult[]> {
  const verb = direction === 'forward' ? 'apply' : 'rollback'
  options.emit({ type: 'run-started', verb, groups: travels.map(({ run }) => run.group.name) })
  if (direction === 'forward') await lookFirst(travels)
  const limit = pLimit(options.ask ? 1 : options.concurrency)
  const isFailed = () => options.failFast && travels.some(({ result }) => result.outcome === 'failed')
  await Promise.all(
    connected(travels, ({ run: { group } }) => [
      ...group.workloads.map(({ ref }) => describeRef(ref)),
      ...volumesTogether(group),
    ]).map((unit) =>
      limit(async () => {
        const { aborted, reason } = options.signal
        if (aborted && reason instanceof Failure) for (const each of unit) each.giveUp(reason)
        else if (aborted || isFailed()) for (const each of unit) each.end(aborted ? 'interrupted' : 'skipped')
        else await (direction === 'forward' ? goForward(unit) : goBack(unit))
      }),
    ),
  )
  await Promise.all(travels.map((each) => each.look()))
  return travels.map(({ result }) => result)
}

/**
 * Ends groups of which a directory is another one's too, whatever it is called, before anything of any group is copied or
 * stopped. Once a group's workloads are being stopped its first copy is over, and nothing holds it up any more.
 */
async function lookFirst(travels: GroupRunner[]): Promise<void> {
  const looking = travels.filter(({ run }) => run.group.copies.length > 0 && !run.settings.rehearsal)
  const still = looking.filter(({ run }) => !run.record?.state.stopping)
  if (still.length === 0) return
  const { refused, unseen } = await lookAtSources(looking.map(({ run }) => run))
  for (const each of still) {
    const { name } = each.run.group
    const [refusal, failure] = [refused.get(name), unseen.get(name)]
    if (refusal) each.refuse(refusal)
    else if (failure) each.run.unseen = failure
  }
}

/** What is stopped for all groups of a unit is started when all of them are moved. */
async function goForward(unit: GroupRunner[]): Promise<void> {
  for (const each of unit) each.begin()
  await Promise.all(unit.map((each) => each.takeOver('forward')))
  for (const name of STEP_NAMES) {
    // before anything is done at all; and again before anything is stopped, for the first copy may have taken hours
    const again = name === 'stop' && unit.some(({ run: { group } }) => group.copies.length > 0)
    if (name === 'record' || again) await Promise.all(unit.map((each) => each.ask('forward')))
    await inStep(unit, (each) => each.take(name))
  }
  for (const each of unit) each.end('migrated')
}

async function goBack(unit: GroupRunner[]): Promise<void> {
  await Promise.all(unit.map((each) => each.takeOver('back')))
  await Promise.all(unit.map((each) => each.ask('back')))
  const [comers, hosts] = [unit.filter(isComer), unit.filter((each) => !isComer(each))]
  for (const name of STEP_NAMES.toReversed()) {
    await inStep(hosts, (each) => each.undo(name))
    // what they have written is copied back with the place that they have joined: until that is done they stay there
    if (hosts.some(({ result: { outcome } }) => outcome === 'failed' || outcome === 'blocked'))
      for (const each of comers) each.end('skipped')
    await inStep(comers, (each) => each.undo(name))
  }
  for (const each of unit) each.end('rolled-back')
}

/** All take a step side by side, and may wait for each other in the midst of it. */
async function inStep(unit: GroupRunner[], step: (runner: GroupRunner) => Promise<void>): Promise<void> {
  const meeting = new MeetingPoint(unit)
  await Promise.all(
    unit.map(async (each) => {
      each.meeting = meeting
      try {
        await step(each)
      } finally {
        meeting.leave(each)
      }
    }),
  )
}

function isComer({ run }: GroupRunner): boolean {
  return hasJoined(run.group)
}
