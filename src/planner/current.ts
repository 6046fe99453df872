import { leafDifferences } from '../domain/difference.ts'
import { withoutServerFields } from '../domain/manifest.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import type { Plan, PlannedGroup, PlannedVolume } from '../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { withoutOrigin } from './moved.ts'

/** Something that is no longer as it was when a plan was made. */
export interface Difference {
  /** As people read it: `PersistentVolume data`, `group workspace-1a2b3c4d`. */
  object: string
  /** The path of the field, `spec.capacity.storage`; `presence` where the whole object came or went. */
  field: string
  was: unknown
  is: unknown
}

/**
 * What a saved plan was made from and is otherwise now, `current` being made from the same migration and options.
 * Pods may come and go; what would be stopped, and how, may not. A group that is under way, or through, is left out:
 * its record speaks for it.
 */
export function differences(saved: Plan, current: Plan): Difference[] {
  const groups = new Map(current.groups.map((group) => [group.name, group]))
  const done = new Set(current.done)
  const underWay = new Set(current.findings.filter(({ code }) => code === 'under-way').map(({ group }) => group))
  const known = new Set(saved.groups.map(({ name }) => name))
  return [
    ...compare('cluster', 'uid', saved.cluster.uid, current.cluster.uid),
    ...saved.groups
      .filter(({ name, volumes }) => !underWay.has(name) && !volumes.every((volume) => done.has(volume.name)))
      .flatMap((group) => ofGroup(group, groups.get(group.name))),
    ...current.groups.filter(({ name }) => !known.has(name)).map(({ name }) => came(`group ${name}`)),
  ]
}

function ofGroup(was: PlannedGroup, is: PlannedGroup | undefined): Difference[] {
  return is ? groupDifferences(was, is) : [went(`group ${was.name}`)]
}

/** In what one plan's group differs from another's. */
export function groupDifferences(was: PlannedGroup, is: PlannedGroup): Difference[] {
  const name = `group ${was.name}`
  return [
    ...compare(name, 'directories', was.directories, is.directories),
    ...compare(name, 'staying', was.staying, is.staying),
    ...ofEach(was.volumes, is.volumes, nameOf, ofVolume),
    ...ofEach(
      was.workloads,
      is.workloads,
      ({ ref }) => describeRef(ref),
      (a, b) => compare(describeRef(a.ref), '', workloadFacts(a), workloadFacts(b)),
    ),
    ...compare(name, 'blocked', was.blocked, is.blocked),
    ...compare(name, 'steps', was.steps, is.steps),
  ]
}

function ofVolume(was: PlannedVolume, is: PlannedVolume): Difference[] {
  const own = compare(nameOf(was), '', volumeFacts(was.before), volumeFacts(is.before))
  const claim = was.claim ?? is.claim
  const ofClaim = claim ? compare(describeRef(refless(claim)), '', claimFacts(was.claim), claimFacts(is.claim)) : []
  // What follows from the volume and its claim is told only where it is not told by them.
  const planned = compare(nameOf(was), 'replacement', withoutOrigin(was.after), withoutOrigin(is.after))
  const place = [
    ...compare(nameOf(was), 'subdir', was.subdir, is.subdir),
    ...compare(nameOf(was), 'nodes', was.nodes, is.nodes),
  ]
  const cause = [...own, ...ofClaim]
  return cause.length > 0 ? cause : [...place, ...planned]
}

/** What of a volume counts: which one it is, what it was made from, and of its status the phase. */
function volumeFacts(pv: PersistentVolume): unknown {
  const { uid, deletionTimestamp, finalizers } = pv.metadata
  const bare = withoutServerFields(pv)
  return {
    ...bare,
    metadata: { ...bare.metadata, uid, deletionTimestamp, finalizers },
    status: { phase: pv.status?.phase },
  }
}

/** What of a claim counts. Not its annotations, which controllers touch, nor its labels: it is not replaced. */
function claimFacts(claim: PersistentVolumeClaim | undefined): unknown {
  if (!claim) return undefined
  const { uid, deletionTimestamp } = claim.metadata
  return { metadata: { uid, deletionTimestamp }, spec: claim.spec, status: { phase: claim.status?.phase } }
}

function workloadFacts({ ref, claims, quiesce, retains, writes, stopped }: PlannedGroup['workloads'][number]): unknown {
  return { uid: ref.uid, claims, quiesce, retains, writes, stopped }
}

function ofEach<T>(was: T[], is: T[], name: (item: T) => string, both: (was: T, is: T) => Difference[]): Difference[] {
  const now = new Map(is.map((item) => [name(item), item]))
  const before = new Set(was.map(name))
  return [
    ...was.flatMap((item) => {
      const other = now.get(name(item))
      return other === undefined ? [went(name(item))] : both(item, other)
    }),
    ...is.filter((item) => !before.has(name(item))).map((item) => came(name(item))),
  ]
}

function compare(object: string, field: string, was: unknown, is: unknown): Difference[] {
  return leafDifferences(was, is, field).map((each) => ({ object, ...each }))
}

function nameOf(volume: PlannedVolume): string {
  return describeRef({ kind: 'PersistentVolume', name: volume.name })
}

function refless({ kind, metadata }: KubeObject): { kind: string; namespace?: string; name: string } {
  return { kind, namespace: metadata.namespace, name: metadata.name }
}

function went(object: string): Difference {
  return { object, field: 'presence', was: 'there', is: 'not there' }
}

function came(object: string): Difference {
  return { object, field: 'presence', was: 'not there', is: 'there' }
}
