import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { stringifyJson } from '../../cluster/json.ts'
import { ExitCode } from '../../domain/failure.ts'
import { STEP_NAMES } from '../../domain/plan.ts'
import { toYaml } from '../../domain/yaml.ts'
import { type Inspection, inspect } from '../../engine/inspect.ts'
import { NAMESPACE } from '../../engine/record.ts'
import { type GroupStatus, statusTable } from '../../report/status.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print } from '../terminal.ts'

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
    if (argv.watch) await watch(cluster, argv, flags)
    else await print(await rendered(cluster, argv, flags))
    return ExitCode.done
  })
}

async function rendered(cluster: Cluster, argv: Arguments, flags: string): Promise<string> {
  const inspections = await inspect(cluster)
  const wanted = new Set(
    chosen(
      inspections.map(({ record }) => record),
      argv,
    ),
  )
  const shown = inspections.filter(({ record }) => wanted.has(record))
  if (argv.output === 'json') return stringifyJson(shown)
  if (argv.output === 'yaml') return toYaml(shown)
  const groups = shown.map((each) => statusOf(each, flags))
  return statusTable(groups, { ...layoutOf(process.stdout, argv.color), now: new Date() })
}

/** Shows the groups again whenever something of them has changed, until Ctrl-C; on a terminal in place. */
async function watch(cluster: Cluster, argv: Arguments, flags: string): Promise<void> {
  const { signal, off } = interruption({ changing: false })
  let last = ''
  try {
    for await (const _ of changes(cluster, signal)) {
      const text = await rendered(cluster, argv, flags)
      if (text === last) continue
      last = text
      const clear = process.stdout.isTTY ? '\x1b[H\x1b[2J' : `${new Date().toISOString()}\n`
      await print(argv.output === 'json' ? text : clear + text)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    off()
  }
}

/** Something once at first, and whenever a record or a volume changes; many changes at once are one. */
async function* changes(cluster: Cluster, signal: AbortSignal): AsyncGenerator<void> {
  let wake = () => {}
  let changed = true
  const follow = async (kind: string, namespace?: string) => {
    for await (const _ of cluster.watch({ apiVersion: 'v1', kind }, { ...(namespace ? { namespace } : {}), signal })) {
      changed = true
      wake()
    }
  }
  const following = Promise.all([follow('ConfigMap', NAMESPACE), follow('PersistentVolume')])
  following.catch(() => wake())
  while (!signal.aborted) {
    if (changed) {
      changed = false
      yield
      continue
    }
    await Promise.race([
      following,
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    ])
  }
}

const STATES = { migrating: 'migrating', migrated: 'migrated', 'rolling-back': 'rolling back' } as const

function statusOf({ record: { kept, state }, volumes, step }: Inspection, flags: string): GroupStatus {
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
    since: state.startedAt,
    by: state.by,
    ...(state.failure ? { message: state.failure } : {}),
    ...(going ? { next: `juicify resume${flags}, or juicify rollback ${kept.group.name}${flags}` } : {}),
  }
}
