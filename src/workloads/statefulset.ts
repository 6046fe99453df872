import type { KubeObject } from '../domain/object.ts'
import { replicated } from './replicas.ts'
import type { Mount, WorkloadKind } from './workload-kind.ts'

interface StatefulSet extends KubeObject {
  spec: { volumeClaimTemplates?: { metadata?: { name?: string } }[]; [field: string]: unknown }
}

/** Its pods also mount a claim for each of its templates and ordinals: `<template>-<name>-<ordinal>`, always to write. */
export const statefulSet: WorkloadKind = {
  ...replicated,
  mounts(object, claims) {
    const own = ((object as StatefulSet).spec.volumeClaimTemplates ?? []).flatMap((template): Mount[] => {
      const prefix = `${template.metadata?.name}-${object.metadata.name}-`
      const matching = [...claims].filter(
        (claim) => claim.startsWith(prefix) && /^\d+$/.test(claim.slice(prefix.length)),
      )
      return matching.map((claim) => ({ claim, writes: true }))
    })
    return [...replicated.mounts(object, claims), ...own]
  },
}
