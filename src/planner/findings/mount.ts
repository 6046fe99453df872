import { normalise } from '../../domain/directory.ts'
import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning } from '../../domain/workload.ts'
import { PathIndex } from '../path-index.ts'
import { type Context, finding, listed } from './context.ts'

/**
 * Running pods that mount a directory that moves, or one below or above it, as a hostPath of their own: they go on with
 * the old one. The root is left out: what mounts that looks at the node, and not at the data.
 */
export function mountFindings({ survey, drafts }: Context): Finding[] {
  const directories = drafts.flatMap(({ name, group }) => group.directories.map((directory) => ({ name, directory })))
  const index = new PathIndex(directories, ({ directory }) => directory)
  const met = new Map<string, { pods: Set<string>; paths: Set<string> }>()
  for (const pod of survey.pods.filter(isRunning)) {
    for (const path of pod.hostPaths.map(normalise)) {
      const group = path === '/' ? undefined : (index.atOrAbove(path) ?? index.firstBelow(path))?.name
      if (group === undefined) continue
      const { pods, paths } = met.get(group) ?? { pods: new Set(), paths: new Set() }
      met.set(group, { pods: pods.add(`${pod.namespace}/${pod.name}`), paths: paths.add(path) })
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
