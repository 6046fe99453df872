import { denialOf } from '../cluster/denial.ts'
import type { MountTrouble, Trouble } from '../domain/trouble.ts'
import { troubled } from '../words/trouble.ts'

/** A pod, as far as it says why it does not run. */
export interface WaitingPod {
  metadata: { name: string; namespace?: string }
  spec?: { nodeName?: string }
  status?: {
    conditions?: { type: string; status: string; message?: string }[]
    containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[]
    initContainerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[]
  }
}

/** What an event says. */
export interface Said {
  type?: string
  reason?: string
  message?: string
}

/** How the kubelet begins what it says of a volume that could not be mounted; what follows are the driver's words. */
const MOUNT_FAILED = /^MountVolume\.(?:SetUp|MountDevice) failed for volume "[a-z0-9.-]+" : /
/** It has waited for too long, and says so once more: of the cause it says nothing. */
const TIMED_OUT = /^Unable to attach or mount volumes: /
/** The server or its admission says no to the pod itself. */
const CREATE_FAILED = /^(?:Error creating: |create Pod \S+ in \S+ failed error: )/
const EXCEEDED = / is forbidden: exceeded quota: /

/** What the kubelet warns of and starts the pod all the same, of its name servers: pkg/kubelet/network/dns/dns.go. */
const STARTS_ALL_THE_SAME = new Set(['MissingClusterDNS', 'DNSConfigForming', 'CheckLimitsForResolvConf'])

/** A container in one of these states stays in it. */
const LASTING = new Set(['ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'RunContainerError'])
const PULLING = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError'])

/**
 * Why a pod does not start: the most specific thing that is said of it, and not the newest, for what is newest is often only
 * that somebody has waited for too long. Undefined where nothing is said.
 * @param events the pod's, or where there is none those of what should make it; oldest first
 */
export function troubleOf(
  pod: WaitingPod | undefined,
  events: readonly Said[],
  mountTrouble?: MountTrouble,
): Trouble | undefined {
  // only what cannot start makes it worth to look: a normal event is no trouble
  const warnings = events.filter(
    ({ type, reason = '', message }) => type !== 'Normal' && message !== undefined && !STARTS_ALL_THE_SAME.has(reason),
  )
  return (
    refusal(pod, warnings) ??
    mounting(warnings, mountTrouble) ??
    starting(pod) ??
    unscheduled(pod) ??
    newest(warnings.filter(({ message = '' }) => !TIMED_OUT.test(message))) ??
    newest(warnings)
  )
}

function last(events: readonly Said[], begins: RegExp): string | undefined {
  return events.filter(({ message = '' }) => begins.test(message)).at(-1)?.message
}

/** Of a pod that is there, nobody has said no to its creation, whatever was said before. */
function refusal(pod: WaitingPod | undefined, events: readonly Said[]): Trouble | undefined {
  const why = pod ? undefined : last(events, CREATE_FAILED)
  if (why === undefined) return undefined
  const words = why.replace(CREATE_FAILED, '')
  const denial = denialOf(0, words)
  if (!denial) return { why, lasting: false }
  // a quota may have room later, and a webhook that is away may come back
  const lasting = denial.by !== 'webhook-away' && !EXCEEDED.test(words)
  return { ...troubled((say) => say.job.refused(words, denial.in(say))), lasting }
}

function mounting(events: readonly Said[], mountTrouble: MountTrouble | undefined): Trouble | undefined {
  const failed = events.flatMap(({ message = '' }) => (MOUNT_FAILED.test(message) ? [message] : []))
  const known = failed.flatMap((why) => mountTrouble?.(why.replace(MOUNT_FAILED, '')) ?? [])
  const why = failed.at(-1)
  return known.at(-1) ?? (why === undefined ? undefined : { why, lasting: false })
}

function starting(pod: WaitingPod | undefined): Trouble | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {}
  for (const { state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = '', message } = state?.waiting ?? {}
    if (LASTING.has(reason)) return { why: `${reason}: ${message ?? ''}`, lasting: true }
    if (PULLING.has(reason)) {
      const words = `${reason}: ${message ?? ''}`
      return { ...troubled((say) => say.job.pull(words, pod?.spec?.nodeName ?? '')), lasting: false }
    }
    if (reason === 'CrashLoopBackOff') return { why: `${reason}: ${message ?? ''}`, lasting: false }
  }
  return undefined
}

function unscheduled(pod: WaitingPod | undefined): Trouble | undefined {
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  const { status, message } = scheduled ?? {}
  if (status !== 'False' || !message) return undefined
  return { ...troubled((say) => say.job.unscheduled(message)), lasting: false }
}

function newest(events: readonly Said[]): Trouble | undefined {
  const why = events.at(-1)?.message
  return why === undefined ? undefined : { why, lasting: false }
}
