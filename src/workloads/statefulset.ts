import { ANNOTATION } from '../domain/names.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { findings } from '../words/findings.en.ts'
import type { Wording } from '../words/trouble.ts'
import { annotationOf } from './annotation-switch.ts'
import { updateMarked } from './mark.ts'
import { type Replicated, replicasOf, replicated, scaleBack, scaledDown } from './replicas.ts'
import { isObserved, ROLLOUT_RESTART, readyReplicas, strategyObstacle } from './rollout.ts'
import { type Loss, type Mount, STOPPED, type WorkloadKind } from './workload-kind.ts'

interface StatefulSet extends Replicated {
  spec: Replicated['spec'] & {
    volumeClaimTemplates?: { metadata?: { name?: string } }[]
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
    persistentVolumeClaimRetentionPolicy?: { whenScaled?: string }
  }
}

/** Its pods also mount a claim for each of its templates and ordinals: `<template>-<name>-<ordinal>`, always to write. */
export const statefulSet: WorkloadKind = {
  ...replicated,
  group: 'apps',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  versions: ['v1'],
  rank: STOPPED.statefulSet,
  owns(object, owned) {
    const prefix = `${object.metadata.name}-`
    return replicated.owns(object, owned) && owned.name.startsWith(prefix) && isOrdinal(owned.name.slice(prefix.length))
  },
  mounts(object, claims) {
    const own = ((object as StatefulSet).spec.volumeClaimTemplates ?? []).flatMap((template): Mount[] => {
      const prefix = `${template.metadata?.name}-${object.metadata.name}-`
      const matching = [...claims].filter((claim) => claim.startsWith(prefix) && isOrdinal(claim.slice(prefix.length)))
      return matching.map((claim) => ({ claim, writes: true }))
    })
    return [...replicated.mounts(object, claims), ...own]
  },
  retains: deletesClaims,
  lossWhenScaled,
  remember(object) {
    const whenScaled = annotationOf(object, ANNOTATION.whenScaled) ?? whenScaledOf(object)
    return { ...replicated.remember(object), ...(whenScaled === undefined ? {} : { whenScaled }) }
  },
  async stop(cluster, { ref, stopped }) {
    if (stopped) return
    await updateMarked(cluster, ref, (object) => {
      const change = scaledDown(object)
      const was = whenScaledOf(object)
      if (!change || was === undefined) return change
      // in one request: whoever sees the 0 sees that the claims stay
      return {
        ...change,
        annotations: { [ANNOTATION.whenScaled]: was },
        spec: { ...change.spec, ...whenScaled('Retain') },
      }
    })
  },
  async start(cluster, remembered) {
    let left: Wording | undefined
    const scaled = await scaleBack(cluster, remembered, (now) => {
      const was = annotationOf(now, ANNOTATION.whenScaled)
      if (was !== undefined) {
        const policy = was === 'Delete' ? { spec: whenScaled(was) } : {}
        return { annotations: { [ANNOTATION.whenScaled]: null }, ...policy }
      }
      if (remembered.whenScaled === 'Delete' && !deletesClaims(now)) {
        left = (say) => say.workload.retentionChanged(describeRef(remembered.ref))
      }
      return {}
    })
    return scaled ?? left
  },
  rollout: {
    obstacle(object) {
      const { updateStrategy } = (object as StatefulSet).spec
      const partition = updateStrategy?.rollingUpdate?.partition ?? 0
      return (
        strategyObstacle(updateStrategy) ??
        (partition > 0 ? `its update strategy excludes the pods below partition ${partition}` : undefined)
      )
    },
    isOver(object) {
      const wanted = replicasOf(object)
      const { updatedReplicas = 0, updateRevision, currentRevision } = (object as StatefulSet).status ?? {}
      const allUpdated = updatedReplicas >= wanted && updateRevision === currentRevision
      return isObserved(object) && allUpdated && readyReplicas(object) >= wanted
    },
    ready: readyReplicas,
    command: ROLLOUT_RESTART,
  },
}

type Policy = NonNullable<StatefulSet['spec']['persistentVolumeClaimRetentionPolicy']>

/**
 * What its policy says where it has the controller delete the claims of the pods that it is scaled down by; undefined where
 * they stay. The policy came with Kubernetes 1.23.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
function whenScaledOf(object: KubeObject): string | undefined {
  const { persistentVolumeClaimRetentionPolicy: policy, volumeClaimTemplates = [] } = (object as StatefulSet).spec
  return policy?.whenScaled === 'Delete' && volumeClaimTemplates.length > 0 ? policy.whenScaled : undefined
}

/** True if the controller deletes claims of the pods that it is scaled down by. */
export function deletesClaims(object: KubeObject): boolean {
  return whenScaledOf(object) !== undefined
}

function whenScaled(wanted: string): { persistentVolumeClaimRetentionPolicy: Policy } {
  return { persistentVolumeClaimRetentionPolicy: { whenScaled: wanted } }
}

/** Where it is another that scales it, the policy is that one's too, who would set it back. */
function lossWhenScaled(object: KubeObject): Loss | undefined {
  if (!deletesClaims(object)) return undefined
  const { namespace, name, ownerReferences = [] } = object.metadata
  const owner = ownerReferences.find(({ controller }) => controller)
  const data = {
    statefulSet: `StatefulSet ${namespace}/${name}`,
    ...(owner ? { owner: `${owner.kind} ${owner.name}` } : {}),
    command: `kubectl get statefulset -n ${namespace} ${name} -o yaml`,
  }
  return { data, ...findings['claims-deleted'](data) }
}

function isOrdinal(text: string): boolean {
  return /^\d+$/.test(text)
}
