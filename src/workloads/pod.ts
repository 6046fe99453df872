import { isDeepStrictEqual } from 'node:util'
import { askToCreate } from '../cluster/admission.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError, isTransient, withRemedy } from '../cluster/errors.ts'
import { update } from '../cluster/update.ts'
import { Failure } from '../domain/failure.ts'
import { withoutServerMetadata } from '../domain/manifest.ts'
import { isReady } from '../domain/node.ts'
import { describeRef, type KubeObject, type ObjectMeta, type ObjectRef } from '../domain/object.ts'
import { isRunning } from '../domain/workload.ts'
import { type Wording, worded } from '../words/trouble.ts'
import { type Container, mountsOfPodSpec, type PodSpec, type PodVolume } from './pod-spec.ts'
import { type Patience, type Remembered, STOPPED, type WorkloadKind } from './workload-kind.ts'

export interface Pod extends KubeObject {
  spec: PodSpec
  status?: {
    phase?: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { state?: Record<string, unknown> }[]
    [field: string]: unknown
  }
}

/** A pod without an owner, as cube-studio's notebooks are: saved, deleted, and created again. */
export const pod: WorkloadKind = {
  group: '',
  kind: 'Pod',
  plural: 'pods',
  versions: ['v1'],
  rank: STOPPED.pod,
  verbs: { object: ['create', 'patch', 'delete'], subresources: {} },
  comesToAnEnd: false,
  leavesWhatItMade: false,
  means: { by: 'recreate' },
  template: ({ metadata, spec }) => ({
    metadata: { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} },
    spec: spec as PodSpec,
  }),
  // as the driver of a Spark application has its executors: they go when it goes
  owns: (_, { kind }) => kind === 'Pod',
  mounts: (object, claims) =>
    mountsOfPodSpec((object as Pod).spec, object.metadata.name).filter(({ claim }) => claims.has(claim)),
  replicas: undefined,
  scales: undefined,
  isPast: (object) => !isRunning(phaseOf(object)),
  canBeStopped: () => true,
  retains: () => false,
  lossWhenScaled: () => undefined,
  isStopped: isGoing,
  remember: (object) =>
    isGoing(object) ? { stopped: true } : { stopped: false, ready: isReady(object) ? 1 : 0, manifest: object },
  async stop(cluster, { ref, stopped }) {
    if (stopped) return
    await update(cluster, ref, (now) => (!now || isGoing(now) ? undefined : { do: 'delete' }))
  },
  start: createAgain,
  isStarted: (object, { ready }) => !isRunning(phaseOf(object)) || ready === 0 || isReady(object),
  // it stands still where it is not there
  isLeftStopped: (object) => object?.metadata.deletionTimestamp !== undefined || object === undefined,
  rollout: undefined,
}

async function createAgain(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<Wording | undefined> {
  const { ref, stopped, manifest } = remembered
  if (stopped) return undefined
  if (!manifest) throw new Failure(...worded((say) => say.workload.noManifest(describeRef(ref))))
  const wanted = asNew(manifest as Pod)
  const there = await whatIsThere(cluster, ref, patience)
  if (there) return sayWhose(cluster, ref, there, wanted)
  try {
    await cluster.create(wanted)
    return undefined
  } catch (error) {
    // another was faster, or nobody knows whether it was made: the pod that is there tells
    if (!isApiError(error, 409) && !isTransient(error)) throw error
    const other = await whatIsThere(cluster, ref, patience)
    if (!other) throw error
    return sayWhose(cluster, ref, other, wanted)
  }
}

/** The pod that has the name now; one that is being deleted is waited for, and counts as gone. */
async function whatIsThere(cluster: Cluster, ref: ObjectRef, { timeout, signal }: Patience): Promise<Pod | undefined> {
  const { uid: _, ...byName } = ref
  const there = await cluster.find<Pod>(byName)
  if (!there?.metadata.deletionTimestamp) return there
  const what: Wording = (say) => say.workload.toBeGone(describeRef(ref))
  await withRemedy(
    (say) => say.workload.seeWhatKeeps(ref.namespace ?? '', ref.name),
    cluster.waitFor<Pod>({ ...byName, uid: there.metadata.uid }, (now) => now === undefined, { timeout, what, signal }),
  )
  return cluster.find<Pod>(byName)
}

/**
 * The same pod that was never deleted, or one that was created again from the same manifest, is as it should be; also
 * with what the cluster's policies make of that manifest.
 */
async function sayWhose(cluster: Cluster, ref: ObjectRef, there: Pod, wanted: Pod): Promise<Wording | undefined> {
  if (there.metadata.uid === ref.uid || isDeepStrictEqual(asNew(there), wanted)) return undefined
  const asked = await askToCreate(cluster, wanted)
  if (asked.verdict === 'admitted' && asked.as && isDeepStrictEqual(asNew(there), asNew(asked.as))) return undefined
  return (say) => say.workload.otherPod(describeRef(ref))
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** As the admission of ServiceAccounts names the volume: up to 1.20 after the Secret, from 1.21 on for itself. */
const TOKEN_VOLUME = /^(.+-token-[a-z0-9]{5}|kube-api-access-[a-z0-9]{5})$/
/** Worked out anew by admission, which refuses others than its own; or refused in a new pod. */
const ADDED_TO_SPEC = ['priority', 'preemptionPolicy', 'overhead', 'ephemeralContainers'] as const

/**
 * The pod as its user made it: without what the API server, its admission and the scheduler had added. A `nodeName` is
 * kept where the user set it, and dropped where the scheduler did, whose binding is in nobody's managed fields.
 */
export function asNew({ apiVersion, kind, metadata, spec, status: _, ...rest }: Pod): Pod {
  const dropped: readonly string[] = [...ADDED_TO_SPEC, ...(choseNode(metadata) ? [] : ['nodeName'])]
  const tokens = new Set((spec.volumes ?? []).filter(isTokenVolume).map(({ name }) => name))
  const kept: PodSpec = without(spec, dropped)
  const withoutTokens = (containers: Container[] | undefined) => containers?.map((each) => withoutMounts(each, tokens))
  return {
    apiVersion,
    kind,
    metadata: withoutServerMetadata(metadata),
    spec: defined({
      ...kept,
      volumes: unlessEmpty(kept.volumes?.filter(({ name }) => !tokens.has(name))),
      containers: withoutTokens(kept.containers),
      initContainers: withoutTokens(kept.initContainers),
      tolerations: unlessEmpty(kept.tolerations?.filter((each) => !isDefaultToleration(each))),
    }),
    ...rest,
  }
}

/** True if one who made or changed the pod, and not the scheduler, said where it runs. */
function choseNode(metadata: ObjectMeta): boolean {
  const fields = (metadata.managedFields ?? []) as { fieldsV1?: { 'f:spec'?: Record<string, unknown> } }[]
  return fields.some(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:nodeName'] !== undefined)
}

function isTokenVolume({ name, secret, projected }: PodVolume): boolean {
  return TOKEN_VOLUME.test(name) && (secret?.secretName === name || projected !== undefined)
}

function withoutMounts(container: Container, volumes: ReadonlySet<string>): Container {
  const mounts = container.volumeMounts?.filter(
    ({ name, mountPath }) => !(volumes.has(name) && mountPath === TOKEN_PATH),
  )
  return defined({ ...container, volumeMounts: unlessEmpty(mounts) })
}

/** The two that the admission DefaultTolerationSeconds puts on every pod. */
function isDefaultToleration({
  key,
  operator,
  effect,
  tolerationSeconds,
}: NonNullable<PodSpec['tolerations']>[number]): boolean {
  return (
    (key === 'node.kubernetes.io/not-ready' || key === 'node.kubernetes.io/unreachable') &&
    operator === 'Exists' &&
    effect === 'NoExecute' &&
    tolerationSeconds === 300
  )
}

/** Finished, or on its way out: not ours to stop, nor to start again. */
function isGoing(object: KubeObject): boolean {
  return !isRunning(phaseOf(object)) || object.metadata.deletionTimestamp !== undefined
}

function phaseOf(object: KubeObject): { phase: string } {
  return { phase: (object as Pod).status?.phase ?? 'Pending' }
}

function without<T extends object>(object: T, keys: readonly string[]): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as T
}

function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

function unlessEmpty<T>(list: T[] | undefined): T[] | undefined {
  return list?.length ? list : undefined
}
