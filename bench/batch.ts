import type { Cluster } from '../src/cluster/cluster.ts'
import { eachOf, type Pair, replaceAndTouch, replaceAndWait } from './by-hand.ts'
import { type Figure, note, ratio } from './figures.ts'
import { furnish, volumesAndClaims } from './laboratory.ts'
import { run } from './processes.ts'
import { type Bench, type Result, ROLLBACK } from './setting.ts'

/** So many are done by hand, one by one: enough for a rate. Of an untouched claim the controller hears after 15 s. */
const BY_HAND = [
  { hand: 'claim untouched', amount: 3, replace: replaceAndWait },
  { hand: 'claim touched as juicify does', amount: 10, replace: replaceAndTouch },
]

export async function batch(bench: Bench, cluster: Cluster): Promise<Result> {
  const volumes = bench.quick ? 100 : 1_000
  await furnish(cluster, { volumes, namespaces: bench.quick ? 5 : 50, pods: 0 })
  const figures = new Map<string, Figure>()
  const apply = `juicify apply, ${volumes} volumes`
  for (let round = 0; round < bench.rounds; round++) {
    for (const { hand, amount, replace } of BY_HAND) {
      note(figures, named(hand), amount / (await byHand(cluster, amount, replace)), '/s', `${amount} volumes`)
      await byHand(cluster, amount, replace)
    }
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
  const ratios = BY_HAND.flatMap(({ hand }) => {
    const [a, b] = [figures.get(apply), figures.get(named(hand))]
    return a && b ? [ratio(`juicify apply : ${named(hand)}`, a, b, '≥ 10')] : []
  })
  return { figures: [...figures.values(), ...ratios] }
}

function named(hand: string): string {
  return `kubectl, one by one, ${hand}`
}

/** Seconds for the first of the volumes, there or back. */
async function byHand(cluster: Cluster, amount: number, replace: (pair: Pair) => Promise<void>): Promise<number> {
  const { volumes, claims } = await volumesAndClaims(cluster)
  const first = volumes.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).slice(0, amount)
  const pairs = first.flatMap((volume) => {
    const claim = claims.get(volume.metadata.name)
    return claim ? [{ volume, claim }] : []
  })
  const began = performance.now()
  await eachOf(pairs, 1, replace)
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
