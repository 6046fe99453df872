import { moverOf } from '../copy/movers.ts'
import { digestOf } from '../domain/digest.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import {
  copyKey,
  type MeasuredPlan,
  PLAN_API_VERSION,
  type Plan,
  type PlannedGroup,
  type PlanOptions,
} from '../domain/plan.ts'
import { quotasOf } from '../domain/quota.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import type { Workload } from '../domain/workload.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { findWorkloads } from '../workloads/find.ts'
import { backingServices } from './backing-services.ts'
import { candidatesOf } from './candidate.ts'
import { canProbe, copiesOf, joinsOf } from './data.ts'
import type { Context, Draft } from './findings/context.ts'
import { findingsOf, heldBack } from './findings.ts'
import { forecastOf } from './forecast.ts'
import { divide, plannedGroup, stepsFor } from './group.ts'
import { connect } from './grouping.ts'
import { handlesFor } from './handles.ts'
import { lostClaims, lostDraft } from './lost.ts'
import { checkNames, isExcluded, isMatched, selectsNothing } from './selection.ts'
import { recordedVolumes, recordsUnderWay } from './under-way.ts'
import { byClaim, claimUsers } from './users.ts'

/**
 * Decides what will be done: the same survey, in whatever order its lists are, the same migration and the same measurements give the same
 * plan, byte for byte.
 * @throws Refusal where the migration names something that is not there, or selects nothing
 */
export function makePlan(
  survey: Survey,
  migration: Migration,
  options: PlanOptions,
  measured: MeasuredPlan = { copies: new Map() },
): Plan {
  const fileSystem = fileSystemOf(migration.target)
  const ours = survey.volumes.filter((pv) => directoryOf(pv) !== undefined || fileSystem.volumes.holds(pv))
  checkNames(
    migration,
    survey.volumes,
    survey.claims.map(({ metadata }) => metadata.namespace),
    survey.nodes.map(({ metadata }) => metadata.name),
  )
  const context = contextOf({ survey, migration, fileSystem, options }, measured.copies)
  const findings = findingsOf(context)
  const groups = context.drafts.map(({ group }) => group)
  const blocked = heldBack(
    groups.map(({ name }) => name),
    findings,
  )
  const content = {
    apiVersion: PLAN_API_VERSION,
    kind: 'Plan' as const,
    metadata: { name: migration.name },
    cluster: survey.cluster,
    migration,
    options,
    ...jobsOf(survey, migration, groups, fileSystem),
    ...(measured.pace ? { pace: measured.pace } : {}),
    findings,
    groups: groups.map(
      (group): PlannedGroup => ({
        ...group,
        ...forecastFor(group, measured, migration),
        blocked: blocked.has(group.name),
      }),
    ),
    done: doneOf(ours, context),
  }
  const empty = content.groups.length + content.done.length + findings.length === 0
  if (empty) throw selectsNothing(migration, ours, fileSystem)
  return { ...content, digest: digestOf(content) }
}

function forecastFor(
  group: PlannedGroup,
  { pace }: MeasuredPlan,
  migration: Migration,
): Pick<PlannedGroup, 'forecast'> {
  const forecast = pace && forecastOf(group, pace, migration)
  return forecast ? { forecast } : {}
}

/** What is read is what runs, on the way back too, when the pod that told the image may be gone. */
function jobsOf(
  { image: known }: Survey,
  { copy }: Migration,
  groups: PlannedGroup[],
  fileSystem: FileSystem,
): Pick<Plan, 'jobs'> {
  if (groups.every(({ copies, joins }) => copies.length === 0 && !joins)) return {}
  const mover = moverOf(copy, fileSystem)
  const image = copy.image ?? (fileSystem.movers.includes(mover) ? known : undefined)
  return { jobs: { mover: mover.name, ...(image === undefined ? {} : { image }) } }
}

type Given = Pick<Context, 'survey' | 'migration' | 'fileSystem' | 'options'>

function contextOf(given: Given, measurements: MeasuredPlan['copies']): Context {
  const { survey, migration, fileSystem } = given
  const users = claimUsers(survey)
  const drafts = [...draftsOf(given), ...lostClaims(survey, migration).map(lostDraft)]
  drafts.sort((a, b) => compareText(a.name, b.name))
  return {
    ...given,
    drafts: withWorkloads(drafts, given, measurements),
    users: byClaim(users),
    foundations: backingServices(survey, users),
    underWay: recordsUnderWay(survey, migration, fileSystem),
  }
}

/** The groups of which something is selected, but for those that an earlier run has begun. */
function draftsOf({ survey, migration, fileSystem, options }: Given): Draft[] {
  const recorded = recordedVolumes(survey)
  const handleOf = handlesFor(survey, fileSystem)
  return connect(candidatesOf(survey, fileSystem, migration)).flatMap((members): Draft[] => {
    const division = divide(members, migration, options, survey)
    if (!division || division.moving.every(({ name }) => recorded.has(name))) return []
    return [{ ...division, group: plannedGroup(division, migration, fileSystem, handleOf) }]
  })
}

function withWorkloads(
  drafts: Draft[],
  { survey, migration, fileSystem }: Given,
  measurements: MeasuredPlan['copies'],
): Draft[] {
  const claimsOf = ({ moving }: Draft) => moving.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
  const groups = new Map(
    drafts.flatMap((draft) => claimsOf(draft).map(({ namespace, name }) => [`${namespace}/${name}`, draft.name])),
  )
  const using = new Map<string, Workload[]>()
  for (const workload of findWorkloads(survey, drafts.flatMap(claimsOf), migration.quiesce)) {
    for (const name of new Set(workload.claims.flatMap((claim) => groups.get(claim) ?? []))) {
      const there = using.get(name)
      if (there) there.push(workload)
      else using.set(name, [workload])
    }
  }
  const probing = canProbe(survey, migration, fileSystem)
  return drafts.map((draft) => {
    const workloads = using.get(draft.name) ?? []
    const joins = joinsOf(draft, survey, migration, fileSystem)
    const copies = (joins ? [] : copiesOf(draft.group, survey, migration, fileSystem)).map((copy) => {
      const measured = measurements.get(copyKey(draft.name, copy.directory))
      return measured ? { ...copy, measured } : copy
    })
    return {
      ...draft,
      group: {
        ...draft.group,
        workloads,
        copies,
        ...(joins ? { joins } : {}),
        steps: stepsFor(workloads, {
          copying: copies.length > 0,
          joining: joins?.some(({ nodes }) => nodes.length > 0) ?? false,
          // the place of one that joins has its quota from those that are there
          limiting: fileSystem.quotas !== undefined && !joins && quotasOf(draft.group).length > 0,
          probing,
        }),
      },
    }
  })
}

/** The selected volumes that are on the target, and need nothing any more. */
function doneOf(ours: PersistentVolume[], { survey, migration, fileSystem, drafts, underWay }: Context): string[] {
  const open = new Set([
    ...drafts.flatMap(({ moving }) => moving.map(({ name }) => name)),
    ...underWay.flatMap(({ volumes }) => volumes),
  ])
  return ours
    .filter((pv) => fileSystem.volumes.holds(pv) && isMatched(pv, migration, survey) && !isExcluded(pv, migration))
    .map((pv) => pv.metadata.name)
    .filter((name) => !open.has(name))
    .sort(compareText)
}
