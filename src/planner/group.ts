import { shortHash } from '../domain/digest.ts'
import { isBelow, sortByDirectory, topmost } from '../domain/directory.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { withoutVersions } from '../domain/manifest.ts'
import type { Migration } from '../domain/migration.ts'
import type { PlannedGroup, PlannedVolume, PlanOptions, StepName } from '../domain/plan.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import type { Candidate } from './candidate.ts'
import type { HandleOf } from './handles.ts'
import { withOrigin } from './moved.ts'
import { subdirFor } from './path-rules.ts'
import { sourceNodes, subjectOf } from './path-subject.ts'
import { boundTo, replacementOf } from './replacement.ts'
import { isExcluded, isMatched } from './selection.ts'

/** What becomes of the volumes of one group. */
export interface Division {
  name: string
  /** They are moved. */
  moving: Candidate[]
  /** They are named in `exclude`. */
  excluded: Candidate[]
  /** Nobody selected them. */
  leftOut: Candidate[]
}

/** Who of a group moves and who stays; undefined where none is selected. */
export function divide(
  members: Candidate[],
  migration: Migration,
  options: PlanOptions,
  survey: Survey,
): Division | undefined {
  const [excluded, others] = partition(members, ({ pv }) => isExcluded(pv, migration))
  const [selected, rest] = partition(others, ({ pv }) => isMatched(pv, migration, survey))
  if (selected.length === 0) return undefined
  const [moving, leftOut] = options.wholeGroups ? [others, []] : [selected, rest]
  // those that have moved have a record by the directory's name
  const split = leftOut.length > 0 || isJoining({ moving })
  return { name: groupName(moving, split), moving, excluded, leftOut }
}

/** True where all that is to move has only to be bound to where its directories are already. */
export function isJoining({ moving }: Pick<Division, 'moving'>): boolean {
  return moving.length > 0 && moving.every(({ joins }) => joins)
}

/** The group as it stands in the plan, its findings and workloads aside. */
export function plannedGroup(
  division: Division,
  migration: Migration,
  fileSystem: FileSystem,
  handleOf: HandleOf,
): PlannedGroup {
  const { directories, staying } = territories(division)
  const joining = isJoining(division)
  return {
    name: division.name,
    directories,
    volumes: division.moving
      .flatMap((candidate) => plannedVolume(candidate, migration, fileSystem, { joining, staying, handleOf }))
      .sort((a, b) => compareText(a.name, b.name)),
    workloads: [],
    staying,
    copies: [],
    steps: [],
    blocked: false,
  }
}

/**
 * The topmost directories that move, and those below them that stay. Where one moves below one that stays, it is a
 * topmost one too: it is not reached by way of the other.
 */
function territories({ moving, excluded, leftOut }: Division): { directories: string[]; staying: string[] } {
  const moved = new Set(knownDirectories(moving))
  const others = knownDirectories([...excluded, ...leftOut]).filter((directory) => !moved.has(directory))
  const directories: string[] = []
  const staying: string[] = []
  const above: string[] = []
  for (const directory of sortByDirectory([...moved, ...new Set(others)], (path) => path)) {
    while (above.length > 0 && !isBelow(directory, above.at(-1) ?? '')) above.pop()
    const nearest = above.at(-1)
    const isBelowMoved = nearest !== undefined && moved.has(nearest)
    if (moved.has(directory) && !isBelowMoved) directories.push(directory)
    if (!moved.has(directory) && isBelowMoved) staying.push(directory)
    above.push(directory)
  }
  return { directories, staying }
}

/** The steps of a group in order, those left out that it does not need. */
export function stepsFor(
  workloads: Workload[],
  {
    copying,
    joining = false,
    limiting = false,
    probing,
  }: { copying: boolean; joining?: boolean; limiting?: boolean; probing: boolean },
): StepName[] {
  const stopping = workloads.some(({ quiesce, stopped }) => quiesce !== 'rolling' && !stopped)
  const starting = workloads.some(({ quiesce, stopped }) => ['stop', 'rolling'].includes(quiesce) && !stopped)
  return [
    'record',
    'retain',
    // what nothing uses need not be copied twice
    ...when(copying && stopping, 'copy'),
    ...when(stopping, 'stop'),
    ...when(joining, 'join'),
    ...when(copying, 'catch-up'),
    ...when(copying, 'verify'),
    ...when(limiting, 'quota'),
    'swap',
    ...when(probing, 'probe'),
    ...when(starting, 'start'),
    'finish',
  ]
}

function partition<T>(items: T[], belongs: (item: T) => boolean): [T[], T[]] {
  const [those, others]: [T[], T[]] = [[], []]
  for (const item of items) (belongs(item) ? those : others).push(item)
  return [those, others]
}

function when(condition: boolean, step: StepName): StepName[] {
  return condition ? [step] : []
}

/** None where no rule says where the volume goes: that is a block, and there is no replacement to show. */
function plannedVolume(
  candidate: Candidate,
  migration: Migration,
  fileSystem: FileSystem,
  { joining, staying, handleOf }: { joining: boolean; staying: string[]; handleOf: HandleOf },
): PlannedVolume[] {
  const { name, pv, claim, directory, repair, joins } = candidate
  const subdir = repair
    ? fileSystem.volumes.subdirOf(pv)
    : ((joining ? joins?.subdir : undefined) ?? subdirFor(subjectOf(candidate, migration), migration.paths))
  if (subdir === undefined) return []
  const source = sourceNodes(candidate, migration) ?? (joining ? joins?.nodes : undefined)
  const without = staying.filter((path) => isBelow(path, directory))
  const origin = { directory, without, ...(source ? { nodes: source } : {}) }
  return [
    {
      name,
      directory,
      subdir,
      ...(source ? { nodes: source } : {}),
      ...(claim ? { claim: withoutVersions(claim) } : {}),
      before: withoutVersions(pv),
      after:
        repair && claim
          ? boundTo(pv, claim)
          : withOrigin(replacementOf(pv, claim, { subdir, handle: handleOf(name) }, fileSystem), origin),
    },
  ]
}

/**
 * The same for the same directories: it names the record, and a plan made later must find it again. Two halves of a
 * group that was split have their directories in common, and are told apart by their volumes.
 */
function groupName(moving: Candidate[], split: boolean): string {
  const tops = topmost(knownDirectories(moving))
  const names = moving.map(({ name }) => name).sort(compareText)
  const nodes = [...new Set(moving.flatMap((candidate) => candidate.nodes ?? []))].sort(compareText)
  const identity = [...tops, '', ...nodes, '', ...(split || tops.length === 0 ? names : [])].join('\n')
  const word = (tops[0] ?? names[0] ?? '').split('/').at(-1) ?? ''
  const slug = word
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return `${slug === '' ? 'root' : slug}-${shortHash(identity)}`
}

function knownDirectories(candidates: Candidate[]): string[] {
  return candidates.map(({ directory }) => directory).filter((directory) => directory !== '')
}
