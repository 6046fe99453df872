import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { LABEL } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { askFileSystem } from '../../src/probe/ask.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { boundFolder } from '../laboratory/hands.ts'
import { migration } from '../laboratory/migration.ts'
import {
  ARCHIVES,
  beginMove,
  CLAIMS,
  deployment,
  differsFrom,
  IN_USE,
  type Move,
  notebook,
  onFileSystem,
  onNode,
  podsIn,
  runsIn,
  until,
  WORKSPACE,
  writesTo,
} from '../laboratory/moving.ts'
import { mkdir, onNode as nodeShell, plant, readFile, rm, symlink, writeFile } from '../laboratory/node-files.ts'
import { missing, openCluster } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'

const skipped = missing ?? (await withoutJuiceFS())
const why = skipped ? ` (skipped: ${skipped})` : ''

async function withoutJuiceFS(): Promise<string | undefined> {
  const cluster = await openCluster()
  try {
    return (await boundFolder(cluster)) && 'needs a real JuiceFS: npm run cluster -- up --nodes 2 --juicefs'
  } finally {
    cluster.close()
  }
}

type DriverPod = KubeObject & {
  spec: { nodeName: string }
  status?: { containerStatuses?: { ready: boolean; restartCount: number }[] }
}

const DRIVER = 'app=juicefs-csi-node'
const MOUNTS = 'app.kubernetes.io/name=juicefs-mount'

/** How often the driver was restarted on each node, and whether it is well there. */
async function driverOn(cluster: Cluster): Promise<Record<string, unknown>> {
  const pods = await cluster.list<DriverPod>({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector: DRIVER })
  return Object.fromEntries(
    pods.items.map(({ spec, status }) => [
      spec.nodeName,
      status?.containerStatuses?.map(({ ready, restartCount }) => ({ ready, restartCount })),
    ]),
  )
}

/** The handles of the volumes whose mounts a pod of the driver holds. */
async function handlesMounted(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector: MOUNTS })
  return [...new Set(items.map(({ metadata }) => metadata.labels?.['volume-id'] ?? ''))].sort()
}

async function succeeds(move: Move, ...words: string[]): Promise<string> {
  const child = move.juicify(...words)
  expect(await child.ended, child.output).toBe(0)
  return child.output.replace(/\n +/g, ' ')
}

/** The stages of the Jobs that were made while something ran. */
async function stagesOf(cluster: Cluster, run: () => Promise<unknown>): Promise<string[]> {
  const kind = { apiVersion: 'batch/v1', kind: 'Job' }
  const stop = new AbortController()
  const stages: string[] = []
  const watching = (async () => {
    for await (const { type, object } of cluster.watch<KubeObject>(kind, { namespace: 'juicify', signal: stop.signal }))
      if (type === 'ADDED') stages.push(object.metadata.labels?.[LABEL.stage] ?? '')
  })()
  try {
    await run()
  } finally {
    stop.abort()
    await watching
  }
  return stages
}

/** The mover that JuiceFS brings, in the image that its driver mounts with: nothing is named. */
const OWN = { copy: { mode: 'copy', mover: 'juicefs' } }

describe.skipIf(skipped)(`volumes in use that go to a real JuiceFS${why}`, () => {
  let move: Move
  let healthy: Record<string, unknown>
  beforeAll(async () => {
    move = await beginMove(['jupyter', 'pipeline'], {
      ...OWN,
      claims: CLAIMS,
      written: IN_USE,
      plant: async () => {
        for (const [seed, directory] of IN_USE.entries())
          await plant(onNode('node1', directory), (here) => plantTree(here, { seed, files: 50, sparse: 1 << 20 }))
      },
      workloads: [notebook('notebook-alice', CLAIMS), deployment('pipeline', 'web', CLAIMS)],
    })
    healthy = await driverOn(move.cluster)
  })
  afterAll(() => move?.close())

  const equal = async (from: (directory: string) => string, to: (directory: string) => string) => {
    for (const directory of IN_USE) {
      await writesTo(to(directory), await runsIn(from(directory)))
      // juicefs sync keeps neither the times of directories, nor attributes, hard links, FIFOs
      expect(await differsFrom(from(directory), to(directory), '-O', '--no-H', '--no-X', '--exclude=/fifo')).toEqual([])
    }
  }
  const onDisk = (directory: string) => onNode('node1', directory)

  test('have as many inodes as they want where JuiceFS has no limit', async () => {
    expect(await succeeds(move, 'plan', '--estimate')).toMatch(/free: [^;,]+; as of/)
  })

  test('arrive by its own mover in the image that the driver has, without one named', async () => {
    const stages = await stagesOf(move.cluster, () => succeeds(move, 'apply', '--yes'))
    // what changed after the comparison ahead was copied, and compared, by one Job for each directory
    expect(stages).toContain('catch-up')
    expect(stages).not.toContain('verify')
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
    expect(await handlesMounted(move.cluster)).toEqual(Object.keys(move.before).sort())
    await equal(onDisk, onFileSystem)
    expect(await driverOn(move.cluster)).toEqual(healthy)
  })

  test('go back with what was written there, and leave the driver as well as it was on every node', async () => {
    await writeFile(`${onFileSystem(WORKSPACE)}/results`, 'of a long training')
    await succeeds(move, 'rollback', '--copy-back', '--yes')
    expect(await move.onJuiceFS()).toEqual([])
    expect(await handlesMounted(move.cluster)).toEqual([])
    expect(await readFile(`${onDisk(WORKSPACE)}/results`)).toBe('of a long training')
    await equal(onFileSystem, onDisk)
    expect(await driverOn(move.cluster)).toEqual(healthy)
  })

  test('go there again, and back without a copy', async () => {
    await succeeds(move, 'apply', '--yes')
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
    await succeeds(move, 'rollback', '--yes')
    expect(await handlesMounted(move.cluster)).toEqual([])
    await until('the pods to run again', async () => (await move.readyPods()).every(Boolean))
    expect(await driverOn(move.cluster)).toEqual(healthy)
  })
})

describe.skipIf(skipped)(`volumes whose workloads roll on a real JuiceFS${why}`, () => {
  let move: Move
  beforeAll(async () => {
    move = await beginMove(['pipeline'], {
      claims: ['kubeflow-archives'],
      copy: { mode: 'none' },
      quiesce: { rolling: [{ name: 'web' }] },
      plant: () => plant(onNode('node1', ARCHIVES), (here) => plantTree(here, { files: 5 })),
      workloads: [deployment('pipeline', 'web', ['kubeflow-archives'])],
    })
  })
  afterAll(() => move?.close())

  test('are taken back without harm to the driver, whose mounts their pods would have kept', async () => {
    const healthy = await driverOn(move.cluster)
    await succeeds(move, 'apply', '--yes')
    await until('the mount of the new volume', async () => (await handlesMounted(move.cluster)).length > 0)
    await succeeds(move, 'rollback', '--yes')
    expect(await move.onJuiceFS()).toEqual([])
    expect(await handlesMounted(move.cluster)).toEqual([])
    expect(await driverOn(move.cluster)).toEqual(healthy)
    expect((await podsIn(move.cluster, 'pipeline')).length).toBe(1)
  })
})

/** What JuiceFS itself says of the quota of a directory of the file system; empty where it has none. */
async function quotaOf(place: string): Promise<string> {
  const said = await nodeShell('node1', 'juicefs quota get "$metaurl" --path "$1" 2>/dev/null || :', `/${place}`)
  return (
    said
      .split('\n')
      .find((line) => line.includes(`/${place}`))
      ?.split('|')[2]
      ?.trim() ?? ''
  )
}

describe.skipIf(skipped)(`volumes on a real JuiceFS whose directories are to be limited${why}`, () => {
  const place = 'kubeflow/pipeline/archives'
  let move: Move
  beforeAll(async () => {
    move = await beginMove(['jupyter', 'pipeline'], {
      ...OWN,
      claims: ['kubeflow-archives'],
      written: [ARCHIVES],
      spec: {
        target: { secretRef: { namespace: 'kube-system', name: 'juicefs-sc-secret' }, quota: 'capacity' },
        paths: [{ from: '/data/k8s', to: '' }],
      },
      plant: () => plant(onNode('node1', ARCHIVES), (here) => plantTree(here, { files: 5 })),
      workloads: [deployment('pipeline', 'web', ['kubeflow-archives'])],
    })
  })
  afterAll(() => move?.close())

  test('get what their volumes say together, as the plan shows, and lose it on the way back', async () => {
    expect(await succeeds(move, 'plan')).toContain(`quota 1,000 GiB on ${place}, the sum of 2 volumes`)
    expect(await succeeds(move, 'apply', '--yes')).toContain(`${place}: limited to 1000 GiB`)
    expect(await quotaOf(place)).toBe('1000 GiB')
    // copied back, for what stays there and was written since is in the way of the next
    expect(await succeeds(move, 'rollback', '--copy-back', '--yes')).toContain(`${place}: quota removed`)
    expect(await quotaOf(place)).toBe('')
  })

  test('keep a quota that somebody else has set, there and back', async () => {
    await nodeShell('node1', 'juicefs quota set "$metaurl" --path "$1" --capacity 7', `/${place}`)
    expect(await succeeds(move, 'apply', '--yes')).toContain('it has a quota of 7.0 GiB, which juicify has not set')
    await succeeds(move, 'rollback', '--copy-back', '--yes')
    expect(await quotaOf(place)).toBe('7.0 GiB')
    await nodeShell('node1', 'juicefs quota delete "$metaurl" --path "$1"', `/${place}`)
  })

  test('keep their quota from being forgotten by a run that is killed right after it was set', async () => {
    const child = move.juicify('apply', '--yes')
    await until('the quota', async () => (await quotaOf(place)) !== '')
    child.process.kill('SIGKILL')
    await child.ended
    await succeeds(move, 'resume', '--yes')
    await succeeds(move, 'rollback', '--yes')
    expect(await quotaOf(place)).toBe('')
  })
})

describe.skipIf(skipped)(`a directory with a tenant’s links, copied to a real JuiceFS while it is in use${why}`, () => {
  const source = onNode('node1', ARCHIVES)
  const place = onFileSystem(ARCHIVES)
  let move: Move
  beforeAll(async () => {
    move = await beginMove(['pipeline'], {
      ...OWN,
      claims: ['kubeflow-archives'],
      plant: async () => {
        for (const user of ['alice', 'bob']) await mkdir(`${source}/${user}`)
        await writeFile(`${source}/bob/.bashrc`, 'of bob')
        await symlink('../bob', `${source}/alice/d`)
      },
    })
  })
  afterAll(() => move?.close())

  test('puts nothing into a neighbour’s files when a link becomes a directory', async () => {
    await succeeds(move, 'copy', '--yes')
    await rm(`${source}/alice/d`)
    await mkdir(`${source}/alice/d`)
    await writeFile(`${source}/alice/d/.bashrc`, 'of alice')
    await succeeds(move, 'copy', '--yes')
    expect(await readFile(`${place}/bob/.bashrc`)).toBe('of bob')
    await succeeds(move, 'apply', '--yes')
    expect(await readFile(`${place}/bob/.bashrc`)).toBe('of bob')
    expect(await readFile(`${place}/alice/d/.bashrc`)).toBe('of alice')
  })
})

describe.skipIf(skipped)(`the file system, when it is asked before anything is planned${why}`, () => {
  let cluster: Awaited<ReturnType<typeof openCluster>>
  beforeAll(async () => {
    cluster = await openCluster()
  })
  afterAll(() => cluster.close())

  /** What `check --ask` says with a Secret that differs from the real one. */
  async function asked(name: string, change: (data: Record<string, string>) => Record<string, string>) {
    const real = { apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system', name: 'juicefs-sc-secret' }
    const { data = {} } = await cluster.get<KubeObject & { data?: Record<string, string> }>(real)
    const plain = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')])
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kube-system' } }
    await cluster.create({ ...secret, stringData: change(Object.fromEntries(plain)) })
    try {
      const target = { driver: 'csi.juicefs.com', secretRef: { namespace: 'kube-system', name } }
      const all = { ...migration(), target: { ...target, volumeAttributes: {}, mountOptions: [] } }
      return await askFileSystem(cluster, await checkFacts(cluster, all), new AbortController().signal)
    } finally {
      await cluster.delete({ ...real, name })
    }
  }

  test('tells a wrong password at once, what to do, and not the password', async () => {
    const line = await asked('wrong-password', (data) => ({
      ...data,
      metaurl: (data.metaurl ?? '').replace(/:[^:@/]*@/, ':planted-wrong@'),
    }))
    expect(line).toMatchObject({ level: 'problem', text: expect.stringContaining('refuses the password') })
    expect(line.remedy).toContain('Secret kube-system/wrong-password')
    expect(JSON.stringify(line)).not.toContain('planted-wrong')
  }, 90_000)

  test('tells another name than the Secret has', async () => {
    const line = await asked('other-name', (data) => ({ ...data, name: 'somebody-elses' }))
    expect(line).toMatchObject({ level: 'problem', text: expect.stringContaining('the Secret says somebody-elses') })
  }, 90_000)
})
