import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { shellWord } from '../domain/shell.ts'
import { updateMarked } from './mark.ts'
import { type Replicated, replicasOf, replicated, scaledDown } from './replicas.ts'
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
  lossWhenStopped,
  async stop(cluster, { ref, stopped }) {
    if (stopped) return
    await updateMarked(cluster, ref, (object) => {
      const change = scaledDown(object)
      const loss = change && lossWhenStopped(object)
      // set since it was planned
      if (loss) throw new Failure(`${describeRef(ref)} is not stopped. ${loss.why}`, { remedy: loss.remedy })
      return change
    })
  },
  rollout: {
    obstacle(object) {
      const { updateStrategy } = (object as StatefulSet).spec
      const partition = updateStrategy?.rollingUpdate?.partition ?? 0
      return (
        strategyObstacle(updateStrategy) ??
        (partition > 0 ? `its update strategy leaves out the pods below ${partition}` : undefined)
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

/** With this policy, which came with 1.23, its controller deletes the claims of the pods that it is scaled down by. */
function lossWhenStopped(object: KubeObject): Loss | undefined {
  const { persistentVolumeClaimRetentionPolicy: policy, volumeClaimTemplates = [] } = (object as StatefulSet).spec
  if (policy?.whenScaled !== 'Delete' || volumeClaimTemplates.length === 0) return undefined
  const { namespace, name } = object.metadata
  const kept = JSON.stringify({ spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain' } } })
  return {
    why: 'Its persistentVolumeClaimRetentionPolicy.whenScaled is Delete: scaled to 0, it would have Kubernetes delete its claims.',
    remedy: `Have it keep them while you migrate, and plan again: kubectl patch statefulset -n ${namespace} ${name} --type=merge -p ${shellWord(kept)}`,
  }
}

function isOrdinal(text: string): boolean {
  return /^\d+$/.test(text)
}
