import type { Finding, Severity } from '../domain/finding.ts'
import { takesPods } from '../domain/node.ts'
import { describeRef, refOf } from '../domain/object.ts'
import type { Need } from '../domain/permissions.ts'
import { type CheckFacts, type Judgement, type Level, line, type ReadinessLine } from '../domain/readiness.ts'
import { clusterTitle, type Survey } from '../domain/survey.ts'
import { matchesGlob } from '../domain/text.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import type { CheckWords, MissingAccess } from '../words/check.en.ts'
import { checkWords } from '../words/check.ts'
import { said } from '../words/finding.ts'
import type { Language } from '../words/language.ts'
import { cubeStudioLines } from './cube-studio.ts'
import { copiesData } from './data.ts'
import { oldDirectoriesIn } from './directory-users.ts'
import { judgements } from './findings/cluster.ts'
import { managerOf } from './findings/managed.ts'
import { isExcluded, isMatched } from './selection.ts'

/** The oldest Kubernetes that cube-studio's clusters ran, and that this was made for. */
const OLDEST_MINOR = 18

/** Whether one can migrate here: a line for each thing that it takes, in the language of whoever reads it. */
export function readiness(facts: CheckFacts, language: Language = 'en'): ReadinessLine[] {
  const says = checkWords(language)
  return [
    apiLine(facts, says),
    ...permissionLines(facts, says),
    ...(facts.survey ? surveyLines(facts, facts.survey, language) : [line('driver', 'problem', says.unread())]),
    ...classLines(facts, says),
    ...directoryLines(facts, says),
    ...settingLines(facts, says),
  ]
}

function surveyLines(facts: CheckFacts, survey: Survey, language: Language): ReadinessLine[] {
  const judged = judgements({ ...facts, survey }, copiesData(facts.migration))
  const says = checkWords(language)
  return [
    ...judged.flatMap((judgement) => judgementLines(judgement, language)),
    managerLine(survey, says),
    nodeLine(survey, says),
    ...recordLines(survey, says),
  ]
}

const LEVEL: Record<Severity, Level> = { block: 'problem', warn: 'warning', note: 'note' }

/** What a plan would have as findings; what is said of several objects in the same words is one line. */
function judgementLines({ subject, findings, well }: Judgement, language: Language): ReadinessLine[] {
  const says = checkWords(language)
  if (findings.length === 0) return well === undefined ? [] : [line(subject, 'ok', { text: says.well(well) })]
  const same = new Map<string, Finding[]>()
  for (const found of findings) {
    const words = JSON.stringify([found.severity, found.code, found.why, found.remedy])
    same.set(words, [...(same.get(words) ?? []), found])
  }
  return [...same.values()].flatMap((alike) => {
    const [first] = alike
    if (!first) return []
    const { why, remedy } = said(first, language)
    const about = alike.flatMap(({ object }) => (object ? describeRef(object) : []))
    const sentences = { text: says.about(about, why), ...(remedy === undefined ? {} : { remedy }) }
    return [{ ...line(subject, LEVEL[first.severity], sentences), code: first.code }]
  })
}

function apiLine({ identity }: CheckFacts, says: CheckWords): ReadinessLine {
  const { version } = identity
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  const old = Number(major) < 1 || (Number(major) === 1 && Number(minor) < OLDEST_MINOR)
  return old
    ? line('api', 'warning', says.apiOld(version, clusterTitle(identity), `1.${OLDEST_MINOR}`))
    : line('api', 'ok', says.api(version, clusterTitle(identity)))
}

/** What one cannot migrate without; the others are told as warnings. */
const INDISPENSABLE: Need[] = ['plan', 'move', 'workloads', 'jobs', 'copy']

function permissionLines({ access, namespace }: CheckFacts, says: CheckWords): ReadinessLine[] {
  const { asked, refused } = access
  const without = namespace !== 'missing' ? [] : [line('permissions', 'warning', says.noNamespace())]
  if (refused.length === 0)
    return [line('permissions', 'ok', says.granted(asked, namespace === 'to create')), ...without]
  const isNeeded = ({ permission }: (typeof refused)[number]) => INDISPENSABLE.includes(permission.need)
  const needed = missingAccess(refused.filter(isNeeded))
  const useful = missingAccess(refused.filter((each) => !isNeeded(each)))
  return [
    ...(needed.length > 0 ? [line('permissions', 'problem', says.required(needed))] : []),
    ...(useful.length > 0 ? [line('permissions', 'warning', says.optional(useful))] : []),
    ...without,
  ]
}

/** What is refused, by the kind of object, as `kubectl auth can-i` names it. */
function missingAccess(refused: CheckFacts['access']['refused']): MissingAccess[] {
  const found = new Map<string, MissingAccess>()
  for (const { permission, verb } of refused) {
    const { group, resource, where } = permission
    const plural = group === '' || !group.includes('.') ? resource : `${resource}.${group}`
    const known = found.get(`${plural} ${where}`) ?? { resource: plural, where, verbs: [] }
    if (!known.verbs.includes(verb)) known.verbs.push(verb)
    found.set(`${plural} ${where}`, known)
  }
  return [...found.values()]
}

function managerLine({ volumes, claims, controllers }: Survey, says: CheckWords): ReadinessLine {
  const managers = new Map<string, string[]>()
  const moving = volumes.filter((pv) => directoryOf(pv))
  const names = new Set<string | undefined>(moving.map(({ metadata }) => metadata.name))
  const theirs = claims.filter(({ spec }) => names.has(spec.volumeName))
  const namespaces = new Set(theirs.map(({ metadata }) => metadata.namespace))
  const near = controllers.filter(
    ({ metadata }) => namespaces.has(metadata.namespace ?? '') && !metadata.ownerReferences,
  )
  for (const object of [...moving, ...theirs, ...near]) {
    const by = managerOf(object)
    if (by) managers.set(by, [...(managers.get(by) ?? []), describeRef(refOf(object))])
  }
  if (managers.size === 0) return line('managers', 'ok', says.unmanaged())
  return line('managers', 'warning', says.managed([...managers].map(([by, objects]) => ({ by, objects }))))
}

function nodeLine({ nodes }: Survey, says: CheckWords): ReadinessLine {
  const versions = new Map<string | undefined, number>()
  for (const { status } of nodes) {
    const { nodeInfo } = (status ?? {}) as { nodeInfo?: { kubeletVersion?: string } }
    const version = nodeInfo?.kubeletVersion
    versions.set(version, (versions.get(version) ?? 0) + 1)
  }
  const closed = nodes.filter((node) => !takesPods(node)).map(({ metadata }) => metadata.name)
  if (nodes.length === 0) return line('nodes', 'problem', says.noNodes())
  const kubelets = [...versions].map(([version, count]) => ({
    nodes: count,
    ...(version === undefined ? {} : { version }),
  }))
  return line('nodes', 'ok', says.nodes(nodes.length, kubelets, closed))
}

function classLines({ storageClasses, fileSystem }: CheckFacts, says: CheckWords): ReadinessLine[] {
  const { provisioner: name } = fileSystem.driver
  if (!storageClasses || name === undefined) return []
  const ours = storageClasses.filter(({ provisioner }) => provisioner === name).map(({ metadata }) => metadata.name)
  const defaults = storageClasses
    .filter(({ metadata }) =>
      Object.entries(metadata.annotations ?? {}).some(
        ([key, value]) => matchesGlob('storageclass*.kubernetes.io/is-default-class', key) && value === 'true',
      ),
    )
    .map(({ metadata }) => metadata.name)
  const told = says.classes({ provisioner: name, ours, defaults })
  return [line('storage-classes', told.remedy === undefined ? 'ok' : 'warning', told)]
}

/** Directories that have moved, and what still names them. */
function directoryLines({ directoryUsers }: CheckFacts, says: CheckWords): ReadinessLine[] {
  if (!directoryUsers) return []
  const names = [...new Set(directoryUsers.flatMap(({ user, path, uses }) => (uses ? [`${user} (${path})`] : [])))]
  if (names.length === 0) return [line('old-directories', 'ok', says.oldDirectoriesUnused())]
  return [line('old-directories', 'warning', says.oldDirectoriesUsed(names))]
}

/** What a cube-studio is told of directories that move, or have. */
function settingLines({ cubeStudio, survey, migration }: CheckFacts, says: CheckWords): ReadinessLine[] {
  if (!cubeStudio || !survey) return []
  const excluded = survey.volumes.filter((pv) => isExcluded(pv, migration))
  const moving = survey.volumes.filter((pv) => isMatched(pv, migration, survey) && !isExcluded(pv, migration))
  const moved = oldDirectoriesIn(survey.volumes)
  const known = (volumes: PersistentVolume[]) => volumes.flatMap((pv) => directoryOf(pv) ?? [])
  const where = {
    directories: [...known(moving), ...moved.map(({ directory }) => directory)],
    staying: [...known(excluded), ...moved.flatMap(({ staying }) => staying)],
  }
  return cubeStudioLines(cubeStudio, where, says)
}

function recordLines({ records, unread }: Survey, says: CheckWords): ReadinessLine[] {
  if (unread?.some(({ part }) => part === 'records')) return []
  const going = records.filter(({ state }) => state !== 'migrated').map(({ group }) => group)
  if (going.length > 0) return [line('records', 'note', says.inProgress(going))]
  return [line('records', 'ok', says.records(records.length))]
}
