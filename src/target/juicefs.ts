import { below, normalise } from '../domain/directory.ts'
import { userAnnotations } from '../domain/manifest.ts'
import type { JuiceFSTarget, PathRule } from '../domain/migration.ts'
import type { ClaimRef, PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'

/**
 * The PersistentVolume on JuiceFS that takes the place of `pv`: name, labels, capacity and the user's annotations as
 * they were, the claim's access modes, bound to the claim and, where the claim has one, to its uid.
 * @param subdir where its directory goes on the file system; empty for the root
 */
export function replacementOf(
  pv: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
  subdir: string,
  target: JuiceFSTarget,
): PersistentVolume {
  const { name, labels } = pv.metadata
  const annotations = userAnnotations(pv)
  const claimRef = claim ? claimRefTo(claim) : reservation(pv.spec.claimRef)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    spec: {
      ...(pv.spec.capacity ? { capacity: pv.spec.capacity } : {}),
      volumeMode: 'Filesystem',
      accessModes: claim?.spec.accessModes ?? pv.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: pv.spec.storageClassName ?? '',
      ...(claimRef ? { claimRef } : {}),
      csi: {
        driver: target.driver,
        volumeHandle: name,
        fsType: 'juicefs',
        nodePublishSecretRef: { name: target.secretRef.name, namespace: target.secretRef.namespace },
        ...(Object.keys(target.volumeAttributes).length > 0 ? { volumeAttributes: target.volumeAttributes } : {}),
      },
      ...mountOptionsFor(subdir, target),
    },
  }
}

/** A PV on the target that somebody made by hand, bound to the very claim: all that was missing is the uid. */
export function boundTo(pv: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, labels } = pv.metadata
  const annotations = userAnnotations(pv)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    spec: { ...pv.spec, storageClassName: pv.spec.storageClassName ?? '', claimRef: claimRefTo(claim) },
  }
}

/** True where the volume is on the target's driver already. */
export function isOnTarget(pv: PersistentVolume, target: JuiceFSTarget): boolean {
  return pv.spec.csi?.driver === target.driver
}

/** True where both volumes are on the file system that the Secret names. */
export function usesSecret(pv: PersistentVolume, target: JuiceFSTarget): boolean {
  const secret = pv.spec.csi?.nodePublishSecretRef
  return secret?.name === target.secretRef.name && secret.namespace === target.secretRef.namespace
}

/** Where a volume on the target is on its file system: `subdir` of its mount options, else what a provisioner noted. */
export function subdirOfVolume(pv: PersistentVolume): string {
  const option = pv.spec.mountOptions?.flatMap((options) => options.split(',')).find((o) => o.startsWith('subdir='))
  return normalise(
    (option?.slice('subdir='.length) ?? pv.spec.csi?.volumeAttributes?.subPath ?? '').replace(/^\/+/, ''),
  )
}

/** Where a directory goes by the rule with the longest `from` that covers it; undefined where none does. */
export function subdirFor(directory: string, rules: PathRule[]): string | undefined {
  const rule = longest(
    rules.filter(({ from }) => below(directory, from) !== undefined),
    ({ from }) => from,
  )
  if (!rule) return undefined
  return join(rule.to, below(directory, rule.from) ?? '')
}

/** The directory that the rules take to this subdir, by the one with the longest `to`; none where two are as long. */
export function directoryFor(subdir: string, rules: PathRule[]): string | undefined {
  const found = rules.flatMap(({ from, to }) => {
    const rest = below(subdir, to)
    const directory = rest === undefined ? undefined : normalise(`${from}/${rest}`)
    return directory !== undefined && subdirFor(directory, rules) === subdir ? [{ directory, to }] : []
  })
  const best = longest(found, ({ to }) => to)
  const equals = found.filter(({ to, directory }) => to.length === best?.to.length && directory !== best.directory)
  return equals.length > 0 ? undefined : best?.directory
}

/**
 * Why JuiceFS cannot take this subdir; undefined where it can. Its CSI driver joins mount options by commas and hands
 * them on in one piece, so that a comma or a space would end it.
 */
export function subdirProblem(subdir: string): string | undefined {
  if (/(^|\/)\.\.(\/|$)/.test(subdir)) return 'it holds `..`'
  const wrong = /[^A-Za-z0-9._/-]/u.exec(subdir)?.[0]
  return wrong === undefined ? undefined : `it holds ${JSON.stringify(wrong)}; only A-Z a-z 0-9 . _ - and / are safe`
}

/**
 * Why JuiceFS' CSI driver cannot take this volumeHandle; undefined where it can. The driver makes it a mount pod's
 * hostname and label, hence DNS-1123, and takes `pvc-<uuid>` for a volume that it has provisioned itself.
 */
export function handleProblem(handle: string): string | undefined {
  if (handle.length > 63) return `it has ${handle.length} characters, and 63 are allowed`
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(handle)) return 'it is no DNS-1123 label (a-z, 0-9 and -; no dots)'
  if (/^pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(handle))
    return 'the driver takes it for a volume that it provisioned itself'
  return undefined
}

function claimRefTo(claim: PersistentVolumeClaim): ClaimRef {
  const { namespace, name, uid } = claim.metadata
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, ...(uid === undefined ? {} : { uid }) }
}

/** What a volume without a claim is reserved for, if anything: no uid, for that claim was never bound. */
function reservation(claimRef: ClaimRef | undefined): ClaimRef | undefined {
  if (!claimRef) return undefined
  const { uid, resourceVersion, ...rest } = claimRef
  return rest
}

function mountOptionsFor(subdir: string, target: JuiceFSTarget): { mountOptions?: string[] } {
  const mountOptions = [...(subdir === '' ? [] : [`subdir=${subdir}`]), ...target.mountOptions]
  return mountOptions.length > 0 ? { mountOptions } : {}
}

function join(to: string, rest: string): string {
  return to === '' || rest === '' ? to + rest : `${to}/${rest}`
}

function longest<T>(items: T[], text: (item: T) => string): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best && text(best).length >= text(item).length ? best : item),
    undefined,
  )
}
