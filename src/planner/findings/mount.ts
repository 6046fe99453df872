import { isBelow, normalise } from '../../domain/directory.ts'
import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning, type PodUse } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import type { FindingData } from '../../words/findings.en.ts'
import { PathIndex } from '../path-index.ts'
import type { Context, Draft } from './context.ts'

/**
 * Running pods that mount a migrated directory, or one below or above it, as a hostPath of their own: they keep using
 * the old one. The root is left out: what mounts that looks at the node, and not at the data.
 */
export function mountFindings({ survey, drafts }: Context): Finding[] {
  const territories = territoriesOf(drafts)
  const index = new PathIndex(territories.keys(), (directory) => directory)
  const met = new Map<string, Set<Mount>>()
  for (const mount of mountsOf(survey.pods)) {
    for (const territory of [...index.related(mount.path)].flatMap((directory) => territories.get(directory) ?? [])) {
      if (isMet(territory, mount)) met.set(territory.group, (met.get(territory.group) ?? new Set()).add(mount))
    }
  }
  // many groups may lie below what the same pods mount
  const known = new Map<string, Finding>()
  return [...met].map(([group, mounts]) => {
    const same = [...mounts].map(({ id }) => id).join()
    const found = known.get(same) ?? finding('warn', 'direct-mount', {}, whatIsMounted([...mounts]))
    known.set(same, found)
    return { ...found, group }
  })
}

function whatIsMounted(mounts: Mount[]): FindingData<'direct-mount'> {
  const pods = [...new Set(mounts.flatMap((mount) => mount.pods))].sort(compareText)
  const paths = [...new Set(mounts.map(({ path }) => path))].sort(compareText)
  return { pods, paths }
}

/** A directory of a node, with the pods that mount it. */
interface Mount {
  id: number
  path: string
  node?: string
  pods: string[]
}

function mountsOf(pods: PodUse[]): Iterable<Mount> {
  const mounts = new Map<string, Mount>()
  for (const { namespace, name, node, hostPaths } of pods.filter(isRunning)) {
    for (const path of hostPaths.map(normalise).filter((each) => each !== '/')) {
      const key = `${node ?? ''}\0${path}`
      const mount = mounts.get(key) ?? { id: mounts.size, path, ...(node === undefined ? {} : { node }), pods: [] }
      mount.pods.push(`${namespace}/${name}`)
      mounts.set(key, mount)
    }
  }
  return mounts.values()
}

/** A top directory of a group. */
interface Territory {
  group: string
  staying: string[]
  /** Absent: it may be any node's. */
  nodes?: string[]
}

/** By their directories, which groups on different nodes may have in common. */
function territoriesOf(drafts: Draft[]): Map<string, Territory[]> {
  const found = new Map<string, Territory[]>()
  for (const { name, group, moving } of drafts) {
    for (const directory of group.directories) {
      const there = moving.filter((candidate) => candidate.directory === directory)
      const nodes = there.every((each) => each.nodes) ? { nodes: there.flatMap((each) => each.nodes ?? []) } : {}
      const territory = { group: name, staying: group.staying, ...nodes }
      found.set(directory, [...(found.get(directory) ?? []), territory])
    }
  }
  return found
}

function isMet({ staying, nodes }: Territory, { path, node }: Mount): boolean {
  if (staying.some((each) => path === each || isBelow(path, each))) return false
  return nodes === undefined || node === undefined || nodes.includes(node)
}
