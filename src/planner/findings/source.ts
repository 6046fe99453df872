import { moverOf } from '../../copy/movers.ts'
import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { directoryOf } from '../../domain/volume.ts'
import { isRunning } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { copiesData } from '../data.ts'
import { PathIndex } from '../path-index.ts'
import { type Context, type Draft, volumeRef } from './context.ts'

/** Where a mount makes no directory, one that is missing keeps its pods from starting; juicify makes it with an image that it is told. */
export function placeFindings({ migration: { copy }, fileSystem, drafts }: Context): Finding[] {
  const uncopied = drafts.filter(
    ({ group }) => group.copies.length === 0 && group.volumes.some(({ subdir }) => subdir !== ''),
  )
  if (fileSystem.mounts.makesPlaces || copy.image !== undefined || uncopied.length === 0) return []
  return [finding('warn', 'places-not-made', {}, { title: fileSystem.title })]
}

/** Not every mover can merge what several nodes hold. */
export function mergeFindings({ migration: { copy }, fileSystem, drafts }: Context): Finding[] {
  if (moverOf(copy, fileSystem).merges) return []
  return drafts.flatMap(({ name, group }) =>
    group.copies
      .filter(({ nodes }) => nodes.length > 1)
      .map(({ directory, nodes }) =>
        finding('block', 'mover-cannot-merge', { group: name }, { directory, nodes, ...byAffinity(group, directory) }),
      ),
  )
}

/** Each node's Job reads all that it holds. */
export function splitFindings({ migration: { copy }, drafts }: Context): Finding[] {
  const { parallel = 1 } = copy
  if (parallel === 1) return []
  return drafts.flatMap(({ name, group }) =>
    group.copies
      .filter(({ nodes }) => nodes.length > 1)
      .map(({ directory, nodes }) =>
        finding(
          'block',
          'merge-not-split',
          { group: name },
          { directory, nodes, parallel, ...byAffinity(group, directory) },
        ),
      ),
  )
}

/** A volume's node affinity comes before the migration's nodes, which are for those that have none. */
function byAffinity({ volumes }: Draft['group'], directory: string): { byAffinity?: true } {
  const named = volumes.some((each) => each.directory === directory && each.before.spec.nodeAffinity?.required)
  return named ? { byAffinity: true } : {}
}

/** Host paths that may be another directory on every node, where nobody has said which one holds the data. */
export function sourceFindings(context: Context): Finding[] {
  const { survey, migration, drafts } = context
  if (!copiesData(migration)) return []
  const several = migration.source.nodes === 'auto' && survey.nodes.length > 1
  return drafts
    .filter(({ group }) => !group.joins)
    .flatMap((draft) => {
      const found = several ? unclear(draft, context, survey.nodes.length) : []
      return found.length > 0 ? found : unread(draft, context)
    })
}

/** What moves, and of whose files no copy, or not that of each node, would be made. */
function unread({ name, group }: Draft, { fileSystem }: Context): Finding[] {
  const copies = new PathIndex(group.copies, ({ directory }) => directory)
  return group.volumes.flatMap(({ before, directory, nodes }) => {
    if (directoryOf(before) === undefined) return []
    const about = { object: volumeRef(before), group: name }
    const copy = copies.atOrAbove(directory)
    if (!copy && nodes) {
      return [finding('block', 'source-unread', about, { directory, because: 'no-node' })]
    }
    if (!copy) {
      return [
        finding('block', 'source-unread', about, { directory, because: 'no-driver', driver: fileSystem.driver.title }),
      ]
    }
    const others = (nodes ?? []).filter((node) => !copy.nodes.includes(node))
    if (others.length === 0) return []
    return [
      finding('block', 'source-unread', about, {
        directory: copy.directory,
        because: 'other-nodes',
        others,
        copiedFrom: copy.nodes,
      }),
    ]
  })
}

function unclear({ name, moving }: Draft, { survey }: Context, nodes: number): Finding[] {
  const anywhere = moving.filter((candidate) => !candidate.nodes && !candidate.repair)
  const [first] = anywhere
  if (!first) return []
  const claims = new Set(
    anywhere.flatMap(({ claim }) => (claim ? [`${claim.metadata.namespace}/${claim.metadata.name}`] : [])),
  )
  const used = survey.pods
    .filter(
      (pod) =>
        isRunning(pod) && pod.node !== undefined && pod.claims.some((claim) => claims.has(`${pod.namespace}/${claim}`)),
    )
    .flatMap(({ node }) => node ?? [])
  const seen = [...new Set(used)].sort(compareText)
  return [
    finding(
      'block',
      'source-unclear',
      { object: volumeRef(first.pv), group: name },
      { directory: first.directory, nodes, seen },
    ),
  ]
}
