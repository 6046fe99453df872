import { ANNOTATION, LABEL, NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { METAURL_VARIABLE } from './juicefs.ts'
import type { Mover, WorkSplit } from './mover.ts'
import { literal } from './mover.ts'
import { labelsOf, nameOf } from './names.ts'
import type { CopyRequest, Holdings, Pass } from './request.ts'
import { leftOut } from './request.ts'
import { CHECK, ESTIMATE, VERIFY } from './script/scripts.ts'

/** What a Job is for. */
export type Stage = Pass | 'back' | 'check' | 'estimate' | 'verify' | 'compare'

export interface JobKind {
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
  /** The claim of the target's place, in juicify's namespace; for an estimate, that of the whole file system. */
  claim?: string
  /** What the target held when it was verified last. */
  holds?: Holdings
  /** The claim of the place where the Jobs of several nodes meet. */
  sharedClaim?: string
  /** The Secret of juicify's own that holds the metadata engine's address, for juicefs sync. */
  secret?: string
}

export interface Job extends KubeObject {
  status?: {
    succeeded?: number
    failed?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

/**
 * The Jobs of a stage, one for each node that takes part, or for each part where it is split. The same request gives
 * the same names, so that a later run finds them; what differs in anything else than the run has another name.
 */
export function jobsFor(request: CopyRequest, kind: JobKind, run: string): Job[] {
  return takingPart(request, kind.stage).map((node, place) => jobFor(request, kind, node, place, run))
}

function takingPart(request: CopyRequest, stage: Stage): string[] {
  if (request.parts && wayOf(request, stage) === 'split') return request.parts
  return stage === 'check' || stage === 'back' ? request.nodes.slice(0, 1) : request.nodes
}

function jobFor(request: CopyRequest, kind: JobKind, node: string, place: number, run: string): Job {
  const pod = podFor(request, kind, node, place)
  const name = nameOf(request.group, kind.stage, request.directory, node, pod)
  const way = wayOf(request, kind.stage)
  const together = way !== 'alone'
  const labels = { ...labelsOf(request), [LABEL.stage]: kind.stage, ...(together ? { [LABEL.run]: run } : {}) }
  const part: Record<string, string> =
    way === 'split' ? { [ANNOTATION.part]: `${place + 1} of ${request.parts?.length}` } : {}
  if (together) for (const container of pod.containers) container.env.push({ name: 'SHARED', value: `/shared/${run}` })
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE, labels, annotations: { [ANNOTATION.node]: node, ...part } },
    spec: {
      // An evicted pod is made again without us; what is wrong for good we see, and stop.
      backoffLimit: 3,
      template: { metadata: { labels }, spec: pod },
    },
  }
}

function wayOf({ nodes, parts = [] }: CopyRequest, stage: Stage): WorkSplit {
  if (stage === 'check' || stage === 'estimate') return 'alone'
  if (nodes.length > 1) return stage === 'back' ? 'alone' : 'merged'
  return parts.length > 1 ? 'split' : 'alone'
}

function podFor(request: CopyRequest, kind: JobKind, node: string, place: number) {
  const { settings } = request
  const { script, args } = workOf(request, kind)
  const volumes = volumesOf(request, kind)
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 10,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // As a DaemonSet does it: a node's name need not be its hostname label. The scheduler still says why it cannot be.
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
        },
      },
    },
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'copy',
        image: kind.image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', script, 'juicify', ...args],
        env: environment(request, kind, place),
        resources: settings.resources ?? { requests: { cpu: '100m', memory: '128Mi' } },
        // Whoever owns a file, root reads it and gives it its owner back.
        securityContext: { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
        volumeMounts: volumes.map(({ mount }) => mount),
      },
    ],
    volumes: volumes.map(({ volume }) => volume),
  }
}

function workOf(request: CopyRequest, kind: JobKind): { script: string; args: string[] } {
  const { stage, mover } = kind
  if (stage === 'estimate') return { script: ESTIMATE, args: [] }
  if (stage === 'check') return { script: CHECK, args: [] }
  if (stage === 'verify' || stage === 'compare') return { script: VERIFY, args: [] }
  const way = wayOf(request, stage)
  const args = mover.command({
    pass: stage === 'warm' ? 'warm' : 'catch-up',
    back: stage === 'back',
    way,
    leave: leftOut(request),
    subdir: request.subdir,
    deletes: deletes(kind),
    thorough: kind.thorough,
    ...(request.settings.bandwidth === undefined ? {} : { bandwidth: request.settings.bandwidth }),
  })
  return { script: mover.script(way), args }
}

/** They count what does not come along. */
const COUNTS = new Set<Stage>(['estimate', 'verify'])

/** On the node there is nothing but what people have brought there, whatever the file system held before. */
function deletes({ stage, existing }: JobKind): boolean {
  return stage === 'back' || (stage !== 'warm' && !existing)
}

type Variable = { name: string; value: string } | { name: string; valueFrom: unknown }

function environment(request: CopyRequest, kind: JobKind, place: number): Variable[] {
  const variables: Record<string, string> = {
    LEAVE: leftOut(request).map(literal).join('\n'),
    NODES: takingPart(request, kind.stage).join('\n'),
    NODE: String(place),
    WAY: wayOf(request, kind.stage),
    PASS: kind.stage,
    ON_CONFLICT: request.settings.onConflict ?? 'newest',
    CONTENT: kind.compare,
    TIMES: kind.mover.keepsDirectoryTimes && request.nodes.length === 1 ? 'all' : 'files',
    EXTRA: kind.existing ? 'ignore' : 'fail',
    DELETE: deletes(kind) ? 'yes' : 'no',
    IN_USE: kind.inUse ? 'yes' : 'no',
    ATTRIBUTES: kind.mover.keepsAttributes || !COUNTS.has(kind.stage) ? 'kept' : 'lost',
    ...(kind.stage === 'estimate' ? { PLACE: `/target${request.subdir === '' ? '' : `/${request.subdir}`}` } : {}),
    ...(kind.holds ? { DIGEST: kind.holds.digest, SINCE: String(kind.holds.newest) } : {}),
  }
  const env: Variable[] = Object.entries(variables).map(([name, value]) => ({ name, value }))
  if (kind.secret) {
    env.push({ name: METAURL_VARIABLE, valueFrom: { secretKeyRef: { name: kind.secret, key: 'metaurl' } } })
  }
  return env
}

/** What is mounted, and where: the side that is read is read-only, whichever it is. */
function volumesOf(request: CopyRequest, kind: JobKind) {
  const { stage } = kind
  const back = stage === 'back'
  const writes = stage === 'warm' || stage === 'catch-up' || back
  const volumes: { volume: { name: string; [source: string]: unknown }; mount: Record<string, unknown> }[] = [
    { volume: { name: 'scratch', emptyDir: {} }, mount: { name: 'scratch', mountPath: '/scratch' } },
  ]
  const add = (name: string, mountPath: string, source: Record<string, unknown>, writable: boolean) =>
    volumes.push({ volume: { name, ...source }, mount: { name, mountPath, readOnly: !writable } })
  if (stage !== 'check') {
    const hostPath = { hostPath: { path: request.directory, type: 'Directory' } }
    add('node', back ? '/target' : '/source', hostPath, back)
  }
  if (kind.claim) {
    const claim = { persistentVolumeClaim: { claimName: kind.claim } }
    add('file-system', back ? '/source' : '/target', claim, writes && !back)
  }
  if (kind.sharedClaim && wayOf(request, stage) !== 'alone') {
    add('shared', '/shared', { persistentVolumeClaim: { claimName: kind.sharedClaim } }, true)
  }
  return volumes
}
