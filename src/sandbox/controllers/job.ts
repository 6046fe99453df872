import type { Api } from '../api.ts'
import { type ApiObject, items, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  isActive,
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
    return [...controllerKey(object, 'Job'), ...orphanKeys(this.#api.store, change, JOBS)]
  }

  sync(key: string): void {
    const job = this.#api.store.get(JOBS, key)
    if (!job || job.metadata.deletionTimestamp !== undefined || isOver(job)) return
    const pods = ownedBy(this.#api, 'pods', job, labelSelector(job.spec?.selector))
    const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length
    const failed = pods.filter((pod) => pod.status?.phase === 'Failed').length
    const active = pods.filter(isActive)
    const over = failed > Number(job.spec?.backoffLimit ?? 6)
    const completions = job.spec?.completions
    const enough = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= Number(completions)
    if (over || enough) this.#end(job, active, { succeeded, failed }, !over)
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
      ...withoutZeros({ active: Math.max(0, wanted), succeeded, failed }),
    })
  }

  #create(job: ApiObject) {
    const manifest = podOf(job, job.spec?.template, { generateName: `${job.metadata.name}-` })
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
    const why = well ? {} : { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
    this.#api.setStatus(job, {
      startTime: job.status?.startTime ?? time,
      ...(well ? { completionTime: time } : {}),
      ...withoutZeros(counts),
      conditions: [
        { type: well ? 'Complete' : 'Failed', status: 'True', lastProbeTime: time, lastTransitionTime: time, ...why },
      ],
    })
  }
}

const isOver = (job: ApiObject): boolean => items(job.status?.conditions).length > 0
