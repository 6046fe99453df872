import { isDeepStrictEqual } from 'node:util'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { WHERE_TO_REPORT } from '../../domain/bug.ts'
import { ExitCode, Failure } from '../../domain/failure.ts'
import { withoutServerFields } from '../../domain/manifest.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { readRecords } from '../../engine/record.ts'
import { apply, rollback } from '../../engine/run.ts'
import { planDiff } from '../../report/diff.ts'
import { type Layout, table } from '../../report/layout.ts'
import { planTable } from '../../report/plan-table.ts'
import { inPackage } from '../package-files.ts'
import { planFromFlags } from '../planning.ts'
import { follow, type RunArguments } from '../running.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'
import { VERSION } from '../version.ts'
import { workloadsNow } from './rollback.ts'

interface Arguments {
  color?: boolean
}

export const options = (yargs: Argv) =>
  yargs
    .options({ color: { type: 'boolean', describe: 'colours (default: on a terminal, unless NO_COLOR is set)' } })
    .example('$0 demo', 'needs no cluster, and touches none')

/** The main job, from the plan to the way back, on an embedded cluster: real requests, real answers, nothing recorded. */
export async function run({ color }: Arguments): Promise<ExitCode> {
  const layout = layoutOf(process.stdout, color)
  const say$ = (command: string) => print(`\n${layout.color.bold(`$ ${command}`)}`)
  const yes: RunArguments = {
    yes: true,
    concurrency: 4,
    wait: 0,
    outage: 60_000,
    timeout: 60_000,
    ...(color === undefined ? {} : { color }),
  }
  return withCluster({ sandbox: [inPackage('fixtures/jupyter')] }, async ({ cluster }) => {
    const before = await volumes(cluster)
    const plan = await planFromFlags(cluster, { filename: inPackage('plans/jupyter.yaml') })
    await say$('juicify plan -f plans/jupyter.yaml')
    await print(planTable(plan, { ...layout, apply: 'juicify apply' }))
    await say$('juicify diff -f plans/jupyter.yaml')
    await print(planDiff(plan, layout))
    await say$('juicify apply')
    const applied = await follow(cluster, yes, '', (options) => apply(plan, options))
    if (applied !== ExitCode.done) return applied
    await showVolumes(cluster, layout, say$)
    await say$('juicify rollback')
    const workloads = await workloadsNow(cluster, await readRecords(cluster))
    const back = await follow(cluster, yes, '', (options) => rollback(workloads, options), {
      rolledBack: ExitCode.done,
    })
    if (back !== ExitCode.done) return back
    await showVolumes(cluster, layout, say$)
    if (!isDeepStrictEqual(await volumes(cluster), before)) {
      throw new Failure('The volumes are not what they were before.', {
        remedy: `This is a bug of juicify ${VERSION}: report what was printed to ${WHERE_TO_REPORT}.`,
      })
    }
    say('\nThe volumes and claims are what they were before, but for what the server sets.')
    return ExitCode.done
  })
}

async function volumes(cluster: Cluster): Promise<KubeObject[]> {
  const lists = await Promise.all(
    ['PersistentVolume', 'PersistentVolumeClaim'].map((kind) => cluster.list({ apiVersion: 'v1', kind })),
  )
  return lists.flatMap(({ items }) => items).map(withoutServerFields)
}

async function showVolumes(
  cluster: Cluster,
  layout: Layout,
  say$: (command: string) => Promise<unknown>,
): Promise<void> {
  await say$('kubectl get pv')
  const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
  const rows = items.map(({ metadata, spec, status }) => [
    metadata.name,
    status?.phase ?? '',
    `${spec.claimRef?.namespace}/${spec.claimRef?.name}`,
    spec.csi ? `${spec.csi.driver} ${(spec.mountOptions ?? []).join(',')}` : (spec.hostPath?.path ?? ''),
  ])
  const shown = table(rows, { ...layout, indent: 0, titles: ['NAME', 'STATUS', 'CLAIM', 'WHERE'] })
  await print([...shown.titles, ...shown.rows.flat()].join('\n'))
}
