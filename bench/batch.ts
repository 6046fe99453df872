import type { Cluster } from '../src/cluster/cluster.ts'
import { note } from './away.ts'
import { eachOf, replaceAndTouch } from './by-hand.ts'
import { type Figure, ratio } from './figures.ts'
import { furnish, volumesAndClaims } from './laboratory.ts'
import { type Bench, type Result, ROLLBACK } from './measures.ts'
import { run } from './processes.ts'

/** So many are done by hand, one by one: enough for a rate. */
const BY_HAND = 10

export async function batch(bench: Bench, cluster: Cluster): Promise<Result> {
  const volumes = bench.quick ? 100 : 1_000
  await furnish(cluster, { volumes, namespaces: bench.quick ? 5 : 50, pods: 0 })
  const figures = new Map<string, Figure>()
  const apply = `juicify apply, ${volumes} volumes`
  const hand = `kubectl, one by one, ${BY_HAND} volumes`
  for (let round = 0; round < bench.rounds; round++) {
    note(figures, hand, BY_HAND / (await byHand(cluster)), '/s')
    await byHand(cluster)
    const before = await requestCount()
    const there = await bench.run(['apply', '-f', bench.migration, '--yes', '-o', 'json'])
    const requests = (await requestCount()) - before
    note(figures, apply, volumes / (there.wall / 1000), '/s')
    note(
      figures,
      `${apply}: answered by the server`,
      requests / (there.wall / 1000),
      'requests/s',
      'all clients, controllers included',
    )
    note(figures, `${apply}: memory`, there.peak, 'MiB')
    const back = await bench.run(ROLLBACK)
    note(figures, `juicify rollback, ${volumes} volumes`, volumes / (back.wall / 1000), '/s')
  }
  const [a, b] = [figures.get(apply), figures.get(hand)]
  return { figures: [...figures.values(), ...(a && b ? [ratio('juicify apply : kubectl', a, b, '≥ 10')] : [])] }
}

/** Seconds for the first of the volumes, there or back. */
async function byHand(cluster: Cluster): Promise<number> {
  const { volumes, claims } = await volumesAndClaims(cluster)
  const first = volumes.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).slice(0, BY_HAND)
  const pairs = first.flatMap((volume) => {
    const claim = claims.get(volume.metadata.name)
    return claim ? [{ volume, claim }] : []
  })
  const began = performance.now()
  await eachOf(pairs, 1, replaceAndTouch)
  return (performance.now() - began) / 1000
}

/** How many requests the server has answered, watches left out. */
async function requestCount(): Promise<number> {
  const { stdout } = await run('kubectl', ['get', '--raw', '/metrics'], { keep: true })
  const counts = stdout.matchAll(/^apiserver_request_total\{([^}]*)\} ([\d.e+]+)$/gm)
  return [...counts].reduce(
    (sum, [, labels = '', count]) => (labels.includes('verb="WATCH"') ? sum : sum + Number(count)),
    0,
  )
}
