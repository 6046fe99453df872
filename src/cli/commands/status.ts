import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { isApiError } from '../../cluster/errors.ts'
import { FORBIDDEN, unlessForbidden } from '../../cluster/forbidden.ts'
import { stringifyJson } from '../../cluster/json.ts'
import { onAbort, pause } from '../../cluster/signal.ts'
import { type CopyUnderWay, copiesUnderWay } from '../../copy/under-way.ts'
import { ExitCode } from '../../domain/failure.ts'
import { NAMESPACE } from '../../domain/names.ts'
import { RECORD_KIND } from '../../domain/own-kinds.ts'
import { STEP_NAMES } from '../../domain/plan.ts'
import { compareText } from '../../domain/text.ts'
import { toYaml } from '../../domain/yaml.ts'
import { readEarlierRecords } from '../../engine/earlier-record.ts'
import { type Inspection, inspect } from '../../engine/inspect.ts'
import { type BrokenRecord, readAllRecords } from '../../engine/record.ts'
import { runAtWork } from '../../lock/lease.ts'
import { progressText } from '../../report/progress.ts'
import { type GroupStatus, statusTable } from '../../report/status.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { sayBroken, unlessHeldBack } from '../records.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, GroupArguments {
  output: 'table' | 'json' | 'yaml'
  watch?: boolean
}

export const options = (yargs: Argv) =>
  groupOptions(clusterOptions(yargs))
    .options({
      output: {
        alias: 'o',
        choices: ['table', 'json', 'yaml'] as const,
        default: 'table' as const,
        describe: 'yaml and json show the records in whole, the original manifests included',
      },
    })
    .option('watch', { alias: 'w', type: 'boolean', describe: 'show it again whenever it changes, until Ctrl-C' })
    .example('$0 status --watch', 'follow a run of another terminal, or another machine')
    .example('$0 status', 'where every group stands')
    .example('$0 status -o yaml', 'with the originals that rollback would bring back')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    if (argv.watch) {
      await watch(cluster, argv, flags)
      return ExitCode.done
    }
    const { text, broken } = await rendered(cluster, argv, flags)
    await print(text)
    sayBroken(broken)
    return unlessHeldBack(ExitCode.done, { broken, left: [] })
  })
}

/** What is to be shown; `busy` while something is copied or compared, which changes no record. */
async function rendered(cluster: Cluster, argv: Arguments, flags: string): Promise<Rendered> {
  const [readable, before, jobs, lease] = await Promise.all([
    unlessForbidden(readAllRecords(cluster), FORBIDDEN),
    readEarlierRecords(cluster),
    unlessForbidden(copiesUnderWay(cluster), FORBIDDEN),
    unlessForbidden(runAtWork(cluster), FORBIDDEN),
  ])
  const found = readable === FORBIDDEN ? { records: [], broken: [] } : readable
  const copies = jobs === FORBIDDEN ? [] : jobs
  const runner = lease === FORBIDDEN ? undefined : lease
  const unread = [
    ...(readable === FORBIDDEN ? ['which groups are under way or were migrated'] : []),
    ...(jobs === FORBIDDEN ? ['what is being copied'] : []),
    ...(lease === FORBIDDEN ? ['whether a run is at work'] : []),
  ]
  const earlier = new Set(before.earlier.map(({ record }) => record))
  const records = [...found.records, ...earlier].sort((a, b) => compareText(a.kept.group.name, b.kept.group.name))
  const broken = [...found.broken, ...before.broken]
  const inspections = await inspect(cluster, records)
  const wanted = new Set(chosen(records, argv, { broken, left: [] }))
  const shown = inspections
    .filter(({ record }) => wanted.has(record))
    .map((each) => withCopies(each, copies, each.record.kept.group.name))
  const known = new Set(inspections.map(({ record }) => record.kept.group.name))
  const ahead =
    argv.groups?.length || argv.namespace ? [] : copiedAhead(copies.filter(({ group }) => !known.has(group)))
  const busy = copies.length > 0
  for (const what of unread) say(`You may not see ${what}: juicify rbac prints the roles.`)
  if (argv.output === 'json') return { text: stringifyJson([...shown, ...ahead]), busy, broken }
  if (argv.output === 'yaml') return { text: toYaml([...shown, ...ahead]), busy, broken }
  const groups = [
    ...shown.map((each) => (earlier.has(each.record) ? ofEarlier : same)(statusOf(each, flags, runner))),
    ...ahead.map(statusAhead),
  ]
  if (readable === FORBIDDEN && groups.length === 0) return { text: '', busy, broken }
  return { text: statusTable(groups, { ...layoutOf(process.stdout, argv.color), now: new Date() }), busy, broken }
}

interface Rendered {
  text: string
  busy: boolean
  broken: BrokenRecord[]
}

const same = (status: GroupStatus): GroupStatus => status

/** Nothing is done by it before somebody has said yes to what it holds. */
function ofEarlier(status: GroupStatus): GroupStatus {
  return { ...status, message: 'the record is one of juicify 0.1.0: the next command shows it, and asks for it' }
}

interface Copying {
  copying?: CopyUnderWay[]
}

function withCopies<T extends object>(shown: T, copies: CopyUnderWay[], name: string): T & Copying {
  const copying = copies.filter(({ group }) => group === name)
  return copying.length > 0 ? { ...shown, copying } : shown
}

/** Groups that have no record: their data is copied ahead of time, or read for a plan. */
function copiedAhead(copies: CopyUnderWay[]): (Copying & { group: string })[] {
  return [...new Set(copies.map(({ group }) => group))].map((group) => withCopies({ group }, copies, group))
}

function statusAhead({ group, copying = [] }: Copying & { group: string }): GroupStatus {
  const since = copying.flatMap((copy) => copy.since ?? []).sort()[0]
  const lines = { copying: copying.map(copyLine), ...(since ? { since } : {}) }
  return { group, state: 'ahead of time', tone: 'busy', volumes: [], ...lines }
}

function copyLine({ stage, directory, node, part, progress }: CopyUnderWay): string {
  const where = [node, part ? `part ${part}` : ''].filter((word) => word !== '').join(', ')
  return `${stage}  ${directory} on ${where}${progress ? `: ${progressText([progress])}` : ''}`
}

/** Shows the groups again whenever something of them has changed, until Ctrl-C; on a terminal in place. */
async function watch(cluster: Cluster, argv: Arguments, flags: string): Promise<void> {
  const { signal, abort, off } = interruption({ changing: false })
  let last = ''
  try {
    let busy = false
    for await (const _ of changes(cluster, signal, () => busy)) {
      const shown = await rendered(cluster, argv, flags)
      const { text } = shown
      busy = shown.busy
      if (text === last) continue
      last = text
      if (!(await print(headOf(argv.output) + text))) abort()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    off()
  }
}

/** What parts one look from the one before. */
function headOf(output: Arguments['output']): string {
  if (output === 'json') return ''
  if (output === 'yaml') return '---\n'
  return process.stdout.isTTY ? '\x1b[H\x1b[2J' : `${new Date().toISOString()}\n`
}

/** Milliseconds after which a copy under way is looked at again: no object changes while it goes on. */
const LOOK = 2_000

/** Something once at first, whenever a record, a volume, a Job or the lease changes, and every 2 s while `busy`; many changes at once are one. */
async function* changes(cluster: Cluster, signal: AbortSignal, busy: () => boolean): AsyncGenerator<void> {
  let wake = () => {}
  let changed = true
  const follow = async (apiVersion: string, kind: string, namespace?: string) => {
    try {
      for await (const _ of cluster.watch({ apiVersion, kind }, { ...(namespace ? { namespace } : {}), signal })) {
        changed = true
        wake()
      }
    } catch (error) {
      // what one may not follow is seen when something else changes
      if (!isApiError(error, 403)) throw error
      await new Promise<void>((resolve) => onAbort(signal, resolve))
    }
  }
  // until the first run has defined the kind there is nothing to follow
  const followRecords = async () => {
    while (!signal.aborted) {
      try {
        await follow(RECORD_KIND.apiVersion, RECORD_KIND.kind)
      } catch (error) {
        if (!isApiError(error, 404)) throw error
        await pause(LOOK, signal)
        changed = true
        wake()
      }
    }
  }
  const following = Promise.all([
    followRecords(),
    follow('v1', 'PersistentVolume'),
    follow('batch/v1', 'Job', NAMESPACE),
    // a run that ends gives it back last of all
    follow('coordination.k8s.io/v1', 'Lease', NAMESPACE),
  ])
  following.catch(() => wake())
  while (!signal.aborted) {
    if (changed) {
      changed = false
      yield
      continue
    }
    const looked = new AbortController()
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    await Promise.race([following, woken, ...(busy() ? [pause(LOOK, looked.signal)] : [])])
    looked.abort()
    if (busy()) changed = true
  }
}

const STATES = { migrating: 'migrating', migrated: 'migrated', 'rolling-back': 'rolling back' } as const

function statusOf(
  { record: { kept, state }, volumes, step, copying }: Inspection & Copying,
  flags: string,
  runner: string | undefined,
): GroupStatus {
  const steps = STEP_NAMES.filter((name) => kept.group.steps.includes(name))
  const done = step === undefined ? steps.length : steps.indexOf(step)
  const going = state.phase !== 'migrated'
  return {
    group: kept.group.name,
    state: STATES[state.phase],
    tone: state.failure ? 'bad' : going ? 'busy' : 'good',
    volumes,
    steps: { done, total: steps.length },
    ...(step ? { step } : {}),
    ...(copying ? { copying: copying.map(copyLine) } : {}),
    since: state.startedAt,
    by: state.by,
    ...(state.failure ? { message: state.failure } : {}),
    ...(going ? { next: nextOf(kept.group.name, flags, runner) } : {}),
  }
}

function nextOf(group: string, flags: string, runner: string | undefined): string {
  if (runner) return `wait for the run of ${runner}; juicify status --watch${flags} follows it`
  return `juicify resume${flags}, or juicify rollback ${group}${flags}`
}
