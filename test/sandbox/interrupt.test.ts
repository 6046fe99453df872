import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import { RECORD_KIND } from '../../src/domain/own-kinds.ts'
import { apply } from '../../src/engine/run.ts'
import type { Interference, SandboxOptions } from '../../src/sandbox/index.ts'
import { startSandbox } from '../../src/sandbox/index.ts'
import { type Child, workplace } from '../laboratory/child.ts'
import { changesOf, freeLease } from '../laboratory/death.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { leftStopped, stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, type Story, told } from '../laboratory/story.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const uneventful = await begin(smallLaboratory())
const before = stateOf(uneventful.sandbox.objects())
await changesOf(uneventful, 'apply')
await uneventful.sandbox.settled()
const after = stateOf(uneventful.sandbox.objects())
await uneventful.close()

/** A laboratory that has something done at one of the changes that are asked of it: the k-th, or the first of its kind. */
async function atChange(
  k: number | RegExp,
  then: () => Interference | undefined | Promise<Interference | undefined>,
): Promise<Story> {
  let count = 0
  let found = false
  const hooks: Pick<SandboxOptions, 'onRequest'> = {
    onRequest({ changing, method, path }) {
      if (!changing || found) return undefined
      found = typeof k === 'number' ? ++count === k : k.test(`${method} ${path}`)
      return found ? then() : undefined
    },
  }
  const story = await begin(smallLaboratory(), hooks)
  closing.push(story.close)
  return story
}

async function juicify(story: Story, ...words: string[]): Promise<Child> {
  const { start, remove } = await workplace(story.sandbox.kubeconfig, { 'laboratory.yaml': MIGRATION_FILE })
  closing.push(remove)
  return start(...words)
}

/** The groups of which there is a record that they are under way. */
function begunIn({ sandbox }: Story): string[] {
  const records = sandbox.objects() as { kind: string; metadata: { name: string }; state?: { phase: string } }[]
  return records.flatMap(({ kind, metadata, state }) =>
    kind === RECORD_KIND.kind && state?.phase === 'migrating' ? metadata.name : [],
  )
}

/** What the last lines of a run say. */
function lastLines(output: string): { stopped: string[]; next: string | undefined } {
  const text = output.replace(/\n {2,}/g, ' ')
  const stopped = /still stopped: (.*)/.exec(text)?.[1] ?? ''
  return {
    stopped: stopped.split(', ').flatMap((each) => each.split(' (group')[0] || []),
    next: /next: (.*)/.exec(text)?.[1],
  }
}

async function resumed(story: Story): Promise<void> {
  const { sandbox, cluster } = story
  await freeLease(cluster)
  for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
  for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
    expect(message ?? outcome).toBe('migrated')
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(after)
}

test.each([
  ['SIGINT', 4],
  ['SIGTERM', 7],
  ['SIGINT', 9],
  ['SIGTERM', 12],
  ['SIGINT', 16],
  // how many changes there are depends on how often a claim has to be touched: this one is of the step `start`
  ['SIGTERM', /^POST .*\/pods$/],
] as const)(
  '%s at change %s: it stops at a safe point, and its last lines say where and how to go on',
  async (signal, k) => {
    let child: Child | undefined
    const story = await atChange(k, async () => {
      child?.process.kill(signal)
      if (child) while (!child.output.includes(signal)) await once(child.process.stderr ?? child.process, 'data')
      return undefined
    })
    child = await juicify(story, 'apply', '--yes', '-f', 'laboratory.yaml')
    expect(await child.ended, child.output).toBe(130)
    await story.sandbox.settled()
    const { stopped, next } = lastLines(child.output)
    const [, back = ''] = /^juicify apply [^,]*(?:, or juicify rollback (.+))?$/.exec(next ?? '') ?? []
    expect(back.split(' ').filter((group) => group !== '')).toEqual(begunIn(story))
    expect([...new Set(stopped)].sort()).toEqual(leftStopped(story.sandbox.objects() as never, before))
    const phases = story.sandbox.objects().filter(({ kind }) => kind === 'PersistentVolume')
    expect(phases.map(({ status }) => (status as { phase: string }).phase)).toEqual(phases.map(() => 'Bound'))
    // the very command that it names
    const [, ...words] = next?.split(', or ')[0]?.split(' ') ?? []
    const resume = await juicify(story, ...words, '--yes')
    expect(await resume.ended, resume.output).toBe(0)
    await resumed(story)
  },
)

test('status says to wait for a run that is at work, and which command goes on where it is dead', async () => {
  const status = async (story: Story) => {
    const asked = await juicify(story, 'status')
    expect(await asked.ended, asked.output).toBe(0)
    return asked.output
  }
  let child: Child | undefined
  let during = ''
  const story = await atChange(9, async () => {
    during = await status(story)
    child?.process.kill('SIGKILL')
    await child?.ended
    return { cut: 'before' }
  })
  child = await juicify(story, 'apply', '--yes', '-f', 'laboratory.yaml')
  expect(await child.ended).toBe('SIGKILL')
  expect(during).toContain(`:${child.process.pid}; follow it with juicify status --watch`)
  expect(during).not.toContain('juicify resume')
  expect(await status(story)).toContain('next: juicify resume')
  await resumed(story)
})

test('a second signal leaves at once', async () => {
  let child: Child | undefined
  const story = await atChange(9, async () => {
    if (!child) return undefined
    for (const word of ['safe point', 'at once.']) {
      child.process.kill('SIGINT')
      while (child.process.exitCode === null && !child.output.includes(word))
        await Promise.race([once(child.process.stderr ?? child.process, 'data'), child.ended])
    }
    await child.ended
    return { cut: 'before' }
  })
  child = await juicify(story, 'apply', '--yes', '-f', 'laboratory.yaml')
  expect(await child.ended, child.output).toBe(130)
  expect(child.output).toContain('juicify resume continues')
  await resumed(story)
})

test('a second signal while volumes are away names them', async () => {
  let child: Child | undefined
  let volume = ''
  const story = await begin(smallLaboratory(), {
    onRequest: async ({ method, path }) => {
      if (method !== 'DELETE' || !path.includes('/persistentvolumes/') || !child || volume !== '') return undefined
      volume = path.split('/').at(-1)?.split('?')[0] ?? ''
      for (const word of ['safe point', 'at once.']) {
        child.process.kill('SIGINT')
        while (child.process.exitCode === null && !child.output.includes(word))
          await Promise.race([once(child.process.stderr ?? child.process, 'data'), child.ended])
      }
      await child.ended
      return { cut: 'before' }
    },
  })
  closing.push(story.close)
  child = await juicify(story, 'apply', '--yes', '-f', 'laboratory.yaml')
  expect(await child.ended, child.output).toBe(130)
  const [, named = ''] = /Not bound at the moment.*PersistentVolume (.*)\. juicify resume/.exec(child.output) ?? []
  expect(named.split(', ')).toContain(volume)
  await resumed(story)
})

test('an API server that is away for a moment in the middle is waited for', async () => {
  let away: Promise<void> | undefined
  const story = await atChange(12, () => {
    away ??= comesBack()
    return { cut: 'before' }
  })
  // the one that comes back is another sandbox, and is found by its address
  const cluster = await connect({ kubeconfigText: story.sandbox.kubeconfig })
  closing.push(() => cluster.close())
  Object.assign(story, { cluster })
  const comesBack = async () => {
    const objects = story.sandbox.objects()
    const port = Number(new URL(story.sandbox.url).port)
    await story.sandbox.close()
    const back = await startSandbox({ objects, port })
    closing.push(() => back.close())
    Object.assign(story, { sandbox: back })
  }
  const results = await apply(await planOf(story.cluster), told(story.cluster).options)
  await away
  for (const { outcome, message } of results) expect(message ?? outcome).toMatch(/^migrated$|^cannot /)
  await resumed(story)
})

test.each([
  // who learns it first says it: the lease, or a group that has asked for long enough
  [
    'an API server that is gone',
    { cut: 'before' } as const,
    /has not answered since|the connection to \S+ broke|cannot reach|timed out waiting for an answer/,
  ],
  [
    'a token that has expired',
    { answer: { status: 401, reason: 'Unauthorized', message: 'Unauthorized' } } as const,
    /Unauthorized/,
  ],
])('%s ends the run with a word that says so; resume goes on when it is back', async (_, fault, message) => {
  let broken = false
  let mended = false
  const story = await begin(smallLaboratory(), {
    onRequest: ({ method, path }) => {
      if (method === 'DELETE' && path.includes('persistentvolumes')) broken = true
      return broken && !mended ? fault : undefined
    },
  })
  closing.push(story.close)
  const plan = await planOf(story.cluster)
  const victim = await connect({ kubeconfigText: story.sandbox.kubeconfig, requestTimeout: 500, retryTimeout: 500 })
  closing.push(() => victim.close())
  const lease = { wait: 0, duration: 1, patience: 1000 }
  const results = await apply(plan, told(victim, { lease }).options)
  expect(results.length).toBe(2)
  for (const result of results) {
    expect(result.outcome).toBe('failed')
    expect(result.message).toMatch(message)
    expect(result.remedy).toBeTruthy()
    // it cannot see what stands still, and says that too
    expect(result.leftStopped).toContain('Deployment pipeline/web (last known state: it cannot be read now)')
  }
  mended = true
  await resumed(story)
})
