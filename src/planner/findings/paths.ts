import { below, isBelow, sortByDirectory } from '../../domain/directory.ts'
import type { FileSystem, FileSystemAdvice } from '../../domain/filesystem.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Migration } from '../../domain/migration.ts'
import { ANNOTATION, WORK_PREFIX } from '../../domain/names.ts'
import type { PlannedVolume } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { finding } from '../../words/finding.ts'
import { copiesData } from '../data.ts'
import { related, shareNode } from '../grouping.ts'
import { PathIndex } from '../path-index.ts'
import { unknownPlaceholders } from '../path-rules.ts'
import { subjectOf } from '../path-subject.ts'
import { type Context, type Draft, volumeRef } from './context.ts'

/** Where the directories go: covered by a rule, in a form that the file system takes, and in the same relation as before. */
export function pathFindings(context: Context): Finding[] {
  return [
    ...context.drafts.flatMap((draft) => uncovered(draft, context.migration)),
    ...context.drafts.flatMap((draft) => unusable(draft, context.fileSystem)),
    ...relationFindings(context),
    ...taken(context),
    ...together(context),
  ]
}

/** What the file system has to say of them, beside each other and what is there. */
function together({ drafts, fileSystem: { volumes }, survey }: Context): Finding[] {
  const planned = drafts.flatMap(({ group }) =>
    group.volumes.map(({ after }) => ({ group: group.name, volume: after })),
  )
  return volumes.findings?.(planned, survey) ?? []
}

function uncovered(draft: Draft, migration: Migration): Finding[] {
  const planned = new Set(draft.group.volumes.map((volume) => volume.name))
  return (
    draft.moving
      // a raw block device has no directory, and does not move at all
      .filter((candidate) => !planned.has(candidate.name) && candidate.pv.spec.volumeMode !== 'Block')
      .map((candidate) => {
        const { name, directory, pv } = candidate
        const unknown = unknownPlaceholders(subjectOf(candidate, migration), migration.paths)
        const data = {
          directory,
          placeholders: unknown.map((each) => `{${each}}`),
          byDirectory: rule({ from: directory }),
          byName: rule({ volume: name }),
        }
        return finding('block', 'no-path-rule', { object: volumeRef(pv), group: draft.name }, data)
      })
  )
}

/** A rule as it is written in spec.paths, quoted where YAML wants it, its place left open where none is given. */
function rule(parts: { from?: string; volume?: string; to?: string }): string {
  const word = (text: string) => (/^[\w./+-]+$/.test(text) ? text : JSON.stringify(text))
  const written = Object.entries(parts).map(([key, text]) => `${key}: ${word(text)}`)
  return `{${[...written, ...(parts.to === undefined ? ['to: …'] : [])].join(', ')}}`
}

function unusable({ group }: Draft, fileSystem: FileSystem): Finding[] {
  return group.volumes.flatMap((volume) => [
    ...unusablePlace(volume, group.name, fileSystem),
    ...otherHandle(volume, group.name, fileSystem),
  ])
}

function unusablePlace({ subdir, before, directory }: PlannedVolume, group: string, fileSystem: FileSystem): Finding[] {
  const isOurs = subdir.startsWith(WORK_PREFIX)
  const problem = isOurs
    ? `names that begin with \`${WORK_PREFIX}\` are reserved for juicify`
    : fileSystem.volumes.subdirProblem(subdir)
  if (problem === undefined) return []
  return [
    finding(
      'block',
      'subdir-invalid',
      { object: volumeRef(before), group },
      {
        title: fileSystem.title,
        subdir,
        problem,
        rule: fileSystem.advice.showsWhole ? undefined : rule({ from: directory }),
      },
    ),
  ]
}

/** A handle that is not the volume's name is told; one that somebody gave a volume by hand may be none. */
function otherHandle(
  { name, before, after }: PlannedVolume,
  group: string,
  { volumes, driver }: FileSystem,
): Finding[] {
  const about = { object: volumeRef(before), group }
  const handle = after.spec.csi?.volumeHandle
  const { handles } = volumes
  if (!handles || handle === undefined || handle === name) return []
  const problem = handles.problem(handle)
  if (problem !== undefined && volumes.holds(before))
    return [finding('block', 'volume-handle-invalid', about, { handle, driver: driver.title, problem })]
  if (volumes.holds(before)) return []
  return [finding('note', 'volume-handle-invalid', about, { handle, problem: handles.problem(name) })]
}

interface Placed {
  volume: PlannedVolume
  group: string
  directory: string
  nodes?: string[]
}

/**
 * Two volumes share or nest their subdirs exactly as they shared or nested their directories. Holding each volume
 * against the nearest one above it, once by directory and once by subdir, holds all pairs against each other.
 */
function relationFindings({ drafts, fileSystem: { advice } }: Context): Finding[] {
  const placed = drafts.flatMap(({ group, moving }): Placed[] => {
    const byName = new Map(moving.map((candidate) => [candidate.name, candidate]))
    return group.volumes.flatMap((volume) => {
      const candidate = byName.get(volume.name)
      return candidate ? [{ volume, group: group.name, directory: candidate.directory, nodes: candidate.nodes }] : []
    })
  })
  return [...collisions(placed, advice), ...lostRelations(placed)]
}

function collisions(placed: Placed[], { showsWhole }: FileSystemAdvice): Finding[] {
  return neighbours(placed, ({ volume }) => volume.subdir).flatMap(([lower, upper]) => {
    const wasRelated =
      lower.volume.subdir === upper.volume.subdir
        ? lower.directory === upper.directory
        : isBelow(lower.directory, upper.directory)
    if (wasRelated && shareNode(lower, upper)) return []
    return [lower, upper].map((one, i) => {
      const other = i === 0 ? upper : lower
      return finding(
        'block',
        'subdir-collision',
        { object: volumeRef(one.volume.before), group: one.group },
        {
          subdir: one.volume.subdir,
          other: other.volume.name,
          otherSubdir: other.volume.subdir,
          apart: showsWhole ? undefined : apart(one, other),
        },
      )
    })
  })
}

/** Rules that part two volumes: by their nodes where the directory is the same, else by their directories. */
function apart(one: Placed, other: Placed): string[] {
  const byName = rule({ volume: one.volume.name })
  if (one.directory !== other.directory) return [rule({ from: one.directory }), byName]
  if (one.nodes?.length !== 1) return [byName]
  const to = `${one.volume.subdir === '' ? '' : `${one.volume.subdir}/`}{node}`
  return [rule({ from: one.directory, to }), byName]
}

function lostRelations(placed: Placed[]): Finding[] {
  const known = placed.filter(({ directory }) => directory !== '')
  return [...related(known)].flatMap(([lower, upper]) => {
    // at the same place below it, too: the one above is copied with all that is in it
    if (below(lower.directory, upper.directory) === below(lower.volume.subdir, upper.volume.subdir)) return []
    return [
      finding(
        'block',
        'relation-lost',
        { object: volumeRef(lower.volume.before), group: lower.group },
        {
          directory: lower.directory,
          upper: upper.volume.name,
          subdir: lower.volume.subdir,
          upperSubdir: upper.volume.subdir,
        },
      ),
    ]
  })
}

/** Each item with the nearest one at or above its path. */
function neighbours<T>(items: T[], path: (item: T) => string): [T, T][] {
  const pairs: [T, T][] = []
  const above: T[] = []
  for (const item of sortByDirectory(items, path)) {
    for (let top = above.at(-1); top !== undefined; top = above.at(-1)) {
      if (path(top) === path(item) || isBelow(path(item), path(top))) break
      above.pop()
    }
    const nearest = above.at(-1)
    if (nearest !== undefined) pairs.push([item, nearest])
    above.push(item)
  }
  return pairs
}

/** Places that volumes on the same file system have already: nothing is ever copied onto one. */
function taken({ survey, fileSystem, migration, drafts, options }: Context): Finding[] {
  const moving = new Set(drafts.flatMap(({ group }) => group.volumes.map((volume) => volume.name)))
  const present = survey.volumes.filter((pv) => fileSystem.volumes.isSame(pv) && !moving.has(pv.metadata.name))
  const index = new PathIndex(present, fileSystem.volumes.subdirOf)
  const copying = copiesData(migration)
  return drafts.flatMap(({ group }) =>
    (group.joins ? [] : group.volumes).flatMap((volume) =>
      takenBy(volume, group.name, index, fileSystem, {
        mayShare: !copying && options.dangerousSplit,
        rootCounts: copying && migration.copy.intoExisting === true,
      }),
    ),
  )
}

function takenBy(
  volume: PlannedVolume,
  group: string,
  index: PathIndex<PersistentVolume>,
  { title, volumes }: FileSystem,
  { mayShare, rootCounts }: { mayShare: boolean; rootCounts: boolean },
): Finding[] {
  const above = index.atOrAbove(volume.subdir)
  // one at the root is above everything, and must not hide what is below
  const met = above && volumes.subdirOf(above) !== '' ? above : (index.firstBelow(volume.subdir) ?? above)
  if (!met) return []
  const there = volumes.subdirOf(met)
  const isRoot = there === '' && volume.subdir !== ''
  const about = { object: volumeRef(volume.before), group }
  const data = { title, other: met.metadata.name, otherSubdir: there, subdir: volume.subdir }
  if (isRoot && !rootCounts) return [finding('warn', 'subdir-in-use', about, { ...data, is: 'root' })]
  if (isRoot) return [finding('block', 'subdir-in-use', about, { ...data, is: 'root-merged' })]
  if (mayShare) return [finding('warn', 'subdir-in-use', about, { ...data, is: 'shared' })]
  return [finding('block', 'subdir-in-use', about, { ...data, is: 'taken', ...cameFrom(volume, met, volumes) })]
}

/** A volume that comes later to a directory that has moved needs no place of its own, but has to be known as one. */
function cameFrom(
  { directory, subdir }: PlannedVolume,
  met: PersistentVolume,
  on: FileSystem['volumes'],
): { from: string; command: string } | undefined {
  const { name, annotations = {} } = met.metadata
  const rest = below(subdir, on.subdirOf(met))
  if (directory === '' || rest === undefined || annotations[ANNOTATION.movedFrom] !== undefined) return undefined
  const from = rest === '' ? directory : directory.endsWith(`/${rest}`) && directory.slice(0, -rest.length - 1)
  if (!from) return undefined
  return { from, command: `kubectl annotate pv ${name} ${ANNOTATION.movedFrom}=${shellWord(from)}` }
}
