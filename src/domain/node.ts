import type { KubeObject } from './object.ts'

/** True where pods may be scheduled onto the node, taints aside. */
export function takesPods(node: KubeObject): boolean {
  const { spec } = node as { spec?: { unschedulable?: boolean } }
  return spec?.unschedulable !== true
}

/** True where the object's condition `Ready` is met: a node, or a pod. */
export function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some(({ type, status: now }) => type === 'Ready' && now === 'True')
}

/** The CSI drivers that are registered on the node that a CSINode speaks of. */
export function driversOf(csiNode: KubeObject): string[] {
  const { spec } = csiNode as { spec?: { drivers?: { name: string }[] | null } }
  return spec?.drivers?.map(({ name }) => name) ?? []
}
