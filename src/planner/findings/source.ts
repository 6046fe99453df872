import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning } from '../../domain/workload.ts'
import { copiesData } from '../data.ts'
import { takesPods } from '../nodes.ts'
import { type Context, type Draft, finding, listed, volumeRef } from './context.ts'

/** Host paths that may be another directory on every node, where nobody has said which one holds the data. */
export function sourceFindings(context: Context): Finding[] {
  const { survey, migration, drafts } = context
  if (migration.source.nodes !== 'auto' || migration.copy.mode === 'none') return []
  const nodes = survey.nodes.filter(takesPods)
  if (nodes.length < 2) return []
  return drafts.flatMap((draft) => unclear(draft, context, nodes.length))
}

function unclear({ name, moving }: Draft, { survey, migration }: Context, nodes: number): Finding[] {
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
      copiesData(migration) ? 'block' : 'note',
      'source-unclear',
      { object: volumeRef(first.pv), group: name },
      `${first.directory} may be another directory on each of the ${nodes} nodes, and nothing says which of them holds the data. ${seen.length > 0 ? `Pods use it on ${listed(seen)} now.` : 'No pod uses it now.'}`,
      'Set spec.source.nodes: shared, where something shared is mounted there; else the list of the nodes that hold it.',
    ),
  ]
}
