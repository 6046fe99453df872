import { readFileSync } from 'node:fs'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { deleteRecord, readRecords } from '../../src/engine/record.ts'
import { createBound } from './binding.ts'
import { type Child, workplace } from './child.ts'
import { volume } from './manifests.ts'
import { mkdir, onDisk, onJuiceFS, rm, within, writeFile } from './node-files.ts'

/** A laboratory on real nodes, in namespaces and directories of its own. */
export interface Laboratory {
  cluster: Connection
  /** The namespaces `jupyter` and `pipeline` of this laboratory. */
  jupyter: string
  pipeline: string
  /** Writes a file into a directory of this laboratory, on every node's disk and on JuiceFS. */
  put(directory: string, name: string, contents: { disk: string; juicefs: string }): Promise<void>
  /** For each file that pods write in a directory, on the nodes' disks together or on JuiceFS: its size. */
  written(where: 'disk' | 'juicefs', directory: string): Promise<Map<string, number>>
  /** Runs juicify on this cluster; what it moves is this laboratory. */
  juicify(verb: string, ...words: string[]): Child
  remove(): Promise<void>
}

/** Makes the namespaces and volumes; `quiesce` is a part of the migration, as YAML. */
export async function openLaboratory(name: string, directories: string[], quiesce = '{}'): Promise<Laboratory> {
  const cluster = await connect({ kubeconfig: process.env.KUBECONFIG })
  const [jupyter, pipeline] = [`${name}-jupyter`, `${name}-pipeline`]
  const places = {
    disk: ['node1', 'node2'].map((node) => onDisk(node, `/data/${name}`)),
    juicefs: [onJuiceFS(name)],
  }
  for (const place of Object.values(places).flat())
    for (const directory of directories) await mkdir(`${place}/${directory}`)
  const volumes: KubeObject[] = [jupyter, pipeline].flatMap((namespace) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...directories.flatMap((directory) => volume(namespace, directory, `/data/${name}/${directory}`)),
  ])
  await forgetRecords(cluster)
  await createBound(cluster, volumes)
  const migration = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: ${name}}
spec:
  select: {namespaces: [${jupyter}, ${pipeline}]}
  paths: [{from: /data, to: ""}]
  target: {secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  source: {nodes: shared}
  copy: {mode: none}
  quiesce: ${quiesce}
`
  const { start, remove } = await workplace(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'), { 'm.yaml': migration })
  return {
    cluster,
    jupyter,
    pipeline,
    async put(directory, file, contents) {
      for (const where of ['disk', 'juicefs'] as const)
        for (const place of places[where]) await writeFile(`${place}/${directory}/${file}`, contents[where])
    },
    async written(where, directory) {
      const sizes = new Map<string, number>()
      // a pod without an owner may come back on another node, and leaves its file on the first one
      for (const place of places[where]) {
        const found = await within(`${place}/${directory}`, "stat -c '%s %n' -- * 2>/dev/null || true")
        for (const line of found.split('\n').filter(Boolean)) {
          const [size, ...name] = line.split(' ')
          sizes.set(name.join(' '), (sizes.get(name.join(' ')) ?? 0) + Number(size))
        }
      }
      return sizes
    },
    juicify(verb, ...words) {
      const which = verb === 'apply' ? ['-f', 'm.yaml'] : verb === 'rollback' ? ['-n', jupyter] : []
      return start(verb, '--yes', '--timeout', '3m', ...which, ...words)
    },
    async remove() {
      await remove()
      for (const namespace of [jupyter, pipeline])
        await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
      for (const namespace of [jupyter, pipeline]) {
        const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace }
        await cluster.waitFor(ref, (now) => now === undefined, { timeout: 120_000, what: `${namespace} to be gone` })
        for (const directory of directories)
          await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolume', name: `${namespace}-${directory}` })
      }
      await forgetRecords(cluster)
      cluster.close()
      for (const place of Object.values(places).flat()) await rm(place)
    },
  }
}

/** What an earlier test that failed half way has left of its records would be gone on with. */
async function forgetRecords(cluster: Cluster): Promise<void> {
  for (const record of await readRecords(cluster)) await deleteRecord(cluster, record)
}

/** A pod of one container with the claims mounted at their names, running a line of shell. */
export function podSpec(
  claims: string[],
  line: string,
  { container, ...more }: { container?: object; restartPolicy?: string; terminationGracePeriodSeconds?: number } = {},
): Record<string, unknown> {
  return {
    terminationGracePeriodSeconds: 1,
    ...more,
    containers: [
      {
        name: 'main',
        image: 'local/tools:1',
        imagePullPolicy: 'Never',
        args: ['-c', line],
        volumeMounts: claims.map((claim) => ({ name: claim, mountPath: `/${claim}` })),
        ...container,
      },
    ],
    volumes: claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
  }
}
