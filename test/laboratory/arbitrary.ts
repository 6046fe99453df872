import fc from 'fast-check'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Death, Verb } from './death.ts'
import { controller, cronJob, juicefs, NAMESPACES, nodes, notebook, volume } from './manifests.ts'

/** A small cluster in a few words, so that a failure can be read. */
export interface SmallCluster {
  volumes: { namespace: string; directory: string; policy: string }[]
  workloads: { kind: (typeof KINDS)[number]; namespace: string; claims: string[]; replicas: number }[]
}

/** What happens to it: runs that die, one after the other, and how it is brought to an end. */
export interface Fate {
  deaths: (Death & { verb: Verb })[]
  end: 'go on' | 'take back'
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Pod'] as const
/** Equal and nested ones come up by themselves. */
const DIRECTORIES = ['a', 'a/b', 'a/b/c', 'd']

const claimOf = (directory: string) => directory.replaceAll('/', '-')

export const smallCluster: fc.Arbitrary<SmallCluster> = fc.record({
  volumes: fc.uniqueArray(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      directory: fc.constantFrom(...DIRECTORIES),
      policy: fc.constantFrom('Retain', 'Delete'),
    }),
    { minLength: 1, maxLength: 4, selector: ({ namespace, directory }) => `${namespace} ${directory}` },
  ),
  workloads: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      namespace: fc.constantFrom(...NAMESPACES),
      claims: fc.subarray(DIRECTORIES.map(claimOf), { minLength: 1 }),
      replicas: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 3 },
  ),
})

export const fate: fc.Arbitrary<Fate> = fc.record({
  deaths: fc.array(
    fc.record({
      verb: fc.constantFrom<Verb>('apply', 'rollback'),
      k: fc.integer({ min: 1, max: 40 }),
      when: fc.constantFrom<Death['when']>('before', 'after'),
    }),
    { maxLength: 3 },
  ),
  end: fc.constantFrom<Fate['end']>('go on', 'take back'),
})

export function objectsOf({ volumes, workloads }: SmallCluster): KubeObject[] {
  return [
    ...nodes(),
    ...juicefs(),
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...volumes.flatMap(({ namespace, directory, policy }) =>
      volume(namespace, claimOf(directory), `/data/k8s/${directory}`, policy),
    ),
    ...workloads.flatMap(({ kind, namespace, claims, replicas }, index) => {
      const there = claims.filter((claim) =>
        volumes.some((each) => each.namespace === namespace && claimOf(each.directory) === claim),
      )
      // what mounts a claim that is not there never starts, and is another matter
      if (there.length === 0) return []
      const object = workload(kind, `${kind.toLowerCase()}-${index}`, there, replicas)
      return [{ ...object, metadata: { ...object.metadata, namespace } }]
    }),
  ]
}

function workload(kind: (typeof KINDS)[number], name: string, claims: string[], replicas: number): KubeObject {
  if (kind === 'Pod') return notebook(name, claims)
  if (kind === 'CronJob') return cronJob(name, replicas === 0, claims)
  if (kind === 'DaemonSet') return controller('apps/v1', kind, name, claims, {})
  return controller('apps/v1', kind, name, claims, {
    replicas,
    ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
  })
}
