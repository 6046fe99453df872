import { afterEach, describe, expect, test } from 'vitest'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { boundFolder } from '../laboratory/hands.ts'
import {
  beginMove,
  CLAIMS,
  differsFrom,
  eventsOf,
  type Move,
  type MoveOptions,
  notebook,
  onNode,
  runsIn,
  until,
  WORKSPACE,
  writesTo,
} from '../laboratory/moving.ts'
import { exists, mkdir, onJuiceFS, plant, type RemotePath, rm, stat } from '../laboratory/node-files.ts'
import { missing, openCluster } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'

// The stand-ins (test/kubernetes/csi-standin/others.py) are beside that of JuiceFS' driver, and keep their files in its folder. The
// stories on JuiceFS are those of the other suites. One Kubernetes is enough: what differs here is not what servers differ in.
const why = missing ?? (await notHere())

async function notHere(): Promise<string | undefined> {
  const cluster = await openCluster()
  try {
    const { minor } = (await cluster.raw('GET', '/version')) as { minor?: string }
    if (Number.parseInt(minor ?? '', 10) < 30) return 'on the newer Kubernetes alone'
    return (await boundFolder(cluster)) ? undefined : 'needs the stand-ins, which a cluster with a real JuiceFS has not'
  } finally {
    cluster.close()
  }
}

interface Story {
  kind: string
  spec: { target: object; paths: object[] }
  /** What the file system shows at its root, and where the workspace goes there. */
  root: RemotePath
  workspace: RemotePath
  claims: string[]
  copy?: object
}

const others = (place: string) => onJuiceFS(`others/${place}`)
const EVERYWHERE = [{ from: '/data/k8s/kubeflow', to: '' }]
const [WORKSPACE_CLAIM = ''] = CLAIMS

const STORIES: Story[] = [
  {
    kind: 'any CSI driver, as csi-driver-nfs takes its volumes',
    spec: {
      paths: EVERYWHERE,
      target: {
        csi: {
          driver: 'nfs.csi.k8s.io',
          volumeHandle: '10.0.0.9#export#{name}',
          volumeAttributes: { server: '10.0.0.9', share: '/export', subDir: '{subdir}' },
        },
      },
    },
    root: others('nfs/export'),
    workspace: others('nfs/export/pipeline/workspace'),
    claims: CLAIMS,
  },
  {
    kind: 'CurveFS',
    spec: {
      paths: [{ from: WORKSPACE, to: '' }],
      target: { kind: 'curvefs', name: 'workspace', mdsAddr: '10.0.0.21:6700' },
    },
    root: others('curvefs/workspace'),
    workspace: others('curvefs/workspace'),
    claims: [WORKSPACE_CLAIM],
  },
]

describe.skipIf(why)(`onto another file system than JuiceFS${why ? ` (${why})` : ''}`, () => {
  let move: Move | undefined
  afterEach(async () => {
    await move?.close()
    move = undefined
    await rm(others(''))
  })

  async function begin(root: RemotePath, options: MoveOptions): Promise<Move> {
    await mkdir(root)
    move = await beginMove(['jupyter'], {
      written: [WORKSPACE],
      plant: () => plant(onNode('node1', WORKSPACE), (here) => plantTree(here, { seed: 1, files: 20 })),
      ...options,
    })
    return move
  }

  async function done({ juicify }: Move, ...words: string[]): Promise<string> {
    const child = juicify(...words)
    expect(await child.ended, child.output).toBe(0)
    return child.output
  }

  test.each(STORIES)(
    '$kind: a move that is killed in its swap goes on, and comes back with what was written',
    {
      timeout: 240_000,
    },
    async ({ spec, root, workspace, claims }) => {
      const lab = await begin(root, { spec, claims, workloads: [notebook('notebook-alice', claims)] })
      const disk = onNode('node1', WORKSPACE)
      await writesTo(disk, [])
      const dying = lab.juicify('apply', '--yes', '-o', 'json')
      dying.process.stdout?.on('data', () => {
        const swapping = eventsOf(dying).some((event) => event.type === 'step-started' && event.step === 'swap')
        if (swapping) dying.process.kill('SIGKILL')
      })
      expect(await dying.ended, dying.output).toBe('SIGKILL')
      await done(lab, 'resume', '--yes')
      expect((await lab.onJuiceFS()).length).toBe(claims.length)
      await writesTo(workspace, await runsIn(disk))
      expect(await differsFrom(disk, workspace)).toEqual([])

      const written = await runsIn(workspace)
      await done(lab, 'rollback', '--yes', '--copy-back')
      expect(await lab.onJuiceFS()).toEqual([])
      await writesTo(disk, written)
      expect((await runsIn(disk)).filter((run) => written.includes(run))).toEqual(written)
    },
  )

  test('a directory that nobody has made is made before its pods mount it, as ceph-csi takes its volumes', {
    timeout: 240_000,
  }, async () => {
    const root = others('cephfs/fs/volumes/cube')
    const lab = await begin(root, {
      claims: [WORKSPACE_CLAIM],
      workloads: [notebook('notebook-alice', [WORKSPACE_CLAIM])],
      copy: { mode: 'none', image: 'local/tools:1' },
      spec: {
        paths: EVERYWHERE,
        target: {
          csi: {
            driver: 'cephfs.csi.ceph.com',
            volumeAttributes: {
              clusterID: 'c1',
              fsName: 'fs',
              staticVolume: 'true',
              rootPath: '/volumes/cube/{subdir}',
            },
            nodeStageSecretRef: { name: 'csi-cephfs-secret', namespace: 'kube-system' },
          },
        },
      },
    })
    const disk = onNode('node1', WORKSPACE)
    const before = await runsIn(disk)
    const output = await done(lab, 'apply', '--yes')
    expect(output).toContain('2 directories made on the file system')
    const place = `${root}/pipeline/workspace`
    await writesTo(place, before)
    expect((await stat(place)).mode).toBe(0o755)
    const { items } = await lab.cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
    expect(items.filter(({ metadata }) => metadata.name.startsWith('juicify-'))).toEqual([])
    await done(lab, 'rollback', '--yes', '--no-copy-back')
    await until('the notebook to write to the disk again', async () => (await runsIn(disk)).length > before.length)
    expect(await exists(place)).toBe(true)
  })
})
