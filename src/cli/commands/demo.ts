import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Failure } from '../../domain/failure.ts'
import { withoutServerFields } from '../../domain/manifest.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { readRecords } from '../../engine/record.ts'
import { apply, type RunOptions, resume, rollback } from '../../engine/run.ts'
import { type Layout, table } from '../../report/layout.ts'
import { planTable } from '../../report/plan-table.ts'
import { applyQuestion } from '../../report/plan-words.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
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

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.demo
  return yargs
    .options({ color: { type: 'boolean', describe: help.cluster.color } })
    .example('$0 demo', says.examples.demo)
}

/** As in a clone, where the demo is at home. */
const FIXTURE = 'fixtures/cube-studio-2026'
const MIGRATION = 'plans/cube-studio.yaml'
/** Two of the volumes that are migrated, for `kubectl get pv`: those that a notebook of cube-studio mounts. */
const SHOWN = ['jupyter-kubeflow-archives', 'jupyter-kubeflow-user-workspace']
/** Workloads that are stopped until the run is interrupted. */
const STOPPED_BEFORE = 3

/**
 * A cube-studio with people at work, from the plan over an interruption to the way back, on an embedded cluster: real
 * requests, real answers, nothing recorded.
 */
export async function run({ color }: Arguments): Promise<ExitCode> {
  const layout = layoutOf(process.stdout, color)
  const show = (command: string) => print(`\n${layout.color.bold(`$ ${command}`)}`)
  const sandbox = [asTyped(inPackage(FIXTURE))]
  const yes: RunArguments = {
    sandbox,
    yes: true,
    concurrency: 4,
    wait: 0,
    outage: 60_000,
    timeout: 60_000,
    ...(color === undefined ? {} : { color }),
  }
  return withCluster({ sandbox }, async ({ cluster }) => {
    const before = await volumes(cluster)
    const plan = await planFromFlags(cluster, { filename: inPackage(MIGRATION), sourceNodes: ['node1'] })
    await show(`juicify plan -f ${MIGRATION} --source-nodes node1`)
    await print(planTable(plan, { ...layout, apply: 'juicify apply' }))
    // a newcomer should not take it for a promise
    say(`\n${messages().demo.notShown}`)

    await show('juicify apply')
    await print(`? ${applyQuestion(plan, cluster.title)} (y/N) y`)
    const interrupted = await follow(cluster, yes, '', (options) => apply(plan, interruptedAtStop(options)))
    if (interrupted !== ExitCode.interrupted) return interrupted
    await show('juicify resume')
    const resumed = await follow(cluster, yes, '', resume)
    if (resumed !== ExitCode.done) return resumed
    await showVolumes(cluster, layout, show)

    await show('juicify rollback')
    const workloads = await workloadsNow(cluster, await readRecords(cluster))
    const back = await follow(cluster, yes, '', (options) => rollback(workloads, options), {
      rolledBack: ExitCode.done,
    })
    if (back !== ExitCode.done) return back
    await showVolumes(cluster, layout, show)
    if (!isDeepStrictEqual(await volumes(cluster), before)) {
      const { message, remedy } = messages().refusal.demoDiffers(VERSION)
      throw new Failure(message, { remedy })
    }
    say(`\n${messages().demo.asBefore}`)
    return ExitCode.done
  })
}

/** A path as one would type it from here. */
function asTyped(file: string): string {
  const fromHere = path.relative(process.cwd(), file)
  return fromHere.startsWith('..') ? file : fromHere
}

/** The same run, as if somebody pressed Ctrl-C while workloads are being stopped. */
function interruptedAtStop(options: RunOptions): RunOptions {
  let stopped = 0
  return {
    ...options,
    emit: (event) => {
      options.emit(event)
      if (event.type !== 'workload-stopped' || ++stopped !== STOPPED_BEFORE) return
      say(`^C  ${messages().demo.interrupts}`)
      options.stop()
    },
  }
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
  show: (command: string) => Promise<unknown>,
): Promise<void> {
  await show(`kubectl get pv ${SHOWN.join(' ')}`)
  const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
  const rows = items
    .filter(({ metadata }) => SHOWN.includes(metadata.name))
    .map(({ metadata, spec, status }) => [
      metadata.name,
      status?.phase ?? '',
      `${spec.claimRef?.namespace}/${spec.claimRef?.name}`,
      spec.csi ? `${spec.csi.driver} ${(spec.mountOptions ?? []).join(',')}` : (spec.hostPath?.path ?? ''),
    ])
  const shown = table(rows, { ...layout, indent: 0, titles: ['NAME', 'STATUS', 'CLAIM', 'WHERE'] })
  await print([...shown.titles, ...shown.rows.flat()].join('\n'))
}
