import { once } from 'node:events'
import pLimit from 'p-limit'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { Failure } from '../../src/domain/failure.ts'
import { apply, type RunOptions } from '../../src/engine/run.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import type { Interference, SandboxOptions } from '../../src/sandbox/index.ts'
import { changesOf, freeLease } from '../laboratory/death.ts'
import { type Gate, gateBefore } from '../laboratory/gate.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story, type Told, told } from '../laboratory/story.ts'
import { isTried } from '../laboratory/sweep.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const uneventful = await begin(smallLaboratory())
const before = stateOf(uneventful.sandbox.objects())
const changesForward = await changesOf(uneventful, 'apply')
await uneventful.sandbox.settled()
const after = stateOf(uneventful.sandbox.objects())
const migrated = uneventful.sandbox.objects()
const changesBack = await changesOf(uneventful, 'rollback')
await uneventful.close()

/** A run whose way to its cluster goes through a gate, which is at `reached` when a change of that name is asked for. */
interface Gated extends Story, Told {
  gate: Gate
  /** The cluster as the run sees it. */
  far: Cluster
  reached: Promise<unknown>
}

async function gated(at: RegExp, more: Partial<RunOptions> = {}, hooks: Partial<SandboxOptions> = {}): Promise<Gated> {
  const marks = new EventTarget()
  const story = await begin(smallLaboratory(), {
    ...hooks,
    onRequest(request) {
      // what would be created is asked beforehand, and nothing depends on that being answered
      const real = !request.query.has('dryRun')
      if (real && at.test(`${request.method} ${request.path}`)) marks.dispatchEvent(new Event('reached'))
      return hooks.onRequest?.(request)
    },
  })
  const gate = await gateBefore(story.sandbox.kubeconfig)
  const far = await connect({ kubeconfigText: gate.kubeconfig, requestTimeout: 1000 })
  closing.push(story.close, gate.shut, () => far.close())
  return { ...story, ...told(far, more), gate, far, reached: once(marks, 'reached') }
}

const textsOf = ({ events }: Pick<Told, 'events'>) =>
  events.flatMap((event) => eventTexts(event).map(({ text }) => text))

const saying = (run: Pick<Told, 'events'>, what: RegExp) =>
  vi.waitFor(() => expect(textsOf(run).some((text) => what.test(text))).toBe(true), { timeout: 20_000, interval: 20 })

const AWAY = /^the API server has not answered since \d\d:\d\d:\d\d; retrying until \d\d:\d\d:\d\d$/
const BACK = /^the API server answers again after \d+[ms]\S*; continuing$/

const lease = (patience?: number) => ({
  wait: 0,
  duration: 1,
  holder: 'alice@laptop:17',
  ...(patience ? { patience } : {}),
})

/** Milliseconds. */
function sinceRenewal({ sandbox }: Story): number {
  const held = sandbox.objects().find(({ kind }) => kind === 'Lease') as { spec?: { renewTime?: string } } | undefined
  return Date.now() - Date.parse(held?.spec?.renewTime ?? '')
}

const DELETES_A_VOLUME = /^DELETE .*\/persistentvolumes\//
const CREATES_A_VOLUME = /^POST .*\/persistentvolumes$/
const STOPS = /^PATCH .*\/deployments\//
const CREATES_A_POD = /^POST .*\/pods$/

describe('an API server that goes away in the middle of a run', () => {
  test.each([
    ['nothing listens, while things are stopped', STOPS, 'shut'],
    ['nothing listens, while a volume is deleted', DELETES_A_VOLUME, 'shut'],
    ['nothing listens, while a volume is brought', CREATES_A_VOLUME, 'shut'],
    ['nothing answers, while a volume is brought', CREATES_A_VOLUME, 'mute'],
    ['nothing answers, while things are started', CREATES_A_POD, 'mute'],
  ] as const)('is waited for, and the run goes on by itself: %s', async (_, at, how) => {
    const run = await gated(at, { lease: lease() })
    const running = apply(await planOf(run.cluster), run.options)
    await run.reached
    await run.gate[how]()
    await saying(run, AWAY)
    await run.gate.open()
    for (const { outcome, message } of await running) expect(message ?? outcome).toBe('migrated')
    const said = textsOf(run).flatMap((text) => (AWAY.test(text) ? 'away' : BACK.test(text) ? 'back' : []))
    // a busy machine may be slow to answer once more
    expect(said.join(' ')).toMatch(/^away back( away back)*$/)
    await run.sandbox.settled()
    expect(stateOf(run.sandbox.objects())).toEqual(after)
  })

  test('where another run took the lease meanwhile, nothing is changed any more', async () => {
    const changed: string[] = []
    const run = await gated(
      CREATES_A_VOLUME,
      { lease: lease() },
      {
        onAnswer({ changing, method, path }, status) {
          if (changing && status < 300) changed.push(`${method} ${path}`)
        },
      },
    )
    const running = apply(await planOf(run.cluster), run.options)
    await run.reached
    await run.gate.shut()
    await saying(run, AWAY)
    for (const { outcome, message } of await rollbackAll(run.cluster)) expect(message ?? outcome).toBe('rolled-back')
    await run.sandbox.settled()
    changed.length = 0
    await run.gate.open()
    const results = await running
    expect(
      results.some(({ outcome, message }) => outcome === 'failed' && /no longer holds the lease/.test(message ?? '')),
    ).toBe(true)
    await run.sandbox.settled()
    expect(stateOf(run.sandbox.objects())).toEqual(before)
    expect(changed).toEqual([])
  })

  test('a run that waits for the lease does not take it from one that only could not be heard', async () => {
    const ways = new EventTarget()
    const waited = once(ways, 'waited')
    // longer than it takes whoever holds it to try again
    const duration = 4
    const run = await gated(
      DELETES_A_VOLUME,
      { lease: { ...lease(), duration } },
      {
        async onRequest({ method, path }) {
          if (method === 'GET' && path.endsWith('/leases/juicify')) ways.dispatchEvent(new Event('looked'))
          // or the run may have come to its end before the other one looks at the lease
          if (DELETES_A_VOLUME.test(`${method} ${path}`)) await waited
          return undefined
        },
      },
    )
    const gate = await gateBefore(run.sandbox.kubeconfig)
    const far = await connect({ kubeconfigText: gate.kubeconfig, requestTimeout: 60_000 })
    closing.push(gate.shut, () => far.close())
    const other = told(far, { lease: { wait: 60_000, duration, holder: 'bob@laptop:18' } })
    const [plan, othersPlan] = [await planOf(run.cluster), await planOf(far)]
    const running = apply(plan, run.options)
    await run.reached
    const waiting = apply(othersPlan, other.options)
    await saying(other, /alice@laptop:17 holds the lease/)
    ways.dispatchEvent(new Event('waited'))

    await Promise.all([run.gate.shut(), gate.shut()])
    await vi.waitFor(() => expect(sinceRenewal(run)).toBeGreaterThan(duration * 1000), {
      timeout: 20_000,
      interval: 20,
    })
    // who waits hears the server before who holds the lease does, and finds it run out
    const looked = once(ways, 'looked')
    await gate.open()
    await looked
    await run.gate.open()
    for (const { outcome, message } of await running) expect(message ?? outcome).toBe('migrated')
    for (const { outcome, message } of await waiting) expect(`${outcome}: ${message}`).toMatch(/^failed: .*plan/)
  })

  test('Ctrl-C while it is waited for ends the run at once, and says where things stand', async () => {
    const run = await gated(CREATES_A_VOLUME, { lease: lease() })
    const running = apply(await planOf(run.cluster), run.options)
    await run.reached
    await run.gate.mute()
    await saying(run, AWAY)
    run.options.stop()
    const results = await running
    for (const { outcome } of results) expect(outcome).toBe('interrupted')
    expect(results.flatMap(({ message }) => message ?? []).join()).toMatch(/has not answered since .*; interrupted/)
    const left = results.flatMap(({ leftStopped }) => leftStopped)
    expect(left).toContain('Deployment pipeline/web (last known state: it cannot be read now)')
    await run.gate.open()
    await freeLease(run.cluster)
    for (const { outcome, message } of await resumeAll(run.cluster)) expect(message ?? outcome).toBe('migrated')
  })

  test('one that stays away for longer than it is to be waited for ends the run, and resume goes on', async () => {
    const run = await gated(CREATES_A_VOLUME, { lease: lease(1500) })
    const running = apply(await planOf(run.cluster), run.options)
    await run.reached
    await run.gate.shut()
    const results = await running
    for (const { outcome, message, remedy } of results) {
      expect(outcome).toBe('failed')
      expect(message).toMatch(/has not answered since \d\d:\d\d:\d\d, for \d+ s/)
      expect(remedy).toContain('juicify resume')
    }
    await run.gate.open()
    await freeLease(run.cluster)
    for (const { outcome, message } of await resumeAll(run.cluster)) expect(message ?? outcome).toBe('migrated')
    await run.sandbox.settled()
    expect(stateOf(run.sandbox.objects())).toEqual(after)
  })

  test('one that is back and not ready yet is waited for still', async () => {
    let ready = true
    let asked = 0
    const early: string[] = []
    const run = await gated(
      CREATES_A_VOLUME,
      { lease: lease() },
      {
        onRequest({ method, path, changing }): Interference | undefined {
          if (ready) return undefined
          if (path === '/readyz') {
            ready = ++asked > 3
            return { answer: { status: 500 } }
          }
          if (changing && !path.includes('/leases/')) early.push(`${method} ${path}`)
          return undefined
        },
      },
    )
    const running = apply(await planOf(run.cluster), run.options)
    await run.reached
    await run.gate.mute()
    await saying(run, AWAY)
    ready = false
    await run.gate.open()
    for (const { outcome, message } of await running) expect(message ?? outcome).toBe('migrated')
    expect(asked).toBe(4)
    expect(early).toEqual([])
  })

  test('one that was never there is told in one line, at once', async () => {
    const run = await gated(STOPS)
    const plan = await planOf(run.cluster)
    await run.gate.shut()
    const failure = await apply(plan, run.options).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Failure)
    expect((failure as Failure).message).toMatch(/cannot reach .*: connection refused/)
    await run.gate.open()
  })
})

// A change that gets an answer other than yes or no may have been made, or not. Its run looks, and goes on.
const faults: Record<string, Interference> = {
  'is answered by 500': { answer: { status: 500, reason: 'InternalError' } },
  'is lost': { cut: 'before' },
  'is made, and its answer lost': { cut: 'after' },
}

describe.each(Object.entries(faults))(
  `a run of which one change %s goes on by itself (${changesForward.length} changes there, ${changesBack.length} back)`,
  { timeout: 120_000 },
  (_, fault) => {
    test.each([
      ['apply', changesForward, 'migrated', after],
      ['rollback', changesBack, 'rolled-back', before],
    ] as const)('%s', async (verb, changes, wanted, state) => {
      const limit = pLimit(6)
      await Promise.all(
        changes.map((change, index) =>
          limit(async () => {
            if (!isTried(index)) return
            let count = 0
            const story = await begin(verb === 'apply' ? smallLaboratory() : migrated, {
              onRequest: ({ changing }) => (changing && ++count === index + 1 ? fault : undefined),
            })
            try {
              const results = await (verb === 'apply'
                ? applyAll(story.cluster, await planOf(story.cluster))
                : rollbackAll(story.cluster))
              for (const { outcome, message } of results) expect(message ?? outcome).toBe(wanted)
              await story.sandbox.settled()
              expect(stateOf(story.sandbox.objects())).toEqual(state)
            } catch (cause) {
              throw new Error(`change ${index + 1}, ${change}`, { cause })
            } finally {
              await story.close()
            }
          }),
        ),
      )
    })
  },
)
