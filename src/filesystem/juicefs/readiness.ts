import { JSON_SCHEMA, load } from 'js-yaml'
import { isReady, takesPods } from '../../domain/node.ts'
import { describeRef, type KubeObject, refOf } from '../../domain/object.ts'
import { type CheckFacts, line, type ReadinessLine } from '../../domain/readiness.ts'
import { type LabelSelector, selectsLabels } from '../../domain/selector.ts'
import type { Survey } from '../../domain/survey.ts'
import { compareText, listed } from '../../domain/text.ts'
import { directoryOf, type PersistentVolumeClaim } from '../../domain/volume.ts'
import { attachProblem, nodesWithDriver, nodesWithoutDriver } from '../csi-driver.ts'
import {
  BY_PROCESS,
  DRIVER_CONFIG,
  DRIVER_CONTAINER,
  type Installation,
  installationOf,
  isController,
  isNodePod,
  NODE_LABEL,
  SEE_PODS,
  selector,
  WEBHOOK,
} from './parts.ts'
import { lackingKeys } from './secret.ts'
import type { JuiceFSTarget } from './target.ts'

/** What `check` says of the driver, its version and settings, and of the file system's Secret. */
export function readinessOf(target: JuiceFSTarget, { parts }: CheckFacts, survey: Survey): ReadinessLine[] {
  const { csiDrivers, controllers } = survey
  const installation = installationOf(target, { csiDrivers, daemonSets: controllers })
  return [
    ...driverLines(target, parts, survey, installation),
    driverVersionLine(parts, installation),
    secretLine(target, survey),
    ...mountOptionLines(target, parts, survey),
  ]
}

function driverLines(
  { driver }: JuiceFSTarget,
  parts: KubeObject[],
  survey: Survey,
  installation: Installation,
): ReadinessLine[] {
  const wanted = survey.nodes.filter(takesPods).map(({ metadata }) => metadata.name)
  if (nodesWithDriver(survey.csiNodes, driver).size === 0) {
    const object = survey.csiDrivers.some(({ metadata }) => metadata.name === driver)
    const text = `The driver ${driver} is on no node${object ? '; its CSIDriver object alone means nothing' : ''}`
    return [line('driver', 'problem', text, 'Install juicefs-csi-driver; juicify setup writes its values.yaml.')]
  }
  const attach = attachProblem(survey, driver)
  if (attach) return [line('driver', 'problem', attach.why, attach.remedy)]
  const missing = nodesWithoutDriver(survey, driver)
  const see = `See ${SEE_PODS}, or keep the workloads off those nodes.`
  const driverPods = parts.filter((part) => isNodePod(part, installation))
  if (missing.length > 0) return [line('driver', 'warning', `The driver ${driver} is not on ${listed(missing)}`, see)]
  if (driverPods.length === 0) {
    const text = `The driver ${driver} is registered on ${allOf(wanted)}, but no DaemonSet with ${selector(NODE_LABEL)} has a pod in ${listed(installation.namespaces)}`
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

interface Container {
  name: string
  image?: string
  args?: string[]
  command?: string[]
}

/** The driver's own container: in its pods, in its DaemonSet, or in its controller. */
function pluginsOf(parts: KubeObject[], installation: Installation): Container[] {
  const { daemonSet } = installation
  const controllers = parts.filter((part) => isController(part, installation))
  const templates = [...(daemonSet ? [daemonSet] : []), ...controllers].flatMap(({ spec }) => {
    const { template } = (spec ?? {}) as { template?: { spec?: { containers?: Container[] } } }
    return template?.spec?.containers ?? []
  })
  const running = parts
    .filter((part) => isNodePod(part, installation))
    .flatMap(({ spec }) => (spec as { containers?: Container[] }).containers ?? [])
  return [...running, ...templates].filter(({ name }) => name === DRIVER_CONTAINER)
}

function driverVersionLine(parts: KubeObject[], installation: Installation): ReadinessLine {
  const plugins = pluginsOf(parts, installation)
  const [plugin] = plugins
  if (!plugin)
    return line(
      'driver-version',
      'warning',
      `The driver’s version is not known: no container ${DRIVER_CONTAINER} was found`,
      'See for yourself that it is 0.10 or later, and mounts in pods of its own.',
    )
  const version = /:([^:/@]+)(?:@|$)/.exec(plugin.image ?? '')?.[1] ?? 'of unknown version'
  const flags = plugins.flatMap(({ args = [], command = [] }) => [...args, ...command]).join(' ')
  const has = (flag: string) => new RegExp(`(^|\\s)${flag}(=true)?(\\s|$)`).test(flags)
  if (has(BY_PROCESS))
    return line(
      'driver-version',
      'warning',
      `juicefs-csi-driver ${version} mounts by process: when its pod restarts, every mount on its node breaks`,
      'Set mountMode: mountpod in its Helm values, or restart its pods only while nothing is mounted.',
    )
  if (has(WEBHOOK))
    return line(
      'driver-version',
      'warning',
      `juicefs-csi-driver ${version} mounts in sidecars, and only in namespaces that ask for it`,
      'Label each namespace of the migration juicefs.com/enable-injection=true first.',
    )
  return line('driver-version', 'ok', `juicefs-csi-driver ${version}, which mounts in pods of its own`)
}

function secretLine({ secretRef }: JuiceFSTarget, { secret, unread }: Survey): ReadinessLine {
  const name = `Secret ${secretRef.namespace}/${secretRef.name}`
  if (unread?.some(({ part }) => part === 'secret'))
    return line(
      'secret',
      'problem',
      `${name} was not looked at: you may not read it`,
      'Have somebody check who may: juicify rbac --role copier.',
    )
  if (!secret)
    return line(
      'secret',
      'problem',
      `${name} is not there`,
      'Create it: juicify setup writes it. Or name another: --secret.',
    )
  const { required: needed, wanted } = lackingKeys(secret.keys)
  if (needed.length > 0)
    return line(
      'secret',
      'problem',
      `${name} lacks ${needed.join(' and ')}`,
      'Add what is missing: no pod could mount it.',
    )
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
  pvcSelector?: LabelSelector & { matchName?: string; matchStorageClassName?: string }
}

/** The settings of the driver come last, and win: https://juicefs.com/docs/csi/guide/configurations/ */
function mountOptionLines(
  { secretRef }: JuiceFSTarget,
  parts: KubeObject[],
  { volumes, claims }: Survey,
): ReadinessLine[] {
  const driverConfig = parts.find(
    ({ kind, metadata: { name, namespace } }) =>
      kind === 'ConfigMap' && name === DRIVER_CONFIG && namespace === secretRef.namespace,
  )
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

/** Of the driver's settings what is read here: mount options, and for which claims. What cannot be read stays so. */
export function settingsRead(config: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = config
  const mountPodPatch = patchesOf(config)?.map(({ mountOptions, pvcSelector }) => ({ mountOptions, pvcSelector }))
  const text = mountPodPatch ? JSON.stringify({ mountPodPatch }) : '{'
  const { name, namespace, uid } = metadata
  return { apiVersion, kind, metadata: { name, namespace, uid }, data: { 'config.yaml': text } }
}

function selects({ pvcSelector }: MountPodPatch, { metadata, spec }: PersistentVolumeClaim): boolean {
  const { matchName, matchStorageClassName, ...labelSelector } = pvcSelector ?? {}
  return (
    (matchName === undefined || matchName === metadata.name) &&
    (matchStorageClassName === undefined || matchStorageClassName === (spec.storageClassName ?? '')) &&
    selectsLabels(labelSelector, metadata.labels)
  )
}
