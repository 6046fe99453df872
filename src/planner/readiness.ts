import { JSON_SCHEMA, load } from 'js-yaml'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import type { Need, Verb } from '../domain/permissions.ts'
import type { CheckFacts, Level, ReadinessLine, Subject } from '../domain/readiness.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText, matchesGlob } from '../domain/text.ts'
import { directoryOf, type PersistentVolumeClaim } from '../domain/volume.ts'
import { driversOf } from './findings/cluster.ts'
import { listed } from './findings/context.ts'
import { managerOf } from './findings/managed.ts'
import { takesPods } from './nodes.ts'

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
    ...driverLines(facts, survey),
    driverVersionLine(facts, survey),
    secretLine(facts, survey),
    ...mountOptionLines(facts, survey),
    managerLine(survey),
    nodeLine(survey),
    ...recordLines(survey),
  ]
}

function line(subject: Subject, level: Level, text: string, remedy?: string): ReadinessLine {
  return { subject, level, text, ...(remedy === undefined ? {} : { remedy }) }
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

function driverLines({ target, driverPods = [] }: CheckFacts, survey: Survey): ReadinessLine[] {
  const { driver } = target
  const registered = new Set(
    survey.csiNodes.filter((node) => driversOf(node).includes(driver)).map(({ metadata }) => metadata.name),
  )
  const wanted = survey.nodes.filter(takesPods).map(({ metadata }) => metadata.name)
  if (registered.size === 0) {
    const object = survey.csiDrivers.some(({ metadata }) => metadata.name === driver)
    const text = `The driver ${driver} is on no node${object ? '; its CSIDriver object alone means nothing' : ''}`
    return [line('driver', 'problem', text, 'Install juicefs-csi-driver; juicify setup writes its values.yaml.')]
  }
  const missing = wanted.filter((name) => !registered.has(name)).sort(compareText)
  const see = 'See kubectl get pods -A -l app=juicefs-csi-node -o wide, or keep the workloads off those nodes.'
  if (missing.length > 0) return [line('driver', 'warning', `The driver ${driver} is not on ${listed(missing)}`, see)]
  if (driverPods.length === 0) {
    const text = `The driver ${driver} is registered on ${allOf(wanted)}, but has no pod with app=juicefs-csi-node`
    return [
      line('driver', 'warning', text, 'See that it runs, in whichever way it was installed; juicify probe proves it.'),
    ]
  }
  const ready = new Set(driverPods.filter(isReady).map((pod) => (pod.spec as { nodeName?: string }).nodeName ?? ''))
  const unready = wanted.filter((name) => !ready.has(name)).sort(compareText)
  if (unready.length > 0)
    return [line('driver', 'problem', `The driver ${driver} has no ready pod on ${listed(unready)}`, see)]
  return [line('driver', 'ok', `The driver ${driver} is registered, and its pod ready, on ${allOf(wanted)}`)]
}

function allOf(nodes: string[]): string {
  return nodes.length === 1 ? 'the one node' : `all ${nodes.length} nodes`
}

function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some(({ type, status: now }) => type === 'Ready' && now === 'True')
}

interface Container {
  name: string
  image?: string
  args?: string[]
  command?: string[]
}

/** The container `juicefs-plugin`, in the driver's DaemonSet or in its controller. */
function pluginsOf({ driverControllers = [], driverPods = [] }: CheckFacts, { controllers }: Survey): Container[] {
  const templates = [...controllers, ...driverControllers].flatMap((object) => {
    const { template } = (object.spec ?? {}) as { template?: { spec?: { containers?: Container[] } } }
    return template?.spec?.containers ?? []
  })
  const running = driverPods.flatMap(({ spec }) => (spec as { containers?: Container[] }).containers ?? [])
  return [...running, ...templates].filter(({ name }) => name === 'juicefs-plugin')
}

function driverVersionLine(facts: CheckFacts, survey: Survey): ReadinessLine {
  const plugins = pluginsOf(facts, survey)
  const [plugin] = plugins
  if (!plugin)
    return line(
      'driver-version',
      'warning',
      'The driver’s version is not known: no container juicefs-plugin was found',
      'See for yourself that it is 0.10 or later, and mounts in pods of its own.',
    )
  const version = /:([^:/@]+)(?:@|$)/.exec(plugin.image ?? '')?.[1] ?? 'of unknown version'
  const flags = plugins.flatMap(({ args = [], command = [] }) => [...args, ...command]).join(' ')
  const has = (flag: string) => new RegExp(`(^|\\s)--${flag}(=true)?(\\s|$)`).test(flags)
  if (has('by-process'))
    return line(
      'driver-version',
      'warning',
      `juicefs-csi-driver ${version} mounts by process: when its pod restarts, every mount on its node breaks`,
      'Set mountMode: mountpod in its Helm values, or restart its pods only while nothing is mounted.',
    )
  if (has('webhook'))
    return line(
      'driver-version',
      'warning',
      `juicefs-csi-driver ${version} mounts in sidecars, and only in namespaces that ask for it`,
      'Label each namespace of the migration juicefs.com/enable-injection=true first.',
    )
  return line('driver-version', 'ok', `juicefs-csi-driver ${version}, which mounts in pods of its own`)
}

function secretLine({ target: { secretRef } }: CheckFacts, { secret }: Survey): ReadinessLine {
  const name = `Secret ${secretRef.namespace}/${secretRef.name}`
  if (!secret)
    return line(
      'secret',
      'problem',
      `${name} is not there`,
      'Create it: juicify setup writes it. Or name another: --secret.',
    )
  const lacks = (keys: string[]) => keys.filter((key) => !secret.keys.includes(key))
  const needed = lacks(['name', 'metaurl'])
  if (needed.length > 0)
    return line(
      'secret',
      'problem',
      `${name} lacks ${needed.join(' and ')}`,
      'Add what is missing: no pod could mount it.',
    )
  const wanted = lacks(['storage', 'bucket'])
  if (wanted.length > 0)
    return line(
      'secret',
      'warning',
      `${name} lacks ${wanted.join(' and ')}: a file system that is not formatted would be, on a node's own disk`,
      'Add them, or see with juicefs status that it is formatted.',
    )
  return line('secret', 'ok', `${name} has ${secret.keys.join(', ')}`)
}

interface MountPodPatch {
  mountOptions?: string[]
  pvcSelector?: { matchLabels?: Record<string, string>; matchName?: string; matchStorageClassName?: string }
}

/** The settings of the driver come last, and win: https://juicefs.com/docs/csi/guide/configurations/ */
function mountOptionLines({ driverConfig }: CheckFacts, { volumes, claims }: Survey): ReadinessLine[] {
  if (!driverConfig) return []
  const name = describeRef(refOf(driverConfig))
  const patches = patchesOf(driverConfig)
  if (!patches)
    return [
      line(
        'mount-options',
        'warning',
        `${name} cannot be read as YAML`,
        'Mend its config.yaml: the driver reads it too.',
      ),
    ]
  const subdir = patches.filter((patch) => patch.mountOptions?.some((option) => /^subdir(=|$)/.test(option.trim())))
  const moving = new Set(volumes.filter((pv) => directoryOf(pv)).map(({ metadata }) => metadata.name))
  const hit = claims.filter(
    (claim) => moving.has(claim.spec.volumeName ?? '') && subdir.some((patch) => selects(patch, claim)),
  )
  if (hit.length > 0) {
    const who = listed(hit.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
    const text = `${name} sets subdir for ${who}: they would all show the same directory, whatever their volumes say`
    return [line('mount-options', 'problem', text, 'Take subdir out of its mountPodPatch.')]
  }
  const set = [...new Set(patches.flatMap(({ mountOptions = [] }) => mountOptions))]
  return [
    line(
      'mount-options',
      'ok',
      set.length > 0 ? `${name} adds ${set.join(', ')}` : `${name} overrides no mount options`,
    ),
  ]
}

function patchesOf(config: KubeObject): MountPodPatch[] | undefined {
  const { data = {} } = config as { data?: Record<string, string> }
  try {
    const settings = load(data['config.yaml'] ?? '{}', { schema: JSON_SCHEMA }) as { mountPodPatch?: MountPodPatch[] }
    return Array.isArray(settings?.mountPodPatch) ? settings.mountPodPatch : []
  } catch {
    return undefined
  }
}

function selects({ pvcSelector }: MountPodPatch, { metadata, spec }: PersistentVolumeClaim): boolean {
  const { matchLabels = {}, matchName, matchStorageClassName } = pvcSelector ?? {}
  return (
    (matchName === undefined || matchName === metadata.name) &&
    (matchStorageClassName === undefined || matchStorageClassName === (spec.storageClassName ?? '')) &&
    Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value)
  )
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
    return line('managers', 'ok', 'No mark of Argo CD, Flux or Helm on volumes, claims and workloads')
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

function classLines({ storageClasses, target }: CheckFacts): ReadinessLine[] {
  if (!storageClasses) return []
  const ours = storageClasses
    .filter(({ provisioner }) => provisioner === target.driver)
    .map(({ metadata }) => metadata.name)
  const byDefault = storageClasses
    .filter(({ metadata }) =>
      Object.entries(metadata.annotations ?? {}).some(
        ([key, value]) => matchesGlob('storageclass*.kubernetes.io/is-default-class', key) && value === 'true',
      ),
    )
    .map(({ metadata }) => metadata.name)
  const text = `${ours.length > 0 ? `Of ${target.driver}: ${listed(ours)}` : `No class of ${target.driver}`}; by default: ${byDefault.join(', ') || 'none'}`
  if (byDefault.length > 1)
    return [line('storage-classes', 'warning', text, 'Leave one default: a claim that names none may get either.')]
  if (ours.length === 0)
    return [line('storage-classes', 'warning', text, 'Only probe and new claims need one; juicify setup writes it.')]
  return [line('storage-classes', 'ok', text)]
}

function recordLines({ records }: Survey): ReadinessLine[] {
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
