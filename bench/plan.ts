import type { Cluster } from '../src/cluster/cluster.ts'
import { type Figure, note, ratio } from './figures.ts'
import { furnish } from './laboratory.ts'
import { run } from './processes.ts'
import type { Bench, Result } from './setting.ts'

export async function plan(bench: Bench, cluster: Cluster): Promise<Result> {
  const figures: Figure[] = []
  for (const volumes of bench.quick ? [100] : [100, 1_000, 10_000]) {
    await furnish(cluster, { volumes, namespaces: 50, pods: 3 })
    const sized = new Map<string, Figure>()
    const [ours, theirs] = [
      `juicify plan, ${volumes} volumes`,
      `kubectl get pv,pvc,pods -A -o json, ${volumes} volumes`,
    ]
    for (let round = 0; round < bench.rounds; round++) {
      const planned = await bench.run(['plan', '-f', bench.migration, '-o', 'json'])
      const shown = await bench.run(['plan', '-f', bench.migration])
      const read = await run('kubectl', ['get', 'pv,pvc,pods', '-A', '-o', 'json'])
      note(sized, ours, planned.wall)
      note(sized, theirs, read.wall)
      note(sized, `${ours}, as a table`, shown.wall)
      note(sized, `${ours}: memory`, planned.peak, 'MiB', volumes === 10_000 ? 'should be ≤ 381 (400 MB)' : '')
      note(sized, `${ours}, as a table: memory`, shown.peak, 'MiB')
      note(sized, `${theirs}: memory`, read.peak, 'MiB')
    }
    const [a, b] = [sized.get(ours), sized.get(theirs)]
    figures.push(...sized.values(), ...(a && b ? [ratio(`juicify : kubectl, ${volumes} volumes`, a, b, '≤ 1')] : []))
  }
  return { figures }
}
