import { isBelow, normalise, relationOf } from '../domain/directory.ts'
import { ANNOTATION, LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import type { DirectoryUser, OldDirectory } from '../domain/old-directory.ts'
import type { PlannedGroup } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { isFinished, isPod, kindOf } from '../workloads/kinds.ts'
import type { PodSpec } from '../workloads/pod-spec.ts'

/** What the directories of a group that is migrated are now. */
export function oldDirectoriesOf({ directories, volumes, staying }: PlannedGroup): OldDirectory[] {
  return directories.map((directory) => {
    const there = volumes.filter((volume) => volume.directory === directory)
    const nodes = there.every((volume) => volume.nodes)
      ? [...new Set(there.flatMap((volume) => volume.nodes ?? []))].sort(compareText)
      : undefined
    return { directory, staying, ...(nodes ? { nodes } : {}) }
  })
}

/** The same, as the volumes that have moved say it of themselves; those below others are the others'. */
export function oldDirectoriesIn(volumes: PersistentVolume[]): OldDirectory[] {
  const found = new Map<string, OldDirectory>()
  for (const { metadata } of volumes) {
    const { annotations = {} } = metadata
    const directory = annotations[ANNOTATION.movedFrom]
    if (directory === undefined) continue
    const nodes = annotations[ANNOTATION.movedFromNodes]?.split(',')
    const staying = annotations[ANNOTATION.movedWithout]?.split('\n') ?? []
    found.set(`${directory} ${nodes?.join()}`, { directory, staying, ...(nodes ? { nodes } : {}) })
  }
  const all = [...found.values()].sort((a, b) => compareText(a.directory, b.directory))
  return all.filter(({ directory, nodes }) =>
    all.every((other) => !isBelow(directory, other.directory) || other.nodes?.join() !== nodes?.join()),
  )
}

/**
 * Who in a cluster names a path at, above or below one of the directories: volumes, pods, and what pods are made from,
 * suspended or at 0 too. Of a pod or a Job and what has made it, only the latter is told.
 * @param objects PersistentVolumes, pods and workloads of all kinds, as the server sent them
 */
export function usersOf(directories: OldDirectory[], objects: KubeObject[]): DirectoryUser[] {
  const users = objects.flatMap((object) => {
    if (isOver(object) || isOurs(object)) return []
    const node = nodeOf(object)
    return pathsNamedBy(object).flatMap((named) =>
      directories.flatMap((old) => {
        const uses = usage(named, old)
        const elsewhere = node !== undefined && old.nodes && !old.nodes.includes(node)
        if (uses === undefined || elsewhere) return []
        const { directory } = old
        const user: DirectoryUser = { user: describeRef(refOf(object)), path: named.path, directory, uses }
        return [{ object, user: node === undefined ? user : { ...user, node } }]
      }),
    )
  })
  const named = new Set(users.map(({ object }) => object.metadata.uid))
  return users
    .filter(
      ({ object }) => !object.metadata.ownerReferences?.some(({ controller, uid }) => controller && named.has(uid)),
    )
    .map(({ user }) => user)
    .sort((a, b) => Number(b.uses) - Number(a.uses) || compareText(a.user, b.user) || compareText(a.path, b.path))
}

/** Whether a path uses a directory; undefined where it has nothing to do with it. */
function usage({ path, writes }: NamedPath, { directory, staying }: OldDirectory): boolean | undefined {
  if (staying.some((stays) => path === stays || isBelow(path, stays))) return undefined
  const relation = relationOf(path, directory)
  if (relation === 'apart') return undefined
  // a node's root is mounted to see the node, and not for what is in one directory
  return relation === 'above' ? writes && path !== '/' : true
}

/** True where an object names a path of a node at all. */
export function namesPath(object: KubeObject): boolean {
  return pathsNamedBy(object).length > 0
}

interface NamedPath {
  path: string
  writes: boolean
}

function pathsNamedBy(object: KubeObject): NamedPath[] {
  const paths = new Map<string, boolean>()
  const note = (path: unknown, writes: boolean) => {
    if (typeof path !== 'string' || !path.startsWith('/')) return
    const at = normalise(path)
    paths.set(at, writes || (paths.get(at) ?? false))
  }
  const visit = (value: unknown, writes: (volume: unknown) => boolean): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const part of value) visit(part, writes)
      return
    }
    const { hostPath, local, containers } = value as Record<string, unknown>
    const inner = Array.isArray(containers) ? (volume: unknown) => isWritten(value as PodSpec, volume) : writes
    note((hostPath as { path?: unknown } | undefined)?.path, inner((value as { name?: unknown }).name))
    if (object.kind === 'PersistentVolume') note((local as { path?: unknown } | undefined)?.path, true)
    for (const part of Object.values(value)) visit(part, inner)
  }
  visit(object.spec, () => true)
  return [...paths].map(([path, writes]) => ({ path, writes }))
}

/** False where every container that mounts the volume does so read-only. */
function isWritten(
  { containers = [], initContainers = [], ephemeralContainers = [] }: PodSpec,
  volume: unknown,
): boolean {
  const mounts = [...containers, ...initContainers, ...ephemeralContainers].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.filter(({ name }) => name === volume),
  )
  return mounts.length === 0 || mounts.some(({ readOnly }) => readOnly !== true)
}

/** It will make no pod any more, or a revision of it is kept only to go back to. */
function isOver(object: KubeObject): boolean {
  const { phase } = (object.status ?? {}) as { phase?: string }
  if (isPod(object)) return phase === 'Succeeded' || phase === 'Failed'
  return isFinished(object) || kindOf(object)?.isPast(object) === true
}

function isOurs({ metadata }: KubeObject): boolean {
  return metadata.namespace === NAMESPACE && metadata.labels?.[LABEL.managedBy] === MANAGER
}

function nodeOf({ spec }: KubeObject): string | undefined {
  const { nodeName, template } = (spec ?? {}) as { nodeName?: string; template?: { spec?: { nodeName?: string } } }
  return nodeName ?? template?.spec?.nodeName
}
