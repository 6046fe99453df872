import type { Cluster } from '../cluster/cluster.ts'
import { refused } from '../domain/failure.ts'
import type { Migration } from '../domain/migration.ts'
import { describeRef } from '../domain/object.ts'
import { copyKey, type MeasuredPlan, type Plan, type PlanOptions } from '../domain/plan.ts'
import { clusterTitle } from '../domain/survey.ts'
import { differences } from '../planner/current.ts'
import { readMigration, withFlags } from '../planner/migration-file.ts'
import { isPlan, readPlan } from '../planner/plan-file.ts'
import { survey } from '../survey/survey.ts'
import { messages } from '../words/messages.ts'
import { type SelectionArguments, selectionFlags } from './arguments.ts'
import { inPackage } from './package-files.ts'
import { fileName, readText } from './text-file.ts'

/** In the package: what goes where in a cube-studio. Used where no file is named. */
const CUBE_STUDIO = 'plans/cube-studio.yaml'

/** True where the flags say what is to be planned. */
export function selects({ filename, namespace, allNamespaces, selector }: SelectionArguments): boolean {
  return filename !== undefined || namespace !== undefined || allNamespaces === true || selector !== undefined
}

type Measure = (plan: Plan) => Promise<MeasuredPlan>

interface PlanningOptions {
  /** Where it is given, has the directories of the plan read, for what that says to be in the plan too. */
  measure?: Measure | undefined
  /** What `-f` names, where that was read already. */
  migration?: Migration
}

/** The plan that the flags ask for, of the cluster as it is now. Throws Refusal where they say too little. */
export async function planFromFlags(
  cluster: Cluster,
  argv: SelectionArguments,
  { measure, migration }: PlanningOptions = {},
): Promise<Plan> {
  if (!selects(argv)) throw refused(messages().refusal.nothingSelected())
  const adjustedTo = adjusted(migration ?? (await migrationOf(argv)), argv)
  const options: PlanOptions = {
    wholeGroups: argv.wholeGroups ?? false,
    dangerousSplit: argv.dangerousSplit ?? false,
    ...(argv.trustNamespace ? { trustNamespace: true } : {}),
  }
  return planOf(cluster, adjustedTo, options, measure)
}

async function planOf(cluster: Cluster, migration: Migration, options: PlanOptions, measure?: Measure): Promise<Plan> {
  // the planner is loaded while the cluster answers
  const [found, { makePlan }] = await Promise.all([survey(cluster, migration), import('../planner/plan.ts')])
  const plan = makePlan(found, migration, options)
  return measure ? makePlan(found, migration, options, await measure(plan)) : plan
}

/** The migration in a file, or where none is named, the one that comes with the package. */
export async function migrationOf({ filename }: Pick<SelectionArguments, 'filename'>): Promise<Migration> {
  const file = filename ?? inPackage(CUBE_STUDIO)
  const text = await readText(file, 'migration')
  if (!isPlan(text)) return readMigration(text, fileName(file))
  throw refused(messages().refusal.planForMigration(fileName(file)))
}

/**
 * What `-f` may name where a plan can be used as it is: a migration to plan from, or a plan that was saved.
 * @throws Refusal where flags beside a plan would change it
 */
export async function planOrMigration(
  argv: SelectionArguments & { filename: string },
): Promise<{ plan: Plan } | { migration: Migration }> {
  const { filename } = argv
  const text = await readText(filename, 'migration')
  if (!isPlan(text)) return { migration: readMigration(text, fileName(filename)) }
  const changing = selectionFlags({ ...argv, filename: undefined })
  if (changing === '') return { plan: readPlan(text, fileName(filename)) }
  throw refused(messages().refusal.planIsUnchanged(fileName(filename), changing))
}

/** The migration with what the flags say in place of what it says. */
function adjusted(migration: Migration, argv: SelectionArguments): Migration {
  const {
    filename,
    namespace,
    allNamespaces,
    selector,
    copy,
    sourceNodes,
    intoExisting,
    bringMissing,
    onConflict,
    probe,
  } = argv
  // where nothing but labels is given they are looked for everywhere, as with -A
  const everywhere = allNamespaces || (selector !== undefined && filename === undefined)
  const namespaces = namespace ?? (everywhere ? [] : migration.select.namespaces)
  const shared = sourceNodes?.length === 1 && sourceNodes[0] === 'shared'
  const change = {
    select: { ...migration.select, namespaces, ...(selector === undefined ? {} : { labels: selector }) },
    copy: {
      ...migration.copy,
      ...(copy ? { mode: copy } : {}),
      ...(intoExisting ? { intoExisting } : {}),
      ...(bringMissing ? { bringMissing } : {}),
      ...(onConflict ? { onConflict } : {}),
    },
    ...(probe === undefined
      ? {}
      : { probe: { ...migration.probe, mode: probe ? ('auto' as const) : ('none' as const) } }),
    source: sourceNodes ? { nodes: shared ? ('shared' as const) : sourceNodes } : migration.source,
  }
  return withFlags(migration, change, {
    ...(namespace ? { 'spec.select.namespaces': '--namespace' } : {}),
    ...(selector === undefined ? {} : { 'spec.select.labels': '--selector' }),
    ...(sourceNodes ? { 'spec.source.nodes': '--source-nodes' } : {}),
  })
}

/** A plan that was saved. Throws Refusal where it is none, or was edited. */
export async function planFromFile(file: string): Promise<Plan> {
  return readPlan(await readText(file, 'plan'), fileName(file))
}

/**
 * Makes sure that a saved plan is still what this cluster would get: `apply` carries out what was read, or nothing.
 * Groups that are under way already speak for themselves, with their record. Throws Refusal naming what differs.
 */
export async function mustBeCurrent(cluster: Cluster, saved: Plan): Promise<Plan> {
  const [found, { makePlan }] = await Promise.all([survey(cluster, saved.migration), import('../planner/plan.ts')])
  // first of all: names that another cluster does not have are no mistake in the plan
  if (found.cluster.uid !== saved.cluster.uid) {
    throw refused(
      messages().refusal.otherCluster({
        planned: clusterTitle(saved.cluster),
        expected: saved.cluster.uid,
        found: found.cluster.uid,
        cluster: cluster.title,
      }),
    )
  }
  // what was measured is part of what was read: a plan that it blocked is made again once there is room
  // which image the driver mounts with may depend on which of its pods is there at the moment: what was read is what runs
  const { jobs } = saved
  const read = jobs ? { ...found, image: jobs.image } : found
  const current = makePlan(read, saved.migration, saved.options, measurementsOf(saved))
  const differing = differences(saved, current)
  const [first] = differing
  if (first) {
    throw refused(
      messages().refusal.outOfDate({
        field: first.field,
        object: first.object,
        was: shown(first.was),
        is: shown(first.is),
        more: differing.length - 1,
      }),
    )
  }
  return current
}

/** Whether a plan of what may be read only in part is to be carried out: it may lack what would have held it back. */
export function mustBeWhole(plan: Plan): Plan {
  const unread = plan.findings.find(({ code }) => code === 'secret-unread')
  if (!unread?.object) return plan
  throw refused(messages().refusal.secretUnread(describeRef(unread.object)))
}

function measurementsOf({ groups, pace }: Plan): MeasuredPlan {
  const copies = groups.flatMap(({ name, copies }) =>
    copies.flatMap(({ directory, measured }) => (measured ? [[copyKey(name, directory), measured] as const] : [])),
  )
  return { copies: new Map(copies), ...(pace ? { pace } : {}) }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
