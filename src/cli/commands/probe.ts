import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Failure, Refusal } from '../../domain/failure.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { type ProbeResult, type ProbeSubject, probe, probeImage, probeNodes } from '../../probe/probe.ts'
import { probeText } from '../../report/probe.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { eventLine } from '../event-line.ts'
import { type FileSystemArguments, fileSystemFrom, fileSystemOptions } from '../file-system.ts'
import { interruption } from '../interrupt.ts'
import { duration, isEmbedded } from '../running.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, FileSystemArguments {
  class?: string
  volume?: string[]
  image?: string
  node?: string[]
  timeout: number
  output: 'text' | 'json'
}

const DEFAULT_CLASS = 'juicefs-sc'

export const options = (yargs: Argv) =>
  fileSystemOptions(clusterOptions(yargs))
    .options({
      class: {
        type: 'string',
        describe: `probe a new claim of 10Pi of this class (default: ${DEFAULT_CLASS}, unless --volume is given)`,
        requiresArg: true,
      },
      volume: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'probe where this migrated volume is; may be repeated',
      },
      image: {
        type: 'string',
        describe: 'an image with sh for the pods (default: that of JuiceFS’ mount pods)',
        requiresArg: true,
      },
      node: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'a node to use, twice or more; the first writes (default: two that have the driver)',
      },
      timeout: {
        type: 'string',
        default: '2m',
        describe: 'how long to wait for the pods to start, and for what they write to be seen',
        coerce: duration('timeout'),
      },
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: 'the format' },
    })
    .example('$0 probe', 'write on one node, read on another, and clean up')
    .example('$0 probe --volume jupyter-kubeflow-archives', 'is a migrated volume seen on two nodes?')

export async function run(argv: Arguments): Promise<ExitCode> {
  const { signal, off } = interruption()
  try {
    return await withCluster(argv, async ({ cluster }) => {
      if (await isEmbedded(cluster)) {
        throw new Refusal('In an embedded cluster no pod really runs, so that nothing can be proved there.', {
          remedy: 'Run juicify probe on the cluster itself.',
        })
      }
      const places = await placesOf(cluster, argv)
      const image = argv.image ?? (await probeImage(cluster, await fileSystemFrom(argv)))
      const results: ProbeResult[] = []
      for (const { place, driver } of places) {
        const nodes = argv.node ?? (await twoNodes(cluster, driver))
        results.push(await probe(place, { cluster, image, nodes, timeout: argv.timeout, emit: tell(argv), signal }))
      }
      await print(
        argv.output === 'json'
          ? JSON.stringify({ probes: results }, null, 2)
          : probeText(results, layoutOf(process.stdout, argv.color)),
      )
      return ExitCode.done
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure('Interrupted; what the probe had made is removed.', { exitCode: ExitCode.interrupted })
  } finally {
    off()
  }
}

function tell({ color }: Arguments) {
  const layout = layoutOf(process.stderr, color)
  return (event: Parameters<Parameters<typeof probe>[1]['emit']>[0]) => {
    for (const line of eventLine(event, new Date(), layout)) say(line)
  }
}

async function placesOf(cluster: Cluster, argv: Arguments): Promise<{ place: ProbeSubject; driver: string }[]> {
  const volumes = await Promise.all(
    (argv.volume ?? []).map(async (name) => {
      const volume = await cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })
      return { place: { volume }, driver: volume.spec.csi?.driver ?? '' }
    }),
  )
  const className = argv.class ?? (volumes.length === 0 ? DEFAULT_CLASS : undefined)
  if (className === undefined) return volumes
  const { items } = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' })
  const storageClass = items.find(({ metadata }) => metadata.name === className)
  if (!storageClass) {
    throw new Refusal(`There is no StorageClass ${className}.`, {
      remedy: `Name one with --class (${items.map(({ metadata }) => metadata.name).join(', ') || 'there is none'}), or make it: juicify setup.`,
    })
  }
  return [{ place: { className }, driver: String(storageClass.provisioner) }, ...volumes]
}

async function twoNodes(cluster: Cluster, driver: string): Promise<string[]> {
  const nodes = await probeNodes(cluster, driver)
  if (nodes.length >= 2) return nodes.slice(0, 2)
  throw new Refusal(
    `A probe takes two nodes that are ready and have the driver ${driver || 'of JuiceFS'}; there are ${nodes.length}.`,
    { remedy: 'juicify check tells which nodes have it.' },
  )
}
