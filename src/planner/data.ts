import { topmost } from '../domain/directory.ts'
import type { JuiceFSTarget, Migration } from '../domain/migration.ts'
import type { KubeObject } from '../domain/object.ts'
import type { PlannedCopy, PlannedGroup } from '../domain/plan.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { takesPods } from './nodes.ts'
import { PathIndex } from './path-index.ts'

/** True where the plan moves the data along; where not, what is in the old directories stays there. */
export function copiesData(migration: Migration): boolean {
  return migration.copy.mode === 'copy'
}

/**
 * One copy for each top directory whose nodes are known, from all nodes that a volume of that very directory names.
 * Volumes that are on the file system already have no data to move; those below them have.
 */
export function copiesOf(group: PlannedGroup, survey: Survey, migration: Migration): PlannedCopy[] {
  if (!copiesData(migration)) return []
  const onDisk = group.volumes.filter(({ before }) => !before.spec.csi)
  const tops = new PathIndex(group.directories, (directory) => directory)
  return group.directories
    .flatMap((top) => topmost(onDisk.map((each) => each.directory).filter((path) => tops.atOrAbove(path) === top)))
    .flatMap((directory) => {
      const volumes = onDisk.filter((each) => each.directory === directory)
      const named = [...new Set(volumes.flatMap(({ nodes }) => nodes ?? []))].sort(compareText)
      const anywhere = volumes.some(({ nodes }) => !nodes)
      const nodes = named.length === 0 && anywhere ? anyNode(survey, migration) : named
      if (nodes.length === 0) return []
      const everywhere = named.length === 0 && migration.source.nodes === 'shared'
      const seeing = everywhere ? nodesForCopies(survey, migration.target) : nodes
      return [{ directory, subdir: volumes[0]?.subdir ?? '', nodes, ...partsOf(migration, nodes, seeing) }]
    })
}

/** The Jobs of a directory that is split, one after the other on the nodes that see it. What is merged is not split. */
function partsOf({ copy: { parallel = 1 } }: Migration, nodes: string[], seeing: string[]): Pick<PlannedCopy, 'parts'> {
  if (parallel === 1 || nodes.length > 1) return {}
  return { parts: Array.from({ length: parallel }, (_, part) => seeing[part % seeing.length] ?? '') }
}

/** True where a new volume can be written on one node and read on another before people come back to it. */
export function canProbe(survey: Survey, { target, copy, probe }: Migration): boolean {
  if (probe?.mode === 'none' || nodesForCopies(survey, target).length < 2) return false
  return (probe?.image ?? copy.image) !== undefined || knowsMountImage(survey)
}

/** An air-gapped cluster has an image with juicefs where the driver mounts with it, and nowhere else. */
export function knowsMountImage({ pods, controllers }: Survey): boolean {
  return (
    pods.some(({ labels }) => labels['app.kubernetes.io/name'] === 'juicefs-mount') || controllers.some(namesMountImage)
  )
}

function namesMountImage({ kind, metadata, spec }: KubeObject): boolean {
  if (kind !== 'DaemonSet' || metadata.labels?.app !== 'juicefs-csi-node') return false
  const { containers = [] } = (spec as { template?: { spec?: PodContainers } }).template?.spec ?? {}
  return containers.some(({ env = [] }) => env.some(({ name }) => /^JUICEFS_(CE_)?MOUNT_IMAGE$/.test(name)))
}

interface PodContainers {
  containers?: { env?: { name: string }[] }[]
}

/**
 * Where the path is the same on every node, or there is one node only, any that runs pods and the driver will do. A node
 * that takes no pods at the moment has its disk all the same.
 */
function anyNode(survey: Survey, { source, target }: Migration): string[] {
  if (source.nodes === 'auto' && survey.nodes.length > 1) return []
  return nodesForCopies(survey, target).slice(0, 1)
}

/** The nodes whose pods can mount the file system, in order. */
function nodesForCopies({ nodes, csiNodes }: Survey, { driver }: JuiceFSTarget): string[] {
  const withDriver = new Set(
    csiNodes.filter((node) => driversOf(node).includes(driver)).map(({ metadata }) => metadata.name),
  )
  return nodes
    .filter((node) => takesPods(node) && withDriver.has(node.metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort(compareText)
}

function driversOf(csiNode: KubeObject): string[] {
  const { spec } = csiNode as { spec?: { drivers?: { name: string }[] } }
  return spec?.drivers?.map(({ name }) => name) ?? []
}
