import { normalise } from '../../domain/directory.ts'
import type { KubeObject } from '../../domain/object.ts'
import { MOUNT_CONTAINER } from './parts.ts'

/**
 * The subdir that a mount pod mounts, as its command says it: what the driver's settings make of the volume's mount options,
 * which may be another one. Undefined where the command is not as the driver writes it.
 */
export function mountedSubdir({ spec }: KubeObject): string | undefined {
  const { containers = [] } = (spec ?? {}) as { containers?: { name: string; command?: string[]; args?: string[] }[] }
  const { command = [], args = [] } = containers.find(({ name }) => name === MOUNT_CONTAINER) ?? {}
  const words = [...command, ...args].join(' ').split(/\s+/)
  const lists = words.flatMap((word, at) => (words[at - 1] === '-o' ? [word] : []))
  if (lists.length === 0) return undefined
  const options = lists.flatMap((list) => list.split(','))
  // the last one counts, and what a shell would unquote is not guessed
  const subdir = options.findLast((option) => option.startsWith('subdir='))?.slice('subdir='.length) ?? ''
  return /['"$\\]/.test(subdir) ? undefined : normalise(`/${subdir}`).slice(1)
}
