import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { cronJobVersion, missing } from '../laboratory/real.ts'
import { type Laboratory, openLaboratory, podSpec } from '../laboratory/real-nodes.ts'

const PATIENCE = { timeout: 90_000, interval: 200 }
const DIRECTORIES = ['workspace', 'archives']
/** Appends to a file in each of the volumes, under the pod's name, until it is told to go. */
const WRITE =
  'trap exit TERM; while true; do for d in /workspace /archives; do echo here >> $d/$HOSTNAME; done; sleep 0.5; done'

function controller(namespace: string, kind: string, name: string, more: Record<string, unknown>): KubeObject {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: podSpec(DIRECTORIES, WRITE) }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template, ...more },
  }
}

function everything({ jupyter, pipeline }: Laboratory, cronJobs: string): KubeObject[] {
  const jobTemplate = {
    spec: {
      template: {
        spec: podSpec(DIRECTORIES, `${WRITE.split(';')[0]}; date >> /archives/$HOSTNAME`, { restartPolicy: 'Never' }),
      },
    },
  }
  return [
    controller(pipeline, 'Deployment', 'web', { replicas: 3 }),
    controller(pipeline, 'StatefulSet', 'store', { replicas: 1, serviceName: 'store' }),
    controller(pipeline, 'DaemonSet', 'agent', {}),
    {
      apiVersion: cronJobs,
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: pipeline },
      spec: { schedule: '* * * * *', jobTemplate },
    },
    ...['alice', 'bob'].map((user) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `notebook-${user}`, namespace: jupyter, labels: { user } },
      spec: podSpec(DIRECTORIES, WRITE, { restartPolicy: 'Never' }),
    })),
  ]
}

describe.skipIf(missing)(`a laboratory on real nodes${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let lab: Laboratory

  beforeAll(async () => {
    lab = await openLaboratory(`story-${process.pid}`, DIRECTORIES, '{unfinished: wait}')
    for (const object of everything(lab, await cronJobVersion(lab.cluster))) await lab.cluster.create(object)
    await writing('disk')
  })
  afterAll(() => lab.remove())

  /** The pods of the laboratory that are to write; those of the CronJob come and go. */
  async function writers(): Promise<string[]> {
    const lists = await Promise.all(
      [lab.jupyter, lab.pipeline].map((namespace) =>
        lab.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }),
      ),
    )
    return lists
      .flatMap(({ items }) => items)
      .filter(({ metadata }) => !metadata.deletionTimestamp && !metadata.name.startsWith('nightly'))
      .map(({ metadata }) => metadata.name)
  }

  /** Waits until all of them write to the one place, and sees that nobody writes to the other. */
  async function writing(where: 'disk' | 'juicefs'): Promise<void> {
    const other = where === 'disk' ? 'juicefs' : 'disk'
    await vi.waitFor(async () => expect((await writers()).length).toBe(3 + 1 + 2 + 2), PATIENCE)
    const pods = await writers()
    for (const directory of DIRECTORIES) {
      const [before, elsewhere] = [await lab.written(where, directory), await lab.written(other, directory)]
      await vi.waitFor(async () => {
        const now = await lab.written(where, directory)
        for (const pod of pods) expect(now.get(pod) ?? 0, pod).toBeGreaterThan(before.get(pod) ?? 0)
      }, PATIENCE)
      expect(await lab.written(other, directory)).toEqual(elsewhere)
    }
  }

  async function done(verb: string): Promise<void> {
    const child = lab.juicify(verb)
    expect(await child.ended, child.output).toBe(0)
  }

  /**
   * Runs juicify as JSON lines, and kills it when it has told of so many events; resolves to how many there were. What it
   * waits for is not counted: it is never quite the same.
   */
  async function events(verb: string, last = Number.POSITIVE_INFINITY): Promise<number> {
    const child = lab.juicify(verb, '-o', 'json')
    const told = () => child.output.split('\n').filter((line) => /^\{(?!.*"type":"waiting-for-)/.test(line)).length
    child.process.stdout?.on('data', () => {
      if (told() >= last) child.process.kill('SIGKILL')
    })
    const end = await child.ended
    expect(end, child.output).toBe(last === Number.POSITIVE_INFINITY ? 0 : 'SIGKILL')
    return told()
  }

  test('is migrated: every pod comes back and writes to JuiceFS; rolled back, to the old directories', {
    timeout: 900_000,
  }, async () => {
    const forward = await events('apply')
    await writing('juicefs')
    const back = await events('rollback')
    await writing('disk')
    // and so it is when it is killed with SIGKILL, at ten points spread evenly over the way there and back: some on an old
    // Kubernetes, the others on a new one, for each takes a minute
    for (const point of (await cronJobVersion(lab.cluster)) === 'batch/v1' ? [2, 4] : [1, 3, 5]) {
      await events('apply', Math.round((forward * point) / 6))
      await done('resume')
      // what was killed before its record was written is not under way, and is begun again
      await done('apply')
      await writing('juicefs')
      await events('rollback', Math.round((back * point) / 6))
      await done('rollback')
      await writing('disk')
    }
  })
})

describe.skipIf(missing)('a service that only reads, and is restarted pod by pod', () => {
  let lab: Laboratory

  beforeAll(async () => {
    lab = await openLaboratory(`rolling-${process.pid}`, ['models'], '{rolling: [{name: inference}]}')
    await lab.put('models', 'where', { disk: 'disk', juicefs: 'juicefs' })
    const labels = { app: 'inference' }
    // it answers on while it is taken out of service, as services do that are to be restarted without a loss
    const container = {
      lifecycle: { preStop: { exec: { command: ['sleep', '2'] } } },
      volumeMounts: [{ name: 'models', mountPath: '/models', readOnly: true }],
      readinessProbe: { httpGet: { port: 8080, path: '/where' }, periodSeconds: 1 },
    }
    const spec = podSpec(['models'], 'httpd -f -p 8080 -h /models', { container, terminationGracePeriodSeconds: 5 })
    await lab.cluster.create<KubeObject>({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'inference', namespace: lab.pipeline },
      spec: { replicas: 4, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    })
    await vi.waitFor(async () => expect((await answers()).length).toBe(4), PATIENCE)
  })
  afterAll(() => lab.remove())

  /** What the ready pods answer; a pod that is ready and does not answer is a failure. */
  async function answers(): Promise<string[]> {
    const { items } = await lab.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: lab.pipeline })
    const ready = items.filter(
      ({ metadata, status }) =>
        !metadata.deletionTimestamp &&
        status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
    return Promise.all(ready.map(async ({ status }) => (await fetch(`http://${status.podIP}:8080/where`)).text()))
  }

  async function asked(verb: string): Promise<{ least: number; rounds: number }> {
    const child = lab.juicify(verb)
    let [least, rounds, ended] = [4, 0, false]
    const end = child.ended.finally(() => {
      ended = true
    })
    for (; !ended; rounds++) least = Math.min(least, (await answers()).length)
    expect(await end, child.output).toBe(0)
    expect(child.output).not.toContain('still stopped')
    expect(child.output).toMatch(/restarted\s+Deployment \S+\/inference\s+pod by pod, no downtime/)
    return { least, rounds }
  }

  test.each([
    ['apply', 'juicefs'],
    ['rollback', 'disk'],
  ])(
    'never has fewer than 3 of its 4 pods ready during %s, asked all the time, and reads from the %s then',
    async (verb, where) => {
      const { least, rounds } = await asked(verb)
      expect(rounds).toBeGreaterThan(10)
      expect(least).toBeGreaterThanOrEqual(3)
      expect(await answers()).toEqual(Array(4).fill(where))
    },
  )
})

interface Pod extends KubeObject {
  status: { podIP?: string; conditions?: { type: string; status: string }[] }
}
