import { type Figure, note, ratio } from './figures.ts'
import { furnish } from './laboratory.ts'
import { type Finished, run } from './processes.ts'
import type { Bench, Result } from './setting.ts'

/** These take so little that it needs more rounds to tell them apart. */
const TIMES_THE_ROUNDS = 3

/** Needs a cluster for the half of it: where there is none, that half is left out. */
export async function start(bench: Bench): Promise<Result> {
  const bare = 'node -e 0'
  const ways: [name: string, take: () => Promise<Finished>, against?: string, goal?: string][] = [
    [bare, () => run(process.execPath, ['-e', '0'])],
    ['juicify --help', () => bench.run(['--help']), bare, '≤ 1.3'],
    ['juicify version', () => bench.run(['version']), bare, '≤ 1.3'],
  ]
  const { cluster, why } = bench.cluster
  if (cluster) {
    await furnish(cluster, { volumes: 2, namespaces: 1, pods: 1 })
    const [get, getAll] = ['kubectl get pv', 'kubectl get pv,pvc,pods -A']
    ways.push(
      [get, () => run('kubectl', ['get', 'pv'])],
      [getAll, () => run('kubectl', ['get', 'pv,pvc,pods', '-A'])],
      ['juicify __complete, a volume’s name', () => bench.run(['__complete', 'probe', '--volume', '']), get],
      ['juicify plan, two volumes', () => bench.run(['plan', '-f', bench.migration]), getAll, '≤ 1'],
    )
  }
  const figures = new Map<string, Figure>()
  for (let round = 0; round < bench.rounds * TIMES_THE_ROUNDS; round++) {
    for (const [name, take] of ways) note(figures, name, (await take()).wall)
  }
  const ratios = ways.flatMap(([name, , against = '', goal]) => {
    const [a, b] = [figures.get(name), figures.get(against)]
    return a && b ? [ratio(`${name} : ${against}`, a, b, goal)] : []
  })
  return {
    figures: [...figures.values(), ...ratios],
    ...(cluster ? {} : { skipped: `plan and kubectl, for there is no cluster: ${why}` }),
  }
}
