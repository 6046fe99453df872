import { type Finding, finding } from '../../domain/finding.ts'
import { listed } from '../../domain/text.ts'
import { recordedVolumes } from '../under-way.ts'
import type { Context } from './context.ts'

const REMEDY = 'juicify resume goes on with it, juicify rollback takes it back.'

/** Groups that an earlier run has begun: they are not planned anew, and hold back what lies with them. */
export function underWayFindings({ survey, underWay, drafts }: Context): Finding[] {
  const recorded = recordedVolumes(survey)
  return [
    ...underWay.map(({ group, state }) =>
      finding(
        'note',
        'under-way',
        { group },
        `The group ${group} is under way already (${state}): its record says how it goes on.`,
        REMEDY,
      ),
    ),
    ...drafts.flatMap(({ name, moving }) => {
      const begun = moving.flatMap((candidate) => recorded.get(candidate.name) ?? [])
      if (begun.length === 0) return []
      const others = listed([...new Set(begun)])
      return [
        finding(
          'block',
          'under-way',
          { group: name },
          `Some of its volumes are under way already, in ${others}.`,
          REMEDY,
        ),
      ]
    }),
  ]
}
