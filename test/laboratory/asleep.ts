import type { Cluster } from '../../src/cluster/cluster.ts'

export interface Sleeper extends Cluster {
  /** Resolves when it has fallen asleep. */
  readonly asleep: Promise<void>
  /** All that was on its way when it fell asleep, and all that is asked from then on, reaches the server now. */
  wake(): void
}

/**
 * A client that falls asleep when it sends its k-th changing request since it took the lease (from 1 on): that request,
 * and what goes along with it, has left the process, which was allowed to send it, and arrives when it wakes. So it is
 * with a process that is stopped at a bad moment, and with a network that delivers late.
 */
export function sleeper(cluster: Cluster, k: number): Sleeper {
  let changes = 0
  let holds = false
  let isAsleep = false
  let fallAsleep = () => {}
  let wake = () => {}
  const asleep = new Promise<void>((resolve) => {
    fallAsleep = resolve
  })
  const awake = new Promise<void>((resolve) => {
    wake = resolve
  })
  const sent =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (isAsleep) await awake
      return call(...args)
    }
  const change = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    const send = sent(call)
    return (...args: A): Promise<R> => {
      const [about] = args as unknown as [{ kind?: string }]
      const isOfLease = about.kind === 'Lease'
      holds ||= isOfLease
      if (holds && !isOfLease && ++changes === k) {
        isAsleep = true
        fallAsleep()
      }
      return send(...args)
    }
  }
  return {
    asleep,
    wake() {
      isAsleep = false
      wake()
    },
    server: cluster.server,
    title: cluster.title,
    close: () => cluster.close(),
    get: sent(cluster.get.bind(cluster)) as Cluster['get'],
    find: sent(cluster.find.bind(cluster)) as Cluster['find'],
    list: sent(cluster.list.bind(cluster)) as Cluster['list'],
    deadline: (milliseconds) => cluster.deadline(milliseconds),
    isReady: sent(cluster.isReady.bind(cluster)),
    waitFor: sent(cluster.waitFor.bind(cluster)) as Cluster['waitFor'],
    wouldCreate: sent(cluster.wouldCreate.bind(cluster)) as Cluster['wouldCreate'],
    subresource: sent(cluster.subresource.bind(cluster)),
    raw: sent(cluster.raw.bind(cluster)),
    async *watch(kind, options) {
      for await (const event of cluster.watch(kind, options)) {
        if (isAsleep) await awake
        yield event as never
      }
    },
    create: change(cluster.create.bind(cluster)) as Cluster['create'],
    replace: change(cluster.replace.bind(cluster)) as Cluster['replace'],
    patch: change(cluster.patch.bind(cluster)) as Cluster['patch'],
    delete: change(cluster.delete.bind(cluster)),
  }
}
