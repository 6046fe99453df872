import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { type Line, problemsOf, TYPES } from '../laboratory/json-lines.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'

const MIGRATION = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: laboratory}
spec:
  select: {namespaces: [jupyter, pipeline]}
  paths: [{from: /data/k8s, to: ""}]
  target: {secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  source: {nodes: shared}
  copy: {image: "juicedata/mount:ce-v1.3.0"}
  quiesce: {rolling: [{namespace: pipeline, name: web}]}
`

/** A volume that no rule covers: its group is held back, and no other. */
const BLOCKED = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'elsewhere' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      hostPath: { path: '/srv/elsewhere' },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'elsewhere', namespace: 'elsewhere' },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: 'elsewhere',
      resources: { requests: { storage: '1Gi' } },
    },
  },
]

/** What needs data that moves, a pod that runs, somebody who comes in between, a server that goes away. */
const NOT_HERE: Line['type'][] = [
  'volume-put-back',
  'progress',
  'copied',
  'verified',
  'verified-ahead',
  'join-compared',
  'missing-brought',
  'job-trouble',
  'start-trouble',
  'mounts-seen',
  'copy-stalled',
  'places-made',
  'quota-set',
  'quota-removed',
  'quota-left',
  'probe-started',
  'probed',
  'probe-leftover-removed',
  'probe-directory-left',
  'waiting-for-pods',
  'waiting-for-mounts',
  'used-meanwhile',
  'workload-left',
  'workload-started-again',
  'workload-held',
  'object-events-denied',
  'marks-kept',
  'version-not-renewed',
  'admission-changes',
  'admission-unasked',
  'lease-held',
  'server-away',
  'server-back',
]

let sandbox: Sandbox
let place: Workplace
const seen = new Set<string>()
/** Whether volumes may not be deleted. */
let refusing = false

beforeAll(async () => {
  sandbox = await startSandbox({
    objects: [...smallLaboratory(), ...BLOCKED],
    onRequest: ({ method, path }) =>
      refusing && method === 'DELETE' && path.includes('/persistentvolumes/')
        ? { answer: { status: 403, reason: 'Forbidden' } }
        : undefined,
  })
  await sandbox.settled()
  place = await workplace(sandbox.kubeconfig, { 'migration.yaml': MIGRATION })
})

afterAll(async () => {
  await place.remove()
  await sandbox.close()
})

interface Told {
  lines: Line[]
  code: number | string
}

/** Runs juicify with -o json; every line of its standard output has to be one of the schema's. */
async function stream(words: string[], onLine: (line: Line, kill: () => void) => void = () => {}): Promise<Told> {
  const child = place.start(...words, '--yes', '-o', 'json')
  const lines: Line[] = []
  let rest = ''
  child.process.stdout?.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const line = JSON.parse(part) as Line
      lines.push(line)
      seen.add(line.type)
      onLine(line, () => child.process.kill('SIGINT'))
    }
  })
  const code = await child.ended
  expect(rest).toBe('')
  expect(lines.flatMap(problemsOf)).toEqual([])
  return { lines, code }
}

const outcomesOf = ({ lines }: Told) =>
  new Set(lines.flatMap((line) => (line.type === 'group-ended' ? [line.outcome] : [])))

/** Not stopped, but restarted pod by pod, for each of the two groups that it uses. */
const WEB = { workload: 'Deployment pipeline/web', downMs: 0 }

const apply = ['apply', '-f', 'migration.yaml']

describe('every line of -o json is one of the schema, and the last one is the summary', () => {
  test('where a group fails, with the command that goes on', async () => {
    refusing = true
    const told = await stream(apply)
    refusing = false
    expect(outcomesOf(told)).toContain('failed')
    expect(told.lines.at(-1)).toMatchObject({ type: 'summary', next: expect.stringContaining('juicify') })
    expect(told.code).toBe(1)
  })

  test('where a rollback of some groups fails, with the command that goes on with those and no others', async () => {
    await stream(['resume'])
    refusing = true
    const told = await stream(['rollback', 'workspace-*', '-n', 'jupyter'])
    refusing = false
    const next = "juicify rollback 'workspace-*' -n jupyter"
    expect(told.lines.at(-1)).toMatchObject({ type: 'summary', next })
    await stream(['rollback'])
  })

  test('where it is interrupted', async () => {
    let killed = false
    const told = await stream(apply, (line, kill) => {
      if (killed || line.type !== 'step-started') return
      killed = true
      kill()
    })
    expect(outcomesOf(told)).toContain('interrupted')
    expect(told.lines.at(-1)?.type).toBe('summary')
    expect(told.code).toBe(130)
  })

  test('where it is resumed', async () => {
    const told = await stream(['resume'])
    expect(outcomesOf(told)).toEqual(new Set(['migrated']))
    expect(told.lines.at(-1)?.type).toBe('summary')
    expect(told.code).toBe(0)
  })

  test('where it is rolled back', async () => {
    const told = await stream(['rollback'])
    expect(outcomesOf(told)).toEqual(new Set(['rolled-back']))
    expect(told.lines.at(-1)).toMatchObject({ type: 'summary', restarted: [WEB, WEB] })
    expect(told.code).toBe(0)
  })

  test.each(['resume', 'rollback'])('where there is nothing to %s', async (command) => {
    const { lines, code } = await stream([command])
    expect(lines).toMatchObject([{ type: 'summary', volumes: [] }])
    expect(code).toBe(0)
  })

  test('where it is copied ahead of time', async () => {
    const told = await stream(['copy', '-f', 'migration.yaml'])
    expect(outcomesOf(told)).toEqual(new Set(['copied']))
    expect(told.lines.at(-1)?.type).toBe('summary')
    expect(told.code).toBe(0)
  })

  test('where one group is blocked and the others go on', async () => {
    const told = await stream([...apply, '-n', 'jupyter', '-n', 'pipeline', '-n', 'elsewhere'])
    expect(outcomesOf(told)).toEqual(new Set(['blocked', 'migrated']))
    expect(told.lines.at(-1)).toMatchObject({ type: 'summary', restarted: [WEB, WEB] })
    expect(told.code).toBe(3)
  })

  test.each(['apply', 'copy'])('where %s finds every group blocked, with the finding and its remedy', async (verb) => {
    const { lines, code } = await stream([verb, '-f', 'migration.yaml', '-n', 'elsewhere'])
    const why = expect.stringContaining('no-path-rule')
    expect(lines).toMatchObject([
      { type: 'group-ended', outcome: 'blocked', message: why, remedy: expect.stringContaining('exclude the volume') },
      { type: 'summary' },
    ])
    expect(code).toBe(3)
  })

  test('and every type of line was among them, but for those of data, of pods and of another run: none is here', () => {
    const elsewhere = new Set<string>(NOT_HERE)
    expect(seen).toEqual(new Set(TYPES.filter((type) => !elsewhere.has(type))))
  })
})

test('each type of line has an example in docs/events.md, and each example is valid', () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/^```json\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'))
  const lines = examples.map((text) => JSON.parse(text) as Line)
  expect(lines.flatMap(problemsOf)).toEqual([])
  expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(TYPES))
})
