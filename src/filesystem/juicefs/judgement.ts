import type { Finding } from '../../domain/finding.ts'
import { LABEL, MANAGER, NAMESPACE } from '../../domain/names.ts'
import { isReady, takesPods } from '../../domain/node.ts'
import { describeRef, type KubeObject, refOf } from '../../domain/object.ts'
import type { Judgement, Well } from '../../domain/readiness.ts'
import type { Survey } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import { directoryOf, type PersistentVolumeClaim } from '../../domain/volume.ts'
import { finding } from '../../words/finding.ts'
import { driverFindings, nodesWithDriver, unreadSecret } from '../csi-driver.ts'
import { isReadOnly, isWriteback } from './mount-options.ts'
import {
  BY_PROCESS,
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
import { patchesOf, selects } from './settings.ts'
import type { JuiceFSTarget } from './target.ts'

/** What plans and `check` have to say of the driver, how it mounts, its settings, and the file system's Secret. */
export function judgeJuiceFS(target: JuiceFSTarget, survey: Survey): Judgement[] {
  const { csiDrivers, controllers } = survey
  const installation = installationOf(target, { csiDrivers, daemonSets: controllers })
  const driver = { ...target, survey, installation, plugins: pluginsOf(controllers, installation) }
  return [
    driverJudgement(driver),
    modeJudgement(driver),
    secretJudgement(target, survey),
    ...optionsJudgement(target),
    ...settingsOf(driver),
  ]
}

interface Driver extends JuiceFSTarget {
  survey: Survey
  installation: Installation
  plugins: Container[]
}

interface Container {
  name: string
  image?: string
  args?: string[]
}

/** The driver's own container, in its DaemonSet and in its controller. */
function pluginsOf(controllers: KubeObject[], installation: Installation): Container[] {
  const { daemonSet } = installation
  const parts = [...(daemonSet ? [daemonSet] : []), ...controllers.filter((part) => isController(part, installation))]
  return parts
    .flatMap(({ spec }) => {
      const { template } = (spec ?? {}) as { template?: { spec?: { containers?: Container[] } } }
      return template?.spec?.containers ?? []
    })
    .filter(({ name }) => name === DRIVER_CONTAINER)
}

function has(plugins: Container[], flag: string): boolean {
  return plugins.some(({ args = [] }) => args.some((arg) => arg === flag || arg === `${flag}=true`))
}

function versionOf(plugins: Container[]): string | undefined {
  const tags = plugins.map(({ image = '' }) => /:([^:/@]+)(?:@|$)/.exec(image)?.[1])
  return tags.find((tag) => tag !== undefined)
}

function driverJudgement(driver: Driver): Judgement {
  const { nodes } = driver.survey
  return {
    subject: 'driver',
    findings: onNodes(driver),
    well: { is: 'driver-ready', driver: driver.driver, nodes: nodes.filter(takesPods).length },
  }
}

function onNodes({ driver, survey, plugins, installation }: Driver): Finding[] {
  const object = driverRef(driver)
  const isNowhere = survey.nodes.length > 0 && nodesWithDriver(survey.csiNodes, driver).size === 0
  if (isNowhere && has(plugins, WEBHOOK))
    return [finding('block', 'driver-mode', { object }, { version: versionOf(plugins), mounts: 'sidecars-only' })]
  const found = driverFindings(survey, driver, { target: 'juicefs', command: SEE_PODS })
  return found.some(({ severity }) => severity === 'block')
    ? found
    : [...found, ...unready(driver, survey, installation)]
}

/** Registered is what the kubelet has once seen; whether it mounts is told by the driver's pod. */
function unready(driver: string, survey: Survey, installation: Installation): Finding[] {
  const object = driverRef(driver)
  if (!installation.daemonSet) {
    const data = { driver, selector: selector(NODE_LABEL), namespaces: installation.namespaces }
    return [finding('note', 'driver-unseen', { object }, data)]
  }
  const pods = survey.pods.filter((pod) => isNodePod(pod, installation))
  const ready = new Set(pods.flatMap((pod) => (pod.ready && pod.node !== undefined ? [pod.node] : [])))
  const registered = nodesWithDriver(survey.csiNodes, driver)
  const wanted = survey.nodes.filter((node) => takesPods(node) && isReady(node) && registered.has(node.metadata.name))
  const without = wanted.map(({ metadata }) => metadata.name).filter((name) => !ready.has(name))
  if (without.length === 0) return []
  const severity = without.length === wanted.length ? 'block' : 'warn'
  const data = { driver, nodes: without.sort(compareText), command: SEE_PODS }
  return [finding(severity, 'driver-not-ready', { object }, data)]
}

function driverRef(name: string) {
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name }
}

/** The first 0.x of the driver that mounts in pods of its own: its release notes of v0.10.0. */
const MOUNT_PODS = 10

function modeJudgement({ driver, plugins, survey }: Driver): Judgement {
  const version = versionOf(plugins)
  const object = driverRef(driver)
  const minor = /^v?0\.(\d+)\b/.exec(version ?? '')?.[1]
  const byProcess = has(plugins, BY_PROCESS) || (minor !== undefined && Number(minor) < MOUNT_PODS)
  const findings: Finding[] = []
  if (byProcess) findings.push(finding('warn', 'driver-mode', { object }, { version, mounts: 'by-process' }))
  if (has(plugins, WEBHOOK) && nodesWithDriver(survey.csiNodes, driver).size > 0)
    findings.push(finding('warn', 'driver-mode', { object }, { version, mounts: 'some-sidecars' }))
  return {
    subject: 'driver-version',
    findings,
    ...(plugins.length > 0 && !has(plugins, WEBHOOK)
      ? { well: { is: 'mount-pods', driver: 'juicefs-csi-driver', ...(version === undefined ? {} : { version }) } }
      : {}),
  }
}

function secretJudgement({ secretRef: { namespace, name } }: JuiceFSTarget, survey: Survey): Judgement {
  const keys = survey.secret?.keys ?? []
  return {
    subject: 'secret',
    findings: unreadSecret(survey) ?? secretFindings({ namespace, name }, survey),
    well: { is: 'secret', name: `${namespace}/${name}`, keys },
  }
}

function secretFindings({ name, namespace }: JuiceFSTarget['secretRef'], { secret }: Survey): Finding[] {
  const object = { apiVersion: 'v1', kind: 'Secret', namespace, name }
  if (!secret) {
    return [finding('block', 'secret-missing', { object }, { target: 'juicefs' })]
  }
  const { required, wanted } = lackingKeys(secret.keys)
  return [
    ...(required.length > 0
      ? [finding('block', 'secret-incomplete', { object }, { keys: required, required: true })]
      : []),
    ...(wanted.length > 0 ? [finding('warn', 'secret-incomplete', { object }, { keys: wanted, required: false })] : []),
  ]
}

/** The settings of the driver come last, and win: https://juicefs.com/docs/csi/guide/configurations/ */
function settingsOf({ survey, installation }: Driver): Judgement[] {
  const configs = (survey.driverSettings ?? []).filter(({ metadata }) =>
    installation.namespaces.includes(metadata.namespace ?? ''),
  )
  return configs.map((config) => ({
    subject: 'mount-options',
    findings: settingsFindings(config, survey),
    well: whatItSets(config),
  }))
}

function whatItSets(config: KubeObject): Well {
  const options = new Set((patchesOf(config) ?? []).flatMap(({ mountOptions = [] }) => mountOptions))
  return { is: 'settings', config: describeRef(refOf(config)), options: [...options] }
}

/** Mount options that change what everybody sees of a volume, whatever it says itself. */
const OVERRIDES: { is: (option: string) => boolean; sets: 'subdir' | 'ro' }[] = [
  { is: (option) => /^subdir(=|$)/.test(option), sets: 'subdir' },
  { is: isReadOnly, sets: 'ro' },
]

function settingsFindings(config: KubeObject, { volumes, claims }: Survey): Finding[] {
  const { apiVersion, kind, metadata } = config
  const object = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
  const name = describeRef(object)
  const patches = patchesOf(config)
  if (!patches) return [finding('warn', 'mount-options', { object }, {})]
  const moving = new Set(volumes.filter((pv) => directoryOf(pv)).map((pv) => pv.metadata.name))
  const optionsOf = (claim: PersistentVolumeClaim) =>
    patches
      .filter((patch) => selects(patch, claim))
      .flatMap(({ mountOptions = [] }) => mountOptions.flatMap((each) => each.split(',')).map((each) => each.trim()))
  const own = optionsOf(OWN_CLAIM).some(isWriteback)
  const ofUsers = claims
    .filter(({ spec }) => moving.has(spec.volumeName ?? ''))
    .flatMap((claim) => {
      const options = optionsOf(claim)
      const { uid: _, ...claimRef } = refOf(claim)
      return [
        ...OVERRIDES.filter(({ is }) => options.some(is)).map(({ sets }) =>
          finding('block', 'mount-options', { object: claimRef }, { settings: name, sets }),
        ),
        ...(options.some(isWriteback) && !own
          ? [finding('warn', 'writeback', { object: claimRef }, { settings: name })]
          : []),
      ]
    })
  return [...(own ? [finding('block', 'writeback', { object }, { own: true })] : []), ...ofUsers]
}

/** What the driver's settings see of a claim that a Job of juicify's mounts. */
const OWN_CLAIM: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'juicify', namespace: NAMESPACE, labels: { [LABEL.managedBy]: MANAGER } },
  spec: { storageClassName: '' },
}

/** What the migration itself has volumes mounted with. */
function optionsJudgement({ mountOptions }: JuiceFSTarget): Judgement[] {
  return mountOptions.some(isWriteback)
    ? [{ subject: 'mount-options', findings: [finding('warn', 'writeback', {}, {})] }]
    : []
}
