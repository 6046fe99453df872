import { Failure } from '../domain/failure.ts'
import { describeRef, groupOf, type KubeObject, type ObjectRef, refOf, sameObject } from '../domain/object.ts'
import { keeperOf } from '../planner/findings/managed.ts'
import { worded } from '../words/trouble.ts'
import { Owners } from '../workloads/owner.ts'
import { deletesClaims, statefulSet } from '../workloads/statefulset.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import type { GroupRun } from './step.ts'

/**
 * To be asked before anything is stopped: throws Failure where Kubernetes could delete claims of a StatefulSet that stands
 * at 0, because another scales it down, or may set back the policy that juicify changes for that time. The plan has asked
 * the same, and the copy since then may have taken days.
 */
export async function mustKeepClaims({ cluster }: Pick<GroupRun, 'cluster'>, workloads: Remembered[]): Promise<void> {
  const stopped = workloads.filter(({ quiesce, stopped: was }) => quiesce === 'stop' && !was).map(({ ref }) => ref)
  const owners = new Owners(cluster)
  for (const namespace of new Set(stopped.filter(mayHaveSets).map((ref) => ref.namespace))) {
    const { items } = await cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'StatefulSet' }, { namespace })
    for (const item of items.filter(deletesClaims)) {
      const set = { ...item, apiVersion: 'apps/v1', kind: statefulSet.kind }
      const ref = refOf(set)
      const isOwn = stopped.some((each) => sameObject(each, ref))
      const top = await owners.topLevelOwnerOf(set)
      if (isOwn) mustBeNobodys(set, top)
      else if (top && stopped.some((each) => sameObject(each, top))) throw claimsWouldGo(ref, describeRef(top))
    }
  }
}

/** A StatefulSet, or a custom resource, which may have made one. */
function mayHaveSets({ apiVersion, kind }: ObjectRef): boolean {
  return kind === statefulSet.kind || groupOf(apiVersion).includes('.')
}

function mustBeNobodys(set: KubeObject, owner: ObjectRef | undefined): void {
  const keeper = owner ? describeRef(owner) : keeperOf(set)
  if (keeper !== undefined) throw claimsWouldGo(refOf(set), keeper)
}

function claimsWouldGo(set: ObjectRef, by: string): Failure {
  return new Failure(...worded((say) => say.workload.retentionManaged(describeRef(set), by)))
}
