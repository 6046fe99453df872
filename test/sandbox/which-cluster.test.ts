import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS, commandName } from '../../src/cli/commands.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'

// Whoever has five clusters has to see which of them a text is of, before he says yes to it and when he finds it later.

const PLAN = ['-f', 'migration.yaml']
const KUBECONFIG = (url: string) => `
apiVersion: v1
kind: Config
current-context: friday
clusters: [{name: laboratory-east, cluster: {server: "${url}"}}]
contexts: [{name: friday, context: {cluster: laboratory-east, user: me}}]
users: [{name: me, user: {}}]
`

let sandbox: Sandbox
let place: Workplace
let title: string

beforeAll(async () => {
  sandbox = await startSandbox({ objects: laboratory() })
  title = `friday, laboratory-east (${sandbox.url})`
  place = await workplace(KUBECONFIG(sandbox.url), { 'migration.yaml': MIGRATION_FILE, 'none.yaml': '' })
})

afterAll(async () => {
  await place.remove()
  await sandbox.close()
})

/** What each command prints for people, in every form that it has; of the others, why it names none. */
const TEXTS: Record<string, string[][] | string> = {
  setup: 'asks and writes files, for whichever cluster they are applied to',
  check: [[], ['-o', 'json']],
  plan: ['table', 'wide', 'yaml', 'json', 'diff', 'kubectl', 'markdown'].map((form) => [...PLAN, '-o', form]),
  diff: [PLAN],
  copy: [PLAN],
  apply: [[...PLAN, '--yes']],
  status: [[], ['-o', 'wide'], ['-o', 'json'], ['-o', 'yaml']],
  report: [
    [...PLAN, '--format', 'html'],
    [...PLAN, '--format', 'markdown'],
    ['--format', 'markdown'],
  ],
  resume: [['--yes']],
  finish: [[], ['--forget', '--yes', '--report', 'done.html']],
  manifests: [['none.yaml']],
  snapshot: [['--out', 'snapshot.yaml']],
  rollback: [['--yes']],
  probe: 'runs on real clusters only; test/unit/report/outcome.test.ts has its text',
  rbac: 'prints roles, for whichever cluster they are applied to',
  job: 'prints a Job, for whichever cluster it is applied to',
  sandbox: 'serves one, and says what it is loaded from',
  demo: 'brings its own',
  completion: 'prints a script of the shell',
  version: 'asks no cluster',
}

test('of every command it is known whether it says which cluster it is of', () => {
  expect(Object.keys(TEXTS).sort()).toEqual(COMMANDS.map(commandName).sort())
})

describe('a text says which cluster it is of: by context, name and server', () => {
  // in this order a migration comes first, and its way back last
  const calls = Object.entries(TEXTS).flatMap(([name, forms]) =>
    typeof forms === 'string' ? [] : forms.map((words) => [`${name} ${words.join(' ')}`, name, words] as const),
  )

  test.each(calls)('juicify %s', async (_, name, words) => {
    const child = place.run(name, ...words)
    await child.ended
    const plain = child.output.replaceAll('\\(', '(').replaceAll('\\)', ')').replace(/\s+/g, ' ')
    expect(plain).toContain(title)
  })

  test('the report that is left when the records are gone', async () => {
    expect(await readFile(join(place.folder, 'done.html'), 'utf8')).toContain(title)
  })

  test('a saved plan says it wherever it is read, without asking the cluster', async () => {
    await place.run('plan', ...PLAN, '--out', 'friday.plan.yaml').ended
    const child = place.run('diff', 'friday.plan.yaml', '--kubeconfig', 'nowhere')
    expect(await child.ended).toBe(0)
    expect(child.output).toContain(`No differences on ${title}`)
  })

  test('a plan for another cluster is refused by the names of both', async () => {
    const elsewhere = ['--sandbox', 'elsewhere.yaml']
    const uid = 'aaaaaaaa-2222-4333-8444-555555555555'
    await place.write('elsewhere.yaml', `{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, uid: ${uid}}}`)
    const child = place.run('apply', 'friday.plan.yaml', ...elsewhere, '--yes')
    expect(await child.ended).toBe(1)
    expect(child.output).toContain(title)
    expect(child.output).toContain('the embedded cluster of elsewhere.yaml')
  })
})

test('an embedded cluster says that it is one, and of which files', async () => {
  await place.write(
    'cluster.yaml',
    laboratory()
      .map((object) => JSON.stringify(object))
      .join('\n---\n'),
  )
  for (const form of ['table', 'yaml', 'diff', 'kubectl', 'markdown']) {
    const child = place.run('plan', ...PLAN, '--sandbox', 'cluster.yaml', '-o', form)
    await child.ended
    expect(child.output.replaceAll('\\', '')).toContain('the embedded cluster of cluster.yaml')
  }
  const check = place.run('check', '--sandbox', 'cluster.yaml')
  await check.ended
  expect(check.output).toContain('the embedded cluster of cluster.yaml')
})

test('so does one that is served, to whom it is given by its kubeconfig', async () => {
  const served = place.start('sandbox', '--from', 'cluster.yaml', '--out', 'served.kubeconfig')
  await expect.poll(() => served.output, { timeout: 60_000 }).toContain('listening')
  const child = place.run('plan', ...PLAN, '--kubeconfig', 'served.kubeconfig')
  await child.ended
  served.process.kill('SIGINT')
  await served.ended
  expect(child.output).toMatch(/for sandbox, embedded cluster of cluster\.yaml \(http:\/\/127\.0\.0\.1:\d+\)/)
})
