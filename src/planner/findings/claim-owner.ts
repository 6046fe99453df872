import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import type { PersistentVolumeClaim } from '../../domain/volume.ts'
import { isRunning } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { comesToAnEnd, isPod } from '../../workloads/kinds.ts'
import { objectOf, podsOf } from '../lookup.ts'
import { type Context, claimRef, type Draft } from './context.ts'

/**
 * - `deleted`: juicify deletes it, and what it owns goes with it
 * - `ends`: juicify waits until it has finished; its operator may delete what it owns then
 */
type End = 'deleted' | 'ends'

interface Owner {
  name: string
  end: End
}

/**
 * Claims that Kubernetes would delete because what owns them goes while a group is stopped: those of a pod's generic
 * ephemeral volumes, and those that a run has made for itself. juicify never has a claim that it moves deleted.
 */
export function claimOwnerFindings({ drafts, survey }: Context): Finding[] {
  const owned = survey.claims.filter(({ metadata }) => metadata.ownerReferences && !metadata.deletionTimestamp)
  if (owned.length === 0) return []
  return drafts.flatMap((draft) => {
    const going = goingWith(draft, survey)
    const moving = new Set(draft.moving.flatMap(({ claim }) => claim?.metadata.uid ?? []))
    return owned.flatMap((claim) => {
      const owner = lastOwner(claim, going, survey)
      const moves = moving.has(claim.metadata.uid ?? '')
      if (!owner || (owner.end === 'ends' && !moves)) return []
      const { namespace, name } = claim.metadata
      const data = { owner: owner.name, end: owner.end, moves, volume: claim.spec.volumeName ?? '' }
      return [
        finding(
          moves ? 'block' : 'warn',
          'claim-owned',
          { object: claimRef(namespace, name), group: draft.name },
          data,
        ),
      ]
    })
  })
}

/** What goes while the group is stopped, by its uid. */
function goingWith({ group }: Draft, survey: Survey): Map<string, Owner> {
  const going = new Map<string, Owner>()
  for (const workload of group.workloads) {
    const { ref, quiesce, stopped } = workload
    // what never ends by itself stays, for the group is blocked
    if (stopped || (quiesce === 'refuse' && !comesToAnEnd(ref))) continue
    const end = quiesce === 'wait' || quiesce === 'refuse' ? 'ends' : 'deleted'
    for (const { namespace, name, uid } of podsOf(workload, survey).filter(isRunning))
      going.set(uid, { name: `Pod ${namespace}/${name}`, end })
    if (ref.uid !== undefined && !isPod(ref) && quiesce !== 'stop' && quiesce !== 'rolling')
      going.set(ref.uid, { name: describeRef(ref), end })
  }
  return going
}

/** The owner by which it goes; undefined where it has one that stays, for as long as one is there so is what it owns. */
function lastOwner(claim: PersistentVolumeClaim, going: Map<string, Owner>, survey: Survey): Owner | undefined {
  const goesBy = (uids: readonly string[], below: readonly string[]): Owner | undefined => {
    const owners = uids.map((uid) =>
      below.includes(uid)
        ? undefined
        : (going.get(uid) ??
          goesBy(
            (objectOf({ uid }, survey)?.metadata.ownerReferences ?? []).map((above) => above.uid),
            [...below, uid],
          )),
    )
    return owners.every((owner) => owner !== undefined)
      ? (owners.find(({ end }) => end === 'deleted') ?? owners[0])
      : undefined
  }
  return goesBy(
    (claim.metadata.ownerReferences ?? []).map(({ uid }) => uid),
    [],
  )
}
