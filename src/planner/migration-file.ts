import { normalise } from '../domain/directory.ts'
import { Refusal } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import {
  API_VERSION,
  type CopySettings,
  type Migration,
  type PathRule,
  type QuiesceSettings,
  type WorkloadSelector,
} from '../domain/migration.ts'
import { type MapReader, Reading, readMap, type Value } from '../domain/reading.ts'
import { parseLabelSelector } from '../domain/selector.ts'
import { lineOf, parseYaml, type YamlNode } from '../domain/yaml-tree.ts'
import { fileSystemOf, readTarget } from '../filesystem/registry.ts'
import { readingWords } from '../words/reading.ts'
import { PLACEHOLDER, PLACEHOLDERS } from './path-rules.ts'

/**
 * The migration that a YAML text holds, its defaults filled in.
 * @param file what the text was read from, for the messages
 * @throws Refusal that lists all that is wrong with it, each with its line, and what was expected there
 */
export function readMigration(text: string, file: string): Migration {
  const { node, others } = onlyMigration(parseYaml(text, file, readingWords()), text, file)
  const reading = new Reading(text, file, readingWords())
  for (const other of others) reading.problem(other, '', readingWords().oneMigration())
  const migration = migrationOf(reading.value(node, ''))
  const { problems } = reading
  if (problems.length === 0) {
    origins.set(migration, { places: reading.places, flags: {} })
    return migration
  }
  throw new Refusal(
    problems.length === 1
      ? `${problems[0]}`
      : `${readingWords().errors(file, problems.length)}\n${problems.join('\n')}`,
    {
      remedy: readingWords().remedy(),
    },
  )
}

// Where each value of a migration stands in its file, and which lists come from flags. Beside the migration and not in
// it: a plan holds the migration, and is the same wherever it was read from.
const origins = new WeakMap<Migration, { places: Map<string, string>; flags: Record<string, string> }>()

/** What a value of a migration is called in messages: `file:line: path`, or the flag that it comes from. */
export function called(migration: Migration, path: string): string {
  const { places, flags } = origins.get(migration) ?? { places: new Map<string, string>(), flags: {} }
  const flag = Object.keys(flags).find((list) => path.startsWith(list))
  return flag === undefined ? `${places.get(path) ?? ''}${path}` : (flags[flag] ?? path)
}

/**
 * The migration with what flags say in place of what its file says.
 * @param flags the flag by the path of each list that is replaced
 */
export function withFlags(migration: Migration, change: Partial<Migration>, flags: Record<string, string>): Migration {
  const changed = { ...migration, ...change }
  origins.set(changed, { places: origins.get(migration)?.places ?? new Map(), flags })
  return changed
}

function onlyMigration(documents: YamlNode[], text: string, file: string): { node: YamlNode; others: YamlNode[] } {
  const migrations = documents.filter((node) => kindOf(node) === 'Migration')
  const [node, ...others] = migrations
  if (node) return { node, others }
  const says = readingWords()
  const found = documents.map((node) => says.kindInLine(kindOf(node), lineOf(text, node.offset)))
  throw new Refusal(says.noMigration(file, found), { remedy: says.startsWith(API_VERSION) })
}

function kindOf(node: YamlNode): string | undefined {
  if (node.kind !== 'map') return undefined
  const entry = node.entries.find(({ key }) => key.kind === 'scalar' && key.text === 'kind')
  return entry?.value.kind === 'scalar' ? entry.value.text : undefined
}

function migrationOf(value: Value): Migration {
  const file = readMap(value, ['apiVersion', 'kind', 'metadata', 'spec'])
  file.required('apiVersion').oneOf([API_VERSION])
  file.required('kind').oneOf(['Migration'])
  const metadata = readMap(file.required('metadata'), ['name'])
  const name = metadata.required('name').text()
  const spec = readMap(file.required('spec'), ['select', 'paths', 'target', 'source', 'copy', 'probe', 'quiesce'])
  const select = selection(spec)
  const target = readTarget(spec.required('target'))
  const fileSystem = fileSystemOf(target)
  return {
    name,
    select,
    paths: pathRules(spec, fileSystem),
    target,
    source: { nodes: sourceNodes(spec) },
    copy: copySettings(spec, fileSystem),
    ...probeSettings(spec),
    quiesce: quiesceSettings(spec),
  }
}

function selection(spec: MapReader): Migration['select'] {
  const value = spec.required('select')
  const select = readMap(value, ['namespaces', 'volumes', 'exclude', 'labels'])
  const names = (key: string) => select.optional(key)?.list((item) => item.filledText()) ?? []
  const isEmpty = (key: string) => select.optional(key)?.isEmptyList() ?? true
  if (value.isMap() && isEmpty('namespaces') && isEmpty('volumes')) {
    value.problem(readingWords().namespacesOrVolumes())
  }
  const labels = select.optional('labels')
  const selector = labels?.filledText()
  if (selector && !parseLabelSelector(selector)) labels?.problem(readingWords().labelSelector(selector))
  return defined({
    namespaces: names('namespaces'),
    volumes: names('volumes'),
    exclude: names('exclude'),
    labels: selector,
  })
}

function pathRules(spec: MapReader, fileSystem: FileSystem): PathRule[] {
  const seen = new Map<string, string>()
  return spec.required('paths').list((item) => {
    const rule = readMap(item, ['from', 'node', 'volume', 'to'])
    const covers = coverage(item, rule)
    const to = subdir(rule.required('to'), fileSystem)
    const what = covers.volume ?? [covers.from, ...(covers.node === undefined ? [] : [`on ${covers.node}`])].join(' ')
    const first = seen.get(what)
    if (first !== undefined) item.problem(readingWords().secondRule(what, first))
    else if (what !== '') seen.set(what, item.path)
    return { ...covers, to }
  })
}

/** What a rule is for: a directory, of one node or of any, or a volume. */
function coverage(item: Value, rule: MapReader): Omit<PathRule, 'to'> {
  const [from, node, volume] = [rule.optional('from'), rule.optional('node'), rule.optional('volume')]
  if (volume && from) volume.problem(readingWords().fromAndVolume())
  if (volume && node) node.problem(readingWords().nodeWithoutFrom())
  if (volume) return { volume: volume.filledText() }
  if (!from && item.isMap()) item.problem(readingWords().fromOrVolume())
  return {
    ...(from ? { from: absolutePath(from) } : {}),
    ...(node ? { node: node.filledText() } : {}),
  }
}

function absolutePath(value: Value): string {
  const text = value.text()
  if (text === '') return text
  if (!text.startsWith('/')) value.problem(readingWords().absolutePath(text))
  if (text.split('/').includes('..')) value.problem(readingWords().pathWithoutParent(text))
  return normalise(text)
}

function subdir(value: Value, { title, volumes }: FileSystem): string {
  const text = value.text()
  if (text.startsWith('/')) value.problem(readingWords().relativePath(text))
  const known: readonly string[] = PLACEHOLDERS
  const unknown = [...text.matchAll(PLACEHOLDER)].flatMap(([, name = '']) => (known.includes(name) ? [] : [name]))[0]
  if (unknown !== undefined) {
    value.problem(readingWords().placeholder(known, unknown))
    return text
  }
  const problem = volumes.subdirProblem(text.replace(PLACEHOLDER, 'x'))
  if (problem) value.problem(`${title} cannot use ${JSON.stringify(text)} as a subdir: ${problem}`)
  return normalise(text)
}

function sourceNodes(spec: MapReader): Migration['source']['nodes'] {
  const source = spec.optional('source')
  const nodes = source && readMap(source, ['nodes']).optional('nodes')
  if (!nodes) return 'auto'
  if (nodes.isEmptyList()) nodes.problem(readingWords().nodesOfData())
  return nodes.isList() ? nodes.list((item) => item.filledText()) : nodes.oneOf(['auto', 'shared'])
}

const COPY_KEYS = [
  'mode',
  'mover',
  'image',
  'imagePullSecrets',
  'serviceAccountName',
  'resources',
  'bandwidth',
  'parallel',
  'verify',
  'onConflict',
  'intoExisting',
  'bringMissing',
] as const

/** More Jobs than that for one directory are a typing mistake. */
const MOST_JOBS = 64

function copySettings(spec: MapReader, { movers }: FileSystem): CopySettings {
  const value = spec.optional('copy')
  if (!value) return { mode: 'copy' }
  const copy = readMap(value, COPY_KEYS)
  const settings = defined({
    mode: copy.optional('mode')?.oneOf(['copy', 'none']) ?? 'copy',
    mover: copy.optional('mover')?.oneOf(['rsync', ...movers.map(({ name }) => name)]),
    image: copy.optional('image')?.filledText(),
    imagePullSecrets: copy.optional('imagePullSecrets')?.list((item) => {
      const secret = readMap(item, ['name'])
      return { name: objectName(secret.required('name')) }
    }),
    serviceAccountName: unlessMissing(copy.optional('serviceAccountName'), objectName),
    resources: resources(copy.optional('resources')),
    bandwidth: copy.optional('bandwidth')?.positiveNumber(),
    parallel: copy.optional('parallel')?.wholeNumber(MOST_JOBS),
    verify: copy.optional('verify')?.oneOf(['content', 'metadata']),
    onConflict: copy.optional('onConflict')?.oneOf(['newest', 'refuse', 'keep-both']),
    intoExisting: copy.optional('intoExisting')?.boolean(),
    bringMissing: copy.optional('bringMissing')?.boolean(),
  })
  if (settings.mover === 'rsync' && settings.image === undefined && settings.mode === 'copy') {
    value.problem(readingWords().imageForRsync())
  }
  return settings
}

function unlessMissing<T>(value: Value | undefined, read: (value: Value) => T): T | undefined {
  return value && read(value)
}

/** As the API server would refuse it only when the first pod is made. */
function objectName(value: Value): string {
  const text = value.filledText()
  const valid = text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text)
  if (!valid) value.problem(readingWords().objectName(text))
  return text
}

function resources(value: Value | undefined): CopySettings['resources'] {
  if (!value) return undefined
  const map = readMap(value, ['requests', 'limits'])
  return defined({ requests: map.optional('requests')?.texts(), limits: map.optional('limits')?.texts() })
}

/** Without the keys that nothing was given for: a plan is the same whether they were left out or not. */
function defined<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T
}

function probeSettings(spec: MapReader): Pick<Migration, 'probe'> {
  const value = spec.optional('probe')
  if (!value) return {}
  const probe = readMap(value, ['mode', 'image'])
  const mode = probe.optional('mode')?.oneOf(['auto', 'none'])
  return { probe: defined({ mode, image: probe.optional('image')?.filledText() }) }
}

function quiesceSettings(spec: MapReader): QuiesceSettings {
  const value = spec.optional('quiesce')
  const quiesce = value && readMap(value, ['unfinished', 'rolling'])
  return {
    unfinished: quiesce?.optional('unfinished')?.oneOf(['wait', 'refuse', 'delete']) ?? 'refuse',
    rolling: quiesce?.optional('rolling')?.list(workloadSelector) ?? [],
  }
}

function workloadSelector(value: Value): WorkloadSelector {
  const map = readMap(value, ['namespace', 'name', 'labels'])
  const [namespace, name, labels] = [map.optional('namespace'), map.optional('name'), map.optional('labels')]
  if (value.isMap() && !namespace && !name && !labels) value.problem(readingWords().workload())
  return {
    ...(namespace ? { namespace: namespace.filledText() } : {}),
    ...(name ? { name: name.filledText() } : {}),
    ...(labels ? { labels: labels.texts() } : {}),
  }
}
