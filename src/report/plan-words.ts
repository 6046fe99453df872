import { moverOf } from '../copy/movers.ts'
import type { Plan, PlannedCopy, PlannedGroup, PlannedVolume } from '../domain/plan.ts'
import { size } from '../domain/quantity.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import type { Workload } from '../domain/workload.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { count, dateAndTime } from './amounts.ts'

/** A plan in one line: how much is to move, under way, done already, and blocked. */
export function totals(plan: Plan): string {
  const moving = plan.groups.filter((group) => !group.blocked)
  const blocked = plan.groups.filter((group) => group.blocked)
  const underWay = groupsUnderWay(plan)
  return [
    moving.length > 0 ? `${volumesIn(moving)} to move` : 'nothing to move',
    ...(underWay > 0 ? [`${count(underWay, 'group')} under way`] : []),
    ...(plan.done.length > 0 ? [`${count(plan.done.length, 'volume')} done already`] : []),
    ...(blocked.length > 0 ? [`${volumesIn(blocked)} blocked`] : []),
  ].join(', ')
}

/** Onto which file system the volumes go: its driver, and the Secret where it takes one. */
export function fileSystemName({ migration: { target } }: Plan): string {
  const { title, secretRef } = fileSystemOf(target)
  return `${target.driver ?? title}${secretRef ? ` with Secret ${secretRef.namespace}/${secretRef.name}` : ''}`
}

/** What the Jobs run that read and copy the data; empty where there are none. */
export function jobsWords({ jobs, migration: { target } }: Plan): string {
  if (!jobs) return ''
  const { title } = moverOf(jobs, fileSystemOf(target))
  return `with ${title}${jobs.image === undefined ? '' : `, in Jobs of the image ${jobs.image}`}`
}

/** How many groups an earlier run has begun, and not ended; they are not among the plan's own. */
export function groupsUnderWay({ findings }: Plan): number {
  return findings.filter(({ code, severity }) => code === 'under-way' && severity === 'note').length
}

/** Of a plan that moves nothing; what an earlier run has begun goes on all the same. */
export function nothingToDo(plan: Plan): string {
  return groupsUnderWay(plan) > 0 ? 'nothing else to do; juicify status shows what is under way' : 'nothing to do'
}

function volumesIn(groups: PlannedGroup[]): string {
  const volumes = groups.reduce((sum, group) => sum + group.volumes.length, 0)
  // none is planned where no rule covers it, or nothing of it is left
  return `${volumes > 0 ? `${count(volumes, 'volume')} in ` : ''}${count(groups.length, 'group')}`
}

/** Where a volume is, and where it goes; one that is there already only has to be found again by its claim. */
export function placeOf({ directory, nodes, subdir, before }: PlannedVolume): string {
  const from = directoryOf(before) === undefined ? 'on the file system already' : directory
  const where = nodes && nodes.length > 0 ? ` on ${nodes.join(', ')}` : ''
  return `${from}${where} → ${subdir === '' ? "the file system's root" : subdir}`
}

/** What there is to be copied, and what of it fits; empty where nobody has measured it. */
export function measuredWords({ directory, measured }: PlannedCopy): string {
  if (!measured) return ''
  if ('failure' in measured) return `${directory}: not known`
  const { nodes, place, at } = measured
  const amounts = nodes.map(({ node, files, directories, links, bytes }) => {
    const kinds = [count(files, 'file'), count(directories, 'directory', 'directories'), count(links, 'link')]
    return `${kinds.join(', ')}, ${size(bytes)} on ${node}`
  })
  const free = [size(place.freeBytes), ...(place.freeInodes === undefined ? [] : [count(place.freeInodes, 'inode')])]
  const there =
    place.state === 'copied' ? [`${count(place.entries, 'entry', 'entries')} on the file system already`] : []
  return `${directory}: ${[...amounts, ...there, `free: ${free.join(', ')}`].join('; ')}; as of ${dateAndTime(at)}`
}

/** `namespace/claim`. */
export function claimOf({ claim }: PlannedVolume): string {
  return claim ? `${claim.metadata.namespace}/${claim.metadata.name}` : '(no claim)'
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

const TREATMENT: Record<Workload['quiesce'], string> = {
  stop: 'stop, then start',
  rolling: 'restart after',
  wait: 'wait for',
  refuse: 'in the way',
  delete: 'delete',
}

/** What becomes of a workload while its volumes move, in two or three words. */
export function treatmentOf({ stopped, quiesce }: Workload): string {
  return stopped ? 'leave stopped' : TREATMENT[quiesce]
}
