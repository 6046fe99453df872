import { digestOf } from '../domain/digest.ts'
import { API_VERSION, type Migration } from '../domain/migration.ts'
import type { Plan, PlannedGroup, PlanOptions } from '../domain/plan.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { directoryOf } from '../domain/volume.ts'
import { isOnTarget } from '../target/juicefs.ts'
import { candidatesOf } from './candidate.ts'
import type { Context, Draft } from './findings/context.ts'
import { findingsOf, isHeldBack } from './findings.ts'
import { divide, plannedGroup, stepsFor } from './group.ts'
import { connect } from './grouping.ts'
import { checkNames, isExcluded, isMatched } from './selection.ts'

/**
 * Decides what will be done: the same survey, in whatever order its lists are, and the same migration give the same
 * plan, byte for byte.
 * @throws Refusal where the migration names something that is not there
 */
export function makePlan(survey: Survey, migration: Migration, options: PlanOptions): Plan {
  const { target, paths } = migration
  const ours = survey.volumes.filter((pv) => directoryOf(pv) !== undefined || isOnTarget(pv, target))
  checkNames(
    migration,
    ours,
    survey.claims.map(({ metadata }) => metadata.namespace),
  )
  const candidates = candidatesOf(survey, target, paths)
  const drafts = connect(candidates).flatMap((members): Draft[] => {
    const division = divide(members, migration, options)
    return division ? [{ ...division, group: plannedGroup(division, migration) }] : []
  })
  const context: Context = { survey, migration, options, drafts }
  const findings = findingsOf(context)
  const open = new Set(candidates.map(({ name }) => name))
  const content = {
    apiVersion: API_VERSION,
    kind: 'Plan' as const,
    metadata: { name: migration.name },
    cluster: survey.cluster,
    migration,
    options,
    findings,
    groups: drafts
      .map(
        ({ group }): PlannedGroup => ({
          ...group,
          steps: stepsFor(group.workloads),
          blocked: isHeldBack(group.name, findings),
        }),
      )
      .sort((a, b) => compareText(a.name, b.name)),
    done: ours
      .filter((pv) => isOnTarget(pv, target) && isMatched(pv, migration) && !isExcluded(pv, migration))
      .map((pv) => pv.metadata.name)
      .filter((name) => !open.has(name))
      .sort(compareText),
  }
  return { ...content, digest: digestOf(content) }
}
