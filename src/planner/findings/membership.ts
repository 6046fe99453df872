import { isBelow, relationOf } from '../../domain/directory.ts'
import type { Finding } from '../../domain/finding.ts'
import { finding } from '../../words/finding.ts'
import type { Candidate } from '../candidate.ts'
import { shareNode } from '../grouping.ts'
import { type Context, type Draft, volumeRef } from './context.ts'
import { reasonToStay } from './software.ts'

/** Groups that are selected in part, and what stays where its directory lies with those that move. */
export function membershipFindings(context: Context): Finding[] {
  return context.drafts.flatMap((draft) => [...partial(draft, context), ...excluded(draft), ...joining(draft)])
}

function partial({ name, leftOut, moving }: Draft, context: Context): Finding[] {
  if (leftOut.length === 0) return []
  const others = leftOut.map((candidate) => candidate.name)
  const moved = moving.map((candidate) => candidate.name)
  if (context.options.dangerousSplit) {
    return [finding('warn', 'partial-group', { group: name }, { moved, others, split: true })]
  }
  return [
    finding('block', 'partial-group', { group: name }, { moved, others, stay: stayingOf(leftOut, moving, context) }),
  ]
}

/** Volumes that come later to a directory that has moved. */
function joining({ name, group }: Draft): Finding[] {
  return (group.joins ?? []).map(({ directory, subdir, volumes, nodes }) =>
    finding(nodes.length > 0 ? 'note' : 'warn', 'joins', { group: name }, { directory, subdir, volumes, nodes }),
  )
}

/** What had better stay where it is, where it can: it lies below what moves, and nobody else has its directory. */
function stayingOf(leftOut: Candidate[], moving: Candidate[], context: Context) {
  return leftOut.flatMap((candidate) => {
    const reason = reasonToStay(candidate.pv, context)
    const canStay = moving.every(
      ({ directory }) => !['equal', 'above'].includes(relationOf(candidate.directory, directory)),
    )
    return reason !== undefined && canStay ? [{ name: candidate.name, reason }] : []
  })
}

function excluded({ name, excluded: staying, moving }: Draft): Finding[] {
  return staying.flatMap((candidate) => {
    const related = moving.filter((mover) => shareNode(mover, candidate) && mover.directory !== '')
    const inTheWay = related.filter((mover) =>
      ['equal', 'above'].includes(relationOf(candidate.directory, mover.directory)),
    )
    const about = { object: volumeRef(candidate.pv), group: name }
    if (inTheWay.length > 0) {
      return [
        finding('block', 'excluded-shares', about, {
          directory: candidate.directory,
          others: inTheWay.map((mover) => mover.name),
        }),
      ]
    }
    const parents = related.filter((mover) => isBelow(candidate.directory, mover.directory))
    if (parents.length === 0) return []
    return [
      finding('warn', 'excluded-below', about, {
        directory: candidate.directory,
        parents: parents.map((mover) => mover.name),
      }),
    ]
  })
}
