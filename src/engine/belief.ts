import { builtInResource } from '../cluster/resource.ts'
import { canonicalJson } from '../domain/digest.ts'
import { isBelow, normalise } from '../domain/directory.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type ObjectRef, refOf, sameObject } from '../domain/object.ts'
import type { PlannedVolume } from '../domain/plan.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { subdirFor } from '../planner/path-rules.ts'
import { subjectOf } from '../planner/path-subject.ts'
import { boundTo, replacementOf } from '../planner/replacement.ts'
import { worded } from '../words/trouble.ts'
import { isPod, kindOf } from '../workloads/kinds.ts'
import type { Pod } from '../workloads/pod.ts'
import { mountsOfPodSpec } from '../workloads/pod-spec.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import { isVersionOf } from './exchange.ts'
import type { GroupRecord, RecordState } from './record.ts'
import { misshapen } from './record-form.ts'

/** Max handles tried; the first one is nearly always free. */
const OWN_HANDLES = 16

type Kept = GroupRecord['kept']

/** A record that is there, and cannot be read, or not be believed. */
export class RecordFailure extends Failure {}

/**
 * Makes sure that a record says nothing but what juicify would have written: what is not derived from what it says itself
 * is not carried out. Throws RecordFailure naming the first thing that is otherwise.
 * @param object the object that holds it, for the message, and the group that it is the record of
 */
export function mustBeBelievable(
  { kept, state }: Pick<GroupRecord, 'kept' | 'state'>,
  object: { name: string; group: string },
): void {
  const problem =
    formProblem({ kept, state }) ?? groupProblem(kept, object.group) ?? quotaProblem(kept, state) ?? firstProblem(kept)
  if (problem === undefined) return
  throw new RecordFailure(...worded((say) => say.record.notTrusted(object.name, problem)))
}

function firstProblem(kept: Kept): string | undefined {
  for (const volume of kept.group.volumes) {
    const problem = originalProblem(kept, volume) ?? claimProblem(kept, volume) ?? replacementProblem(kept, volume)
    if (problem) return problem
  }
  return restoreProblem(kept) ?? kept.workloads.map((each) => workloadProblem(kept, each)).find((each) => each)
}

/** What the rest reads has to be there, in its form. */
function formProblem(record: Pick<GroupRecord, 'kept' | 'state'>): string | undefined {
  const part = misshapen(record)
  return part === undefined ? undefined : `${part} does not exist or is not in the form that juicify writes`
}

function groupProblem({ group, originals, claims }: Kept, name: string): string | undefined {
  if (group.name !== name) return `it belongs to group ${group.name}`
  const names = group.volumes.map((volume) => volume.name).sort()
  if (canonicalJson(names) !== canonicalJson(Object.keys(originals).sort())) {
    return `its originals are not the volumes of the group (${names.join(', ')})`
  }
  const stranger = Object.keys(claims).find((each) => !names.includes(each))
  return stranger === undefined ? undefined : `it contains a claim of ${stranger}, which is not in the group`
}

/** A Job takes away by lines what the record says that the migration has set: each is of one directory, and of the group's. */
function quotaProblem({ group }: Kept, { quotas = {} }: RecordState): string | undefined {
  const own = new Set(group.volumes.map(({ subdir }) => subdir))
  const [subdir] = Object.entries(quotas).find(([place, size]) => !own.has(place) || !/^\S+$/.test(size)) ?? []
  return subdir === undefined ? undefined : `its quota of ${subdir || '/'} is none that juicify sets`
}

function originalProblem({ originals }: Kept, { name, before, directory }: PlannedVolume): string | undefined {
  const original = originals[name]
  const isOf = (pv: PersistentVolume | undefined) =>
    pv?.apiVersion === 'v1' && pv.kind === 'PersistentVolume' && pv.metadata.name === name
  if (!original || !isOf(original) || !isOf(before))
    return `the original of ${name} is not a PersistentVolume with that name`
  if (original.metadata.uid !== before.metadata.uid || !isVersionOf(original, before)) {
    return `the original of PersistentVolume ${name} differs from the plan`
  }
  const on = directoryOf(before)
  if (on !== undefined && normalise(on) !== directory)
    return `PersistentVolume ${name} is on ${on}, expected ${directory}`
  return undefined
}

function claimProblem({ claims }: Kept, { name, claim, before }: PlannedVolume): string | undefined {
  const recorded = claims[name]
  if (!claim && !recorded) return undefined
  if (!claim || !recorded || !sameObject(refOf(claim), refOf(recorded)) || claim.kind !== 'PersistentVolumeClaim') {
    return `the claim of ${name} differs from the plan`
  }
  const { namespace, name: bound } = before.spec.claimRef ?? {}
  if (namespace === claim.metadata.namespace && bound === claim.metadata.name) return undefined
  return `PersistentVolume ${name} is bound to ${namespace}/${bound}, expected ${describeRef(refOf(claim))}`
}

/** What is to be created has to follow from what was there and from the migration. */
function replacementProblem({ plan, group }: Kept, volume: PlannedVolume): string | undefined {
  const { name, before, claim, subdir, after, directory, nodes } = volume
  try {
    const fileSystem = fileSystemOf(plan.migration.target)
    const moves = directoryOf(before) !== undefined
    const subject = subjectOf({ pv: before, directory, ...(nodes ? { nodes } : {}) }, plan.migration)
    // one that comes later goes to where the others are, by whichever rule they went there
    const joined = group.joins?.some((join) => join.subdir === subdir || isBelow(subdir, join.subdir))
    if (moves && !joined && subdirFor(subject, plan.migration.paths) !== subdir) {
      return `PersistentVolume ${name} goes to ${subdir || '/'}, which does not follow from its migration`
    }
    // which of its handles were free was known when it was planned
    const recorded = after.spec.csi?.volumeHandle
    const { handles } = fileSystem.volumes
    const own = Array.from({ length: OWN_HANDLES }, (_, attempt) => handles?.another(name, attempt))
    const handle = own.find((each) => each === recorded) ?? name
    const derived =
      moves || !claim ? replacementOf(before, claim, { subdir, handle }, fileSystem) : boundTo(before, claim)
    return sameVolume(after, derived)
      ? undefined
      : `the new PersistentVolume ${name} does not follow from the old one and the migration`
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.message
  }
}

/** Annotations aside, which give nobody anything, and which versions of juicify set in different ways. */
function sameVolume(a: PersistentVolume, b: PersistentVolume): boolean {
  const facts = ({ apiVersion, kind, metadata, spec }: PersistentVolume) =>
    canonicalJson({ apiVersion, kind, name: metadata.name, labels: metadata.labels ?? {}, spec })
  return facts(a) === facts(b)
}

/** A rollback may bring labels and annotations that people changed; all else is the original's. */
function restoreProblem({ restore, originals }: Kept): string | undefined {
  const other = Object.entries(restore).find(([name, pv]) => {
    const original = originals[name]
    return !original || pv.metadata.name !== name || canonicalJson(pv.spec) !== canonicalJson(original.spec)
  })
  return other && `the manifest to restore ${other[0]} from is not its original`
}

function workloadProblem({ group }: Kept, { ref, manifest }: Remembered): string | undefined {
  const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
  const own = claims.filter(({ namespace }) => namespace === ref.namespace)
  if (own.length === 0) return `no claim of the group is in the namespace of ${describeRef(ref)}`
  if (!kindOf(ref) && builtInResource(ref)) return `${describeRef(ref)} is not a workload`
  if (!manifest) return undefined
  const is = refOf(manifest)
  if (!isPod(ref)) return `it would create ${describeRef(is)}: only standalone pods are created again`
  if (!isSame(is, ref)) return `it would create ${describeRef(is)} for ${describeRef(ref)}`
  const mounts = mountsOfPodSpec((manifest as Pod).spec, is.name)
  if (mounts.some((mount) => own.some(({ name }) => name === mount.claim))) return undefined
  return `${describeRef(ref)} mounts no claim of the group`
}

function isSame(a: ObjectRef, b: ObjectRef): boolean {
  return canonicalJson({ ...a }) === canonicalJson({ ...b })
}
