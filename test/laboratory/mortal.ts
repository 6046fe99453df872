import type { Cluster } from '../../src/cluster/cluster.ts'

/** The process is dead: nothing that it does any more reaches the cluster, and no answer reaches it. */
export class Killed extends Error {}

export interface Mortal extends Cluster {
  /** Changing requests that it has sent so far, each in a word or two. */
  readonly changes: string[]
}

/**
 * A client that dies right before or right after its k-th changing request (from 1 on; 0: never), or one that is named as
 * in `changes`, as a process does that is killed there: whatever its code still does afterwards, in handlers or in the
 * background, goes nowhere.
 */
export function mortal(cluster: Cluster, k: number | string, when: 'before' | 'after'): Mortal {
  const changes: string[] = []
  let dead = false
  const alive = () => {
    if (dead) throw new Killed('killed')
  }
  const read =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      alive()
      const answer = await call(...args)
      alive()
      return answer
    }
  const change =
    <A extends unknown[], R>(verb: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      alive()
      changes.push(`${verb} ${nameOf(args[0])}`)
      const last = changes.length === k || changes.at(-1) === k
      if (last && when === 'before') dead = true
      alive()
      // one that the server refuses, as where two changes of an object meet, is the last one all the same
      const answer = await call(...args).finally(() => {
        if (last) dead = true
      })
      alive()
      return answer
    }
  return {
    changes,
    server: cluster.server,
    title: cluster.title,
    close: () => cluster.close(),
    get: read(cluster.get.bind(cluster)) as Cluster['get'],
    find: read(cluster.find.bind(cluster)) as Cluster['find'],
    list: read(cluster.list.bind(cluster)) as Cluster['list'],
    deadline: (milliseconds) => cluster.deadline(milliseconds),
    isReady: read(cluster.isReady.bind(cluster)),
    waitFor: read(cluster.waitFor.bind(cluster)) as Cluster['waitFor'],
    wouldCreate: read(cluster.wouldCreate.bind(cluster)) as Cluster['wouldCreate'],
    subresource: read(cluster.subresource.bind(cluster)),
    raw: read(cluster.raw.bind(cluster)),
    async *watch(kind, options) {
      for await (const event of cluster.watch(kind, options)) {
        alive()
        yield event as never
      }
    },
    create: change('create', cluster.create.bind(cluster)) as Cluster['create'],
    replace: change('replace', cluster.replace.bind(cluster)) as Cluster['replace'],
    patch: change('patch', cluster.patch.bind(cluster)) as Cluster['patch'],
    delete: change('delete', cluster.delete.bind(cluster)),
  }
}

function nameOf(first: unknown): string {
  const { kind, name, metadata } = first as { kind: string; name?: string; metadata?: { name: string } }
  return `${kind} ${name ?? metadata?.name}`
}
