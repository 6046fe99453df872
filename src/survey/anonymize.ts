import { LABEL } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { compareText } from '../domain/text.ts'

/** Labels by which cube-studio says for whom something runs. */
const USER_LABELS = ['user', 'username', 'run-rtx']

/** What is the platform's, and no user's; and what a plan holds word by word. */
const KEPT = new Set([
  'CustomResourceDefinition',
  'Namespace',
  'Secret',
  'StorageClass',
  'Node',
  'CSINode',
  'CSIDriver',
  'PersistentVolume',
  'PersistentVolumeClaim',
])

/**
 * The same objects with other names for users: those that the labels of workloads name become `user-1`, `user-2`, … in
 * labels and selectors, in the names of pods, workloads and Services, and in images and the paths of containers; always the same for the same one.
 * Pods without an owner are renamed in whole. Annotations, which hold anything, are emptied, records left out.
 */
export function anonymized(objects: KubeObject[]): KubeObject[] {
  const users = usersOf(objects)
  const pods = looseNames(objects)
  const rename = (text: string) => pods.get(text) ?? renamed(text, users)
  return objects
    .filter(({ kind, metadata }) => !(kind === 'ConfigMap' && metadata.labels?.[LABEL.group]))
    .map((object) => (KEPT.has(object.kind) ? object : (walk(object, rename) as KubeObject)))
}

function usersOf(objects: KubeObject[]): Map<string, string> {
  const names = new Set(
    objects.flatMap(({ metadata: { labels = {} } }) => USER_LABELS.flatMap((label) => labels[label] || [])),
  )
  return new Map([...names].sort(compareText).map((name, index) => [name, `user-${index + 1}`]))
}

function looseNames(objects: KubeObject[]): Map<string, string> {
  const loose = objects.filter(({ kind, metadata }) => kind === 'Pod' && !metadata.ownerReferences?.length)
  const names = [...new Set(loose.map(({ metadata }) => metadata.name))].sort(compareText)
  return new Map(names.map((name, index) => [name, `pod-${index + 1}`]))
}

/** Users' names where they are a part of a name of their own: `alice` in `alice-notebook`, not in `malice`. */
function renamed(text: string, users: Map<string, string>): string {
  const whole = users.get(text)
  if (whole !== undefined) return whole
  let found = text
  for (const [user, other] of users) {
    const escaped = user.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    found = found.replace(new RegExp(`(^|[-._/])${escaped}(?=$|[-._/:])`, 'g'), `$1${other}`)
  }
  return found
}

const NAMES = new Set([
  'name',
  'generateName',
  'subPath',
  'subPathExpr',
  'mountPath',
  'workingDir',
  'image',
  'imageID',
  'serviceName',
  'hostname',
  'subdomain',
  'app.kubernetes.io/instance',
])
const MAPS = new Set(['labels', 'matchLabels', 'selector'])
/** The values of a selector's expressions. */
const VALUES = 'values'

/** Names are renamed where they stand as such; in labels and selectors every value is. */
function walk(value: unknown, rename: (text: string) => string, within = ''): unknown {
  if (typeof value === 'string' && within === VALUES) return rename(value)
  if (Array.isArray(value)) return value.map((part) => walk(part, rename, within))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (key === 'annotations' && within === 'metadata') return [key, emptied(part)]
      if (typeof part === 'string') return [key, NAMES.has(key) || MAPS.has(within) ? rename(part) : part]
      return [key, walk(part, rename, key)]
    }),
  )
}

/** The keys stay: they tell which tool keeps the object. */
function emptied(annotations: unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(annotations as object).map((key) => [key, '']))
}
