import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Failure, refused } from '../../domain/failure.ts'
import type { FileSystem, FileSystemDriver } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { nodesWithDriver } from '../../filesystem/csi-driver.ts'
import { fileSystemOf } from '../../filesystem/registry.ts'
import { type ProbeResult, type ProbeSubject, probe, probeImage, probeNodes } from '../../probe/probe.ts'
import { probeText } from '../../report/probe.ts'
import { clusterIdentity } from '../../survey/survey.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions, type TrustArguments, trustOption } from '../arguments.ts'
import { eventLine } from '../event-line.ts'
import { type FileSystemArguments, fileSystemOptions, migrationFrom } from '../file-system.ts'
import { duration } from '../flag-values.ts'
import { interruption } from '../interrupt.ts'
import { isEmbedded } from '../running.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'
import { mustBeTrusted } from '../trust.ts'

interface Arguments extends ClusterArguments, FileSystemArguments, TrustArguments {
  class?: string
  volume?: string[]
  image?: string
  node?: string[]
  timeout: number
  output: 'text' | 'json'
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.probe
  return fileSystemOptions(clusterOptions(yargs))
    .options({
      class: {
        type: 'string',
        describe: says.class,
        requiresArg: true,
      },
      volume: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.volume,
      },
      image: {
        type: 'string',
        describe: says.image,
        requiresArg: true,
      },
      node: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.node,
      },
      timeout: {
        type: 'string',
        default: '2m',
        describe: says.timeout,
        coerce: duration('timeout'),
      },
      ...trustOption(),
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: help.outputFormat },
    })
    .example('$0 probe', says.examples.probe)
    .example('$0 probe --volume jupyter-kubeflow-archives', says.examples.volume)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const { signal, off } = interruption({ atOnce: () => messages().interrupt.probeAtOnce })
  try {
    return await withCluster(argv, async ({ cluster }) => {
      if (await isEmbedded(cluster)) throw refused(messages().refusal.probeEmbedded())
      await mustBeTrusted(cluster, argv)
      const migration = await migrationFrom(argv)
      const fileSystem = fileSystemOf(migration.target)
      const places = await placesOf(cluster, fileSystem, argv)
      const image = argv.image ?? migration.probe?.image ?? (await probeImage(cluster, fileSystem))
      const results: ProbeResult[] = []
      for (const { place, driver } of places) {
        const nodes = argv.node ?? (await twoNodes(cluster, driver))
        // as the probe of a run has them: the image may have to be pulled with a Secret
        const settings = migration.copy
        const about = { cluster, fileSystem, image, settings, nodes }
        results.push(await probe(place, { ...about, timeout: argv.timeout, emit: tell(argv), signal }))
      }
      await print(
        argv.output === 'json'
          ? JSON.stringify({ cluster: await clusterIdentity(cluster), probes: results }, null, 2)
          : probeText(results, cluster.title, layoutOf(process.stdout, argv.color)),
      )
      return ExitCode.done
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure(messages().interrupt.probe, { exitCode: ExitCode.interrupted })
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
    const classes = items.map(({ metadata }) => metadata.name)
    throw refused(messages().refusal.noClass(className, classes))
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
  throw refused(messages().refusal.twoNodes(driver.title, nodes.length))
}
