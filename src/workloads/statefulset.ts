import { type Replicated, replicasOf, replicated } from './replicas.ts'
import { isObserved, ROLLOUT_RESTART, readyReplicas, strategyObstacle } from './rollout.ts'
import { type Mount, STOPPED, type WorkloadKind } from './workload-kind.ts'

interface StatefulSet extends Replicated {
  spec: Replicated['spec'] & {
    volumeClaimTemplates?: { metadata?: { name?: string } }[]
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
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

function isOrdinal(text: string): boolean {
  return /^\d+$/.test(text)
}
