import type { Cluster } from '../cluster/cluster.ts'
import { ConnectionError } from '../cluster/errors.ts'
import { TransportError } from '../cluster/transport.ts'
import type { LeaseHold } from './lease.ts'

/**
 * The cluster as a run may use it: before every change it is made sure that the run still holds the lease. A change that
 * has never reached the server is tried again, with the lease asked again: it may have been lost while nobody answered.
 */
export function fenced(cluster: Cluster, lease: Pick<LeaseHold, 'hold'>): Cluster {
  const checked =
    <A extends unknown[], R>(change: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      for (;;) {
        await lease.hold()
        try {
          return await change(...args)
        } catch (error) {
          if (!isUnsent(error)) throw error
        }
      }
    }
  return {
    server: cluster.server,
    get: cluster.get.bind(cluster),
    find: cluster.find.bind(cluster),
    list: cluster.list.bind(cluster),
    watch: cluster.watch.bind(cluster),
    waitFor: cluster.waitFor.bind(cluster),
    subresource: cluster.subresource.bind(cluster),
    close: cluster.close.bind(cluster),
    raw: (method, path, body) =>
      method === 'GET' ? cluster.raw(method, path, body) : checked(cluster.raw.bind(cluster))(method, path, body),
    create: checked(cluster.create.bind(cluster)) as Cluster['create'],
    replace: checked(cluster.replace.bind(cluster)) as Cluster['replace'],
    patch: checked(cluster.patch.bind(cluster)) as Cluster['patch'],
    delete: checked(cluster.delete.bind(cluster)),
  }
}

function isUnsent(error: unknown): boolean {
  return error instanceof ConnectionError && error.cause instanceof TransportError && !error.cause.sent
}
