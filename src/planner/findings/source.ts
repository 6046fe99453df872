import { moverOf } from '../../copy/movers.ts'
import { type Finding, finding } from '../../domain/finding.ts'
import { compareText, listed } from '../../domain/text.ts'
import { directoryOf } from '../../domain/volume.ts'
import { isRunning } from '../../domain/workload.ts'
import { copiesData } from '../data.ts'
import { PathIndex } from '../path-index.ts'
import { type Context, type Draft, volumeRef } from './context.ts'

/** Without an image that has the mover there is nothing to copy with. */
export function moverFindings({ survey, migration: { copy }, fileSystem, drafts }: Context): Finding[] {
  if (copy.image !== undefined || drafts.every(({ group }) => group.copies.length === 0)) return []
  const mover = moverOf(copy, fileSystem)
  if (!fileSystem.movers.includes(mover)) {
    const otherwise = fileSystem.movers.length > 0 ? 'leave spec.copy.mover out' : NOTHING_TO_COPY
    return [
      finding(
        'block',
        'mover-missing',
        {},
        `The data is to be copied with ${mover.title}, and no image that has it is named.`,
        `Set spec.copy.image to ${mover.image}, or ${otherwise}.`,
      ),
    ]
  }
  if (fileSystem.image.isKnown(survey)) return []
  return [
    finding(
      'block',
      'mover-missing',
      {},
      `The data is to be copied with the file system’s own mover, and no image that has it is known: ${fileSystem.image.unknown}.`,
      `Set spec.copy.image to ${mover.image}, or ${NOTHING_TO_COPY}.`,
    ),
  ]
}

const NOTHING_TO_COPY = 'spec.copy.mode: none where the data is there already'

/** Not every mover can merge what several nodes hold. */
export function mergeFindings({ migration: { copy }, fileSystem, drafts }: Context): Finding[] {
  if (moverOf(copy, fileSystem).merges) return []
  return drafts.flatMap(({ name, group }) =>
    group.copies
      .filter(({ nodes }) => nodes.length > 1)
      .map(({ directory, nodes }) =>
        finding(
          'block',
          'mover-cannot-merge',
          { group: name },
          `${directory} is to be merged from ${listed(nodes)}, and the file system’s own mover cannot do that.`,
          'Set spec.copy.mover: rsync and an image that has it, or name one node in spec.source.nodes.',
        ),
      ),
  )
}

/** Each node's Job reads all that it holds. */
export function splitFindings({ migration: { copy }, drafts }: Context): Finding[] {
  if ((copy.parallel ?? 1) === 1) return []
  return drafts.flatMap(({ name, group }) =>
    group.copies
      .filter(({ nodes }) => nodes.length > 1)
      .map(({ directory, nodes }) =>
        finding(
          'block',
          'merge-not-split',
          { group: name },
          `${directory} is to be merged from ${listed(nodes)}, with one Job on each, and cannot be split over ${copy.parallel} besides.`,
          'Take spec.copy.parallel out, or name one node in spec.source.nodes.',
        ),
      ),
  )
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
      return [
        finding(
          'block',
          'source-unread',
          about,
          `Nothing can copy ${directory}: its node affinity fits no node that is there.`,
          'Bring its node back, or exclude it (spec.select.exclude).',
        ),
      ]
    }
    if (!copy) {
      return [
        finding(
          'block',
          'source-unread',
          about,
          `Nothing can copy ${directory}: the ${fileSystem.driver.title} runs on no node that takes pods.`,
          'kubectl uncordon one of those that have it, or name the nodes that hold the data in spec.source.nodes.',
        ),
      ]
    }
    const others = (nodes ?? []).filter((node) => !copy.nodes.includes(node))
    if (others.length === 0) return []
    return [
      finding(
        'block',
        'source-unread',
        about,
        `It is on ${listed(others)} too, but ${copy.directory}, which it is copied with, is copied from ${listed(copy.nodes)} only: its files on ${listed(others)} would be left behind.`,
        'Name in spec.source.nodes only nodes from which all of it is copied; what lies on others has to be brought there first.',
      ),
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
      `${first.directory} may be another directory on each of the ${nodes} nodes, and nothing says which of them holds the data. ${seen.length > 0 ? `Pods use it on ${listed(seen)} now.` : 'No pod uses it now.'}`,
      'Set spec.source.nodes (or give --source-nodes): shared, where something shared is mounted there; else the list of the nodes that hold it.',
    ),
  ]
}
