import { isBelow, relationOf } from '../../domain/directory.ts'
import { type Finding, finding } from '../../domain/finding.ts'
import { listed } from '../../domain/text.ts'
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
  const names = listed(leftOut.map((candidate) => candidate.name))
  const moved = listed(moving.map((candidate) => candidate.name))
  if (context.options.dangerousSplit) {
    return [
      finding(
        'warn',
        'partial-group',
        { group: name },
        `${moved} move without ${names}, whose directories are equal or nested: from then on the two halves no longer see each other's files.`,
        'Leave --dangerous-split out, and give --whole-groups, to move them together.',
      ),
    ]
  }
  return [
    finding(
      'block',
      'partial-group',
      { group: name },
      `The directories of ${names} are equal or nested with those of ${moved}: moved without them, the two halves would no longer see each other's files.`,
      remedyOfPart(leftOut, moving, context),
    ),
  ]
}

/** Volumes that come later to a directory that has moved. */
function joining({ name, group }: Draft): Finding[] {
  return (group.joins ?? []).map(({ directory, subdir, volumes, nodes }) =>
    finding(
      nodes.length > 0 ? 'note' : 'warn',
      'joins',
      { group: name },
      `${directory} has moved to ${subdir || 'the root'} already, with ${listed(volumes)}: the group is bound to that place, and nothing is copied or deleted. ${nodes.length > 0 ? `What ${directory} on ${listed(nodes)} has that the place lacks, or has older, is counted and named before the swap, and stays where it is.` : `What ${directory} has besides is not compared with it, and stays where it is.`}`,
      nodes.length > 0
        ? 'Give --bring-missing to bring the files that the place lacks; none is overwritten.'
        : 'Compare the two by hand before, or name the nodes in spec.source.nodes, and in spec.copy.image an image for the Job that does.',
    ),
  )
}

/** What had better stay where it is comes first, where it can: it lies below what moves, and nobody else has its directory. */
function remedyOfPart(leftOut: Candidate[], moving: Candidate[], context: Context): string {
  const whole = 'Give --whole-groups to take them in, or --dangerous-split to move a part all the same.'
  const reasons = leftOut.flatMap((candidate) => {
    const why = reasonToStay(candidate.pv, context)
    const canStay = moving.every(
      ({ directory }) => !['equal', 'above'].includes(relationOf(candidate.directory, directory)),
    )
    return why !== undefined && canStay ? [{ name: candidate.name, why }] : []
  })
  if (reasons.length === 0) return whole
  const names = reasons.map(({ name }) => name)
  const first = `Exclude ${listed(names)} (spec.select.exclude): ${reasons.map(({ why }) => why).join('; ')}.`
  return reasons.length === leftOut.length ? first : `${first} For the others: ${whole}`
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
        finding(
          'block',
          'excluded-shares',
          about,
          `It is excluded, but its directory ${candidate.directory} is that of ${listed(inTheWay.map((mover) => mover.name))}, or lies above it: they would no longer see each other's files.`,
          'Take it out of spec.select.exclude, or exclude those others too.',
        ),
      ]
    }
    const parents = related.filter((mover) => isBelow(candidate.directory, mover.directory))
    if (parents.length === 0) return []
    return [
      finding(
        'warn',
        'excluded-below',
        about,
        `It stays in ${candidate.directory}, which lies below what ${listed(parents.map((mover) => mover.name))} moves: their users will not see it there any more.`,
        'See that nobody reads it by that way; its own claim goes on as before.',
      ),
    ]
  })
}
