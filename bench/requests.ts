import { open, stat } from 'node:fs/promises'
import type { Cluster } from '../src/cluster/cluster.ts'
import { type Figure, note } from './figures.ts'
import { furnishGroup } from './group.ts'
import { clear, furnish } from './laboratory.ts'
import { type Bench, type Result, ROLLBACK } from './setting.ts'

interface AuditEvent {
  verb: string
  userAgent?: string
  objectRef?: { resource?: string; subresource?: string }
}

const CHANGING = ['create', 'update', 'patch', 'delete', 'deletecollection']

export async function requests(bench: Bench, cluster: Cluster): Promise<Result> {
  const { auditLog } = bench
  if (auditLog === undefined)
    return { figures: [], skipped: 'give --audit-log the file of the API server: it knows who asked' }
  const figures = new Map<string, Figure>()
  const sizes: [string, () => Promise<void>][] = [
    ['one volume', () => furnish(cluster, { volumes: 1, namespaces: 1, pods: 0 })],
    ['100 volumes, 100 groups', () => furnish(cluster, { volumes: 100, namespaces: 5, pods: 0 })],
    ['12 volumes, one group, 6 Deployments', () => furnishGroup(cluster, bench.image)],
  ]
  for (const [size, furnished] of sizes) {
    await furnished()
    for (const [verb, args] of [
      ['plan', ['plan', '-f', bench.migration]],
      ['apply', ['apply', '-f', bench.migration, '--yes', '-o', 'json']],
      ['rollback', ROLLBACK],
    ] as const) {
      const from = (await stat(auditLog)).size
      await bench.run([...args])
      const events = await eventsSince(auditLog, from)
      const changing = events.filter(({ verb }) => CHANGING.includes(verb))
      note(figures, `${verb}, ${size}: changing`, changing.length, 'requests', kindsOf(changing))
      note(
        figures,
        `${verb}, ${size}: reading`,
        events.length - changing.length,
        'requests',
        kindsOf(events.filter((event) => !changing.includes(event))),
      )
    }
    await clear(cluster)
  }
  return { figures: [...figures.values()] }
}

/** What the server has answered to juicify since the log was so long. */
async function eventsSince(file: string, from: number): Promise<AuditEvent[]> {
  const log = await open(file)
  try {
    const { size } = await log.stat()
    const { buffer } = await log.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString().split('\n')
    const events = lines.flatMap((line) => (line.trim() ? [JSON.parse(line) as AuditEvent] : []))
    return events.filter(({ userAgent }) => userAgent === 'juicify')
  } finally {
    await log.close()
  }
}

/** `create configmaps 1, patch persistentvolumes 12`. */
function kindsOf(events: AuditEvent[]): string {
  const counts = new Map<string, number>()
  for (const { verb, objectRef } of events) {
    const what = `${verb} ${[objectRef?.resource ?? 'other', objectRef?.subresource].filter(Boolean).join('/')}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return [...counts].map(([what, count]) => `${what} ${count}`).join(', ')
}
