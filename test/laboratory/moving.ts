import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pause } from '../../src/cluster/signal.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { definitionName, OWN_KINDS } from '../../src/domain/own-kinds.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { fromYaml, toYaml } from '../../src/domain/yaml.ts'
import type { Event, Summary, TimedEvent } from '../../src/engine/events.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import { createBound } from './binding.ts'
import { type Child, type Workplace, workplace } from './child.ts'
import { differences, exists, mkdir, onDisk, onJuiceFS, plant, type RemotePath, rm, within } from './node-files.ts'
import { openCluster } from './real.ts'
import { plantTree } from './tree.ts'

type Cluster = Awaited<ReturnType<typeof openCluster>>

/** The parent of all directories of a cube-studio, on the nodes. */
export const TOP = '/data/k8s/kubeflow'
export const WORKSPACE = `${TOP}/pipeline/workspace`
export const ARCHIVES = `${TOP}/pipeline/archives`

/** Some of a cube-studio's volumes on a real cluster, and juicify to move them. */
export interface Move {
  cluster: Cluster
  /** The volumes' uids before anything was done, by name: another uid is another object. */
  before: Uids
  /** Runs juicify on them, as a process of its own, with `-f` and the migration file where `words` begin with plan, copy or apply. */
  juicify(...words: string[]): Child
  /** Creates pods, and waits until they are ready. */
  run(...workloads: KubeObject[]): Promise<void>
  /** The volumes' uids as they are now. */
  uids(): Promise<Uids>
  /** Those of the volumes that are on JuiceFS, sorted. */
  onJuiceFS(): Promise<string[]>
  /** The uids of the pods in its namespaces that are ready; of one that is not, undefined. */
  readyPods(): Promise<(string | undefined)[]>
  close(): Promise<void>
}

export type Uids = Record<string, string | undefined>

export interface MoveOptions {
  /** Only these claims; all of the fixtures' where none is named. */
  claims?: string[]
  /** The directories that pods will write to. */
  written?: string[]
  /** Puts on the nodes what is there before any pod runs. */
  plant?(): Promise<void>
  /** What runs when the move begins. */
  workloads?: KubeObject[]
  /** The migration's spec.copy; rsync of the image that the nodes have where none is given. */
  copy?: object
  /** The migration's spec.quiesce. */
  quiesce?: object
  /** Parts of the migration's spec in place of those that the package recommends, the file system that it goes to above all. */
  spec?: object
}

/**
 * The volumes and claims of the fixtures in these namespaces, on directories of both nodes that hold what is planted
 * there. Whatever an earlier run has left is removed first.
 */
export async function beginMove(namespaces: string[], options: MoveOptions = {}): Promise<Move> {
  const { claims = [], written = [], plant, workloads = [] } = options
  const cluster = await openCluster()
  const objects = volumesOf(namespaces, claims)
  await clear(namespaces)
  await createBound(cluster, objects)
  for (const directory of written) await prepareWriting(onNode('node1', directory))
  await plant?.()
  const place = await workplace(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'), {
    'move.yaml': migration(namespaces, options),
  })
  const names = new Set(objects.map(({ metadata }) => metadata.name))
  const volumes = async () => {
    const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
    return items.filter(({ metadata }) => names.has(metadata.name))
  }
  const uids = async () => Object.fromEntries((await volumes()).map(({ metadata }) => [metadata.name, metadata.uid]))
  const pods = async () => (await Promise.all(namespaces.map((namespace) => podsIn(cluster, namespace)))).flat()
  const run = async (...workloads: KubeObject[]) => {
    for (const workload of workloads) await cluster.create(workload)
    for (const { metadata } of workloads) await ready(cluster, metadata.namespace ?? '')
  }
  const before = await uids()
  await run(...workloads)
  return {
    cluster,
    before,
    uids,
    run,
    juicify: (...words) => juicify(place, words),
    onJuiceFS: async () => (await volumes()).flatMap(({ metadata, spec }) => (spec.csi ? [metadata.name] : [])).sort(),
    readyPods: async () => (await pods()).map((pod) => (isReady(pod) ? pod.metadata.uid : undefined)),
    close: async () => {
      await clear(namespaces)
      cluster.close()
      await place.remove()
    },
  }
}

/** The claims and the directories that `beginInUse` moves. */
export const CLAIMS = ['kubeflow-user-workspace', 'kubeflow-archives']
export const IN_USE = [WORKSPACE, ARCHIVES]

/** Two groups that go in step: a notebook and a service write to the workspace and the archives, where odd files are. */
export function beginInUse(): Promise<Move> {
  return beginMove(['jupyter', 'pipeline'], {
    claims: CLAIMS,
    written: IN_USE,
    plant: async () => {
      for (const [seed, directory] of IN_USE.entries())
        await plant(onNode('node1', directory), (here) => plantTree(here, { seed, files: 100, sparse: 1 << 20 }))
    },
    workloads: [notebook('notebook-alice', CLAIMS), deployment('pipeline', 'web', CLAIMS)],
  })
}

function juicify(place: Workplace, [verb = '', ...words]: string[]): Child {
  const planned = ['plan', 'copy', 'apply'].includes(verb)
  const patience = ['plan', 'status', 'job', 'finish'].includes(verb) ? [] : ['--timeout', '60s']
  return place.start(verb, ...(planned ? ['-f', 'move.yaml'] : []), ...patience, ...words)
}

// What the package recommends, with the mover and the image that a cluster without a registry has.
function migration(namespaces: string[], { copy = RSYNC, quiesce, spec = {} }: MoveOptions): string {
  const file = fileURLToPath(new URL('../../plans/cube-studio.yaml', import.meta.url))
  const recommended = fromYaml(readFileSync(file, 'utf8'), file) as { spec: { select: object } }
  const select = { ...recommended.spec.select, namespaces }
  const source = { nodes: ['node1'] }
  return toYaml({
    ...recommended,
    spec: { ...recommended.spec, select, source, copy, ...(quiesce ? { quiesce } : {}), ...spec },
  })
}

const RSYNC = { mode: 'copy', mover: 'rsync', image: 'local/tools:1' }

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

/**
 * Removes everything that a move makes: in the cluster, on the nodes and on the file system. The namespaces stay, whose
 * end would be waited for.
 */
async function clear(namespaces: string[]): Promise<void> {
  const remove = (kinds: string, ...words: string[]) =>
    kubectl('delete', kinds, '--ignore-not-found', '--timeout=120s', ...words)
  const own = ['-l', 'app.kubernetes.io/managed-by=juicify']
  await Promise.all([
    remove('jobs,pods', '-n', 'juicify', '--all', '--grace-period=1'),
    ...namespaces.map((namespace) => remove('deployments,pods', '-n', namespace, '--all', '--grace-period=1')),
  ])
  await Promise.all([
    remove('persistentvolumeclaims,configmaps,secrets', '-n', 'juicify', ...own),
    remove('customresourcedefinitions', ...OWN_KINDS.map(definitionName)),
    ...namespaces.map((namespace) => remove('persistentvolumeclaims', '-n', namespace, '--all')),
  ])
  const volumes = volumesOf(namespaces, []).filter(({ kind }) => kind === 'PersistentVolume')
  await remove('persistentvolumes', ...volumes.map(({ metadata }) => metadata.name))
  await remove('persistentvolumes', ...own)
  const places = [onNode('node1', TOP), onNode('node2', TOP), onFileSystem(TOP)]
  for (const place of places) await rm(place)
  for (const node of ['node1', 'node2']) await mkdir(onNode(node, TOP))
}

async function kubectl(...words: string[]): Promise<void> {
  await promisify(execFile)('kubectl', words)
}

/** What pods on a node see under that path. */
export const onNode = onDisk

/** Where the migration puts that directory on the file system. */
export function onFileSystem(directory: string): RemotePath {
  return onJuiceFS(path.posix.relative('/data/k8s', directory))
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
  usleep 30000
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

function isReady({ metadata, status }: Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  return condition?.status === 'True' && !metadata.deletionTimestamp
}

/** Waits until it is so; throws where that takes more than four minutes, which only what never comes does. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 240_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited four minutes for ${what}`)
    await pause(20)
  }
}

/** The runs of pods that have written to a directory, or to one below it. */
export async function runsIn(directory: RemotePath): Promise<string[]> {
  if (!(await exists(directory))) return []
  // without a look into a run's own directory, where files go at any moment
  const found = await within(directory, `find . -maxdepth 4 -path '*/${WRITING}/*' -type d -prune -print`)
  const runs = found.split('\n').flatMap((line) => (line === '' ? [] : [path.posix.basename(line)]))
  return [...new Set(runs)].sort()
}

/** Makes the directory where pods will write beforehand, so that the time of the one above stays as it is. */
async function prepareWriting(directory: RemotePath): Promise<void> {
  await mkdir(`${directory}/${WRITING}`)
}

/** How the second directory differs from the first, apart from what pods write to it that have not run on the first. */
export async function differsFrom(first: RemotePath, second: RemotePath, ...flags: string[]): Promise<string[]> {
  const before = await runsIn(first)
  const since = (await runsIn(second)).filter((run) => !before.includes(run))
  const found = await differences(first, second, ...since.map((run) => `--exclude=${run}`), ...flags)
  return found.filter((line) => !new RegExp(`^\\.d\\.\\.t\\.+ (.*/)?${WRITING}/$`).test(line))
}

/** Waits until the pods that run now write to that directory: something that did not run before does. */
export async function writesTo(directory: RemotePath, before: string[]): Promise<void> {
  await until(`pods to write to ${directory}`, async () =>
    (await runsIn(directory)).some((run) => !before.includes(run)),
  )
}

/** The events that a juicify with `-o json` has told so far; its summary is none. */
export function eventsOf({ output }: Child): (Event & { time: string })[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  const told = lines.map((line) => JSON.parse(line) as TimedEvent | Summary)
  return told.filter((line) => line.type !== 'summary')
}

/** Bytes that these runs with `-o json` have copied together. */
export function bytesCopied(...children: Child[]): number {
  const copied = children.flatMap(eventsOf).filter((event) => event.type === 'copied')
  return copied.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
}

/** Bytes in the directories that were found equal. */
export function bytesVerified(child: Child): number {
  const verified = eventsOf(child).filter((event) => event.type === 'verified')
  return verified.reduce((sum, { equal, source }) => sum + (equal ? source.bytes : 0), 0)
}

/** What its messages say. */
export function messagesOf(child: Child): string[] {
  return eventsOf(child).flatMap((event) => eventTexts(event).map(({ text }) => text))
}
