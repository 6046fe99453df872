import { canonicalJson, shortHash } from '../domain/digest.ts'
import { LABEL, MANAGER, WORK_PREFIX } from '../domain/names.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import type { CopyTask } from './task.ts'

/** Tells one directory's copy from all others. */
export function copyIdOf({ group, directory }: Pick<CopyTask, 'group' | 'directory'>): string {
  return shortHash(`${group}\n${directory}`)
}

/** Where the Jobs of a task meet, at the root of the file system. */
export function workSubdirOf(task: Pick<CopyTask, 'group' | 'directory'>): string {
  return `${WORK_PREFIX}${task.group}-${copyIdOf(task)}`
}

/** Tells one place on one file system from all others. */
export function targetIdOf({ target, subdir }: Pick<CopyTask, 'target' | 'subdir'>): string {
  return shortHash(`${fileSystemOf(target).identity}\n${subdir}`, 16)
}

/** A DNS-1123 label of at most 63 characters that is the same for the same parts, and another one for others. */
export function nameOf(group: string, role: string, ...parts: unknown[]): string {
  return `juicify-${group.slice(0, 24).replace(/-+$/, '')}-${role}-${shortHash(canonicalJson(parts), 10)}`
}

/** False for what is mounted by those too who only look, and hold no lease: the root of the file system. */
export function isOfLeaseHolder(name: string): boolean {
  return /-(?:data|shared)-[0-9a-f]{10}$/.test(name)
}

/** The labels of everything that belongs to a task. */
export function labelsOf(task: Pick<CopyTask, 'group' | 'directory'>): Record<string, string> {
  return { [LABEL.managedBy]: MANAGER, [LABEL.group]: task.group, [LABEL.copy]: copyIdOf(task) }
}
