import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { isApiError } from '../../cluster/errors.ts'
import { FORBIDDEN, unlessForbidden } from '../../cluster/forbidden.ts'
import { stringifyJson } from '../../cluster/json.ts'
import { onAbort, pause } from '../../cluster/signal.ts'
import { type PlaceAhead, placesAhead } from '../../copy/note.ts'
import { type CopyUnderWay, copiesUnderWay } from '../../copy/under-way.ts'
import { ExitCode } from '../../domain/failure.ts'
import { NAMESPACE } from '../../domain/names.ts'
import { RECORD_KIND } from '../../domain/own-kinds.ts'
import { type PlannedGroup, STEP_NAMES, type StepName } from '../../domain/plan.ts'
import { compareText } from '../../domain/text.ts'
import { timeOfDay } from '../../domain/time.ts'
import { toYaml } from '../../domain/yaml.ts'
import { readEarlierRecords } from '../../engine/earlier-record.ts'
import { type Inspection, inspect } from '../../engine/inspect.ts'
import { leftStopped } from '../../engine/left-stopped.ts'
import { historyOf } from '../../engine/read-history.ts'
import { type BrokenRecord, type GroupRecord, readAllRecords } from '../../engine/record.ts'
import { runAtWork } from '../../lock/lease.ts'
import { oldDirectoriesOf } from '../../planner/directory-users.ts'
import { age } from '../../report/amounts.ts'
import { directoryUsersInShort } from '../../report/directory-users.ts'
import { labelsOf, placeOf } from '../../report/plan-words.ts'
import { progressText } from '../../report/progress.ts'
import { type GroupStatus, statusTable } from '../../report/status.ts'
import { wayBackLines } from '../../report/way-back.ts'
import { directoryUsers } from '../../survey/directory-users.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { sayBroken, unlessHeldBack } from '../records.ts'
import { withCluster } from '../session.ts'
import { logFolder } from '../state-folder.ts'
import { layoutOf, print, say } from '../terminal.ts'

const FORMATS = ['table', 'wide', 'name', 'json', 'yaml'] as const

interface Arguments extends ClusterArguments, GroupArguments {
  output: (typeof FORMATS)[number]
  watch?: boolean
}

export function options(yargs: Argv) {
  const says = helpWords().status
  return groupOptions(clusterOptions(yargs))
    .options({
      output: {
        alias: 'o',
        choices: FORMATS,
        default: 'table' as const,
        describe: says.output,
      },
    })
    .option('watch', { alias: 'w', type: 'boolean', describe: says.watch })
    .example('$0 status --watch', says.examples.watch)
    .example('$0 status', says.examples.all)
    .example('juicify rollback $($0 status -l team=vision -o name)', says.examples.labels)
    .example('$0 status -o yaml', says.examples.yaml)
}

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
  const { notSeen } = messages().status
  const unread = [
    ...(readable === FORBIDDEN ? [notSeen.records] : []),
    ...(jobs === FORBIDDEN ? [notSeen.copies] : []),
    ...(lease === FORBIDDEN ? [notSeen.lease] : []),
  ]
  const earlier = new Set(before.earlier.map(({ record }) => record))
  const records = [...found.records, ...earlier].sort((a, b) => compareText(a.kept.group.name, b.kept.group.name))
  const broken = [...found.broken, ...before.broken]
  const inspections = await inspect(cluster, records)
  const wanted = new Set(chosen(records, argv, { broken, left: [] }))
  const shown = await Promise.all(
    inspections
      .filter(({ record }) => wanted.has(record))
      .map((each) => withStopped(cluster, withCopies(each, copies, each.record.kept.group.name))),
  )
  const known = new Set(inspections.map(({ record }) => record.kept.group.name))
  const ahead =
    argv.groups?.length || argv.namespace || argv.selector
      ? []
      : copiedAhead(copies.filter(({ group }) => !known.has(group)))
  const filtered = argv.groups?.length || argv.namespace || argv.selector
  const places = filtered ? [] : await unlessForbidden(placesAhead(cluster), [])
  const busy = copies.length > 0
  for (const sentence of unread) say(sentence)
  if (argv.output === 'json') return { text: stringifyJson([...shown, ...ahead]), busy, broken }
  if (argv.output === 'yaml') return { text: toYaml([...shown, ...ahead]), busy, broken }
  if (argv.output === 'name')
    return {
      text: [...shown.map(({ record }) => record.kept.group.name), ...ahead.map(({ group }) => group)].join('\n'),
      busy,
      broken,
    }
  // what is watched changes often, and this reads the whole cluster
  const users = argv.watch ? new Map<string, string>() : await oldDirectoryUsers(cluster, shown)
  const groups = [
    ...shown.map((each) => {
      const inUse = users.get(each.record.kept.group.name)
      return (earlier.has(each.record) ? ofEarlier : same)({
        ...statusOf(each, flags, runner),
        ...(inUse === undefined ? {} : { message: inUse }),
      })
    }),
    ...ahead.map(statusAhead),
    ...places.filter((place) => isAhead(place, records, copies)).map((place) => statusCopied(place, flags)),
  ]
  if (readable === FORBIDDEN && groups.length === 0) return { text: '', busy, broken }
  return {
    text: statusTable(groups, {
      cluster: cluster.title,
      ...layoutOf(process.stdout, argv.color),
      now: new Date(),
      wide: argv.output === 'wide',
      logs: logFolder(),
    }),
    busy,
    broken,
  }
}

/** Of groups that are migrated, who uses their old directories, as far as the cluster's objects tell, by the group's name. */
async function oldDirectoryUsers(cluster: Cluster, shown: Inspection[]): Promise<Map<string, string>> {
  const groups = shown.flatMap(({ record: { kept, state } }) => (state.phase === 'migrated' ? [kept.group] : []))
  const old = groups.map((group) => ({ group, directories: oldDirectoriesOf(group) }))
  const { users } = await directoryUsers(
    cluster,
    old.flatMap(({ directories }) => directories),
  )
  return new Map(
    old.flatMap(({ group, directories }) => {
      const theirs = users.filter((user) => directories.some(({ directory }) => directory === user.directory))
      const text = directoryUsersInShort(theirs)
      return text === undefined ? [] : [[group.name, messages().directoryUser.more(text)] as const]
    }),
  )
}

interface Rendered {
  text: string
  busy: boolean
  broken: BrokenRecord[]
}

const same = (status: GroupStatus): GroupStatus => status

/** Nothing is done by it before somebody has said yes to what it holds. */
function ofEarlier(status: GroupStatus): GroupStatus {
  return {
    ...status,
    message: messages().status.ofEarlier,
  }
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
  return { group, state: messages().status.preCopy, tone: 'busy', volumes: [], ...lines }
}

/** True where no group with a record, and no Job that runs, speaks for a place. */
function isAhead({ directory }: PlaceAhead, records: GroupRecord[], copies: CopyUnderWay[]): boolean {
  const spoken = [...records.flatMap(({ kept }) => kept.group.copies), ...copies]
  return spoken.every((each) => each.directory !== directory)
}

function statusCopied({ directory, subdir, since }: PlaceAhead, flags: string): GroupStatus {
  return {
    group: directory,
    state: messages().state('copied-ahead'),
    tone: 'good',
    volumes: [],
    message: messages().status.ahead(subdir),
    next: messages().status.copyAgain(`juicify copy${flags}`, `juicify apply${flags}`),
    ...(since ? { since } : {}),
  }
}

function copyLine({ stage, directory, node, part, progress }: CopyUnderWay): string {
  const says = messages().status
  const where = [node, part ? says.part(part) : ''].filter((word) => word !== '').join(', ')
  return says.copying(stage, directory, where, progress ? progressText([progress]) : '')
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
  return process.stdout.isTTY ? '\x1b[H\x1b[2J' : `${timeOfDay(new Date())}\n`
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

function statusOf(
  { record, volumes, step, copying, stopped }: Inspection & Copying & Standing,
  flags: string,
  runner: string | undefined,
): GroupStatus {
  const { kept, state } = record
  const back = wayBackLines(record)
  const steps = STEP_NAMES.filter((name) => kept.group.steps.includes(name))
  const done = step === undefined ? steps.length : steps.indexOf(step)
  const going = state.phase !== 'migrated'
  return {
    group: kept.group.name,
    state: messages().state(state.phase),
    tone: state.failure ? 'bad' : going ? 'busy' : 'good',
    volumes: volumes.map((volume) => ({ ...volume, ...detailsOf(kept.group, volume.name) })),
    steps: { done, total: steps.length },
    ...(step ? { step: copying?.[0] ? stepOf(copying[0].stage, step) : step } : {}),
    ...(stopped && stopped.length > 0 ? { stopped } : {}),
    ...(back.length > 0 ? { back } : {}),
    ...(copying ? { copying: copying.map(copyLine) } : {}),
    since: state.startedAt,
    by: state.by,
    ...(state.failure ? { message: messages().status.recorded(state.failure) } : {}),
    ...(going ? { next: nextOf(kept.group.name, flags, runner) } : {}),
  }
}

/** What is seen of a group's volumes does not tell which step is under way; the Jobs that run do. */
const STEP_OF: Partial<Record<CopyUnderWay['stage'], StepName>> = {
  check: 'copy',
  warm: 'copy',
  'verify-ahead': 'copy',
  'catch-up': 'catch-up',
  verify: 'verify',
  join: 'join',
  bring: 'join',
  places: 'swap',
  back: 'swap',
}

function stepOf(stage: CopyUnderWay['stage'], step: StepName): StepName {
  return STEP_OF[stage] ?? step
}

interface Standing {
  /** Workloads that juicify has stopped and that stand still, with since when. */
  stopped?: string[]
}

/** What stands still because of a group that is on its way, and since when, as far as its record tells. */
async function withStopped<T extends Inspection>(cluster: Cluster, shown: T): Promise<T & Standing> {
  const { record } = shown
  if (record.state.phase === 'migrated') return shown
  const names = await unlessForbidden(leftStopped(cluster, record.kept.group.name, record), [])
  const since = new Map(historyOf(record).downtimes.map(({ workload, from }) => [workload, from]))
  return {
    ...shown,
    stopped: names.map((name) => {
      const from = since.get(name)
      return from === undefined
        ? name
        : messages().status.standsSince(name, timeOfDay(new Date(from)), age(Date.now() - from))
    }),
  }
}

/** What the wide table shows besides. */
function detailsOf({ volumes }: PlannedGroup, name: string): { place?: string; labels?: string } {
  const volume = volumes.find((each) => each.name === name)
  return volume ? { place: placeOf(volume), labels: labelsOf(volume) } : {}
}

function nextOf(group: string, flags: string, runner: string | undefined): string {
  const says = messages().status
  if (runner) return says.waitFor(runner, `juicify status --watch${flags}`)
  return says.continueOrRevert(`juicify resume${flags}`, `juicify rollback ${group}${flags}`)
}
