import type { JobLayout, Mover } from '../domain/mover.ts'
import { ANNOTATION, LABEL, NAMESPACE, SAMPLE_PREFIX } from '../domain/names.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import type { Job } from '../jobs/job.ts'
import { type Mount, type PodWork, podSpec, type Variable } from '../jobs/pod-template.ts'
import { labelsOf, nameOf, workSubdirOf } from './names.ts'
import { literal } from './patterns.ts'
import {
  BRING_MISSING,
  CHECK_PLACE,
  ESTIMATE,
  LOOK,
  MAKE_PLACES,
  OPEN_FILES,
  programOf,
  SAMPLE,
  UNDO_FS_GROUP,
  UNUSED,
  VERIFY,
  VERIFY_AHEAD,
} from './programs.ts'
import type { Fingerprint } from './result.ts'
import { subPathOf } from './storage.ts'
import { type CopyTask, excludedPaths } from './task.ts'

/** A copy to the file system: `warm` while the directory is in use; `catch-up` after that, deletions included. */
export type CopyStage = 'warm' | 'catch-up'

/** What a Job is for. */
export type Stage =
  | CopyStage
  | 'back'
  | 'check'
  | 'look'
  | 'estimate'
  | 'sample'
  | 'verify'
  | 'verify-ahead'
  | 'compare'
  | 'join'
  | 'bring'
  | 'places'
  | 'undo-fs-group'
  | 'unused'
  | 'open-files'

/** A stage, and what its Jobs have to know and to mount. */
export interface StageSpec {
  stage: Stage
  image: string
  mover: Mover
  /** What the target held already is left alone. */
  existing: boolean
  /** Compare contents where sizes and times are equal. */
  thorough: boolean
  /** What the verification compares, and what a merge tells versions of a file by. */
  compare: 'content' | 'metadata'
  /** What is listed may come and go meanwhile. */
  inUse: boolean
  /** The claim of the target's place, in juicify's namespace; for an estimate, a sample, and to make places, that of the whole file system. */
  claim?: string
  /** What the target held when it was verified last. */
  fingerprint?: Fingerprint
  /** The directories of the file system that are to be there. */
  places?: string[]
  /** Of a look at what is unused: what changed later counts; of a place: what is ours is no older. Seconds since 1970. */
  since?: number
  /** Of a sample: one file in this many is taken. */
  every?: number
  /** The SHA-256 of what a verification ahead has left for this stage. */
  verified?: string
  /** The claim of the place where the Jobs of several nodes meet, or leave something for later ones. */
  sharedClaim?: string
}

/**
 * The Jobs of a stage, one for each node that takes part, or for each part where it is split. The same task gives
 * the same names, so that a later run finds them; what differs in anything else than the run has another name.
 */
export function jobsFor(task: CopyTask, spec: StageSpec, run: string): Job[] {
  return takingPart(task, spec.stage).map((node, place) => jobFor(task, spec, node, place, run))
}

/** One node does them for all. */
const ALONE = new Set<Stage>(['check', 'back', 'places', 'sample', 'undo-fs-group'])

function takingPart(task: CopyTask, stage: Stage): string[] {
  if (task.parts && layoutOf(task, stage) === 'split') return task.parts
  return ALONE.has(stage) ? task.nodes.slice(0, 1) : task.nodes
}

function jobFor(task: CopyTask, spec: StageSpec, node: string, place: number, run: string): Job {
  const work = workOf(task, spec, node, place)
  const name = nameOf(task.group, spec.stage, task.directory, node, podSpec({ ...work, configMap: '' }))
  const deadline = DEADLINES[spec.stage]
  const layout = layoutOf(task, spec.stage)
  const meets = layout !== 'single'
  const env = meets ? [...work.env, { name: 'SHARED', value: `/shared/${run}` }] : work.env
  const labels = { ...labelsOf(task), [LABEL.stage]: spec.stage, ...(meets ? { [LABEL.run]: run } : {}) }
  const part: Record<string, string> =
    layout === 'split' ? { [ANNOTATION.part]: `${place + 1} of ${task.parts?.length}` } : {}
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE, labels, annotations: { [ANNOTATION.node]: node, ...part } },
    spec: {
      // An evicted pod is made again without us; what is wrong for good we see, and stop.
      backoffLimit: 3,
      ...(deadline === undefined ? {} : { activeDeadlineSeconds: deadline }),
      template: { metadata: { labels }, spec: podSpec({ ...work, env, configMap: name }) },
    },
  }
}

/**
 * Seconds, the start of its pod included, for Jobs that read what tenants write to at that moment, and that nobody needs:
 * what they come upon, or a file system that does not answer, must not hold them for ever. Copies and their verifications
 * take as long as they take, and say when they stand still.
 */
const DEADLINES: Partial<Record<Stage, number>> = { sample: 420, unused: 3600, 'open-files': 3600 }

/** The whole file system is mounted for them: a mount of the place would make it. */
function isOfRoot(stage: Stage): boolean {
  return stage === 'estimate' || stage === 'sample' || stage === 'places'
}

/** They look at the node alone, whatever has become of the place on the file system. */
function isOfNode(stage: Stage): boolean {
  return stage === 'look' || stage === 'unused' || stage === 'open-files'
}

/** How the Jobs of a stage share the directory. */
export function layoutOf({ nodes, parts = [] }: CopyTask, stage: Stage): JobLayout {
  if (stage === 'check' || isOfRoot(stage) || isOfNode(stage)) return 'single'
  if (nodes.length > 1) return ALONE.has(stage) ? 'single' : 'merged'
  return parts.length > 1 && stage !== 'undo-fs-group' ? 'split' : 'single'
}

function workOf(task: CopyTask, spec: StageSpec, node: string, place: number): Omit<PodWork, 'configMap'> {
  return {
    name: 'copy',
    node,
    image: spec.image,
    program: programFor(task, spec),
    args: argumentsOf(task, spec),
    env: environment(task, spec, place),
    mounts: mountsOf(task, spec),
    resources: task.settings.resources ?? { requests: { cpu: '100m', memory: '128Mi' } },
    settings: task.settings,
    gracePeriod: 10,
    ...(spec.stage === 'open-files' ? { seesProcesses: true } : {}),
  }
}

/** What the group's volumes show of the directory, relative. */
export function volumesOf({ volumes = ['.'] }: Pick<CopyTask, 'volumes'>): string[] {
  return volumes
}

/** What the Jobs of a stage run. */
export function programFor(task: CopyTask, { stage, mover }: StageSpec): string {
  if (stage === 'estimate') return ESTIMATE
  if (stage === 'sample') return SAMPLE
  if (stage === 'unused') return UNUSED
  if (stage === 'open-files') return OPEN_FILES
  if (stage === 'check') return CHECK_PLACE
  if (stage === 'look') return LOOK
  if (stage === 'verify-ahead') return VERIFY_AHEAD
  if (stage === 'places') return MAKE_PLACES
  if (stage === 'verify' || stage === 'compare' || stage === 'join') return VERIFY
  if (stage === 'bring') return BRING_MISSING
  if (stage === 'undo-fs-group') return UNDO_FS_GROUP
  return programOf(mover, layoutOf(task, stage))
}

function argumentsOf(task: CopyTask, spec: StageSpec): string[] {
  const { stage, mover } = spec
  if (stage !== 'warm' && stage !== 'catch-up' && stage !== 'back') return []
  return mover.command({
    layout: layoutOf(task, stage),
    exclude: excludedPaths(task),
    deletes: deletes(spec),
    thorough: spec.thorough,
    ...(task.settings.bandwidth === undefined ? {} : { bandwidth: task.settings.bandwidth }),
  })
}

/** True where files are to be compared while the directory is in use, so that they need not be read while workloads wait. */
export function isVerifiedAhead(task: CopyTask): boolean {
  // at the root of the file system there is no place for what is remembered but among people's own files
  return task.subdir !== '' && task.settings.verify !== 'metadata' && layoutOf(task, 'verify-ahead') === 'single'
}

/** True where a copy may leave out what was found equal ahead of it: nobody writes any more, and nothing was missed before. */
export function isKnown({ stage, thorough, mover }: Pick<StageSpec, 'stage' | 'thorough' | 'mover'>): boolean {
  return stage === 'catch-up' && !thorough && mover.goesByListing
}

/** True for stages that count what is not copied. */
function counts(spec: StageSpec): boolean {
  return spec.stage === 'estimate' || spec.stage === 'verify' || (isKnown(spec) && spec.verified !== undefined)
}

/** On the node there is nothing but what people have brought there, whatever the file system held before. */
function deletes({ stage, existing }: StageSpec): boolean {
  return stage === 'back' || (stage !== 'warm' && !existing)
}

function environment(task: CopyTask, spec: StageSpec, place: number): Variable[] {
  const { ownFiles, blockSize } = fileSystemOf(task.target).mounts
  const variables: Record<string, string> = {
    EXCLUDE: excludedPaths(task).map(literal).join('\n'),
    NODES: takingPart(task, spec.stage).join('\n'),
    NODE: String(place),
    LAYOUT: layoutOf(task, spec.stage),
    STAGE: spec.stage,
    ON_CONFLICT: task.settings.onConflict ?? 'newest',
    CONTENT: spec.compare,
    TIMES: spec.mover.keepsDirectoryTimes && task.nodes.length === 1 ? 'all' : 'files',
    EXTRA: spec.existing ? 'ignore' : 'fail',
    DELETE: deletes(spec) ? 'yes' : 'no',
    IN_USE: spec.inUse ? 'yes' : 'no',
    ATTRIBUTES: spec.mover.keepsAttributes || !counts(spec) ? 'kept' : 'lost',
    OWN_FILES: ownFiles?.names.join('\n') ?? '',
    OWN_INODES: ownFiles?.inodes ?? '',
    BLOCK: String(blockSize),
    ...(spec.stage === 'estimate' ? { PLACE: `/target${task.subdir === '' ? '' : `/${task.subdir}`}` } : {}),
    ...(spec.since === undefined ? {} : { SINCE: String(spec.since) }),
    ...(spec.every ? { EVERY: String(spec.every), PREFIX: SAMPLE_PREFIX } : {}),
    ...(spec.verified ? { VERIFIED: spec.verified } : {}),
    ...(spec.stage === 'undo-fs-group' || spec.stage === 'look' ? { VOLUMES: volumesOf(task).join('\n') } : {}),
    ...(spec.places ? { PLACES: spec.places.join('\n') } : {}),
    ...(spec.fingerprint ? { DIGEST: spec.fingerprint.digest, SINCE: String(spec.fingerprint.newest) } : {}),
  }
  return Object.entries(variables).map(([name, value]) => ({ name, value }))
}

/** What is mounted, and where: the side that is read is read-only, whichever it is. */
function mountsOf(task: CopyTask, spec: StageSpec): Mount[] {
  const { stage, claim, sharedClaim } = spec
  const back = stage === 'back'
  const writes = ['warm', 'catch-up', 'bring', 'places', 'sample', 'undo-fs-group'].includes(stage) || back
  const mounts: Mount[] = []
  const add = (name: string, mountPath: string, source: Record<string, unknown>, writable: boolean, subPath?: string) =>
    mounts.push({ name, mountPath, source, readOnly: !writable, ...(subPath === undefined ? {} : { subPath }) })
  if (stage !== 'check' && stage !== 'places') {
    const hostPath = { hostPath: { path: task.directory, type: 'Directory' } }
    add('node', back ? '/target' : '/source', hostPath, back)
  }
  if (claim) {
    const place = isOfRoot(stage) ? undefined : subPathOf(task, task.subdir)
    const source = { persistentVolumeClaim: { claimName: claim } }
    add('file-system', back ? '/source' : '/target', source, writes && !back, place)
  }
  if (sharedClaim) {
    const source = { persistentVolumeClaim: { claimName: sharedClaim } }
    add('shared', '/shared', source, true, subPathOf(task, workSubdirOf(task)))
  }
  return mounts
}
