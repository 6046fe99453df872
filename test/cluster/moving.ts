import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pause } from '../../src/cluster/signal.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { fromYaml, toYaml } from '../../src/domain/yaml.ts'
import type { Event } from '../../src/engine/events.ts'
import { type Child, type Workplace, workplace } from '../laboratory/child.ts'
import { differences, openCluster, state } from './copying.ts'

type Cluster = Awaited<ReturnType<typeof openCluster>>

/** The parent of all directories of a cube-studio, on the nodes. */
export const TOP = '/data/k8s/kubeflow'
export const WORKSPACE = `${TOP}/pipeline/workspace`
export const ARCHIVES = `${TOP}/pipeline/archives`

/** Some of a cube-studio's volumes on a real cluster, and juicify to move them. */
export interface Move {
  cluster: Cluster
  /** Runs juicify on them, as a process of its own, with `-f` and the migration file where `words` begin with plan, copy or apply. */
  juicify(...words: string[]): Child
  /** Creates pods, and waits until they are ready. */
  run(...workloads: KubeObject[]): Promise<void>
  close(): Promise<void>
}

/**
 * The volumes and claims of the fixtures in these namespaces, on empty directories of both nodes. Whatever an earlier
 * run has left is removed first.
 */
export async function beginMove(namespaces: string[], claims: string[] = []): Promise<Move> {
  const cluster = await openCluster()
  const objects = volumesOf(namespaces, claims)
  await clear(objects)
  for (const object of objects) await cluster.create(object)
  for (const claim of objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')) {
    const isBound = (now: PersistentVolumeClaim | undefined) => now?.status?.phase === 'Bound'
    await cluster.waitFor(refOf(claim), isBound, { timeout: 60_000, what: `${claim.metadata.name} to be bound` })
  }
  const place = await workplace(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'), {
    'move.yaml': migration(namespaces),
  })
  return {
    cluster,
    juicify: (...words) => juicify(place, words),
    run: async (...workloads) => {
      for (const workload of workloads) await cluster.create(workload)
      for (const { metadata } of workloads) await ready(cluster, metadata.namespace ?? '')
    },
    close: async () => {
      await clear(objects)
      cluster.close()
      await place.remove()
    },
  }
}

function juicify(place: Workplace, [verb = '', ...words]: string[]): Child {
  const planned = ['plan', 'copy', 'apply'].includes(verb)
  const patience = ['plan', 'status'].includes(verb) ? [] : ['--timeout', '60s']
  return place.run(verb, ...(planned ? ['-f', 'move.yaml'] : []), ...patience, ...words)
}

// What the package recommends, with the mover and the image that a cluster without a registry has.
function migration(namespaces: string[]): string {
  const file = fileURLToPath(new URL('../../plans/cube-studio.yaml', import.meta.url))
  const recommended = fromYaml(readFileSync(file, 'utf8'), file) as { spec: { select: object } }
  const select = { ...recommended.spec.select, namespaces }
  const copy = { mode: 'copy', mover: 'rsync', image: 'local/tools:1' }
  return toYaml({ ...recommended, spec: { ...recommended.spec, select, source: { nodes: ['node1'] }, copy } })
}

function volumesOf(namespaces: string[], claims: string[]): KubeObject[] {
  const folder = fileURLToPath(new URL('../../fixtures/cube-studio-2026/', import.meta.url))
  const objects = readdirSync(folder).flatMap((file) =>
    readFileSync(folder + file, 'utf8')
      .split(/^---$/m)
      .map((text) => fromYaml(text, file) as KubeObject),
  )
  const all = objects.filter((object): object is PersistentVolumeClaim => object.kind === 'PersistentVolumeClaim')
  const wanted = all.flatMap((claim) => {
    const { name, namespace = '' } = claim.metadata
    if (!namespaces.includes(namespace) || (claims.length > 0 && !claims.includes(name))) return []
    const volume = objects.find(
      ({ kind, metadata }) => kind === 'PersistentVolume' && metadata.name === claim.spec.volumeName,
    )
    const hostPath = (volume as PersistentVolume | undefined)?.spec.hostPath
    return volume && hostPath?.path.startsWith(TOP) ? [volume, claim] : []
  })
  return [...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })), ...wanted]
}

/** Removes everything that a move makes: in the cluster, on the nodes and on the file system. */
async function clear(objects: KubeObject[]): Promise<void> {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const volumes = objects.filter(({ kind }) => kind === 'PersistentVolume').map(({ metadata }) => metadata.name)
  const gone = ['--ignore-not-found', '--timeout=120s']
  // or their namespaces would take as long as their pods may take to end
  const pods = ['delete', 'deployments,jobs,pods', '--all', '--grace-period=1', ...gone]
  await Promise.all([...namespaces, 'juicify'].map((namespace) => kubectl(...pods, '-n', namespace)))
  await kubectl('delete', 'namespace', ...namespaces, 'juicify', ...gone)
  await kubectl('delete', 'persistentvolume', ...volumes, ...gone)
  await kubectl('delete', 'persistentvolume', '-l', 'app.kubernetes.io/managed-by=juicify', ...gone)
  const places = [onNode('node1', TOP), onNode('node2', TOP), onFileSystem(TOP), onFileSystem('/data/k8s/.juicify')]
  for (const place of places) {
    execFileSync('rm', ['-rf', place])
  }
  for (const node of ['node1', 'node2']) mkdirSync(onNode(node, TOP), { recursive: true })
}

async function kubectl(...words: string[]): Promise<void> {
  await promisify(execFile)('kubectl', words)
}

/** What pods on a node see under that path, as a path here. */
export function onNode(node: string, directory: string): string {
  return path.join(state, node, directory)
}

/** Where the migration puts that directory on the file system, as a path here. */
export function onFileSystem(directory: string): string {
  return path.join(state, 'jfs', 'zj-juicefs', path.relative('/data/k8s', directory))
}

/** Where pods write, in each of their volumes: each run of a pod in a directory of its own. */
const WRITING = 'writing'

// Appends, creates, overwrites and removes, in all of its volumes, until it is told to stop.
const WRITER = `
run=$(cat /proc/sys/kernel/random/uuid)
for volume in /mnt/*; do mkdir -p $volume/${WRITING}/$run; done
trap 'eval "$AT_THE_END"; exit 0' TERM
i=0
while :; do
  i=$((i + 1))
  for volume in /mnt/*; do
    cd $volume/${WRITING}/$run
    echo $i >>log
    echo $i >new.$((i % 50))
    rm -f new.$(((i + 25) % 50))
  done
  usleep 10000
done`

/** A pod's spec that goes on writing to these claims on node1; told to stop, it runs the command given before it ends. */
function writing(claims: string[], atTheEnd = ''): Record<string, unknown> {
  return {
    nodeSelector: { 'kubernetes.io/hostname': 'node1' },
    terminationGracePeriodSeconds: 20,
    containers: [
      {
        name: 'writer',
        image: 'local/tools:1',
        imagePullPolicy: 'Never',
        command: ['sh', '-c', WRITER],
        env: [{ name: 'AT_THE_END', value: atTheEnd }],
        volumeMounts: claims.map((claim) => ({ name: claim, mountPath: `/mnt/${claim}` })),
      },
    ],
    volumes: claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
  }
}

/** A notebook as cube-studio makes them: a pod without an owner. */
export function notebook(name: string, claims: string[], atTheEnd = ''): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'jupyter' }, spec: writing(claims, atTheEnd) }
}

export function deployment(namespace: string, name: string, claims: string[]): KubeObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: writing(claims) },
    },
  }
}

async function ready(cluster: Cluster, namespace: string): Promise<void> {
  await until(`the pods in ${namespace} to be ready`, async () => {
    const pods = await podsIn(cluster, namespace)
    return pods.length > 0 && pods.every(isReady)
  })
}

type Pod = KubeObject & { status?: { conditions?: { type: string; status: string }[] } }

export async function podsIn(cluster: Cluster, namespace: string): Promise<Pod[]> {
  return (await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace })).items
}

export function isReady({ metadata, status }: Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  return condition?.status === 'True' && !metadata.deletionTimestamp
}

/** Waits until it is so; throws where that takes more than a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`)
    await pause(20)
  }
}

/** The runs of pods that have written to a directory, or to one below it. */
export function runsIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  const args = [directory, '-maxdepth', '4', '-path', `*/${WRITING}/*`, '-type', 'd', '-printf', '%f\n']
  return [...new Set(execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean))].sort()
}

/** Makes the directory where pods will write beforehand, so that the time of the one above stays as it is. */
export function prepareWriting(directory: string): void {
  mkdirSync(path.join(directory, WRITING), { recursive: true })
}

/** How the second directory differs from the first, apart from what pods write to it that have not run on the first. */
export function differsFrom(first: string, second: string, ...flags: string[]): string[] {
  const before = runsIn(first)
  const since = runsIn(second).filter((run) => !before.includes(run))
  return differences(first, second, ...since.map((run) => `--exclude=${run}`), ...flags).filter(
    (line) => !new RegExp(`^\\.d\\.\\.t\\.+ (.*/)?${WRITING}/$`).test(line),
  )
}

/** Waits until the pods that run now write to that directory: something that did not run before does. */
export async function writesTo(directory: string, before: string[]): Promise<void> {
  await until(`pods to write to ${directory}`, () => runsIn(directory).some((run) => !before.includes(run)))
}

/** The events that a juicify with `-o json` has told so far. */
export function eventsOf({ output }: Child): (Event & { time: string })[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.map((line) => JSON.parse(line) as Event & { time: string })
}

/** What its messages say. */
export function messagesOf(child: Child): string[] {
  return eventsOf(child).flatMap((event) => (event.type === 'message' ? [event.text] : []))
}

/** The PersistentVolumes' uids, by name: another one is another object. */
export async function uidsOf(cluster: Cluster): Promise<Record<string, string | undefined>> {
  const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
  const theirs = items.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] !== 'juicify')
  return Object.fromEntries(theirs.map(({ metadata }) => [metadata.name, metadata.uid]))
}

/** Those of the PersistentVolumes that are on JuiceFS, sorted. */
export async function onJuiceFS(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
  const theirs = items.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] !== 'juicify')
  return theirs.flatMap(({ metadata, spec }) => (spec.csi ? [metadata.name] : [])).sort()
}
