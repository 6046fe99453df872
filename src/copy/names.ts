import { canonicalJson, shortHash } from '../domain/digest.ts'
import type { CopyRequest } from './request.ts'

/** The namespace of everything that juicify makes for itself. */
export const NAMESPACE = 'juicify'

export const LABEL = {
  managed: 'app.kubernetes.io/managed-by',
  group: 'juicify.dev/group',
  /** Which directory's copy it belongs to, as a hash; a group may have several. */
  copy: 'juicify.dev/copy',
  stage: 'juicify.dev/stage',
  /** The Jobs of several nodes that work together. */
  run: 'juicify.dev/run',
} as const

/** Its Job's outcome has been read: the next call makes a new one. */
export const ANNOTATION_READ = 'juicify.dev/read'
export const ANNOTATION_NODE = 'juicify.dev/node'
/** Of a directory that is split: which part is the Job's. */
export const ANNOTATION_PART = 'juicify.dev/part'

/** Tells one directory's copy from all others. */
export function copyIdOf({ group, directory }: Pick<CopyRequest, 'group' | 'directory'>): string {
  return shortHash(`${group}\n${directory}`)
}

/** Tells one place on one file system from all others. */
export function targetIdOf({ target, subdir }: Pick<CopyRequest, 'target' | 'subdir'>): string {
  return shortHash(`${target.driver}\n${target.secretRef.namespace}/${target.secretRef.name}\n${subdir}`, 16)
}

/** A DNS-1123 label of at most 63 characters that is the same for the same parts, and another one for others. */
export function nameOf(group: string, role: string, ...parts: unknown[]): string {
  return `juicify-${group.slice(0, 24).replace(/-+$/, '')}-${role}-${shortHash(canonicalJson(parts), 10)}`
}

/** The labels of everything that belongs to a request. */
export function labelsOf(request: Pick<CopyRequest, 'group' | 'directory'>): Record<string, string> {
  return { [LABEL.managed]: 'juicify', [LABEL.group]: request.group, [LABEL.copy]: copyIdOf(request) }
}
