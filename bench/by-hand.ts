import pLimit from 'p-limit'
import { withoutServerFields } from '../src/domain/manifest.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../src/domain/volume.ts'
import { run } from './processes.ts'

/** A volume and its claim as they are before they are exchanged by hand. */
export interface Pair {
  volume: PersistentVolume
  claim: PersistentVolumeClaim
}

/** What one would type: the volume deleted, its protection taken off, the new one created; the claim is left alone. */
export async function replaceVolume(pair: Pair): Promise<void> {
  await takeAway(pair)
  await create(exchanged(pair, pair.claim.metadata.uid))
}

/** The same, and the claim deleted and created too, as most guides have it. */
export async function replaceBoth(pair: Pair): Promise<void> {
  const { namespace, name } = pair.claim.metadata
  await run('kubectl', ['delete', 'pvc', '-n', namespace, name, '--wait=true'])
  await takeAway(pair)
  await create(exchanged(pair, undefined))
  const { apiVersion, kind, metadata, spec } = pair.claim
  await create({ apiVersion, kind, metadata: { name, namespace, labels: metadata.labels }, spec })
}

/** What one would type, one volume after the other: it is waited for until its claim is Bound again. */
export async function replaceAndWait(pair: Pair): Promise<void> {
  const { namespace, name } = pair.claim.metadata
  await replaceVolume(pair)
  // the claim may still say that it is Bound to the volume that was
  const bound = '--for=jsonpath={.status.phase}=Bound'
  await run('kubectl', ['wait', bound, 'pv', pair.volume.metadata.name, '--timeout=60s'])
  await run('kubectl', ['wait', bound, 'pvc', '-n', namespace, name, '--timeout=60s'])
}

/** The same as juicify does, one command after the other: the claim is touched until both are Bound. */
export async function replaceAndTouch(pair: Pair): Promise<void> {
  const { namespace, name } = pair.claim.metadata
  await replaceVolume(pair)
  for (let count = 1; ; count++) {
    await run('kubectl', ['annotate', 'pvc', '-n', namespace, name, '--overwrite', `bench/touched=${count}`])
    const { stdout } = await run('kubectl', ['get', 'pvc', '-n', namespace, name, '-o', 'jsonpath={.status.phase}'], {
      keep: true,
    })
    if (stdout === 'Bound') break
  }
  await run('kubectl', ['annotate', 'pvc', '-n', namespace, name, 'bench/touched-'])
}

export async function eachOf(pairs: Pair[], atOnce: number, replace: (pair: Pair) => Promise<void>): Promise<void> {
  const limit = pLimit(atOnce)
  await Promise.all(pairs.map((pair) => limit(replace, pair)))
}

async function takeAway({ volume }: Pair): Promise<void> {
  const { name } = volume.metadata
  await run('kubectl', ['delete', 'pv', name, '--wait=false'])
  // where the claim is gone the controller may have been faster
  await run('kubectl', ['patch', 'pv', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'], {
    accept: [0, 1],
  })
}

function create(object: unknown): Promise<unknown> {
  return run('kubectl', ['create', '-f', '-'], { input: JSON.stringify(object) })
}

/** On JuiceFS what was on a node's disk, and the other way round, so that one round is the next one's beginning. */
function exchanged({ volume, claim }: Pair, uid: string | undefined): unknown {
  const { hostPath, csi, claimRef: _, ...spec } = withoutServerFields(volume).spec
  const { name, namespace } = claim.metadata
  const place = hostPath
    ? { csi: { driver: 'csi.juicefs.com', volumeHandle: volume.metadata.name, fsType: 'juicefs' } }
    : { hostPath: { path: `/data/bench/${volume.metadata.name}`, type: 'DirectoryOrCreate' } }
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, ...(uid ? { uid } : {}) }
  const { labels } = volume.metadata
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume.metadata.name, labels },
    spec: { ...spec, ...place, claimRef },
  }
}
