import type { Store } from '../store.ts'
import { addBinderIndexes, Binder } from './binder.ts'
import { BY_OWNER, type Controller, ownedKey, type Surroundings } from './controller.ts'
import { DaemonSets } from './daemonset.ts'
import { Definitions } from './definitions.ts'
import { Deployments } from './deployment.ts'
import { addGarbageIndexes, GarbageCollector } from './garbage.ts'
import { Jobs } from './job.ts'
import { Kubelet } from './kubelet.ts'
import { addNamespaceIndex, Namespaces } from './namespaces.ts'
import { Notebooks } from './notebook.ts'
import { Operators } from './operator.ts'
import { addClaimIndex, Protection } from './protection.ts'
import { Quotas } from './quotas.ts'
import { Replicas } from './replicas.ts'
import { addNodeIndex, Scheduler } from './scheduler.ts'
import { StatefulSets } from './statefulset.ts'

/** All that the controllers look things up by. */
export function addIndexes(store: Store): void {
  addBinderIndexes(store)
  addClaimIndex(store)
  addNodeIndex(store)
  addGarbageIndexes(store)
  addNamespaceIndex(store)
  for (const resource of ['pods', 'replicasets.apps', 'controllerrevisions.apps', 'statefulsets.apps', 'jobs.batch'])
    store.addIndex(`${BY_OWNER} ${resource}`, resource, ownedKey)
}

/** The controllers of a cluster, in the order in which they are told of a change. */
export function controllersOf(surroundings: Surroundings): Controller[] {
  return [
    new Definitions(surroundings),
    new Binder(surroundings),
    new Protection(surroundings),
    new Scheduler(surroundings),
    new Kubelet(surroundings),
    new Deployments(surroundings),
    new Replicas(surroundings, 'ReplicaSet'),
    new Replicas(surroundings, 'ReplicationController'),
    new StatefulSets(surroundings),
    new Notebooks(surroundings),
    new Operators(surroundings),
    new DaemonSets(surroundings),
    new Jobs(surroundings),
    new GarbageCollector(surroundings),
    new Namespaces(surroundings),
    new Quotas(surroundings),
  ]
}
