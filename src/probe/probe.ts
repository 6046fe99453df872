import { randomBytes } from 'node:crypto'
import type { Cluster } from '../cluster/cluster.ts'
import { DeadlineError } from '../cluster/errors.ts'
import { pause } from '../cluster/signal.ts'
import { Failure, Refusal } from '../domain/failure.ts'
import type { FileSystem, FileSystemDriver, VolumeSource } from '../domain/filesystem.ts'
import { ANNOTATION, LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { isReady, takesPods } from '../domain/node.ts'
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import { compareText } from '../domain/text.ts'
import type { Trouble } from '../domain/trouble.ts'
import { directoryOf, type PersistentVolume, type PersistentVolumeClaim } from '../domain/volume.ts'
import { imageOf } from '../filesystem/objects.ts'
import { waitUntilBound } from '../jobs/claims.ts'
import { readLog } from '../jobs/log.ts'
import { ensureNamespace } from '../jobs/namespace.ts'
import { createUnlessThere, removeObject } from '../jobs/objects.ts'
import { type PodSettings, podSpec } from '../jobs/pod-template.ts'
import { troubleOf } from '../jobs/pod-trouble.ts'
import { eventsOf, isHeldByOthers, logOf, type Pod, termination, terminationMessage } from '../jobs/pods.ts'
import { programMap } from '../jobs/program.ts'
import { isDeadProcess, ownHolder } from '../lock/lease.ts'
import { sayTrouble, type TroubleWords, worded } from '../words/trouble.ts'
import program from './probe.sh'

/**
 * What is to be proved: that a new claim of a class is shared by the nodes, or a volume that is there; or of the file system
 * itself that it can be mounted and written to.
 */
export type ProbeSubject = { className: string } | { volume: PersistentVolume } | { root: true }

/**
 * What a probe tells while it goes on: on which nodes its pods start, which killed probe's leftovers it removes, and
 * whose directory a provisioner has left.
 */
export type ProbeEvent =
  | { type: 'probe-started'; nodes: string[] }
  | { type: 'probe-leftover-removed'; probe: string }
  | { type: 'probe-directory-left'; volume: string }

export interface ProbeOptions {
  cluster: Cluster
  /** Whose class or volume it is. */
  fileSystem: FileSystem
  /** Has sh, cat, mkdir, mv, rm, sleep and touch. */
  image: string
  /** A pod on each; the first writes, the others read and answer. One alone proves nothing but that it can write. */
  nodes: string[]
  /** Milliseconds for the pods to start, and again as many for what they write to be seen. */
  timeout: number
  /** Milliseconds that a provisioner gets to dispose of a volume that it has made; 30 s where not given. */
  disposal?: number
  /** What the pods are to have; nothing where not given. */
  settings?: PodSettings
  emit: (event: ProbeEvent) => void
  signal: AbortSignal
}

export interface ProbeResult {
  /** What was proved to be shared: `class shared`, `PersistentVolume data`. */
  what: string
  writer: string
  /** The nodes that saw what was written, and how long it took until their answer was seen on the writer's node. */
  readers: { node: string; roundTripMs: number }[]
  /** What the file system is called, where it says so. */
  name?: string
  /** Nothing was there before. */
  empty: boolean
  /** No room, or no further file, is left on it, as its mount says. */
  full: boolean
}

interface Probe extends ProbeOptions {
  run: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/**
 * Writes on one node, reads on the others, and reads their answers on the first; all it needs for that is of its own, in
 * juicify's namespace, and goes again, whatever happens. What a killed run has left goes first.
 * Throws Failure that names what was not seen, or what kept a pod from starting; the signal's reason when aborted.
 */
export async function probe(place: ProbeSubject, options: ProbeOptions): Promise<ProbeResult> {
  const run = randomBytes(4).toString('hex')
  const mine: Probe = {
    ...options,
    run,
    labels: { [LABEL.managedBy]: MANAGER, [LABEL.probe]: run },
    annotations: { [ANNOTATION.holder]: ownHolder() },
  }
  await ensureNamespace(options.cluster)
  const left = await cleanLeftProbes(options)
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  try {
    const claim = await claimOn(mine, place)
    await createUnlessThere(options.cluster, programMap(nameOf(mine), program, { labels: mine.labels }))
    const pods = options.nodes.map((node, index) => podOn(mine, claim, node, index, left))
    for (const pod of pods) {
      options.signal.throwIfAborted()
      await createUnlessThere(options.cluster, pod)
    }
    options.emit({ type: 'probe-started', nodes: options.nodes })
    const [told = ''] = await Promise.all(pods.map((pod) => outcomeOf({ ...mine, signal }, refOf(pod))))
    return resultOf(place, options, told)
  } finally {
    // the first failure ends the waiting for the others
    stop.abort()
    await clean(options, run)
  }
}

/** The name of what a probe has but once: its claim, its volume and its program. */
function nameOf({ run }: Pick<Probe, 'run'>): string {
  return `juicify-probe-${run}`
}

/** The claim that the pods mount, bound: a new one of the class, or one on the same place as the volume. */
async function claimOn(probe: Probe, place: ProbeSubject): Promise<string> {
  const { cluster, fileSystem, labels, annotations, signal } = probe
  const metadata = { name: nameOf(probe), labels, annotations }
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, namespace: NAMESPACE },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: fileSystem.probe.capacity } },
      ...('className' in place
        ? { storageClassName: place.className }
        : { storageClassName: '', volumeName: metadata.name }),
    },
  }
  if ('volume' in place) await createUnlessThere(cluster, samePlace(place.volume, fileSystem, metadata))
  if ('root' in place) {
    const { name } = metadata
    const root = fileSystem.volumes.sourceFor({ name, subdir: '', claim: { namespace: NAMESPACE, name } })
    await createUnlessThere(cluster, volumeOf(root, fileSystem, metadata))
  }
  await createUnlessThere(cluster, claim)
  await waitUntilBound(cluster, claim, signal)
  signal.throwIfAborted()
  return metadata.name
}

/** A volume of our own that mounts what the other one mounts: the pods need not go to its claim's namespace. */
function samePlace(
  volume: PersistentVolume,
  { title, volumes, driver, probe }: FileSystem,
  metadata: KubeObject['metadata'],
): PersistentVolume {
  const { name } = volume.metadata
  if (directoryOf(volume) !== undefined) {
    throw new Refusal(...worded((say) => say.probe.onDisk(name)))
  }
  if (!volumes.holds(volume)) {
    throw new Refusal(...worded((say) => say.probe.otherFileSystem(name, title, driver.title)))
  }
  return volumeOf(volumes.sourceLike(volume, metadata.name), { probe }, metadata)
}

function volumeOf(
  source: VolumeSource,
  { probe }: Pick<FileSystem, 'probe'>,
  metadata: KubeObject['metadata'],
): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: {
      capacity: { storage: probe.capacity },
      volumeMode: 'Filesystem',
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { namespace: NAMESPACE, name: metadata.name },
      ...source,
    },
  }
}

function podOn(probe: Probe, claim: string, node: string, index: number, left: string[]): KubeObject {
  const { run, nodes, timeout, labels, annotations, image, settings, fileSystem } = probe
  const seconds = Math.max(1, Math.ceil(timeout / 1000))
  const variables = {
    RUN: run,
    INDEX: index,
    COUNT: nodes.length,
    SECONDS_TO_WAIT: seconds,
    LEFT: left.join(' '),
    OWN_FILES: fileSystem.mounts.ownFiles?.names.join('\n') ?? '',
    NAME_FILES: fileSystem.mounts.nameFiles?.join(' ') ?? '',
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `juicify-probe-${run}-${index}`, namespace: NAMESPACE, labels, annotations },
    spec: podSpec({
      name: 'probe',
      node,
      image,
      program,
      configMap: nameOf(probe),
      env: Object.entries(variables).map(([name, value]) => ({ name, value: String(value) })),
      mounts: [{ name: 'volume', mountPath: '/probe', source: { persistentVolumeClaim: { claimName: claim } } }],
      resources: { requests: { cpu: '10m', memory: '16Mi' } },
      ...(settings ? { settings } : {}),
      gracePeriod: 5,
      // of what a killed run leaves, nothing goes on for ever
      deadline: 3 * seconds,
    }),
  }
}

/** Milliseconds between two looks at what keeps a pod from starting. */
const LOOK = 2_000

/**
 * Waits until a pod has started, or is gone. Throws Failure that says what keeps it from that: at once where it cannot get
 * better by itself.
 */
async function waitUntilStarted({ cluster, fileSystem, timeout, signal }: Probe, ref: ObjectRef): Promise<void> {
  const deadline = cluster.deadline(timeout)
  try {
    for (;;) {
      const pod = await cluster.find<Pod>(ref)
      if (!pod || is(pod, 'Running', 'Succeeded', 'Failed')) return
      const trouble = troubleOf(pod, await eventsOf(cluster, pod), fileSystem.driver.mountTrouble)
      if (trouble?.lasting || deadline.signal.aborted) throw notStarted(ref, trouble, timeout)
      await pause(LOOK, AbortSignal.any([signal, deadline.signal]))
      signal.throwIfAborted()
    }
  } finally {
    deadline.clear()
  }
}

function is(pod: Pod, ...phases: string[]): boolean {
  return phases.includes(pod.status?.phase ?? '')
}

/** Others that a webhook has put beside our container may go on for ever. */
function hasEnded(pod: Pod): boolean {
  return is(pod, 'Succeeded', 'Failed') || isHeldByOthers(pod)
}

function notStarted(ref: ObjectRef, trouble: Trouble | undefined, timeout: number): Failure {
  const pod = describeRef(ref)
  return new Failure(
    ...worded((say) => {
      const { message, remedy } = sayTrouble(trouble, say) ?? { message: say.job.notStarted() }
      return trouble?.lasting
        ? say.probe.cannotStart(pod, message, remedy)
        : say.probe.startTimedOut(pod, timeout / 1000, message, remedy)
    }),
  )
}

/** Waits for a pod's end, and gives what it told. Throws Failure where it did not start, or failed. */
async function outcomeOf(probe: Probe, ref: ObjectRef): Promise<string> {
  const { cluster, fileSystem, timeout, signal } = probe
  await waitUntilStarted(probe, ref)
  // the script gives up by itself, and says why
  const options = { timeout: 2 * timeout, signal, what: (say: TroubleWords) => say.probe.toEnd(describeRef(ref)) }
  const ended = await cluster.waitFor<Pod>(ref, (pod) => !pod || hasEnded(pod), options)
  if (!ended) throw new Failure(...worded((say) => say.probe.deleted(describeRef(ref))))
  // a node may have lost the log of a pod that is done
  const told = terminationMessage(ended) || (await logOf(cluster, ended, 100))
  if (is(ended, 'Succeeded') || termination(ended)?.exitCode === 0) return told
  const { failed, others } = readLog(told)
  const said = failed ?? others.at(-1) ?? ended.status?.message
  throw new Failure(...worded((say) => say.probe.failed(ended.spec?.nodeName, said, fileSystem.driver.see)))
}

function resultOf(
  place: ProbeSubject,
  { nodes: [writer = '', ...others], fileSystem }: Pick<ProbeOptions, 'nodes' | 'fileSystem'>,
  told: string,
): ProbeResult {
  const readers = others.map((node, index) => {
    const roundTrip = new RegExp(`^juicify answered ${index + 1} (\\d+)$`, 'm').exec(told)?.[1]
    if (roundTrip === undefined) {
      throw new Failure(...worded((say) => say.probe.noReport(writer, node)))
    }
    return { node, roundTripMs: Number(roundTrip) }
  })
  const name = /^juicify named (.+)$/m.exec(told)?.[1]
  const empty = /^juicify empty$/m.test(told)
  return {
    what: whatIs(place, fileSystem),
    writer,
    readers,
    ...(name === undefined ? {} : { name }),
    empty,
    full: isFull(told),
  }
}

/** Free blocks, files in all and free ones: a file system that counts no files says that it has none in all. */
function isFull(told: string): boolean {
  const [, blocks, files, free] = /^juicify room (\d+) (\d+) (\d+)$/m.exec(told) ?? []
  return blocks === '0' || (free === '0' && files !== '0')
}

function whatIs(place: ProbeSubject, { title }: FileSystem): string {
  if ('root' in place) return title
  return 'className' in place ? `class ${place.className}` : describeRef(refOf(place.volume))
}

/** Takes away what probes have left whose process is no more, or that are long past their time. Returns their names. */
async function cleanLeftProbes(options: ProbeOptions): Promise<string[]> {
  const found = await objectsOf(options.cluster, LABEL.probe)
  const left = found.filter(({ metadata }) => {
    const age = Date.now() - Date.parse(metadata.creationTimestamp ?? '')
    return (
      isDeadProcess(metadata.annotations?.[ANNOTATION.holder] ?? '') || age > Math.max(3_600_000, 10 * options.timeout)
    )
  })
  const runs = [...new Set(left.flatMap(({ metadata }) => metadata.labels?.[LABEL.probe] ?? []))]
  for (const run of runs) {
    options.emit({ type: 'probe-leftover-removed', probe: run })
    await clean(options, run)
  }
  return runs
}

async function objectsOf(cluster: Cluster, labelSelector: string): Promise<KubeObject[]> {
  const lists = await Promise.all(
    [
      { kind: 'Pod', namespace: NAMESPACE },
      { kind: 'ConfigMap', namespace: NAMESPACE },
      { kind: 'PersistentVolumeClaim', namespace: NAMESPACE },
      { kind: 'PersistentVolume' },
    ].map(({ kind, ...within }) => cluster.list<KubeObject>({ apiVersion: 'v1', kind }, { ...within, labelSelector })),
  )
  return lists.flatMap(({ items }) => items)
}

/** Pods first, so that they take away what they wrote; then the claim, then its volume. The signal does not stop it. */
async function clean(options: ProbeOptions, run: string): Promise<void> {
  const { cluster } = options
  const found = await objectsOf(cluster, `${LABEL.probe}=${run}`)
  const of = (kind: string) => found.filter((object) => object.kind === kind)
  await Promise.all(of('Pod').map((pod) => removeObject(cluster, pod)))
  await Promise.all(of('ConfigMap').map((map) => removeObject(cluster, map)))
  for (const claim of of('PersistentVolumeClaim') as PersistentVolumeClaim[]) {
    // one that became bound meanwhile, too
    const now = await cluster.find<PersistentVolumeClaim>(refOf(claim))
    const made = await madeFor(cluster, now ?? claim)
    await removeObject(cluster, claim)
    if (made) await dispose(options, made)
  }
  await Promise.all(of('PersistentVolume').map((pv) => removeObject(cluster, pv)))
}

/** The volume that a provisioner has made for our claim, told to be disposed of with it. */
async function madeFor(cluster: Cluster, claim: PersistentVolumeClaim): Promise<PersistentVolume | undefined> {
  const name = claim.spec.volumeName
  const pv = name
    ? await cluster.find<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })
    : undefined
  if (!pv || pv.metadata.labels?.[LABEL.probe] || pv.spec.claimRef?.uid !== claim.metadata.uid) return undefined
  const { uid } = pv.metadata
  const body = { metadata: { uid }, spec: { persistentVolumeReclaimPolicy: 'Delete' } }
  return cluster.patch<PersistentVolume>(refOf(pv), { type: 'merge', body })
}

/** A provisioner takes its volume and what is in it away; where it does not, the volume goes and the directory is named. */
async function dispose({ cluster, emit, disposal = 30_000 }: ProbeOptions, pv: PersistentVolume): Promise<void> {
  const ref = refOf(pv)
  try {
    await cluster.waitFor(ref, (now) => now === undefined, {
      timeout: disposal,
      what: (say) => say.job.toBeDeleted(describeRef(ref)),
    })
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error
    await removeObject(cluster, pv)
    emit({ type: 'probe-directory-left', volume: pv.metadata.name })
  }
}

/** The nodes that a probe may use, in order: ready, open to pods, and able to mount the file system. */
export async function probeNodes(cluster: Cluster, driver: Pick<FileSystemDriver, 'nodesWith'>): Promise<string[]> {
  const [{ items: nodes }, { items: csiNodes }] = await Promise.all([
    cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Node' }),
    cluster.list<KubeObject>({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode' }),
  ])
  const withDriver = driver.nodesWith({ nodes, csiNodes })
  return nodes
    .filter((node) => isReady(node) && takesPods(node) && withDriver.has(node.metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort(compareText)
}

/** An image with a shell that the nodes have already: that the file system is mounted with. Throws Refusal where none is known. */
export async function probeImage(cluster: Cluster, fileSystem: FileSystem): Promise<string> {
  const image = await imageOf(cluster, fileSystem)
  if (image) return image
  throw new Refusal(...worded((say) => say.probe.noImage(fileSystem.image.unknown)))
}
