import type { Cluster } from '../cluster/cluster.ts'
import { deadlineOf } from '../cluster/deadline.ts'
import { isTransient } from '../cluster/errors.ts'
import { pause, unlessAborted } from '../cluster/signal.ts'
import { waitFor } from '../cluster/wait.ts'
import type { LeaseHold } from './lease.ts'

/** Max attempts of a change that gets no definite answer while the lease can be renewed. */
const TRIES = 6
const FIRST_PAUSE = 100

/** What a run has to know of its lease. */
export type HeldLease = Pick<LeaseHold, 'hold' | 'renew' | 'outages' | 'awayMs' | 'givenUp'>

/**
 * The cluster as a run may use it. Before every change it is made sure that the run still holds the lease. While the
 * server is away everything waits for it, and then goes on; all that waits ends when the server is given up.
 *
 * A change that got no answer, or none that says no, is made again, for whatever juicify changes it changes under a
 * condition: a name that is free, a uid, a version, a test. If it was made the first time, the second is refused (409,
 * 404 or 422); so whoever asks for a change has to look at what is there when it is refused.
 */
export function fenced(cluster: Cluster, lease: HeldLease): Cluster {
  const read =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      for (;;) {
        const outages = lease.outages
        try {
          return await unlessAborted(call(...args), lease.givenUp)
        } catch (error) {
          if (!isTransient(error)) throw error
          await lease.renew()
          // the server is there, and this question is what it does not answer
          if (lease.outages === outages) throw error
        }
      }
    }
  const change =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      for (let tries = 1; ; tries++) {
        await lease.hold()
        try {
          return await unlessAborted(call(...args), lease.givenUp)
        } catch (error) {
          if (tries >= TRIES || !isTransient(error)) throw error
          await lease.renew()
          await pause(FIRST_PAUSE * 2 ** tries, lease.givenUp)
        }
      }
    }
  const run: Cluster = {
    server: cluster.server,
    title: cluster.title,
    get: read(cluster.get.bind(cluster)) as Cluster['get'],
    find: read(cluster.find.bind(cluster)) as Cluster['find'],
    list: read(cluster.list.bind(cluster)) as Cluster['list'],
    wouldCreate: read(cluster.wouldCreate.bind(cluster)) as Cluster['wouldCreate'],
    subresource: read(cluster.subresource.bind(cluster)),
    isReady: read(cluster.isReady.bind(cluster)),
    watch: cluster.watch.bind(cluster),
    waitFor: (ref, done, options) => unlessAborted(waitFor(run, ref, done, options), lease.givenUp),
    deadline: (milliseconds) => deadlineOf(milliseconds, timeLost(lease), lease.givenUp),
    close: cluster.close.bind(cluster),
    raw: (method, path, body) => (method === 'GET' ? read : change)(cluster.raw.bind(cluster))(method, path, body),
    create: change(cluster.create.bind(cluster)) as Cluster['create'],
    replace: change(cluster.replace.bind(cluster)) as Cluster['replace'],
    patch: change(cluster.patch.bind(cluster)) as Cluster['patch'],
    delete: change(cluster.delete.bind(cluster)),
  }
  return run
}

/**
 * What a deadline is to be put off by, whenever it is asked: the time that the server was away since, and as much again,
 * for what else lives on the server (controllers, kubelets) comes back the later the longer it was away.
 */
function timeLost(lease: HeldLease): () => Promise<number> {
  let counted = lease.awayMs
  return async () => {
    // the server may be away without anybody having noticed; one that is given up ends what waits by itself
    await lease.renew().catch(() => {})
    const lost = lease.awayMs - counted
    counted += lost
    return 2 * lost
  }
}
