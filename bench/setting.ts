import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../src/cluster/cluster.ts'
import type { Section } from './figures.ts'
import { MIGRATION } from './laboratory.ts'
import { type Finished, run } from './processes.ts'

/** What every measure works with. */
export interface Bench {
  /** The bundled command. */
  juicify: string
  quick: boolean
  rounds: number
  image: string
  auditLog: string | undefined
  cluster: { cluster: Cluster; why?: undefined } | { cluster?: undefined; why: string }
  /** The migration that selects the benchmark's volumes, as a file. */
  migration: string
  /** Runs juicify as a process of its own, with a home of its own. */
  run(args: string[], keep?: boolean): Promise<Finished>
}

/** Brings back what the benchmark has moved, and nothing of anybody else's. */
export const ROLLBACK = ['rollback', '-n', 'bench-*', '--yes', '-o', 'json']

export type Result = Omit<Section, 'title'>

export async function makeBench(choice: Omit<Bench, 'migration' | 'run'>): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'juicify-bench-'))
  const migration = join(folder, 'bench.yaml')
  await writeFile(migration, MIGRATION)
  const env = { XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder }
  return {
    ...choice,
    migration,
    // 4: rolled back
    run: (args, keep) => run(process.execPath, [choice.juicify, ...args], { env, keep, accept: [0, 4] }),
  }
}
