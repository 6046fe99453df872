import type { Finding } from '../../domain/finding.ts'
import { isReady } from '../../domain/node.ts'
import { describeRef, groupOf, type ObjectRef } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning, type PodUse, type Workload } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { comesToAnEnd, isPod, kindOf } from '../../workloads/kinds.ts'
import { controllerOf, isLeftByOwner } from '../../workloads/owner.ts'
import { objectOf, podsOf } from '../lookup.ts'
import type { Context, Draft } from './context.ts'
import { keeperOf } from './managed.ts'

/** What uses the volumes of each group, and what becomes of it meanwhile. */
export function workloadFindings({ drafts, survey }: Context): Finding[] {
  const controllers = controllersNamed(survey)
  return drafts.flatMap((draft) => [
    ...stopped(draft, survey),
    ...unreachable(draft, survey),
    ...heldByFinalizer(draft, survey),
    ...falseOwners(draft, controllers),
    ...draft.group.workloads
      .filter((workload) => !workload.stopped)
      .flatMap((workload) =>
        workload.quiesce === 'rolling'
          ? rolling(workload, draft.name)
          : (loss(workload, draft.name) ?? unfinished(workload, draft.name, survey)),
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
    // a run is a workload by itself where nothing is known of what owns it
    if (comesToAnEnd(ref) && !kindOf(owner)) return []
    const { kind, namespace, name: object } = ref
    const resource = `${kind}${groupOf(ref.apiVersion) === '' ? '' : `.${groupOf(ref.apiVersion)}`}`.toLowerCase()
    return [
      finding(
        'warn',
        'false-owner',
        { object: ref, group: name },
        { owner: `${owner.kind} ${owner.name}`, command: `kubectl get ${resource} -n ${namespace} ${object} -o yaml` },
      ),
    ]
  })
}

function stopped({ name, group }: Draft, survey: Survey): Finding[] {
  const running = group.workloads.filter((workload) => workload.quiesce === 'stop' && !workload.stopped)
  if (running.length === 0) return []
  const workloads = running.map(({ ref, user }) => ({ name: describeRef(ref), ...(user ? { user } : {}) }))
  const unwanted = running.filter(({ reason }) => reason !== undefined)
  const retaining = running.filter(({ retains }) => retains)
  return [
    ...retaining.map(({ ref }) => retained(ref, name, survey)),
    ...unwanted.map(({ ref, reason = '' }) => finding('warn', 'not-rolling', { object: ref, group: name }, { reason })),
    finding('note', 'in-use', { group: name }, { workloads }),
  ]
}

/** The policy is juicify's to change for a while, unless somebody keeps it as it is meanwhile: the claims would be gone. */
function retained(ref: ObjectRef, group: string, survey: Survey): Finding {
  const object = objectOf(ref, survey)
  const by = object && keeperOf(object)
  const about = { object: ref, group }
  if (by === undefined) return finding('note', 'claims-retained', about, {})
  const command = `kubectl get statefulset -n ${ref.namespace} ${ref.name} -o yaml`
  return finding('block', 'claims-deleted', about, { statefulSet: describeRef(ref), by, command })
}

/** Pods that nobody can confirm to have ended when they are stopped. */
function unreachable({ name, group }: Draft, survey: Survey): Finding[] {
  const away = new Set(survey.nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name))
  if (away.size === 0) return []
  const found = runningPodsOf(
    group.workloads.filter(({ quiesce }) => quiesce !== 'rolling'),
    survey,
  )
    .filter(({ node }) => away.has(node ?? ''))
    .map((pod) => ({ pod: `${pod.namespace}/${pod.name}`, node: pod.node ?? '' }))
    .sort((a, b) => compareText(a.pod, b.pod))
  return found.length === 0 ? [] : [finding('warn', 'pods-unreachable', { group: name }, { pods: found })]
}

/** Pods whose names are needed again, and whom somebody else keeps when they are deleted. */
function heldByFinalizer({ name, group }: Draft, survey: Survey): Finding[] {
  const named = group.workloads.filter(
    ({ ref, quiesce, stopped: was }) => quiesce === 'stop' && !was && (isPod(ref) || ref.kind === 'StatefulSet'),
  )
  const found = runningPodsOf(named, survey)
    .flatMap(({ namespace, name: pod, finalizers }) => (finalizers ? [{ pod: `${namespace}/${pod}`, finalizers }] : []))
    .sort((a, b) => compareText(a.pod, b.pod))
  return found.length === 0 ? [] : [finding('warn', 'pod-finalizer', { group: name }, { pods: found })]
}

/** Each once: a pod may be of several, as what a custom resource makes is. */
function runningPodsOf(workloads: Workload[], survey: Survey): PodUse[] {
  return [...new Set(workloads.flatMap((workload) => podsOf(workload, survey)))].filter(isRunning)
}

function rolling({ ref, claims, writes }: Workload, group: string): Finding[] {
  const written = writes.filter((claim) => claims.includes(claim))
  if (written.length === 0) return []
  return [finding('warn', 'rolling-writable', { object: ref, group }, { claims: written })]
}

/** What must not be stopped, for something would be lost with it. */
function loss({ ref, quiesce, loss: lost }: Workload, group: string): Finding[] | undefined {
  if (quiesce !== 'refuse' || lost === undefined) return undefined
  return [finding('block', 'claims-deleted', { object: ref, group }, lost)]
}

function unfinished(workload: Workload, group: string, survey: Survey): Finding[] {
  const { ref, quiesce, reason } = workload
  if (quiesce === 'stop' || quiesce === 'rolling') return []
  const about = { object: ref, group }
  if (quiesce === 'wait') return [finding('note', 'unfinished', about, { reason, quiesce })]
  if (quiesce === 'delete') return [finding('warn', 'unfinished', about, { reason, quiesce })]
  const object = objectOf(ref, survey)
  const isEndless = object !== undefined && kindOf(ref)?.whyEndless?.(object) !== undefined
  if (isEndless || (!kindOf(ref) && !comesToAnEnd(ref)))
    return [finding('block', 'unknown-controller', about, { reason })]
  return [finding('block', 'unfinished', about, { reason, quiesce })]
}
