import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { unlessForbidden } from '../../cluster/forbidden.ts'
import { ExitCode } from '../../domain/failure.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import type { YamlDocument } from '../../domain/yaml-edit.ts'
import { readAllRecords } from '../../engine/record.ts'
import { saysOrigin, type WrittenVolume, writtenAs } from '../../planner/written-volume.ts'
import { fileDiff } from '../../report/diff.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import {
  changeManifests,
  isTemplate,
  type ManifestFile,
  readManifestFolder,
  whyNotChanged,
  writeManifest,
} from '../manifest-folder.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments {
  folder: string
  write?: boolean
  exitCode?: boolean
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.manifests
  return clusterOptions(yargs)
    .positional('folder', {
      type: 'string',
      demandOption: true,
      describe: says.folder,
    })
    .options({
      write: { type: 'boolean', describe: says.write },
      'exit-code': { type: 'boolean', describe: help.exitCode.differs },
    })
    .example('$0 manifests install/kubernetes', says.examples.show)
    .example('$0 manifests install/kubernetes --write', says.examples.write)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const { files, leftAlone } = await readManifestFolder(argv.folder)
  const there = await withCluster(argv, ({ cluster }) => volumesThere(cluster))
  say(messages().manifests.compared(there.title))
  const seen = { volumes: 0, changed: 0 }
  const changes = files.flatMap((file) => {
    // what has not even the word needs not be read
    if (!file.text.includes('PersistentVolume')) return []
    const found = changeOf(file, there)
    leftAlone.push(...found.leftAlone)
    seen.volumes += found.volumes
    seen.changed += found.changed
    return found.text === file.text ? [] : [{ file, text: found.text }]
  })
  for (const { file, text } of changes)
    await print(fileDiff(file.name, file.text, text, layoutOf(process.stdout, argv.color)))
  if (argv.write) for (const { file, text } of changes) await writeManifest(file, text)
  for (const why of leftAlone) say(messages().manifests.leftAlone(why))
  say(outcome(changes.length, seen, argv.write ?? false))
  return argv.exitCode && changes.length > 0 ? ExitCode.somethingToDo : ExitCode.done
}

interface VolumesThere {
  /** Of which cluster. */
  title: string
  byName: Map<string, PersistentVolume>
  /** Those that have a record, with its phase: what juicify 0.1.0 has moved says nothing of it itself. */
  phases: Map<string, string>
}

async function volumesThere(cluster: Cluster): Promise<VolumesThere> {
  const [{ items }, { records }] = await Promise.all([
    cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' }),
    unlessForbidden(readAllRecords(cluster), { records: [], broken: [] }),
  ])
  return {
    title: cluster.title,
    byName: new Map(items.map((pv) => [pv.metadata.name, pv])),
    phases: new Map(
      records.flatMap(({ kept, state }) => kept.group.volumes.map(({ name }) => [name, state.phase] as const)),
    ),
  }
}

interface Change {
  text: string
  leftAlone: string[]
  /** Manifests of volumes that are in the cluster. */
  volumes: number
  /** Those of them that say something else. */
  changed: number
}

function changeOf(file: ManifestFile, there: VolumesThere): Change {
  const change: Change = { text: file.text, leftAlone: [], volumes: 0, changed: 0 }
  const one = (value: unknown, { line, text }: YamlDocument): unknown => {
    if (isList(value)) return { ...value, items: value.items.map((item) => one(item, { value: item, line, text })) }
    if (!isVolume(value)) return value
    if (isTemplate(text)) {
      change.leftAlone.push(messages().manifests.volumeInTemplate(`${file.name}:${line}`))
      return value
    }
    const { name } = value.metadata
    const now = there.byName.get(name)
    if (!now) return value
    change.volumes++
    const phase = there.phases.get(name)
    if (phase !== undefined && phase !== 'migrated') {
      change.leftAlone.push(messages().manifests.volumeIs(`${file.name}:${line}`, name, phase))
      return value
    }
    // what juicify has not moved, nor taken back, is somebody else's to keep
    if (phase === undefined && !saysOrigin(now) && !saysOrigin(value)) return value
    const wanted = writtenAs(value, now)
    if (wanted !== value) change.changed++
    return wanted
  }
  try {
    change.text = changeManifests(file.text, (document) => one(document.value, document))
  } catch (error) {
    return { text: file.text, leftAlone: [whyNotChanged(file, error)], volumes: 0, changed: 0 }
  }
  return change
}

function isList(value: unknown): value is { items: unknown[] } {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown }
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
}

function isVolume(value: unknown): value is WrittenVolume {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: unknown }
  return kind === 'PersistentVolume' && typeof metadata === 'object' && metadata !== null
}

function outcome(files: number, { volumes, changed }: { volumes: number; changed: number }, write: boolean): string {
  const says = messages().manifests
  if (volumes === 0) return says.none
  if (files === 0) return says.nothingDiffers(volumes)
  return write ? says.written(changed, files) : says.toChange(changed, files)
}
