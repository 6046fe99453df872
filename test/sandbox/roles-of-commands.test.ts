import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NAMESPACE } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { definitionOf, OWN_KINDS } from '../../src/domain/own-kinds.ts'
import { type Permission, permissionsOf, type Role } from '../../src/domain/permissions.ts'
import { measure } from '../../src/engine/measure.ts'
import { apply, rollback } from '../../src/engine/run.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { probe } from '../../src/probe/probe.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { survey } from '../../src/survey/survey.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { customKind } from '../laboratory/definition.ts'
import { endJobPods, programsTell } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { type Asked, askedBy, grants, inWords } from '../laboratory/permissions.ts'
import { begin, type Story, told, workloadsNow } from '../laboratory/story.ts'

// What each role is for, by the commands as they are typed, and with what a migration may ask for besides: quotas, whose Jobs
// run beside the Secret, and an operator's objects that are paused meanwhile.

const FILE = MIGRATION_FILE.replace('{mode: none}', '{mode: copy, mover: juicefs, image: "juicedata/mount:ce-v1.3.0"}')
  .replace('nodes: shared', 'nodes: [node1]')
  .replace('  target:\n', '  target:\n    quota: capacity\n')
const given = readMigration(FILE, 'migration.yaml')
const ALL = permissionsOn(fileSystemOf(given.target))

const COPIED = 'juicify summary copied: 1\njuicify result passes=2\n'
const EQUAL = 'juicify result missing=0 changed=0 extra=0 files=2 target-files=2 left=0 holds=abc newest=5\n'
const TOLD: Record<string, string> = {
  warm: COPIED,
  'catch-up': COPIED,
  back: COPIED,
  verify: EQUAL,
  compare: EQUAL,
  'verify-ahead': `juicify result files=2 bytes=10 of=2 digest=${'a'.repeat(64)}\n`,
  'undo-fs-group': 'juicify result restored=0\n',
  estimate:
    'juicify result bytes=10 files=2 directories=1 links=0 space=8192 free-bytes=10000000000 free-inodes=1000 place=absent\njuicify lefts 0\n',
  sample: 'juicify result bytes=10 listed=2 files=2 ms=10 list-ms=1\n',
  unused: `juicify result changed=0 entries=9 now=${Math.floor(Date.now() / 1000)}\n`,
}

const SCALER = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'web', namespace: 'pipeline' },
  spec: { scaleTargetRef: { name: 'web' } },
}
const SCALERS = customKind(SCALER.apiVersion, SCALER.kind)

let held: readonly Permission[] | undefined
const refused: Asked[] = []
const mayAsk = (asked: Asked) => held?.some((permission) => grants(permission, asked)) ?? true

let story: Story
let place: Workplace
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  const own = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, ...OWN_KINDS.map(definitionOf)]
  story = await begin([...smallLaboratory(), ...own, SCALERS, SCALER], {
    reaction: 50,
    onRequest: (request) => {
      const asked = askedBy(request)
      const ofKubelet = request.method === 'PATCH' && /namespaces\/(juicify|kube-system)\/pods\//.test(request.path)
      if (!asked || ofKubelet || mayAsk(asked)) return undefined
      refused.push(asked)
      return { answer: { status: 403, reason: 'Forbidden', message: `you may not ${inWords(asked)}` } }
    },
  })
  await story.sandbox.settled()
  ends.push(endJobPods(story.cluster, programsTell(TOLD), 'juicify answered 1 40\n'))
  ends.push(endJobPods(story.cluster, (_, pod) => quotasTold(pod), undefined, 'kube-system'))
  place = await workplace(story.sandbox.kubeconfig, { 'migration.yaml': FILE })
})
afterAll(async () => {
  for (const end of ends) await end()
  await place?.remove()
  await story?.close()
})

/** What quota.sh tells, of as many directories as it is asked for. */
function quotasTold(pod: KubeObject): string {
  const { containers } = pod.spec as { containers: { env: { name: string; value?: string }[] }[] }
  const value = (name: string) => containers[0]?.env.find((each) => each.name === name)?.value ?? ''
  const state = { look: 'none', set: 'set', remove: 'removed' }[value('DO')]
  const lines = value('QUOTAS').split('\n')
  const told = lines.map((_, at) => `juicify quota ${at} ${state} 10_GiB 4_KiB\n`)
  return `${told.join('')}juicify result places=${lines.length}\n`
}

/** Does that with the role and nothing more; and nothing of it was refused. */
async function as<T>(role: Role, work: () => Promise<T>): Promise<T> {
  refused.length = 0
  held = permissionsOf(role, ALL)
  try {
    return await work()
  } finally {
    held = undefined
    expect([...new Set(refused.map(inWords))]).toEqual([])
  }
}

async function said(...words: string[]): Promise<[code: number | string, output: string]> {
  const child = place.run(...words)
  return [await child.ended, child.output]
}

const options = () => {
  const { settings, ...rest } = told(story.cluster).options
  return { ...rest, settings: { ...settings, rehearsal: false } }
}
const planned = async () =>
  makePlan(await survey(story.cluster, given), given, { wholeGroups: false, dangerousSplit: false })
const scaler = async () =>
  (await story.cluster.get<KubeObject>({ ...SCALER, ...SCALER.metadata })).metadata.annotations ?? {}

describe('the roles that juicify rbac prints let', () => {
  test('a copier have directories measured and a sample copied, and probe the file system', async () => {
    const { cluster } = story
    const signal = new AbortController().signal
    const plan = await planned()
    await as('copier', async () => {
      const { copies, unknown, pace } = await measure(cluster, plan, signal)
      expect([...copies.values()]).toEqual(
        plan.groups.map(() => expect.objectContaining({ nodes: [expect.anything()] })),
      )
      expect([unknown, pace]).toEqual([undefined, expect.anything()])
      const nodes = ['node1', 'node2']
      const about = {
        cluster,
        fileSystem: fileSystemOf(given.target),
        image: 'local/tools:1',
        nodes,
        emit() {},
        signal,
      }
      const { readers } = await probe({ root: true }, { ...about, timeout: 20_000, disposal: 5_000 })
      expect(readers).toHaveLength(1)
    })
  })

  test('an operator set quotas, and pause a ScaledObject while what it scales is stopped', async () => {
    const plan = await planned()
    expect(plan.groups.flatMap(({ workloads }) => workloads.map(({ ref }) => ref.kind))).toContain('ScaledObject')
    const events: string[] = []
    const about = options()
    const seen: unknown[] = []
    await as('operator', async () => {
      const emit: typeof about.emit = (event) => {
        about.emit(event)
        events.push(event.type)
      }
      const results = await apply(plan, { ...about, emit })
      expect([...new Set(results.map(({ message, outcome }) => message ?? outcome))]).toEqual(['migrated'])
    })
    seen.push(await scaler())
    expect(events).toContain('quota-set')
    expect(seen).toEqual([{}])
  })

  test('a viewer see all of that, in each form', async () => {
    // to whom the Lease and what is copied are nothing to see is told so, and what is asked for that is refused
    held = permissionsOf('viewer', ALL)
    try {
      for (const words of [['status'], ['status', '-o', 'json'], ['report', '--format', 'markdown']]) {
        const [code, output] = await said(...words)
        expect([code, output]).toEqual([0, expect.stringContaining('workspace-bbc59b89')])
        expect(output).not.toMatch(/^error:/m)
      }
      const watching = place.start('status', '--watch')
      await expect.poll(() => watching.output, { timeout: 60_000 }).toContain('migrated')
      watching.process.kill('SIGINT')
      await watching.ended
      expect(watching.output).not.toMatch(/^error:/m)
    } finally {
      held = undefined
    }
  })

  test('an operator look whether anything uses the old directories, and take all of it back', async () => {
    const found = await as('operator', () => said('finish', '-f', 'migration.yaml'))
    expect(found).toEqual([expect.anything(), expect.not.stringMatching(/^error: .*(not allowed|permission)/m)])
    await as('operator', async () => {
      const results = await rollback(await workloadsNow(story.cluster), options())
      expect([...new Set(results.map(({ message, outcome }) => message ?? outcome))]).toEqual(['rolled-back'])
    })
    expect(await scaler()).toEqual({})
  })
})
