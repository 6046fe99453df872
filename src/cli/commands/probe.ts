import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Failure, Refusal } from '../../domain/failure.ts'
import type { FileSystem, FileSystemDriver } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { nodesWithDriver } from '../../filesystem/csi-driver.ts'
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

export const options = (yargs: Argv) =>
  fileSystemOptions(clusterOptions(yargs))
    .options({
      class: {
        type: 'string',
        describe: 'probe a new claim of this class (default: the file system’s own, unless --volume is given)',
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
        describe: 'an image with sh for the pods (default: what the file system is mounted with)',
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
      const fileSystem = await fileSystemFrom(argv)
      const places = await placesOf(cluster, fileSystem, argv)
      const image = argv.image ?? (await probeImage(cluster, fileSystem))
      const results: ProbeResult[] = []
      for (const { place, driver } of places) {
        const nodes = argv.node ?? (await twoNodes(cluster, driver))
        const options = { cluster, fileSystem, image, nodes, timeout: argv.timeout, emit: tell(argv), signal }
        results.push(await probe(place, options))
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

/** What a probe mounts, and what mounts it. */
interface ProbePlace {
  place: ProbeSubject
  driver: Pick<FileSystemDriver, 'title' | 'nodesWith'>
}

async function placesOf(
  cluster: Cluster,
  { driver, probe: { className: ownClass } }: FileSystem,
  argv: Arguments,
): Promise<ProbePlace[]> {
  const volumes = await Promise.all(
    (argv.volume ?? []).map(async (name) => {
      const volume = await cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })
      return { place: { volume }, driver }
    }),
  )
  const className = argv.class ?? (volumes.length === 0 ? ownClass : undefined)
  if (className === undefined && volumes.length > 0) return volumes
  const { items } = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' })
  const storageClass = items.find(({ metadata }) => metadata.name === className)
  if (!storageClass || className === undefined) {
    throw new Refusal(
      className === undefined ? 'Nothing says what is to be probed.' : `There is no StorageClass ${className}.`,
      {
        remedy: `Name one with --class (${items.map(({ metadata }) => metadata.name).join(', ') || 'there is none'}), or make it: juicify setup.`,
      },
    )
  }
  return [{ place: { className }, driver: provisioner(String(storageClass.provisioner)) }, ...volumes]
}

/** A class says itself which driver mounts its volumes. */
function provisioner(name: string): ProbePlace['driver'] {
  return { title: `driver ${name}`, nodesWith: ({ csiNodes }) => nodesWithDriver(csiNodes, name) }
}

async function twoNodes(cluster: Cluster, driver: ProbePlace['driver']): Promise<string[]> {
  const nodes = await probeNodes(cluster, driver)
  if (nodes.length >= 2) return nodes.slice(0, 2)
  throw new Refusal(`A probe takes two nodes that are ready and have the ${driver.title}; there are ${nodes.length}.`, {
    remedy: 'juicify check tells which nodes have it.',
  })
}
