import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import type { Migration } from '../domain/migration.ts'
import { describeRef } from '../domain/object.ts'
import { copyKey, type Measurements, type Plan, type PlanOptions } from '../domain/plan.ts'
import { differences } from '../planner/current.ts'
import { readMigration, withFlags } from '../planner/migration-file.ts'
import { readPlan } from '../planner/plan-file.ts'
import { survey } from '../survey/survey.ts'
import type { SelectionArguments } from './arguments.ts'
import { inPackage } from './package-files.ts'
import { fileName, readText } from './text-file.ts'

/** In the package: what goes where in a cube-studio. Used where no file is named. */
const CUBE_STUDIO = 'plans/cube-studio.yaml'

/** True where the flags say what is to be planned. */
export function selects({ filename, namespace, allNamespaces }: SelectionArguments): boolean {
  return filename !== undefined || namespace !== undefined || allNamespaces === true
}

type Measure = (plan: Plan) => Promise<Measurements>

/**
 * The plan that the flags ask for, of the cluster as it is now. Throws Refusal where they say too little.
 * @param measure where it is given, has the directories of the plan read, for what that says to be in the plan too
 */
export async function planFromFlags(cluster: Cluster, argv: SelectionArguments, measure?: Measure): Promise<Plan> {
  if (!selects(argv)) {
    throw new Refusal('There is nothing to say which volumes are meant.', {
      remedy:
        'Name a migration with -f (plans/jupyter.yaml is an example), namespaces with -n, or all of them with -A.',
    })
  }
  const migration = await migrationOf(argv)
  const options = { wholeGroups: argv.wholeGroups ?? false, dangerousSplit: argv.dangerousSplit ?? false }
  return planOf(cluster, adjusted(migration, argv), options, measure)
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
  return readMigration(await readText(file, 'migration'), fileName(file))
}

/** The migration with what the flags say in place of what it says. */
function adjusted(migration: Migration, argv: SelectionArguments): Migration {
  const { namespace, allNamespaces, copy, sourceNodes, intoExisting, bringMissing, onConflict, probe } = argv
  const namespaces = allNamespaces ? [] : (namespace ?? migration.select.namespaces)
  const shared = sourceNodes?.length === 1 && sourceNodes[0] === 'shared'
  const change = {
    select: { ...migration.select, namespaces },
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
    throw new Refusal(
      `The plan was made for another cluster: its kube-system has the uid ${saved.cluster.uid}, the one at ${cluster.server} has ${found.cluster.uid}.`,
      { remedy: 'Choose the right one with --context or --kubeconfig, or make a plan for this one.' },
    )
  }
  // what was measured is part of what was read: a plan that it held back is made again once there is room
  // which image the driver mounts with may depend on which of its pods is there at the moment: what was read is what runs
  const { jobs } = saved
  const read = jobs ? { ...found, image: jobs.image } : found
  const current = makePlan(read, saved.migration, saved.options, measurementsOf(saved))
  const differing = differences(saved, current)
  const [first] = differing
  if (first) {
    const more = differing.length > 1 ? ` (and ${differing.length - 1} more)` : ''
    throw new Refusal(
      `The plan is out of date: ${first.field} of ${first.object} was ${shown(first.was)} and is ${shown(first.is)}${more}.`,
      { remedy: 'Make a new plan, read it, and apply that one.' },
    )
  }
  return current
}

/** Whether a plan of what may be read only in part is to be carried out: it may lack what would have held it back. */
export function mustBeWhole(plan: Plan): Plan {
  const unread = plan.findings.find(({ code }) => code === 'secret-unread')
  if (!unread?.object) return plan
  throw new Refusal(
    `${describeRef(unread.object)} may not be read, and without it the file system might be moved onto itself.`,
    {
      remedy: 'Have somebody do this who may read it, or have that granted: juicify rbac --role operator.',
    },
  )
}

function measurementsOf({ groups }: Plan): Measurements {
  return new Map(
    groups.flatMap(({ name, copies }) =>
      copies.flatMap(({ directory, measured }) => (measured ? [[copyKey(name, directory), measured] as const] : [])),
    ),
  )
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
