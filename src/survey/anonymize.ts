import { Failure } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { LABEL, NAMESPACE } from '../domain/names.ts'
import { describeRef, groupOf, type KubeObject } from '../domain/object.ts'
import { RECORD_KIND } from '../domain/own-kinds.ts'
import { compareText } from '../domain/text.ts'
import { worded } from '../words/trouble.ts'
import { changedInAll, readings } from './spellings.ts'

/** Labels by which cube-studio says for whom something runs. */
const USER_LABELS = ['user', 'username', 'run-rtx']
const EMAIL = /[\p{L}\p{N}][\p{L}\p{M}\p{N}._%+-]*@[\p{L}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+/giu
/** Fields whose values are the API's own words, whatever somebody is called. */
const API_WORDS = new Set(
  `apiVersion kind apiGroup type phase status reason operator effect protocol provisioner restartPolicy accessModes volumeMode
  persistentVolumeReclaimPolicy volumeBindingMode reclaimPolicy podManagementPolicy concurrencyPolicy`.split(/\s+/),
)
/** Those that say what an object is. */
const KINDS = new Set(['apiVersion', 'kind', 'apiGroup'])
/** Labels and annotations that Kubernetes, its tools and juicify know by their names. */
const KNOWN_KEY = /(^|\.)(kubernetes\.io|k8s\.io|helm\.sh|fluxcd\.io|argoproj\.io|juicify\.dev)\//
/** Maps whose keys people choose. */
const CHOSEN = new Set(
  'labels matchLabels annotations selector nodeSelector data volumeAttributes options parameters'.split(' '),
)
/** What has fewer letters is replaced only where it is a word: it may be a part of any other. So is a number. */
const SHORT = 4
/** Names with as many letters are found without what stands between their parts, too. */
const JOINED = 6
/** Domains that are nobody's. */
const NOBODYS = ['example.com', 'mail.invalid', 'x.test']

/**
 * The same objects with other names for people: whom the labels of workloads name, and every e-mail address, become
 * `user-1`, `user-2`, …, and `user-1@example.com`, wherever and however they are written, always the same for the same one; so
 * do the domains of the addresses, unless a kind of object bears one; pods without an
 * owner become `pod-1`, …. Records are left out. Throws Failure where one of the names is found all the same.
 */
export function anonymized(objects: KubeObject[], fileSystem: FileSystem): KubeObject[] {
  const shown = objects.filter(({ kind, metadata }) => !(isOfRecord(kind) && metadata.labels?.[LABEL.group]))
  const own = ownNames(fileSystem)
  const { standIns, pods } = standInsFor(shown, own)
  const names = patternOf([...standIns.keys()], SHORT)
  const spelled = new Map([...standIns].map(([name, other]) => [lettersOf(name), other]))
  const stands = (text: string) => {
    const name = text.toLowerCase()
    return standIns.get(name) ?? spelled.get(lettersOf(name)) ?? text
  }
  const replaced = (text: string) => inWords(text, pods).replace(names, stands)
  const rename = remembered((text) => changedInAll(text, replaced))
  const change: Change = (text, key) => (key === 'known' || own.has(text) ? text : rename(text))
  const renamed = shown.map((object) => walk(withDecoded(object, change), change) as KubeObject)
  const words = patternOf([...standIns.keys()], Number.POSITIVE_INFINITY)
  const said = remembered(readings)
  for (const object of renamed) expectNone(object, { names, words, pods, own, said })
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

interface StandIns {
  /** By what people are called and the domains of their addresses, in small letters. */
  standIns: Map<string, string>
  /** Of pods without an owner, by their names. */
  pods: Map<string, string>
}

function standInsFor(objects: KubeObject[], own: ReadonlySet<string | undefined>): StandIns {
  const texts = unique(objects.flatMap(textsOf)).flatMap((text) => readings(text))
  const addresses = unique(texts.flatMap((text) => text.match(EMAIL) ?? []))
  const people = unique([
    ...objects.flatMap(({ metadata: { labels = {} } }) => USER_LABELS.flatMap((label) => labels[label] || [])),
    ...addresses.map(userOf),
  ]).filter((name) => !own.has(name) && lettersOf(name) !== '')
  const known = patternOf(people, SHORT)
  const unheard = (name: string) => name.search(known) < 0
  const users = numbered(people, ['user', 'person', 'somebody', 'x'], unheard)
  const nobodys = NOBODYS.find(unheard) ?? 'x.test'
  const groups = objects.flatMap(({ apiVersion, spec }) => [groupOf(apiVersion), (spec as { group?: string })?.group])
  const domains = unique(addresses.map(domainOf)).filter(
    (domain) => domain !== nobodys && !groups.some((group) => `.${group}`.endsWith(`.${domain}`)),
  )
  const loose = objects.filter(({ kind, metadata }) => kind === 'Pod' && !metadata.ownerReferences?.length)
  return {
    standIns: new Map([...domains.map((domain) => [domain, nobodys] as const), ...users]),
    pods: numbered(unique(loose.map(({ metadata }) => metadata.name)), ['pod', 'loose', 'y'], unheard),
  }
}

/** `word-1`, `word-2`, … for names, by the first of the words and with numbers in which nobody would be named. */
function numbered(names: string[], words: string[], unheard: (name: string) => boolean): Map<string, string> {
  const word = words.find(unheard) ?? 'z'
  let number = 0
  const next = (): string => {
    number += 1
    const name = `${word}-${number}`
    // where everything names somebody, so does this
    return unheard(name) || number > 10 * (names.length + 10) ? name : next()
  }
  return new Map(names.map((name) => [name, next()]))
}

function userOf(address: string): string {
  return address.slice(0, address.indexOf('@'))
}

function domainOf(address: string): string {
  return address.slice(address.indexOf('@') + 1)
}

/** What is known by its name, to a plan or to every cluster. */
function ownNames({ driver, secretRef, target }: FileSystem): Set<string | undefined> {
  const { name, namespace } = secretRef ?? {}
  const ofDriver = [...driver.configMaps, ...driver.containers.map((container) => container.name)]
  return new Set([NAMESPACE, 'kube-system', 'default', target.driver, driver.provisioner, name, namespace, ...ofDriver])
}

const BETWEEN = /[._+-]+/

/** A name without what stands between its parts. */
function lettersOf(name: string): string {
  return partsOf(name).join('')
}

function partsOf(name: string): string[] {
  return name.split(BETWEEN).filter(Boolean)
}

/**
 * Any of the names, the longest first, whatever stands between their parts: a Kubernetes name has no underscore or point where
 * a person's has one. Nothing where there are none.
 * @param short a name with fewer letters has to be a word of its own
 */
function patternOf(names: string[], short: number): RegExp {
  const any = [...names].sort((a, b) => b.length - a.length).map((name) => ofParts(name, short))
  return new RegExp(any.join('|') || '(?!)', 'giu')
}

/** The text with the names of objects exchanged where they stand by themselves. */
function inWords(text: string, others: Map<string, string>): string {
  if (others.size === 0) return text
  return text.replace(/[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?/gu, (word) => {
    const other = others.get(word.toLowerCase())
    return other ?? word.replace(/[^.]+/g, (part) => others.get(part.toLowerCase()) ?? part)
  })
}

function ofParts(name: string, short: number): string {
  const letters = lettersOf(name)
  const pattern = partsOf(name)
    .map(escaped)
    .join(letters.length < JOINED ? '[._+-]' : '[._+-]?')
  // what is written without spaces is no word of its own
  const isWord = /^\p{N}+$/u.test(letters) || (letters.length < short && /^\p{ASCII}+$/u.test(letters))
  return isWord ? `(?<![\\p{L}\\p{N}.])${pattern}(?![\\p{L}\\p{N}])` : pattern
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

interface Sought {
  names: RegExp
  words: RegExp
  pods: Map<string, string>
  own: ReadonlySet<string | undefined>
  said: (text: string) => string[]
}

/** Looks for the names once more, also where nothing was to be changed. */
function expectNone(object: KubeObject, { names, words, pods, own, said }: Sought): void {
  const look = (value: unknown, keys: Keys, within: RegExp): void => {
    if (typeof value === 'string') {
      if (own.has(value)) return
      const found = said(value).find((text) => text.search(within) >= 0 || inWords(text, pods) !== text)
      if (found !== undefined) throw named(object, found)
    } else if (Array.isArray(value)) {
      for (const part of value) look(part, keys, within)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        if (keys !== 'fields') look(key, keys, KNOWN_KEY.test(key) ? words : names)
        if (keys === 'fields' && KINDS.has(key)) continue
        const isWord = keys === 'fields' && API_WORDS.has(key) && isWords(part)
        look(part, keysBelow(value, key, keys), isWord ? words : names)
      }
    }
  }
  look(object, 'fields', names)
  withDecoded(object, (text) => {
    look(text, 'fields', names)
    return text
  })
}

function named({ kind, metadata }: KubeObject, text: string): Failure {
  const object = describeRef({ kind, ...metadata })
  return new Failure(...worded((say) => say.target.stillNamed(object, JSON.stringify(text))))
}

/** All texts of a value that may hold a name. */
function textsOf(value: unknown): string[] {
  const texts: string[] = []
  const note: Change = (text) => {
    texts.push(text)
    return text
  }
  walk(withDecoded(value as KubeObject, note), note)
  return texts
}

/** Whose the keys of a map are: the API's, people's, or anybody's, as all in a custom resource. */
type Keys = 'fields' | 'chosen' | 'any'

/** The value with every text that may hold a name changed: not the API's own words, nor its fields. */
function walk(value: unknown, change: Change, keys: Keys = 'fields'): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((part) => walk(part, change, keys))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (keys === 'fields' && API_WORDS.has(key) && isWords(part)) return [key, part]
      const own = keys === 'fields' ? key : change(key, KNOWN_KEY.test(key) ? 'known' : undefined)
      return [own, walk(part, change, keysBelow(value, key, keys))]
    }),
  )
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) ? value.every((part) => typeof part === 'string') : typeof value !== 'object'
}

function keysBelow(value: object, key: string, keys: Keys): Keys {
  if (keys === 'any' || (isCustom(value) && key === 'spec')) return 'any'
  return CHOSEN.has(key) ? 'chosen' : keys === 'chosen' ? 'chosen' : 'fields'
}

/** @param key `known`: it is a key that Kubernetes or its tools know, and has to stay */
type Change = (text: string, key?: 'known') => string

function isCustom(value: object): boolean {
  const { apiVersion } = value as { apiVersion?: unknown }
  return typeof apiVersion === 'string' && groupOf(apiVersion).includes('.') && !/\.k8s\.io\//.test(apiVersion)
}

/** A cluster has the same texts many times. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const known = made.get(text)
    if (known !== undefined) return known
    const value = make(text)
    made.set(text, value)
    return value
  }
}

function unique(texts: string[]): string[] {
  return [...new Set(texts.map((text) => text.toLowerCase()))].sort(compareText)
}
