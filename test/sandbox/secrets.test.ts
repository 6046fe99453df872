import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/index.ts'
import { workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'

/** Passwords as people have them; what of one is shown anywhere would have this word in it, or what surrounds it. */
const ODD = ['PLANTED%40x%2Fy', 'PLANTED.*[b](c)+$^|', 'PLANTED#hash', 'PLANTED@at@PLANTED', 'PLANTED&a=b?PLANTED', '']
const ADDRESSES = ODD.flatMap((password) => [
  `redis://:${password}@192.0.2.1:6379/1`,
  `mysql://root:${password}@(192.0.2.1:3306)/juicefs`,
  `postgres://user:${password}@192.0.2.1:5432/juicefs?sslmode=disable`,
])
const KEYS = ['ACCESS_KEY=PLANTED', 'secret-key=PLANTED', 'token=PLANTED%2F.*']
let asked = 0
/** What a driver, a mount or a webhook may say, another part of it first each time: messages are cut. */
function said(): string {
  const all = [...ADDRESSES, ...KEYS]
  const first = (7 * asked++) % all.length
  return `juicefs mount failed: ${[...all.slice(first), ...all.slice(0, first)].join(' ')}`
}

/** All that a run leaves and sends, by where it is. */
const written: Record<string, string> = {}
const notified: string[] = []

beforeAll(async () => {
  const objects = smallLaboratory().map((object) => {
    const secret = object as { kind: string; stringData?: Record<string, string> }
    if (secret.kind !== 'Secret') return object
    return {
      ...secret,
      stringData: { ...secret.stringData, metaurl: ADDRESSES[0], 'secret-key': ODD[1], 'access-key': '' },
    }
  })
  const sandbox = await startSandbox({
    objects,
    onRequest: ({ changing, method, path }) =>
      changing && method === 'PATCH' && path.includes('/deployments/')
        ? {
            answer: {
              status: 403,
              reason: 'Forbidden',
              message: `admission webhook "w" denied the request: ${said()}`,
            },
          }
        : undefined,
  })
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => notified.push(text))
    request.on('end', () => response.end('{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const place = await workplace(sandbox.kubeconfig, { 'lab.yaml': MIGRATION_FILE })
  try {
    const run = place.run('apply', '-f', 'lab.yaml', '--yes', '-o', 'json', '--log', 'evening.log', '--notify', hook)
    await run.ended
    written.events = run.output
    const again = place.run('resume', '--yes')
    await again.ended
    written.terminal = again.output
    const logs = path.join(place.folder, '.local', 'state', 'juicify', 'log')
    written.log = await readFile(path.join(place.folder, 'evening.log'), 'utf8')
    for (const name of await readdir(logs)) written['log of its own'] = await readFile(path.join(logs, name), 'utf8')
    for (const format of ['html', 'markdown']) {
      const report = place.run('report', '--format', format)
      await report.ended
      written[`report as ${format}`] = report.output
    }
    const status = place.run('status', '-o', 'yaml')
    await status.ended
    written['status with its record'] = status.output
    const left = sandbox.objects().filter(({ kind }) => kind === 'Event' || kind === 'MigrationRecord')
    written['objects in the cluster'] = JSON.stringify(left)
    written.notification = notified.join('\n')
  } finally {
    await place.remove()
    server.close()
    await sandbox.close()
  }
}, 120_000)

test.each([
  'events',
  'terminal',
  'log',
  'log of its own',
  'report as html',
  'report as markdown',
  'status with its record',
  'objects in the cluster',
  'notification',
])('no password, key or token is in the %s of a run, however odd it is', (where) => {
  const text = written[where] ?? ''
  // what was said is there, and with it who said it
  expect(text).toContain('juicefs mount failed')
  expect(text).not.toMatch(/PLANT|ANTED|hash@|b\]\(c\)|%2Fy/)
})
