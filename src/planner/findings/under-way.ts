import type { Finding } from '../../domain/finding.ts'
import { finding } from '../../words/finding.ts'
import { recordedVolumes } from '../under-way.ts'
import type { Context } from './context.ts'

/** Groups that an earlier run has begun: they are not planned again, and block what overlaps with them. */
export function underWayFindings({ survey, underWay, drafts }: Context): Finding[] {
  const recorded = recordedVolumes(survey)
  return [
    ...underWay.map(({ group, state }) => finding('note', 'under-way', { group }, { group, state })),
    ...drafts.flatMap(({ name, moving }) => {
      const begun = moving.flatMap((candidate) => recorded.get(candidate.name) ?? [])
      if (begun.length === 0) return []
      return [finding('block', 'under-way', { group: name }, { others: [...new Set(begun)] })]
    }),
  ]
}
