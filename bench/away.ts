import type { Cluster } from '../src/cluster/cluster.ts'
import { eachOf, type Pair, replaceBoth, replaceVolume } from './by-hand.ts'
import { type Figure, median, note } from './figures.ts'
import { furnish, untilBound, volumesAndClaims } from './laboratory.ts'
import { Observer } from './observer.ts'
import { type Bench, type Result, ROLLBACK } from './setting.ts'

/** A claim that the controller has forgotten is seen again after 15 s, and with bad luck after another 15 s. */
const PATIENCE = 60_000
/** By hand everything takes so long that fewer volumes are done, and so many at once. */
const BY_HAND = { volumes: 16, atOnce: 8 }

export async function away(bench: Bench, cluster: Cluster): Promise<Result> {
  const volumes = bench.quick ? 20 : 100
  await furnish(cluster, { volumes, namespaces: 5, pods: 0 })
  const ways: [string, number, (names: string[]) => Promise<void>][] = [
    [
      'juicify apply',
      volumes,
      async () => void (await bench.run(['apply', '-f', bench.migration, '--yes', '-o', 'json'])),
    ],
    ['juicify rollback', volumes, async () => void (await bench.run(ROLLBACK))],
    ['kubectl, claim untouched', bench.quick ? 4 : BY_HAND.volumes, (names) => byHand(cluster, names, replaceVolume)],
    [
      'kubectl, claim deleted and created too',
      bench.quick ? 4 : BY_HAND.volumes,
      (names) => byHand(cluster, names, replaceBoth),
    ],
  ]
  const figures = new Map<string, Figure>()
  for (let round = 0; round < bench.rounds; round++) {
    for (const [name, amount, exchange] of ways) {
      const times = await watched(cluster, amount, exchange)
      const [middle, slowest] = name === 'juicify apply' ? ['should be ≤ 150', 'should be ≤ 600'] : []
      note(figures, `${name}: median of ${amount}`, median(times), 'ms', middle)
      note(figures, `${name}: slowest of ${amount}`, Math.max(...times), 'ms', slowest)
      await untilBound(cluster)
    }
  }
  return { figures: [...figures.values()] }
}

/** What somebody sees who watches the cluster while the first `amount` of the volumes are exchanged. */
async function watched(
  cluster: Cluster,
  amount: number,
  exchange: (names: string[]) => Promise<void>,
): Promise<number[]> {
  const { volumes } = await volumesAndClaims(cluster)
  const names = volumes
    .map(({ metadata }) => metadata.name)
    .sort()
    .slice(0, amount)
  const observer = await Observer.of(cluster)
  try {
    await exchange(names)
    await observer.untilBack(names, PATIENCE)
    return observer.away()
  } finally {
    await observer.close()
  }
}

async function byHand(cluster: Cluster, names: string[], replace: (pair: Pair) => Promise<void>): Promise<void> {
  const { volumes, claims } = await volumesAndClaims(cluster)
  const pairs = volumes.flatMap((volume) => {
    const claim = claims.get(volume.metadata.name)
    return claim && names.includes(volume.metadata.name) ? [{ volume, claim }] : []
  })
  await eachOf(pairs, BY_HAND.atOnce, replace)
}
