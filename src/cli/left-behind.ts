import type { Cluster } from '../cluster/cluster.ts'
import { OWN_KINDS } from '../domain/own-kinds.ts'
import { leftBehind } from '../engine/left-behind.ts'
import { forget } from '../engine/run.ts'
import { leftBehindLines } from '../report/left-behind.ts'
import { say } from './terminal.ts'

/** When the last record is gone: what stays of juicify's in the cluster, why, and what removes it. */
export async function sayLeftBehind(cluster: Cluster): Promise<void> {
  const left = await leftBehind(cluster)
  const lines = left ? leftBehindLines(left) : []
  if (lines.length > 0) say(lines.join('\n'))
}

/**
 * Completes a deletion of records that was killed after the last of them was deleted: deletes what belonged to them, and says
 * what stays. Does nothing where a record exists, or juicify was never used.
 */
export async function completeForgetting(options: Parameters<typeof forget>[1]): Promise<void> {
  const { cluster } = options
  const left = await leftBehind(cluster)
  if (!left) return
  // without its kinds there is nothing that could belong to a record, and they must not be defined for that
  if (left.definitions.length === OWN_KINDS.length) await forget([], options)
  await sayLeftBehind(cluster)
}
