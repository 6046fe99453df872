import type { Api } from '../api.ts'
import { type ApiObject, at, controllerOf, copyOf, keyOf } from '../object.ts'
import type { Change } from '../store.ts'
import { type Controller, replicasOf, type Surroundings } from './controller.ts'
import { DEPENDENTS } from './garbage.ts'

/** What goes with an owner that is turned off, and how it comes back. */
type Restore = () => void

/**
 * Does of operators what a rehearsal is about: what a custom resource runs goes when that is suspended or scaled to 0, and
 * comes back with it. Only where somebody turns it off while the sandbox looks: what was loaded stays as it was.
 */
export class Operators implements Controller {
  readonly name = 'operator'
  readonly #api: Api
  /** What is to come back, by the uid of its owner. */
  readonly #off = new Map<string, Restore[]>()

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object, previous }: Change): string[] {
    if (type !== 'MODIFIED' || !previous || !isCustom(object) || isSchedule(object)) return []
    return isOff(previous) === isOff(object) ? [] : [`${resource} ${keyOf(object)}`]
  }

  sync(key: string): void {
    const [resource = '', name = ''] = key.split(' ')
    const owner = this.#api.store.get(resource, name)
    if (!owner || owner.metadata.deletionTimestamp !== undefined) return
    const { uid } = owner.metadata
    const restore = this.#off.get(uid)
    if (isOff(owner) && !restore) this.#off.set(uid, this.#stop(owner))
    if (isOff(owner) || !restore) return
    this.#off.delete(uid)
    for (const each of restore) each()
  }

  #stop(owner: ApiObject): Restore[] {
    const owned = this.#api.store
      .indexed(DEPENDENTS, owner.metadata.uid)
      .filter((object) => controllerOf(object)?.uid === owner.metadata.uid)
    return owned.flatMap((object) => {
      if (object.kind === 'Pod') return [this.#deletePod(object)]
      if (typeof object.spec?.replicas === 'number') return [this.#set(object, 'replicas', 0, replicasOf(object))]
      const isRun = object.kind === 'Job' || isCustom(object)
      return isRun && object.spec?.suspend !== true ? [this.#set(object, 'suspend', true, false)] : []
    })
  }

  #deletePod(pod: ApiObject): Restore {
    const kind = this.#api.kindOf(pod)
    const { namespace, name, uid, labels, annotations, ownerReferences } = pod.metadata
    const metadata = { name, namespace, labels, annotations, ownerReferences }
    const manifest = copyOf({ apiVersion: pod.apiVersion, kind: pod.kind, metadata, spec: pod.spec })
    this.#api.delete(kind, namespace, name, { uid })
    return () => {
      if (!this.#api.store.get('pods', keyOf(pod))) this.#api.create(kind, namespace, manifest)
    }
  }

  /** Sets a field of a spec, and back where it is still so. */
  #set(object: ApiObject, field: string, value: unknown, before: unknown): Restore {
    const { namespace, name } = object.metadata
    const write = (next: unknown, from?: unknown) =>
      this.#api.update(this.#api.kindOf(object), namespace, name, (now) =>
        from !== undefined && now.spec?.[field] !== from ? now : { ...now, spec: { ...now.spec, [field]: next } },
      )
    write(value)
    return () => {
      if (this.#api.store.indexed(DEPENDENTS, controllerOf(object)?.uid ?? '').some((each) => isSame(each, object)))
        write(before, value)
    }
  }
}

function isSame(a: ApiObject, b: ApiObject): boolean {
  return a.metadata.uid === b.metadata.uid
}

/** Of a kind that Kubernetes does not have itself: its groups that have dots end in its own domain. */
function isCustom({ apiVersion }: ApiObject): boolean {
  const group = apiVersion.split('/').slice(0, -1).join('/')
  return group.includes('.') && !/(^|\.)k8s\.io$/.test(group)
}

/** What it has started goes on when it is suspended. */
function isSchedule({ spec = {} }: ApiObject): boolean {
  return 'schedule' in spec || 'schedules' in spec
}

function isOff({ spec = {} }: ApiObject): boolean {
  return spec.suspend === true || at(spec, 'runPolicy', 'suspend') === true || spec.replicas === 0
}
