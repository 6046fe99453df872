import { type Finding, finding } from '../../domain/finding.ts'
import { describeRef, groupOf, type ObjectRef } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import { listed } from '../../domain/text.ts'
import type { Workload } from '../../domain/workload.ts'
import { comesToAnEnd, kindOf } from '../../workloads/kinds.ts'
import { controllerOf, isLeftByOwner } from '../../workloads/owner.ts'
import { stopByHand } from '../../workloads/stop-by-hand.ts'
import type { Context, Draft } from './context.ts'

/** What uses the volumes of each group, and what becomes of it meanwhile. */
export function workloadFindings({ drafts, survey }: Context): Finding[] {
  const controllers = controllersNamed(survey)
  return drafts.flatMap((draft) => [
    ...stopped(draft),
    ...falseOwners(draft, controllers),
    ...draft.group.workloads
      .filter((workload) => !workload.stopped)
      .flatMap((workload) =>
        workload.quiesce === 'rolling'
          ? rolling(workload, draft.name)
          : (loss(workload, draft.name, survey) ?? unfinished(workload, draft.name)),
      ),
  ])
}

/** What objects name as their controllers, by the uids of those objects. */
function controllersNamed({ pods, controllers }: Survey): Map<string | undefined, ObjectRef | undefined> {
  return new Map([
    ...pods.map(({ uid, controller }) => [uid, controller] as const),
    ...controllers.map((object) => [object.metadata.uid, controllerOf(object)] as const),
  ])
}

/** A workload is the topmost: where it names an owner all the same, that one does not own it. */
function falseOwners({ name, group }: Draft, named: ReturnType<typeof controllersNamed>): Finding[] {
  return group.workloads.flatMap(({ ref }) => {
    const owner = named.get(ref.uid)
    if (!owner || isLeftByOwner(owner)) return []
    const { kind, namespace, name: object } = ref
    const resource = `${kind}${groupOf(ref.apiVersion) === '' ? '' : `.${groupOf(ref.apiVersion)}`}`.toLowerCase()
    return [
      finding(
        'warn',
        'false-owner',
        { object: ref, group: name },
        `It names ${owner.kind} ${owner.name} as its owner, and is not that one’s: none of that name and uid is in its namespace, or makes and selects what it is. It is handled by itself, and ${owner.kind} ${owner.name} is not stopped for it.`,
        `See who made it: kubectl get ${resource} -n ${namespace} ${object} -o yaml`,
      ),
    ]
  })
}

function stopped({ name, group }: Draft): Finding[] {
  const running = group.workloads.filter((workload) => workload.quiesce === 'stop' && !workload.stopped)
  if (running.length === 0) return []
  const names = running.map((workload) => `${describeRef(workload.ref)}${workload.user ? ` (${workload.user})` : ''}`)
  const unwanted = running.filter(({ reason }) => reason !== undefined)
  return [
    ...unwanted.map(({ ref, reason = '' }) =>
      finding(
        'warn',
        'not-rolling',
        { object: ref, group: name },
        `${reason} It is stopped, although quiesce.rolling names it.`,
        'Nothing, if it may be away for a while; else see how it could be restarted pod by pod.',
      ),
    ),
    finding(
      'note',
      'in-use',
      { group: name },
      `In use by ${listed(names)}: stopped before the swap, and started again after it.`,
      'Tell the people who use them; what only reads can be left running with quiesce.rolling.',
    ),
  ]
}

function rolling({ ref, claims, writes }: Workload, group: string): Finding[] {
  const written = writes.filter((claim) => claims.includes(claim))
  if (written.length === 0) return []
  return [
    finding(
      'warn',
      'rolling-writable',
      { object: ref, group },
      `It is restarted pod by pod and not stopped, but can write to ${listed(written)}: what it writes to the old directory after the copy stays there.`,
      'Mount it readOnly, take the workload out of quiesce.rolling, or be sure that it only reads.',
    ),
  ]
}

/** What must not be stopped, for something would be lost with it. */
function loss({ ref, quiesce }: Workload, group: string, { controllers }: Survey): Finding[] | undefined {
  const object = quiesce === 'refuse' ? controllers.find(({ metadata }) => metadata.uid === ref.uid) : undefined
  const found = object && kindOf(object)?.lossWhenStopped(object)
  return found && [finding('block', 'claims-deleted', { object: ref, group }, found.why, found.remedy)]
}

function unfinished(workload: Workload, group: string): Finding[] {
  const { ref, quiesce, reason } = workload
  if (quiesce === 'stop' || quiesce === 'rolling') return []
  const about = { object: ref, group }
  const cannot = reason ?? 'It cannot be stopped and started again.'
  if (quiesce === 'wait') {
    return [
      finding(
        'note',
        'unfinished',
        about,
        `${cannot} It is waited for until it is finished.`,
        'Nothing, but patience.',
      ),
    ]
  }
  if (quiesce === 'delete') {
    return [
      finding(
        'warn',
        'unfinished',
        about,
        `${cannot} It is deleted, and not made again.`,
        'Keep what it has done so far, or set quiesce.unfinished to wait.',
      ),
    ]
  }
  if (!kindOf(ref) && !comesToAnEnd(ref)) {
    return [finding('block', 'unknown-controller', about, cannot, stopByHand(ref))]
  }
  return [
    finding(
      'block',
      'unfinished',
      about,
      cannot,
      'Let it finish and plan again, or set quiesce.unfinished to wait or delete.',
    ),
  ]
}
