import type { Api } from '../api.ts'
import { type ApiObject, at, fields, items, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  isActive,
  isFinished,
  orphanKeys,
  ownedBy,
  podOf,
  type Surroundings,
  withoutZeros,
} from './controller.ts'

const JOBS = 'jobs.batch'

/**
 * Runs a Job's pods until enough have succeeded or too many failed. They end when somebody says so in their status:
 * nothing runs in a sandbox.
 */
export class Jobs implements Controller {
  readonly name = 'job'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { type, resource, object } = change
    if (resource === JOBS) return type === 'DELETED' ? [] : [keyOf(object)]
    if (resource !== 'pods') return []
    return [
      ...controllerKey(object, 'Job'),
      ...orphanKeys(this.#api.store, change, JOBS),
      ...(type !== 'DELETED' && this.#isTracked(object) ? [`pod ${keyOf(object)}`] : []),
    ]
  }

  sync(key: string): void {
    if (key.startsWith('pod ')) this.#letGo(key.slice(4))
    else this.#syncJob(key)
  }

  #syncJob(key: string) {
    const job = this.#api.store.get(JOBS, key)
    if (!job || job.metadata.deletionTimestamp !== undefined || isOver(job)) return
    const pods = ownedBy(this.#api, 'pods', job, labelSelector(job.spec?.selector))
    // What was deleted while it ran has not failed: a suspended Job's pods, say.
    const counted = pods.filter((pod) => isFinished(pod) && pod.metadata.deletionTimestamp === undefined)
    const succeeded = counted.filter((pod) => pod.status?.phase === 'Succeeded').length
    const failed = counted.length - succeeded
    const active = pods.filter(isActive)
    const over = failed > Number(job.spec?.backoffLimit ?? 6)
    const completions = job.spec?.completions
    const enough = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= Number(completions)
    if (job.spec?.suspend === true && !over && !enough) this.#suspend(job, active, { succeeded, failed })
    else if (over || enough) this.#end(job, active, { succeeded, failed }, !over)
    else this.#run(job, active, { succeeded, failed })
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #run(job: ApiObject, active: ApiObject[], { succeeded, failed }: { succeeded: number; failed: number }) {
    const completions = job.spec?.completions
    const left =
      completions === undefined
        ? succeeded > 0
          ? active.length
          : Number.POSITIVE_INFINITY
        : Number(completions) - succeeded
    const wanted = Math.min(Number(job.spec?.parallelism ?? 1), left)
    for (let missing = wanted - active.length; missing > 0; missing--) this.#create(job)
    for (const pod of active.slice(wanted)) this.#delete(pod)
    this.#api.setStatus(job, {
      startTime: job.status?.startTime ?? this.#api.clock.time(),
      ...this.#api.rules.jobStatus,
      ...withoutZeros({ active: Math.max(0, wanted), succeeded, failed }),
      ...(isSuspended(job)
        ? { conditions: [this.#suspension('False', 'JobResumed', 'Job resumed')] }
        : keptConditions(job)),
    })
  }

  /** Its pods go, and its time begins anew when it goes on. */
  #suspend(job: ApiObject, active: ApiObject[], counts: { succeeded: number; failed: number }) {
    for (const pod of active) this.#delete(pod)
    this.#api.setStatus(job, {
      ...this.#api.rules.jobStatus,
      ...withoutZeros(counts),
      ...(isSuspended(job)
        ? keptConditions(job)
        : { conditions: [this.#suspension('True', 'JobSuspended', 'Job suspended')] }),
    })
  }

  #suspension(status: 'True' | 'False', reason: string, message: string) {
    const time = this.#api.clock.time()
    return { type: 'Suspended', status, lastProbeTime: time, lastTransitionTime: time, reason, message }
  }

  #isTracked({ metadata }: ApiObject): boolean {
    const finalizer = this.#api.rules.jobPodFinalizer
    return finalizer !== undefined && metadata.finalizers?.includes(finalizer) === true
  }

  /** Takes the finalizer off a pod that has ended, or has no Job any more. */
  #letGo(key: string) {
    const pod = this.#api.store.get('pods', key)
    if (!pod || !this.#isTracked(pod) || (isActive(pod) && this.#hasJob(pod))) return
    const finalizers = pod.metadata.finalizers?.filter((name) => name !== this.#api.rules.jobPodFinalizer)
    this.#api.update(this.#api.kindOf(pod), pod.metadata.namespace, pod.metadata.name, (before) => ({
      ...before,
      metadata: { ...before.metadata, finalizers },
    }))
  }

  #hasJob(pod: ApiObject): boolean {
    const [key] = controllerKey(pod, 'Job')
    return key !== undefined && this.#api.store.get(JOBS, key) !== undefined
  }

  #create(job: ApiObject) {
    const manifest = podOf(job, job.spec?.template, { generateName: `${job.metadata.name}-` })
    const finalizer = this.#api.rules.jobPodFinalizer
    const metadata = fields(manifest.metadata)
    if (finalizer !== undefined) metadata.finalizers = [...items(metadata.finalizers), finalizer]
    const pod = this.#api.create(this.#api.kinds.named('pods'), job.metadata.namespace, manifest)
    this.#surroundings.events.record(
      job,
      'Normal',
      'SuccessfulCreate',
      `Created pod: ${pod.metadata.name}`,
      'job-controller',
    )
  }

  #delete(pod: ApiObject) {
    const { namespace, name, uid } = pod.metadata
    this.#api.delete(this.#api.kindOf(pod), namespace, name, { uid })
  }

  #end(job: ApiObject, active: ApiObject[], counts: { succeeded: number; failed: number }, well: boolean) {
    for (const pod of active) this.#delete(pod)
    const time = this.#api.clock.time()
    const { jobStatus, jobCompletion, jobEndings } = this.#api.rules
    const type = well ? 'Complete' : 'Failed'
    const why = well
      ? jobCompletion
      : { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
    const condition = { type, status: 'True', lastProbeTime: time, lastTransitionTime: time, ...why }
    const first = jobEndings[type]
    this.#api.setStatus(job, {
      startTime: job.status?.startTime ?? time,
      ...(well ? { completionTime: time } : {}),
      ...jobStatus,
      ...withoutZeros(counts),
      conditions: [...items(job.status?.conditions), ...(first ? [{ ...condition, ...first }] : []), condition],
    })
  }
}

const hasCondition = (job: ApiObject, ...types: string[]): boolean =>
  items(job.status?.conditions).some(
    (condition) => types.includes(String(at(condition, 'type'))) && at(condition, 'status') === 'True',
  )

const isOver = (job: ApiObject): boolean => hasCondition(job, 'Complete', 'Failed')

const isSuspended = (job: ApiObject): boolean => hasCondition(job, 'Suspended')

const keptConditions = (job: ApiObject) =>
  job.status?.conditions === undefined ? {} : { conditions: job.status.conditions }
