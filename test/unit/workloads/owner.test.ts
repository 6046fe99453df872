import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { ApiError } from '../../../src/cluster/errors.ts'
import { type KubeObject, type ObjectRef, refOf, sameObject } from '../../../src/domain/object.ts'
import { Owners } from '../../../src/workloads/owner.ts'

/** A cluster of these objects; what is in `forbidden` may not be read. */
function clusterOf(objects: KubeObject[], forbidden: KubeObject[] = []): Cluster {
  const find = async (ref: ObjectRef) => {
    if (forbidden.some((object) => sameObject(refOf(object), ref)))
      throw new ApiError('no', { status: 403, reason: 'Forbidden' })
    return objects.find((object) => sameObject(refOf(object), ref))
  }
  return { find } as Partial<Cluster> as Cluster
}

function ownedBy(owner: KubeObject | undefined): { ownerReferences?: object[] } {
  if (!owner) return {}
  const { apiVersion, kind, metadata } = owner
  return { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }] }
}

const object = (apiVersion: string, kind: string, name: string, namespace: string, owner?: KubeObject): KubeObject =>
  ({
    apiVersion,
    kind,
    metadata: { name, namespace, uid: `${kind}-${name}`, labels: { app: 'web' }, ...ownedBy(owner) },
    spec: kind === 'Pod' ? {} : { selector: { matchLabels: { app: 'web' } } },
  }) as KubeObject

const web = object('apps/v1', 'Deployment', 'web', 'ns')
const set = object('apps/v1', 'ReplicaSet', 'web-1', 'ns', web)
const own = object('v1', 'Pod', 'web-1-x', 'ns', set)

test('the topmost owner of a pod is its Deployment', async () => {
  expect(await new Owners(clusterOf([web, set])).topLevelOwnerOf(own)).toEqual(refOf(web))
})

test('a pod of another namespace that names its ReplicaSet has no owner, and costs it none', async () => {
  const stranger = object('v1', 'Pod', 'tenant', 'other', set)
  const owners = new Owners(clusterOf([web, set]))
  expect(await owners.topLevelOwnerOf(stranger)).toBeUndefined()
  expect(await owners.topLevelOwnerOf(own)).toEqual(refOf(web))
  expect(await owners.topLevelOwnerOf(stranger)).toBeUndefined()
})

test('an owner that may not be read is taken as it is named', async () => {
  expect(await new Owners(clusterOf([set], [web])).topLevelOwnerOf(own)).toEqual(refOf(web))
})

test('a Job that a CronJob made is a workload of its own', async () => {
  const cron = object('batch/v1', 'CronJob', 'nightly', 'ns')
  const job = object('batch/v1', 'Job', 'nightly-1', 'ns', cron)
  const owners = new Owners(clusterOf([cron, job]))
  expect(await owners.topLevelOwnerOf(object('v1', 'Pod', 'nightly-1-x', 'ns', job))).toEqual(refOf(job))
})

test('an owner that was made again since by the same name is not the one that it names', async () => {
  const again = { ...set, metadata: { ...set.metadata, uid: 'made-since' } }
  const byName = { find: async () => again } as Partial<Cluster> as Cluster
  expect(await new Owners(byName).topLevelOwnerOf(own)).toBeUndefined()
})
