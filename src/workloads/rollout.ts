import type { KubeObject } from '../domain/object.ts'

/** How Deployments, StatefulSets and DaemonSets are told to make their pods anew. */
export const ROLLOUT_RESTART = ['rollout', 'restart'] as const

/** Why what has this update strategy makes no pod anew by itself; undefined where it does. */
export function strategyObstacle(strategy: { type?: string } | undefined): string | undefined {
  const type = strategy?.type ?? 'RollingUpdate'
  return type === 'RollingUpdate' ? undefined : `its update strategy is ${type}`
}

/** True if the status is of the spec that is there now: its controller has seen the last change. */
export function isObserved({ metadata, status }: KubeObject): boolean {
  const { observedGeneration = 0 } = (status ?? {}) as { observedGeneration?: number }
  return Number(observedGeneration) >= Number(metadata.generation ?? 0)
}

/** How many pods are ready, of what counts them as replicas. */
export function readyReplicas({ status }: KubeObject): number {
  return ((status ?? {}) as { readyReplicas?: number }).readyReplicas ?? 0
}
