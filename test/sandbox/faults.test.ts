import { inspect } from 'node:util'
import pLimit from 'p-limit'
import { expect, test, vi } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import type * as Signal from '../../src/cluster/signal.ts'
import { network } from '../../src/cluster/transport.ts'
import { Failure } from '../../src/domain/failure.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { GroupResult } from '../../src/engine/group-runner.ts'
import { changesOf, freeLease } from '../laboratory/death.ts'
import { directTo } from '../laboratory/direct.ts'
import { faults, REQUEST_TIMEOUT } from '../laboratory/faults.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { leftStopped, stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story } from '../laboratory/story.ts'
import { isTried } from '../laboratory/sweep.ts'

// The client's pauses between tries pass in a fortieth of their time; nothing else does.
vi.mock('../../src/cluster/signal.ts', async (original) => {
  const signal = await original<typeof Signal>()
  return { ...signal, pause: (ms: number, end?: AbortSignal) => signal.pause(ms / 40, end) }
})

const uneventful = await begin(smallLaboratory())
const before = stateOf(uneventful.sandbox.objects())
await changesOf(uneventful, 'apply')
await uneventful.sandbox.settled()
const after = stateOf(uneventful.sandbox.objects())
const migrated = uneventful.sandbox.objects()
await uneventful.close()

/** One run with faults, and what is to be said of it. */
async function runWithFaults(seed: number, rate: number): Promise<void> {
  const forward = seed % 2 === 0
  const { hooks, begin: turnBad, end: turnGood } = faults(seed, rate)
  const story = await begin(forward ? smallLaboratory() : migrated, hooks)
  const { sandbox, cluster } = story
  const plan = await planOf(cluster)
  // every fifth over the network
  const victim = await connect({
    kubeconfigText: sandbox.kubeconfig,
    transport: seed % 5 === 0 ? network : directTo(sandbox),
    requestTimeout: REQUEST_TIMEOUT,
    retryTimeout: 4 * REQUEST_TIMEOUT,
  })
  try {
    // a server that was never there is given up at once, and nothing would be seen of what goes wrong later
    await untilAnswered(() => victim.raw('GET', '/version'))
    turnBad(sandbox)
    const results = await (forward ? applyAll(victim, plan) : rollbackAll(victim)).catch(asFailure)
    turnGood()
    await sandbox.settled()
    checkMessages(results, story)
    await freeLease(cluster)
    await goOn(cluster, seed)
    await sandbox.settled()
    expect(stateOf(sandbox.objects())).toEqual(isForwardAtTheEnd(seed) ? after : before)
  } finally {
    victim.close()
    await story.close()
  }
}

/** Asks until there is an answer: a busy machine may take longer for the first than a client waits here. */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
}

/** Where nothing could be begun, a run throws a Failure, and nothing else. */
function asFailure(error: unknown): GroupResult[] {
  if (!(error instanceof Failure)) throw error
  expect(error.message).not.toBe('')
  return []
}

/** What the results say is what the cluster shows. */
function checkMessages(results: GroupResult[], { sandbox }: Story): void {
  const objects = sandbox.objects() as KubeObject[]
  const stopped = leftStopped(objects, before)
  for (const { outcome, message, volumes, leftStopped: said } of results) {
    const csi = volumes.map((volume) => {
      const pv = objects.find(({ kind, metadata }) => kind === 'PersistentVolume' && metadata.name === volume.name)
      const { spec, status } = (pv ?? {}) as { spec?: { csi?: unknown }; status?: { phase?: string } }
      return `${spec?.csi !== undefined} ${status?.phase}`
    })
    if (outcome === 'migrated') expect(new Set(csi)).toEqual(new Set(['true Bound']))
    else if (outcome === 'rolled-back') expect(new Set(csi)).toEqual(new Set(['false Bound']))
    else expect(message).toMatch(/\w/)
    for (const workload of said.filter(isSeen)) expect(stopped).toContain(workload)
  }
  const said = results.flatMap((result) => result.leftStopped)
  if (results.length > 0)
    for (const workload of stopped) expect(said.map((name) => name.split(' (')[0])).toContain(workload)
}

const isSeen = (workload: string) => !workload.includes('cannot be read')
const isForwardAtTheEnd = (seed: number) => seed % 4 === 0

async function goOn(cluster: Story['cluster'], seed: number): Promise<void> {
  if (!isForwardAtTheEnd(seed)) {
    for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    return
  }
  for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
  for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
    expect(message ?? outcome).toBe('migrated')
}

const SEEDS = Array.from({ length: 100 }, (_, index) => index).filter(isTried)
/** One seed to look at by itself, as a failure has named it. */
const only = Number(process.env.JUICIFY_SEED)

test.each([0.05, 0.2])(
  `of ${SEEDS.length} runs with %f of the requests gone wrong each ends well, or says what is`,
  { timeout: 300_000 },
  async (rate) => {
    const limit = pLimit(16)
    const failures: string[] = []
    await Promise.all(
      (only ? [only - 10_000 * rate] : SEEDS).map((index) =>
        limit(async () => {
          const seed = index + 10_000 * rate
          await runWithFaults(seed, rate).catch((error: Error) => {
            failures.push(`JUICIFY_SEED=${seed}: ${inspect(error, { depth: 4 })}`)
          })
        }),
      ),
    )
    expect(failures.join('\n\n')).toBe('')
  },
)
