import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { STEP_NAMES } from '../../domain/plan.ts'
import { toYaml } from '../../domain/yaml.ts'
import { type Inspection, inspect } from '../../engine/inspect.ts'
import { type GroupStatus, statusTable } from '../../report/status.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print } from '../terminal.ts'
import { chosen } from './rollback.ts'

interface Arguments extends ClusterArguments {
  groups?: string[]
  namespace?: string[]
  output: 'table' | 'json' | 'yaml'
}

export const options = (yargs: Argv) =>
  clusterOptions(yargs)
    .positional('groups', { type: 'string', array: true, describe: 'the groups; all where none is named' })
    .options({
      namespace: {
        alias: 'n',
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'groups that have a claim in this namespace',
      },
      output: {
        alias: 'o',
        choices: ['table', 'json', 'yaml'] as const,
        default: 'table' as const,
        describe: 'yaml and json show the records in whole, the original manifests included',
      },
    })
    .example('$0 status', 'where every group stands')
    .example('$0 status -o yaml', 'with the originals that rollback would bring back')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const inspections = await inspect(cluster)
    const wanted = new Set(
      chosen(
        inspections.map(({ record }) => record),
        argv,
      ),
    )
    const shown = inspections.filter(({ record }) => wanted.has(record))
    if (argv.output === 'json') await print(JSON.stringify(shown, null, 2))
    else if (argv.output === 'yaml') await print(toYaml(shown))
    else
      await print(
        statusTable(
          shown.map((each) => statusOf(each, flags)),
          { ...layoutOf(process.stdout, argv.color), now: new Date() },
        ),
      )
    return ExitCode.done
  })
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
