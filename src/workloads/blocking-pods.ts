import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { isReady } from '../domain/node.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { shellWord } from '../domain/shell.ts'
import { timeOfDay } from '../domain/time.ts'
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
export function explain(pod: UsingPod, nodes: ReadonlyMap<string, NodeState>): string {
  const { ref, node, owner, madeBy, deletedAt, finalizers, finished, appeared } = pod
  const parts = [
    node === undefined ? 'not scheduled' : `on ${node}${isDead(pod, nodes) ? `, which is ${nodes.get(node)}` : ''}`,
    owner ? `of ${describeRef(owner)}` : madeBy === undefined ? 'no owner' : `standalone pod created by ${madeBy}`,
    ...(appeared ? ['created after juicify began to wait'] : []),
    ...(finished ? ['finished, but its name is needed for the new pod'] : []),
    deletedAt === undefined ? 'not being deleted' : `terminating, grace period ends at ${timeOfDay(deletedAt)}`,
    ...(deletedAt !== undefined && finalizers.length > 0 ? [`held by the finalizer ${finalizers.join(', ')}`] : []),
  ]
  return `${describeRef(ref)} (${parts.join('; ')})`
}

/** What to do about pods that will not go: one sentence for each cause that there is. */
export function remedyFor(pods: readonly UsingPod[], nodes: ReadonlyMap<string, NodeState>): string {
  const held = pods.find(({ deletedAt, finalizers }) => deletedAt !== undefined && finalizers.length > 0)
  const dead = pods.find((pod) => pod.deletedAt !== undefined && isDead(pod, nodes))
  const slow = pods.some((pod) => pod.deletedAt !== undefined && !pod.finalizers.length && !isDead(pod, nodes))
  const alive = pods.find(({ deletedAt }) => deletedAt === undefined)
  const sentences = [
    ...(held?.finalizers.map((name, index) => finalizerRemedy(held, name, index)).reverse() ?? []),
    dead &&
      `Bring ${dead.node} back. Only when it is certain that nothing runs on it any more, run again with --force-delete-pods.`,
    slow && 'Run the same command again to wait longer, or use a longer --timeout.',
    alive &&
      `Wait until ${alive.owner ? describeRef(alive.owner) : describeRef(alive.ref)} has finished, or have whoever runs it stop it, then run the same command again.`,
  ]
  return sentences.filter((sentence) => sentence !== undefined && sentence !== false).join(' ')
}

/** Only that one is removed, and only where it still is: each of the others is somebody else's. */
function finalizerRemedy({ ref }: UsingPod, name: string, index: number): string {
  const path = `/metadata/finalizers/${index}`
  const patch = JSON.stringify([
    { op: 'test', path, value: name },
    { op: 'remove', path },
  ])
  return `Get the owner of the finalizer ${name} to remove it, or, if that owner is gone for good: kubectl patch pod -n ${ref.namespace} ${ref.name} --type=json -p ${shellWord(patch)}.`
}

function isDead({ node }: UsingPod, nodes: ReadonlyMap<string, NodeState>): boolean {
  const state = node === undefined ? undefined : nodes.get(node)
  return state === 'not ready' || state === 'gone'
}
