import { Failure } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { LABEL, NAMESPACE } from '../domain/names.ts'
import { describeRef, groupOf, type KubeObject } from '../domain/object.ts'
import { RECORD_KIND } from '../domain/own-kinds.ts'
import { compareText } from '../domain/text.ts'

/** Labels by which cube-studio says for whom something runs. */
const USER_LABELS = ['user', 'username', 'run-rtx']
const EMAIL = /[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(\.[a-z0-9-]+)+/gi
/** Fields whose values are the API's own words, whatever somebody is called. */
const API_WORDS = new Set(
  `apiVersion kind apiGroup type phase status reason operator effect protocol provisioner restartPolicy accessModes volumeMode
  persistentVolumeReclaimPolicy volumeBindingMode reclaimPolicy podManagementPolicy concurrencyPolicy`.split(/\s+/),
)
/** Labels and annotations that Kubernetes, its tools and juicify know by their names. */
const KNOWN_KEY = /(^|\.)(kubernetes\.io|k8s\.io|helm\.sh|fluxcd\.io|argoproj\.io|juicify\.dev)\//
/** Maps whose keys people choose. */
const CHOSEN = new Set(['labels', 'matchLabels', 'annotations', 'selector', 'nodeSelector', 'data'])
/** What is shorter is replaced only where it is a word: it may be a part of any other. */
const SHORT = 4

/**
 * The same objects with other names for people: whom the labels of workloads name, and every e-mail address, become
 * `user-1`, `user-2`, …, and `user-1@example.com`, wherever they stand, always the same for the same one; pods without an
 * owner become `pod-1`, …. Records are left out. Throws Failure where one of the names is found all the same.
 */
export function anonymized(objects: KubeObject[], fileSystem: FileSystem): KubeObject[] {
  const shown = objects.filter(({ kind, metadata }) => !(isOfRecord(kind) && metadata.labels?.[LABEL.group]))
  const standIns = standInsFor(shown)
  const pods = podsOf(shown)
  const own = ownNames(fileSystem)
  const names = patternOf(standIns.keys(), SHORT)
  const rename = (text: string, key?: 'known') => {
    if (key === 'known' || own.has(text)) return text
    return pods.get(text) ?? text.replace(names, (name) => standIns.get(name.toLowerCase()) ?? name)
  }
  const renamed = shown.map((object) => walk(withDecoded(object, rename), rename) as KubeObject)
  const words = patternOf(standIns.keys(), Number.POSITIVE_INFINITY)
  for (const object of renamed) expectNone(object, { names, words, own })
  return renamed
}

function isOfRecord(kind: string): boolean {
  return kind === 'ConfigMap' || kind === RECORD_KIND.kind
}

/** What a Secret's values say is encoded. */
function withDecoded(object: KubeObject, change: (text: string) => string): KubeObject {
  if (object.kind !== 'Secret') return object
  const data = Object.entries((object.data ?? {}) as Record<string, string>).map(([key, encoded]) => [
    key,
    Buffer.from(change(Buffer.from(encoded, 'base64').toString('utf8'))).toString('base64'),
  ])
  return { ...object, data: Object.fromEntries(data) }
}

/** By what people are called, in small letters. */
function standInsFor(objects: KubeObject[]): Map<string, string> {
  const texts = objects.flatMap(textsOf)
  const addresses = unique(texts.flatMap((text) => text.match(EMAIL) ?? []))
  const people = unique([
    ...objects.flatMap(({ metadata: { labels = {} } }) => USER_LABELS.flatMap((label) => labels[label] || [])),
    ...addresses.map(userOf),
  ])
  const word = ['user', 'person', 'somebody'].find((each) => !people.some((name) => each.includes(name))) ?? 'x'
  const users = new Map(people.map((name, index) => [name, `${word}-${index + 1}`]))
  const mail = (address: string) => [address, `${users.get(userOf(address))}@example.com`] as const
  return new Map([...users, ...addresses.map(mail)])
}

function userOf(address: string): string {
  return address.slice(0, address.indexOf('@'))
}

function podsOf(objects: KubeObject[]): Map<string, string> {
  const loose = objects.filter(({ kind, metadata }) => kind === 'Pod' && !metadata.ownerReferences?.length)
  const names = unique(loose.map(({ metadata }) => metadata.name))
  return new Map(names.map((name, index) => [name, `pod-${index + 1}`]))
}

/** What is known by its name, to a plan or to every cluster. */
function ownNames({ driver, secretRef, target }: FileSystem): Set<string | undefined> {
  const { name, namespace } = secretRef ?? {}
  const ofDriver = [...driver.configMaps, ...driver.containers.map((container) => container.name)]
  return new Set([NAMESPACE, 'kube-system', 'default', target.driver, driver.provisioner, name, namespace, ...ofDriver])
}

/**
 * Any of the names, the longest first; nothing where there are none.
 * @param short a name with fewer letters has to be a word of its own
 */
function patternOf(names: Iterable<string>, short: number): RegExp {
  const any = [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => {
      const escaped = name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
      return name.length < short ? `(?<![a-z0-9.])${escaped}(?![a-z0-9])` : escaped
    })
  return new RegExp(any.join('|') || '(?!)', 'gi')
}

/** Looks for the names once more, also where nothing was to be changed. */
function expectNone(
  object: KubeObject,
  { names, words, own }: { names: RegExp; words: RegExp; own: ReadonlySet<string | undefined> },
): void {
  walk(
    withDecoded(object, (text) => check(text, names)),
    (text, key) => (own.has(text) ? text : check(text, key === 'known' ? words : names)),
  )
  function check(text: string, pattern: RegExp): string {
    if (text.search(pattern) < 0) return text
    throw new Failure(
      `${describeRef({ kind: object.kind, ...object.metadata })} still contains a name: ${JSON.stringify(text)}.`,
      {
        remedy: 'Nothing was written. Remove it from the object, or take the snapshot without --anonymize.',
      },
    )
  }
}

/** All texts of a value that may hold a name. */
function textsOf(value: unknown): string[] {
  const texts: string[] = []
  walk(value, (text) => {
    texts.push(text)
    return text
  })
  return texts
}

/**
 * The value with every text that may hold a name changed: not the API's own words, nor its fields. Keys are people's in
 * some maps, and in a custom resource they may be anywhere.
 */
function walk(value: unknown, change: Change, keys: 'fields' | 'chosen' | 'any' = 'fields'): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((part) => walk(part, change, keys))
  if (typeof value !== 'object' || value === null) return value
  const custom = isCustom(value)
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (API_WORDS.has(key)) return [key, part]
      const below = keys === 'any' || (custom && key === 'spec') ? 'any' : CHOSEN.has(key) ? 'chosen' : 'fields'
      const own = keys === 'fields' ? key : change(key, KNOWN_KEY.test(key) ? 'known' : undefined)
      return [own, walk(part, change, below)]
    }),
  )
}

/** @param key `known`: it is a key that Kubernetes or its tools know, and has to stay */
type Change = (text: string, key?: 'known') => string

function isCustom(value: object): boolean {
  const { apiVersion } = value as { apiVersion?: unknown }
  return typeof apiVersion === 'string' && groupOf(apiVersion).includes('.') && !/\.k8s\.io\//.test(apiVersion)
}

function unique(texts: string[]): string[] {
  return [...new Set(texts.map((text) => text.toLowerCase()))].sort(compareText)
}
