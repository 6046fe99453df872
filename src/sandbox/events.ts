import type { Clock } from './clock.ts'
import { suffixOf, uidOf } from './identity.ts'
import type { ApiObject } from './object.ts'
import type { Store } from './store.ts'

/** Tells what happened to an object, as an object of kind Event; what is told again is counted. */
export class EventRecorder {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  record(about: ApiObject, type: 'Normal' | 'Warning', reason: string, message: string, component: string): void {
    // What is loaded has been there for longer than a server keeps events of what went well.
    if (type === 'Normal' && !this.#clock.isRunning) return
    const { name, uid, resourceVersion } = about.metadata
    const namespace = about.metadata.namespace ?? 'default'
    const event = `${name}.${suffixOf(16, uid, reason, message)}`
    const time = this.#clock.time()
    const known = this.#store.get('events', `${namespace}/${event}`)
    this.#store.put('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: known?.metadata ?? {
        name: event,
        namespace,
        uid: uidOf('events', namespace, event),
        resourceVersion: '',
        creationTimestamp: time,
      },
      involvedObject: {
        kind: about.kind,
        ...(about.metadata.namespace === undefined ? {} : { namespace }),
        name,
        uid,
        apiVersion: about.apiVersion,
        resourceVersion,
      },
      reason,
      message,
      source: { component },
      firstTimestamp: known?.firstTimestamp ?? time,
      lastTimestamp: time,
      count: Number(known?.count ?? 0) + 1,
      type,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    })
  }
}
