import { shortHash } from '../domain/digest.ts'
import type { KubeObject } from '../domain/object.ts'
import { kindOf } from './kinds.ts'

/**
 * A pod as the controller of a workload would make the next one, under a name of its own; undefined where nothing says
 * what its pods are made from.
 */
export function nextPod(workload: KubeObject | undefined): KubeObject | undefined {
  const template = workload && kindOf(workload)?.template(workload)
  if (!workload || !template?.spec?.containers) return undefined
  const { name, namespace } = workload.metadata
  const { volumes = [] } = template.spec
  const own = claimTemplatesOf(workload).filter((claim) => volumes.every((volume) => volume.name !== claim))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name.slice(0, 40)}-${shortHash(name)}`.replace(/[^a-z0-9]+/g, '-'),
      ...(namespace === undefined ? {} : { namespace }),
      ...template.metadata,
    },
    spec: {
      ...template.spec,
      // which claim it is says nothing to whoever admits it
      volumes: [...volumes, ...own.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } }))],
    },
  }
}

function claimTemplatesOf({ spec }: KubeObject): string[] {
  const { volumeClaimTemplates = [] } = spec as { volumeClaimTemplates?: { metadata?: { name?: string } }[] }
  return volumeClaimTemplates.flatMap(({ metadata }) => metadata?.name ?? [])
}
