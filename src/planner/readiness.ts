import { isReady, takesPods } from '../domain/node.ts'
import { describeRef, refOf } from '../domain/object.ts'
import type { Need, Verb } from '../domain/permissions.ts'
import { type CheckFacts, line, type ReadinessLine } from '../domain/readiness.ts'
import type { Survey } from '../domain/survey.ts'
import { listed, matchesGlob } from '../domain/text.ts'
import { directoryOf } from '../domain/volume.ts'
import { managerOf } from './findings/managed.ts'

/** The oldest Kubernetes that cube-studio's clusters ran, and that this was made for. */
const OLDEST_MINOR = 18

/** Whether one can migrate here: a line for each thing that it takes. */
export function readiness(facts: CheckFacts): ReadinessLine[] {
  return [
    apiLine(facts),
    ...permissionLines(facts),
    ...(facts.survey ? surveyLines(facts, facts.survey) : [unread()]),
    ...classLines(facts),
  ]
}

function surveyLines(facts: CheckFacts, survey: Survey): ReadinessLine[] {
  return [
    ...facts.fileSystem.driver.readiness(facts, survey),
    managerLine(survey),
    nodeLine(survey),
    ...recordLines(survey),
  ]
}

function unread(): ReadinessLine {
  return line(
    'driver',
    'problem',
    'Driver, Secret, volumes and nodes were not looked at: they may not be read.',
    'Have the permissions granted that are missing, and check again.',
  )
}

function apiLine({ identity, server }: CheckFacts): ReadinessLine {
  const text = `Kubernetes ${identity.version} at ${server}`
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(identity.version) ?? []
  const old = Number(major) < 1 || (Number(major) === 1 && Number(minor) < OLDEST_MINOR)
  return old
    ? line('api', 'warning', `${text}, which is older than 1.${OLDEST_MINOR}`, 'Rehearse on a cluster of that version.')
    : line('api', 'ok', text)
}

/** What one cannot migrate without; the others are told as warnings. */
const INDISPENSABLE: Need[] = ['plan', 'move', 'workloads', 'jobs', 'copy']

function permissionLines({ access, namespace }: CheckFacts): ReadinessLine[] {
  const { asked, refused } = access
  const remedy = 'Have somebody apply what juicify rbac --user YOU prints.'
  const without =
    namespace !== 'missing'
      ? []
      : [line('permissions', 'warning', 'The namespace juicify is not there yet, or may not be seen.', remedy)]
  if (refused.length === 0) {
    const first = namespace === 'to create' ? '; the first run creates the namespace juicify' : ''
    return [line('permissions', 'ok', `All ${asked} things that juicify does are allowed${first}`), ...without]
  }
  const told = (needs: (need: Need) => boolean) =>
    listed(refusedInWords(refused.filter((r) => needs(r.permission.need))))
  const needed = told((need) => INDISPENSABLE.includes(need))
  const useful = told((need) => !INDISPENSABLE.includes(need))
  return [
    ...(needed ? [line('permissions', 'problem', `Not allowed, and needed: ${needed}`, remedy)] : []),
    ...(useful ? [line('permissions', 'warning', `Not allowed, and of use: ${useful}`, remedy)] : []),
    ...without,
  ]
}

/** `pods (create, delete)`, `pods/log in juicify (get)`. */
function refusedInWords(refused: CheckFacts['access']['refused']): string[] {
  const verbs = new Map<string, Set<Verb>>()
  for (const { permission, verb } of refused) {
    const { group, resource, where } = permission
    const plural = group === '' || !group.includes('.') ? resource : `${resource}.${group}`
    const place = where === 'cluster' ? '' : where === 'juicify' ? ' in juicify' : ' of the file system'
    verbs.set(plural + place, (verbs.get(plural + place) ?? new Set()).add(verb))
  }
  return [...verbs].map(([what, which]) => `${what} (${[...which].join(', ')})`)
}

function managerLine({ volumes, claims, controllers }: Survey): ReadinessLine {
  const names = new Map<string, string[]>()
  const moving = volumes.filter((pv) => directoryOf(pv))
  const theirs = claims.filter(({ spec }) => moving.some(({ metadata }) => metadata.name === spec.volumeName))
  const namespaces = new Set(theirs.map(({ metadata }) => metadata.namespace))
  const near = controllers.filter(
    ({ metadata }) => namespaces.has(metadata.namespace ?? '') && !metadata.ownerReferences,
  )
  for (const object of [...moving, ...theirs, ...near]) {
    const by = managerOf(object)
    if (by) names.set(by, [...(names.get(by) ?? []), describeRef(refOf(object))])
  }
  if (names.size === 0)
    return line(
      'managers',
      'ok',
      'No mark of a tool that would put things back (Argo CD, Flux, Helm, Fleet …) on volumes, claims and workloads',
    )
  return line(
    'managers',
    'warning',
    [...names].map(([by, objects]) => `${by} keeps ${listed(objects, 3)}`).join('; '),
    'Suspend its synchronisation while you migrate, and then change its manifests as the plan does.',
  )
}

function nodeLine({ nodes }: Survey): ReadinessLine {
  const versions = new Map<string, number>()
  for (const { status } of nodes) {
    const { nodeInfo } = (status ?? {}) as { nodeInfo?: { kubeletVersion?: string } }
    const version = nodeInfo?.kubeletVersion ?? 'unknown'
    versions.set(version, (versions.get(version) ?? 0) + 1)
  }
  const kubelets = [...versions].map(([version, count]) => `${version} on ${count}`).join(', ')
  const unready = nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name)
  const closed = nodes.filter((node) => !takesPods(node)).map(({ metadata }) => metadata.name)
  if (nodes.length === 0) return line('nodes', 'problem', 'The cluster has no nodes', 'Nothing can run here.')
  if (unready.length > 0)
    return line(
      'nodes',
      'warning',
      `Not ready: ${listed(unready)} (kubelets ${kubelets})`,
      'Bring them back first: what is on their disks cannot be copied, and their pods cannot be stopped.',
    )
  const cordoned = closed.length > 0 ? `, no new pods on ${listed(closed)}` : ''
  const ready = nodes.length === 1 ? '1 node is ready' : `${nodes.length} nodes are ready`
  return line('nodes', 'ok', `${ready}, kubelets ${kubelets}${cordoned}`)
}

function classLines({ storageClasses, fileSystem }: CheckFacts): ReadinessLine[] {
  const { provisioner: name } = fileSystem.driver
  if (!storageClasses || name === undefined) return []
  const ours = storageClasses.filter(({ provisioner }) => provisioner === name).map(({ metadata }) => metadata.name)
  const byDefault = storageClasses
    .filter(({ metadata }) =>
      Object.entries(metadata.annotations ?? {}).some(
        ([key, value]) => matchesGlob('storageclass*.kubernetes.io/is-default-class', key) && value === 'true',
      ),
    )
    .map(({ metadata }) => metadata.name)
  const text = `${ours.length > 0 ? `Of ${name}: ${listed(ours)}` : `No class of ${name}`}; by default: ${byDefault.join(', ') || 'none'}`
  if (byDefault.length > 1)
    return [line('storage-classes', 'warning', text, 'Leave one default: a claim that names none may get either.')]
  if (ours.length === 0)
    return [line('storage-classes', 'warning', text, 'Only probe and new claims need one; juicify setup writes it.')]
  return [line('storage-classes', 'ok', text)]
}

function recordLines({ records, unread }: Survey): ReadinessLine[] {
  if (unread?.some(({ part }) => part === 'records'))
    return [
      line(
        'records',
        'warning',
        'What earlier runs have begun was not looked at: you may not read it',
        'Have somebody check who may: juicify rbac --role viewer.',
      ),
    ]
  const going = records.filter(({ state }) => state !== 'migrated').map(({ group }) => group)
  if (going.length > 0)
    return [
      line('records', 'warning', `Under way: ${listed(going)}`, 'juicify status shows them, juicify resume goes on.'),
    ]
  return [
    line(
      'records',
      'ok',
      records.length === 0
        ? 'No earlier run has left a record'
        : `${records.length === 1 ? '1 group is' : `${records.length} groups are`} migrated`,
    ),
  ]
}
