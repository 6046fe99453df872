import { unlessForbidden } from '../cluster/forbidden.ts'
import { shortHash } from '../domain/digest.ts'
import { Failure } from '../domain/failure.ts'
import type { FileSystem, FileSystemQuotas } from '../domain/filesystem.ts'
import { ANNOTATION, LABEL, MANAGER } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import type { StepName } from '../domain/plan.ts'
import { type Quota, quotasOf } from '../domain/quota.ts'
import { objectsOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import type { Job, JobSet } from '../jobs/job.ts'
import { podSpec } from '../jobs/pod-template.ts'
import { removeJobs, runJobs } from '../jobs/run.ts'
import { probeNodes } from '../probe/probe.ts'
import { remedied, worded, words } from '../words/trouble.ts'
import { writeState } from './record.ts'
import { type GroupRun, recordOf } from './step.ts'

/** What is done to the quotas of a group: see quota.sh. */
type Doing = 'look' | 'set' | 'remove'

/** What came of one directory, in the words of quota.sh; sizes as the file system shows them. */
interface Outcome {
  subdir: string
  state: string
  size: string
  used: string
}

/**
 * Before anything is stopped for it: whether quotas can be set at all. Throws a JobFailure where the metadata engine
 * cannot be asked. Changes nothing.
 */
export async function lookAtQuotas(run: GroupRun): Promise<void> {
  const asked = quotasIn(run)
  if (!asked || run.settings.rehearsal) return
  await carryOut(run, asked, 'stop', 'look', asked.quotas.map(wish))
  await removeQuotaJobs(run, asked)
}

/**
 * Limits the directories of the group's volumes that have no limit, and notes which ones: these are what a rollback takes
 * away. One that somebody else has set stays, and one that is reached already is not left standing: both are told.
 */
export async function setQuotas(run: GroupRun): Promise<void> {
  const asked = quotasIn(run)
  if (!asked) return
  const about = { group: run.group.name, step: 'quota' } as const
  if (run.settings.rehearsal) return run.emit({ type: 'not-rehearsed', ...about, back: false })
  const outcomes = await carryOut(run, asked, 'quota', 'set', asked.quotas.map(wish))
  const before = recordOf(run).state.quotas ?? {}
  const ours = outcomes.filter(({ state }) => state === 'set').map(({ subdir, size }) => [subdir, size])
  run.record = await writeState(run.cluster, recordOf(run), { quotas: { ...before, ...Object.fromEntries(ours) } })
  await removeQuotaJobs(run, asked)
  for (const { subdir, state, size, used } of outcomes) {
    if (state === 'set') run.emit({ type: 'quota-set', ...about, subdir, size, used })
    else if (before[subdir] === undefined) tellLeft(run, asked, { subdir, state, size, used }, true)
  }
}

/**
 * Takes away the limits that the group's migration has set, and that are what they were then. Where that cannot be done it is
 * told, with the command that does it: a limit is no reason to leave anybody stopped.
 */
export async function removeQuotas(run: GroupRun): Promise<void> {
  const asked = quotasIn(run)
  const set = recordOf(run).state.quotas ?? {}
  const mine = asked?.quotas.filter(({ subdir }) => set[subdir] !== undefined) ?? []
  if (!asked || mine.length === 0 || run.settings.rehearsal) return
  const about = { group: run.group.name, step: 'quota' } as const
  try {
    const lines = mine.map(({ subdir }) => `${set[subdir]} ${subdir}`)
    const outcomes = await carryOut(run, { ...asked, quotas: mine }, 'quota', 'remove', lines)
    const done = new Set(outcomes.map(({ subdir }) => subdir))
    const quotas = Object.fromEntries(Object.entries(set).filter(([subdir]) => !done.has(subdir)))
    run.record = await writeState(run.cluster, recordOf(run), { quotas })
    await removeQuotaJobs(run, asked)
    for (const outcome of outcomes) {
      const { subdir, state } = outcome
      if (state === 'removed') run.emit({ type: 'quota-removed', ...about, subdir })
      else if (state === 'changed') tellLeft(run, asked, outcome, false)
    }
  } catch (error) {
    if (!(error instanceof Failure) || run.signal.aborted) throw error
    for (const { subdir, gib } of mine) {
      const { remove } = asked.by.commands(subdir, gib)
      const left = remedied((say) => say.quota.byHand(words(error, say).message, remove))
      run.emit({ type: 'quota-left', ...about, subdir, ...left })
    }
  }
}

/** What the Jobs of a group's quotas will be, and their pods, to be asked of the server before. */
export async function quotaObjectsFor(run: Pick<GroupRun, 'cluster' | 'group' | 'plan'>): Promise<KubeObject[]> {
  const asked = quotasIn(run)
  if (!asked) return []
  const job = jobFor(run.group.name, asked, 'set', asked.quotas.map(wish), await groundFor(run, asked))
  const { template } = job.spec as { template: { metadata: object; spec: object } }
  const { name, namespace = '' } = job.metadata
  const metadata = { ...template.metadata, name, namespace }
  return [job, { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }]
}

interface Asked {
  fileSystem: FileSystem
  by: FileSystemQuotas
  quotas: Quota[]
}

/** Undefined where the migration wants none. */
function quotasIn({ group, plan }: Pick<GroupRun, 'group' | 'plan'>): Asked | undefined {
  const fileSystem = fileSystemOf(plan.migration.target)
  const quotas = group.steps.includes('quota') ? quotasOf(group) : []
  return fileSystem.quotas && quotas.length > 0 ? { fileSystem, by: fileSystem.quotas, quotas } : undefined
}

function wish({ gib, subdir }: Quota): string {
  return `${gib} ${subdir}`
}

/** Where a Job runs, and what. */
interface Ground {
  node: string
  image: string
  hostNetwork: boolean
}

/** The file system’s own tool, whatever copies: the image that the driver mounts with before the one that the migration names. */
async function groundFor(
  { cluster, plan }: Pick<GroupRun, 'cluster' | 'plan'>,
  { fileSystem, by }: Asked,
): Promise<Ground> {
  const [node] = await probeNodes(cluster, fileSystem.driver)
  const { queries, of } = fileSystem.image
  const found = (await Promise.all(queries.map((query) => unlessForbidden(objectsOf(cluster, query), [])))).flat()
  const image = of(found) ?? plan.migration.copy.image ?? plan.jobs?.image
  if (node !== undefined && image !== undefined) return { node, image, hostNetwork: by.onHostNetwork(found) }
  const { title, driver } = fileSystem
  throw new Failure(
    ...worded(({ quota }) =>
      quota.cannotBeSet(title, node === undefined ? quota.noNode(driver.title) : fileSystem.image.unknown),
    ),
  )
}

async function carryOut(
  run: GroupRun,
  asked: Asked,
  step: StepName,
  doing: Doing,
  lines: string[],
): Promise<Outcome[]> {
  const { group } = run
  const job = jobFor(group.name, asked, doing, lines, await groundFor(run, asked))
  const [directory = ''] = group.directories
  const set: JobSet = {
    what: (say) => say.quota.job(doing, group.name),
    tool: { name: asked.by.tool, exitCodes: {} },
    namespace: asked.by.namespace,
    selector: selectorOf(group.name),
    directory,
    jobs: () => [job],
    program: asked.by.program,
    onlyLooks: doing === 'look',
    isInTheWay: () => true,
    readProgress: () => undefined,
  }
  const about = { group: group.name, step } as const
  const results = await runJobs(run.cluster, set, {
    signal: run.signal,
    onTrouble: (trouble) => run.emit({ ...about, type: 'job-trouble', directory, ...trouble }),
  })
  return results.flatMap(({ log }) =>
    log.records.flatMap(({ word, text }): Outcome[] => {
      const [place = '', state = '', size = '', used = ''] = text.split(' ')
      const subdir = asked.quotas[Number(place)]?.subdir
      return word === 'quota' && subdir !== undefined ? [{ subdir, state, size, used }] : []
    }),
  )
}

function jobFor(
  group: string,
  { by }: Asked,
  doing: Doing,
  lines: string[],
  { node, image, hostNetwork }: Ground,
): Job {
  const work = {
    name: 'quota',
    node,
    image,
    program: by.program,
    env: [{ name: 'DO', value: doing }, { name: 'QUOTAS', value: lines.join('\n') }, ...by.env],
    mounts: [],
    resources: { requests: { cpu: '50m', memory: '128Mi' } },
    gracePeriod: 10,
  }
  const network = hostNetwork ? { hostNetwork, dnsPolicy: 'ClusterFirstWithHostNet' } : {}
  const specOf = (configMap: string) => ({ ...podSpec({ ...work, configMap }), ...network })
  const hash = shortHash(JSON.stringify(specOf('')), 10)
  const name = `juicify-${group.slice(0, 24).replace(/-+$/, '')}-quota-${doing}-${hash}`
  const labels = { [LABEL.managedBy]: MANAGER, [LABEL.group]: group, [LABEL.stage]: QUOTA_STAGE }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: by.namespace, labels, annotations: { [ANNOTATION.node]: node } },
    // a second pod would take what the first one has set for somebody else's
    spec: { backoffLimit: 0, template: { metadata: { labels }, spec: specOf(name) } },
  }
}

const QUOTA_STAGE = 'quota'

function selectorOf(group: string): string {
  return `${LABEL.managedBy}=${MANAGER},${LABEL.group}=${group},${LABEL.stage}=${QUOTA_STAGE}`
}

/** To be called when what they did is in the record. */
function removeQuotaJobs({ cluster, group }: GroupRun, { by }: Asked): Promise<void> {
  return removeJobs(cluster, selectorOf(group.name), by.namespace)
}

function tellLeft(
  run: GroupRun,
  { by, quotas }: Asked,
  { subdir, state, size, used }: Outcome,
  forward: boolean,
): void {
  const { gib = 0 } = quotas.find((each) => each.subdir === subdir) ?? {}
  const commands = by.commands(subdir, gib)
  const shown = (text: string) => text.replaceAll('_', ' ')
  const left = remedied(({ quota }) => ({
    message:
      state === 'full'
        ? quota.full(shown(used), gib)
        : state === 'missing'
          ? quota.missing()
          : quota.other(shown(size), forward),
    // who has set another one may rely on it, and with one that is less than it holds nobody could write any more
    remedy: !forward
      ? quota.removeByHand(commands.remove)
      : state === 'full'
        ? quota.setOnceLess(commands.set)
        : state === 'missing'
          ? quota.setOnceThere(commands.set)
          : quota.stays(),
  }))
  run.emit({ type: 'quota-left', group: run.group.name, step: 'quota', subdir, ...left })
}
