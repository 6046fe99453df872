import { isBelow, normalise } from '../../domain/directory.ts'
import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning } from '../../domain/workload.ts'
import { PathIndex } from '../path-index.ts'
import { type Context, type Draft, finding, listed } from './context.ts'

/**
 * Running pods that mount a directory that moves, or one below or above it, as a hostPath of their own: they go on with
 * the old one. The root is left out: what mounts that looks at the node, and not at the data.
 */
export function mountFindings({ survey, drafts }: Context): Finding[] {
  const territories = territoriesOf(drafts)
  const index = new PathIndex(territories.keys(), (directory) => directory)
  const met = new Map<string, { pods: Set<string>; paths: Set<string> }>()
  for (const pod of survey.pods.filter(isRunning)) {
    for (const path of pod.hostPaths.map(normalise).filter((each) => each !== '/')) {
      for (const territory of [...index.related(path)].flatMap((directory) => territories.get(directory) ?? [])) {
        if (!isMet(territory, path, pod.node)) continue
        const { pods, paths } = met.get(territory.group) ?? { pods: new Set(), paths: new Set() }
        met.set(territory.group, { pods: pods.add(`${pod.namespace}/${pod.name}`), paths: paths.add(path) })
      }
    }
  }
  return [...met].map(([group, { pods, paths }]) =>
    finding(
      'warn',
      'direct-mount',
      { group },
      `${listed([...pods].sort(compareText))} mount ${listed([...paths].sort(compareText))} themselves, past the volumes: they go on with the old directory.`,
      'Give them the claim in place of the host path, or stop them.',
    ),
  )
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

function isMet({ staying, nodes }: Territory, path: string, node: string | undefined): boolean {
  if (staying.some((each) => path === each || isBelow(path, each))) return false
  return nodes === undefined || node === undefined || nodes.includes(node)
}
