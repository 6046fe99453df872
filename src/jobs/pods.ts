import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { withoutPasswords } from '../domain/redacted.ts'
import { PROGRAM_NAME } from './pod-template.ts'

/** Milliseconds that a node may take to give a log that is only nice to have: one that hangs gives none for minutes. */
const LOG_TIMEOUT = 5_000

/** A pod, as far as its end and what keeps it from starting are read. */
export interface Pod extends KubeObject {
  spec?: { nodeName?: string; containers?: { name: string; command?: string[] }[] }
  status?: {
    phase?: string
    reason?: string
    message?: string
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
    initContainerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[]
    containerStatuses?: {
      name?: string
      state?: {
        waiting?: { reason?: string; message?: string }
        terminated?: { exitCode: number; reason?: string; message?: string }
      }
    }[]
  }
}

/** An event of the cluster. */
export interface Event extends KubeObject {
  type?: string
  reason?: string
  message?: string
  lastTimestamp?: string | null
  count?: number
}

/** The newest pod of a Job; none where it has none (any more). */
export async function newestPod(cluster: Cluster, job: KubeObject): Promise<Pod | undefined> {
  return (await podsOf(cluster, job)).at(-1)
}

/** All pods of a Job, the newest last: those that its controller made, and none that only has their label. */
export async function podsOf(cluster: Cluster, job: KubeObject): Promise<Pod[]> {
  const labelSelector = `job-name=${job.metadata.name}`
  const { items } = await cluster.list<Pod>(
    { apiVersion: 'v1', kind: 'Pod' },
    {
      namespace: job.metadata.namespace ?? NAMESPACE,
      labelSelector,
    },
  )
  return items.filter((pod) => isMadeBy(pod, job)).sort(byAge)
}

function isMadeBy({ metadata: { ownerReferences = [] } }: Pod, job: KubeObject): boolean {
  return ownerReferences.some(({ controller, uid }) => controller === true && uid === job.metadata.uid)
}

function byAge(a: Pod, b: Pod): number {
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
}

/** The events of an object, oldest first. */
export async function eventsOf(cluster: Cluster, object: KubeObject): Promise<Event[]> {
  const fieldSelector = `involvedObject.uid=${object.metadata.uid}`
  const { items } = await cluster.list<Event>(
    { apiVersion: 'v1', kind: 'Event' },
    { namespace: object.metadata.namespace ?? NAMESPACE, fieldSelector },
  )
  return items
    .map((event) => (event.message === undefined ? event : { ...event, message: withoutPasswords(event.message) }))
    .sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
}

/** The log of a pod, from the API server; empty where it has none. */
export async function logOf(cluster: Cluster, pod: Pod, tailLines: number): Promise<string> {
  try {
    const ref = {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: pod.metadata.namespace ?? NAMESPACE,
      name: pod.metadata.name,
    }
    const container = ownContainer(pod)
    const query = { tailLines: String(tailLines), ...(container === undefined ? {} : { container }) }
    return withoutPasswords(await cluster.subresource(ref, 'log', query))
  } catch (error) {
    // A container that has not started has no log, and a node that is away gives none.
    if (error instanceof Failure) return ''
    throw error
  }
}

/** The same, or nothing where its node takes longer than five seconds. */
export async function logInTime(cluster: Cluster, pod: Pod, tailLines: number): Promise<string> {
  const over = new AbortController()
  try {
    return await Promise.race([logOf(cluster, pod, tailLines), pause(LOG_TIMEOUT, over.signal).then(() => '')])
  } finally {
    over.abort()
  }
}

/** The container in which our program runs: a webhook may have put others beside it, or before it, and kubelets sort them by name. */
function ownContainer({ spec: { containers = [] } = {} }: Pod): string | undefined {
  return (containers.find(({ command }) => command?.includes(PROGRAM_NAME)) ?? containers[0])?.name
}

/** How our container of a pod ended; undefined while it has not. */
export function termination(pod: Pod): { exitCode: number; reason?: string; message?: string } | undefined {
  const name = ownContainer(pod)
  const { containerStatuses = [] } = pod.status ?? {}
  return (containerStatuses.find((status) => status.name === name) ?? containerStatuses[0])?.state?.terminated
}

/** True where our container has ended, and others that somebody has put beside it hold the pod, maybe for ever. */
export function isHeldByOthers(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && termination(pod) !== undefined
}

/** What a program has written for the pod's status before it ended: its result, or the end of its tool's errors. */
export function terminationMessage(pod: Pod): string {
  return withoutPasswords(termination(pod)?.message ?? '')
}

/** True where the pod ended for a reason that is none of its program's: it is worth another try. */
export function wasKilled(pod: Pod): boolean {
  const ended = termination(pod)
  if (ended?.reason === 'OOMKilled') return false
  return Boolean(pod.status?.reason) || ended === undefined || ended.exitCode === 143 || ended.exitCode === 137
}
