import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { Cluster, WaitOptions } from './cluster.ts'
import { timedOut } from './errors.ts'

type Watching = Pick<Cluster, 'list' | 'watch' | 'deadline'>

/** Cluster.waitFor, of what a cluster can do besides. */
export async function waitFor<T extends KubeObject>(
  cluster: Watching,
  ref: ObjectRef,
  done: (object: T | undefined) => boolean,
  options: WaitOptions,
): Promise<T | undefined> {
  const deadline = cluster.deadline(options.timeout)
  const stop = new AbortController()
  const signal = AbortSignal.any([deadline.signal, stop.signal, ...(options.signal ? [options.signal] : [])])
  try {
    for await (const object of statesOf<T>(cluster, ref, signal)) if (done(object)) return object
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    deadline.clear()
    stop.abort()
  }
  options.signal?.throwIfAborted()
  throw timedOut(options)
}

/** The object that `ref` means, now and after each change, until the signal; undefined while it is not there. */
async function* statesOf<T extends KubeObject>(
  cluster: Watching,
  ref: ObjectRef,
  signal: AbortSignal,
): AsyncGenerator<T | undefined> {
  const kind = { apiVersion: ref.apiVersion, kind: ref.kind }
  const where = { ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) }
  const meant = (object: KubeObject | undefined) =>
    object && (ref.uid === undefined || object.metadata.uid === ref.uid) ? (object as T) : undefined
  const { items, resourceVersion } = await cluster.list(kind, {
    ...where,
    fieldSelector: `metadata.name=${ref.name}`,
    signal,
  })
  yield meant(items[0])
  const watch = cluster.watch(kind, { ...where, name: ref.name, resourceVersion, known: items, signal })
  for await (const event of watch) yield event.type === 'DELETED' ? undefined : meant(event.object)
}
