import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import { markOf } from './mark.ts'
import { mountsOfTemplate, type PodTemplate } from './pod-spec.ts'
import { suspendable } from './suspend.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

interface CronJob extends KubeObject {
  spec: {
    schedule?: string
    startingDeadlineSeconds?: number
    jobTemplate?: { spec?: { template?: PodTemplate } }
    [field: string]: unknown
  }
  status?: { lastScheduleTime?: string; [field: string]: unknown }
}

/** Suspended, it makes no new Jobs; those that it has made go on, and are workloads of their own. */
export const cronJob: WorkloadKind = {
  ...suspendable,
  group: 'batch',
  kind: 'CronJob',
  plural: 'cronjobs',
  // v1 came with 1.21, v1beta1 went with 1.25
  versions: ['v1', 'v1beta1'],
  rank: STOPPED.schedule,
  // the status of one that has missed more runs than its controller tolerates
  verbs: { object: ['patch'], subresources: { status: ['patch'] } },
  comesToAnEnd: false,
  leavesWhatItMade: true,
  template: (object) => (object as CronJob).spec.jobTemplate?.spec?.template,
  owns: (_, { kind }) => kind === 'Job',
  mounts: (object, claims) => mountsOfTemplate((object as CronJob).spec.jobTemplate?.spec?.template, claims),
  isPast: () => false,
  canBeStopped: () => true,
  async start(cluster, remembered, patience) {
    if (!remembered.stopped) await forgetMissedRuns(cluster, remembered.ref)
    return suspendable.start(cluster, remembered, patience)
  },
  // it has no pods of its own to wait for
  isStarted: () => true,
}

const MINUTE = 60_000
/** The controller of Kubernetes up to 1.20 (tried on 1.20.2) gives up for good on one that has missed more runs than these. */
const MOST_MISSED = 100

/**
 * Sets `status.lastScheduleTime` of one that would otherwise never run again to half of what it may miss: like any other
 * that was suspended it then makes up for the last run that it missed, and our clock may be wrong by that much.
 */
async function forgetMissedRuns(cluster: Cluster, ref: ObjectRef): Promise<void> {
  const now = Date.now()
  const lastScheduleTime = rfc3339(now - (MOST_MISSED / 2) * MINUTE)
  await update<CronJob>(cluster, ref, (object) => {
    if (!object || markOf(object) === undefined || !hasMissedTooMany(object, now)) return undefined
    return { do: 'patch', body: { status: { lastScheduleTime } }, subresource: 'status' }
  })
}

/** True if more runs may have been missed than its controller bears, at `now`, in milliseconds. */
export function hasMissedTooMany(object: KubeObject, now: number): boolean {
  const { metadata, spec, status } = object as CronJob
  if (spec.startingDeadlineSeconds !== undefined || !isFrequent(spec.schedule ?? '')) return false
  const last = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '')
  return now - last > (MOST_MISSED - 10) * MINUTE
}

/** More than once an hour: what runs less often misses a hundred runs only in days. */
function isFrequent(schedule: string): boolean {
  const [minutes = ''] = schedule
    .trim()
    .replace(/^(CRON_)?TZ=\S+\s+/, '')
    .split(/\s+/)
  return minutes === '@every' || /[*,/-]/.test(minutes)
}

/** A time in the form of `metav1.Time`, whole seconds in UTC. */
function rfc3339(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
