import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { isReady } from '../domain/node.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { shellWord } from '../domain/shell.ts'
import { timeOfDay } from '../domain/time.ts'
import type { TroubleWords } from '../words/trouble.ts'
import type { UsingPod } from './pods.ts'

/** Whether the kubelet of a node answers; `unknown` where we may not ask. */
export type NodeState = 'ready' | 'not ready' | 'gone' | 'unknown'

/** The states of the nodes that pods are on. */
export async function nodeStates(cluster: Cluster, pods: readonly UsingPod[]): Promise<Map<string, NodeState>> {
  const names = new Set(pods.flatMap(({ node }) => (node === undefined ? [] : [node])))
  return new Map(await Promise.all([...names].map(async (name) => [name, await nodeState(cluster, name)] as const)))
}

async function nodeState(cluster: Cluster, name: string): Promise<NodeState> {
  try {
    const node = await cluster.find<KubeObject>({ apiVersion: 'v1', kind: 'Node', name })
    if (!node) return 'gone'
    return isReady(node) ? 'ready' : 'not ready'
  } catch (error) {
    if (isApiError(error, 403)) return 'unknown'
    throw error
  }
}

/** One pod and what holds it, in a few words. */
export function explain(
  pod: UsingPod,
  nodes: ReadonlyMap<string, NodeState>,
  { workload: says }: TroubleWords,
): string {
  const { ref, node, owner, madeBy, deletedAt, finalizers, finished, appeared } = pod
  const parts = [
    node === undefined ? says.notScheduled() : says.onNode(node, deadStateOf(pod, nodes)),
    owner ? says.ownedBy(describeRef(owner)) : madeBy === undefined ? says.noOwner() : says.standalone(madeBy),
    ...(appeared ? [says.appeared()] : []),
    ...(finished ? [says.nameNeeded()] : []),
    deletedAt === undefined ? says.notDeleted() : says.goingUntil(timeOfDay(deletedAt)),
    ...(deletedAt !== undefined && finalizers.length > 0 ? [says.heldBy(finalizers)] : []),
  ]
  return says.pod(describeRef(ref), parts)
}

/** Tells whether anything is new of the pods that are waited for: a kubelet changes the end of a grace period more than once. */
export function situationOf(pods: readonly UsingPod[]): string {
  return JSON.stringify(pods.map(({ deletedAt, ...pod }) => ({ ...pod, isBeingDeleted: deletedAt !== undefined })))
}

/** What to do about pods that will not go: one sentence for each cause that there is. */
export function remediesFor(
  pods: readonly UsingPod[],
  nodes: ReadonlyMap<string, NodeState>,
  { workload: says }: TroubleWords,
): string[] {
  const held = pods.find(({ deletedAt, finalizers }) => deletedAt !== undefined && finalizers.length > 0)
  const dead = pods.find((pod) => pod.deletedAt !== undefined && isDead(pod, nodes))
  const slow = pods.some((pod) => pod.deletedAt !== undefined && !pod.finalizers.length && !isDead(pod, nodes))
  const alive = pods.find(({ deletedAt }) => deletedAt === undefined)
  return [
    ...(held?.finalizers
      .map((name, index) => says.removeFinalizer(name, finalizerCommand(held, name, index)))
      .reverse() ?? []),
    ...(dead ? [says.bringBack(dead.node)] : []),
    ...(slow ? [says.waitLonger()] : []),
    ...(alive ? [says.stopIt(describeRef(alive.owner ?? alive.ref))] : []),
  ]
}

/** Only that one is removed, and only where it still is: each of the others is somebody else's. */
function finalizerCommand({ ref }: UsingPod, name: string, index: number): string {
  const path = `/metadata/finalizers/${index}`
  const patch = JSON.stringify([
    { op: 'test', path, value: name },
    { op: 'remove', path },
  ])
  return `kubectl patch pod -n ${ref.namespace} ${ref.name} --type=json -p ${shellWord(patch)}`
}

function isDead(pod: UsingPod, nodes: ReadonlyMap<string, NodeState>): boolean {
  return deadStateOf(pod, nodes) !== undefined
}

function deadStateOf({ node }: UsingPod, nodes: ReadonlyMap<string, NodeState>): 'not ready' | 'gone' | undefined {
  const state = node === undefined ? undefined : nodes.get(node)
  return state === 'not ready' || state === 'gone' ? state : undefined
}
