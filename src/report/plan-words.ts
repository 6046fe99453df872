import { moverOf } from '../copy/movers.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedCopy, PlannedGroup, PlannedVolume } from '../domain/plan.ts'
import { size } from '../domain/quantity.ts'
import { quotasOf } from '../domain/quota.ts'
import { dateAndTime } from '../domain/time.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import type { Workload } from '../domain/workload.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { forecastOfAll } from '../planner/forecast.ts'
import { messages } from '../words/messages.ts'
import { forecastWords, rangeText } from './forecast.ts'

/** A plan in one line: how much is to move, under way, done already, and blocked; who stands still for it, and what is expected. */
export function totals(plan: Plan): string {
  const moving = plan.groups.filter((group) => !group.blocked)
  const blocked = plan.groups.filter((group) => group.blocked)
  const underWay = groupsUnderWay(plan)
  const says = messages().plan
  return messages().details([
    moving.length > 0 ? says.toMigrate(volumesIn(moving)) : says.nothingToMigrate,
    ...(underWay > 0 ? [says.inProgress(underWay)] : []),
    ...(plan.done.length > 0 ? [says.alreadyMigrated(plan.done.length)] : []),
    ...(blocked.length > 0 ? [says.blocked(volumesIn(blocked))] : []),
    ...stopsWords(moving),
    ...forecastOfPlan(moving),
  ])
}

/** Groups that a run works on at once, unless it is told otherwise (`--concurrency`). */
const AT_ONCE = 4

/** Workloads that are stopped for these groups, and for how many people they run. */
function stopsWords(groups: PlannedGroup[]): string[] {
  const stopping = stoppedFor(groups)
  const people = new Set(stopping.flatMap(({ user }) => user ?? [])).size
  const says = messages().plan
  return [...(stopping.length > 0 ? [says.stopped(stopping.length)] : []), ...(people > 0 ? [says.people(people)] : [])]
}

/** The workloads that are stopped for these groups, each once: groups may share one. */
export function stoppedFor(groups: PlannedGroup[]): Workload[] {
  const stopping = groups.flatMap(({ workloads }) =>
    workloads.filter(({ quiesce, stopped }) => quiesce === 'stop' && !stopped),
  )
  return [...new Map(stopping.map((workload) => [describeRef(workload.ref), workload])).values()]
}

function forecastOfPlan(groups: PlannedGroup[]): string[] {
  const forecasts = groups.flatMap(({ forecast }) => (forecast ? [forecast] : []))
  if (forecasts.length === 0) return []
  const words = forecastWords(forecastOfAll(forecasts, AT_ONCE), forecasts.length > 1)
  const missing = groups.length - forecasts.length
  return [missing > 0 ? messages().plan.withoutForecast(words, missing) : words]
}

/** Onto which file system the volumes go: its driver, and the Secret where it takes one. */
export function fileSystemName({ migration: { target } }: Pick<Plan, 'migration'>): string {
  const { title, secretRef } = fileSystemOf(target)
  const name = target.driver ?? title
  return secretRef ? messages().plan.withSecret(name, `${secretRef.namespace}/${secretRef.name}`) : name
}

/** What the Jobs run that read and copy the data; empty where there are none. */
export function jobsWords({ jobs, migration: { target } }: Plan): string {
  if (!jobs) return ''
  const { title } = moverOf(jobs, fileSystemOf(target))
  return messages().plan.jobs(title, jobs.image)
}

/** What is asked before a plan is applied: how much is migrated, where, and how many workloads stop for it. */
export function applyQuestion(plan: Plan, where: string): string {
  const moving = plan.groups.filter((group) => !group.blocked)
  const migrate = moving.reduce((sum, { volumes }) => sum + volumes.length, 0)
  const downs = moving.flatMap(({ forecast }) => (forecast?.down ? [forecast] : []))
  const { down } = forecastOfAll(downs, AT_ONCE)
  return messages().question.apply({
    migrate,
    resume: groupsUnderWay(plan),
    stopping: stoppedFor(moving).length,
    where,
    ...(down ? { down: rangeText(down), each: downs.length > 1 } : {}),
  })
}

/** How many groups an earlier run has begun, and not ended; they are not among the plan's own. */
export function groupsUnderWay({ findings }: Plan): number {
  return findings.filter(({ code, severity }) => code === 'under-way' && severity === 'note').length
}

/** Of a plan that moves nothing; what an earlier run has begun goes on all the same. */
export function nothingToDo(plan: Plan): string {
  return groupsUnderWay(plan) > 0 ? 'nothing else to do; juicify status shows the groups in progress' : 'nothing to do'
}

function volumesIn(groups: PlannedGroup[]): string {
  const volumes = groups.reduce((sum, group) => sum + group.volumes.length, 0)
  // none is planned where no rule covers it, or nothing of it is left
  return messages().plan.volumesIn(volumes, groups.length)
}

/** Where a volume is, and where it goes; one that is there already only has to be found again by its claim. */
export function placeOf({ directory, nodes, subdir, before }: PlannedVolume): string {
  const says = messages().plan
  const from = directoryOf(before) === undefined ? says.alreadyThere : directory
  const where = nodes && nodes.length > 0 ? says.on(nodes) : ''
  return `${from}${where} → ${subdir === '' ? says.root : subdir}`
}

/** What there is to be copied, and what of it fits; empty where nobody has measured it. */
export function measuredWords({ directory, measured }: PlannedCopy): string {
  if (!measured) return ''
  const say = messages()
  if ('failure' in measured) return say.plan.unknownAmount(directory)
  const { nodes, place, at } = measured
  const amounts = nodes.map(({ node, files, directories, links, bytes }) => {
    const kinds = [say.files(files), say.directories(directories), say.links(links)]
    return say.plan.amountsOn(kinds.join(', '), size(bytes), node)
  })
  const free = [size(place.freeBytes), ...(place.freeInodes === undefined ? [] : [say.inodes(place.freeInodes)])]
  const there = place.state === 'copied' ? [say.plan.alreadyCopied(place.entries)] : []
  return say.plan.asOf(directory, [...amounts, ...there, say.plan.free(free.join(', '))], dateAndTime(at))
}

/** What each directory of a group is limited to; empty where nothing is. */
export function quotaWords(group: PlannedGroup): string[] {
  if (!group.steps.includes('quota')) return []
  return quotasOf(group).map(({ subdir, gib, volumes }) => {
    return messages().plan.quota(gib.toLocaleString('en'), subdir, volumes.length)
  })
}

/** The labels of a volume and of its claim, as kubectl shows them: `app=web,tier=a`. */
export function labelsOf({ before, claim }: Pick<PlannedVolume, 'before' | 'claim'>): string {
  return Object.entries({ ...before.metadata.labels, ...claim?.metadata.labels })
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** `namespace/claim`. */
export function claimOf({ claim }: PlannedVolume): string {
  return claim ? `${claim.metadata.namespace}/${claim.metadata.name}` : messages().plan.noClaim
}

// As kubectl shortens them.
const SHORT_MODE: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `500Gi RWX`. */
export function sizeAndModes({ spec }: PersistentVolume): string {
  const modes = (spec.accessModes ?? []).map((mode) => SHORT_MODE[mode] ?? mode)
  return [spec.capacity?.storage ?? '', modes.join(',')].filter((part) => part !== '').join(' ')
}

/** What becomes of a workload while its volumes move, in two or three words. */
export function treatmentOf({ stopped, quiesce }: Workload): string {
  return messages().plan.treatment[stopped ? 'stopped' : quiesce]
}
