import { normalise } from '../../domain/directory.ts'
import type { FileSystemVolumes, Place, VolumeSource } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { OWN_FILES } from './parts.ts'
import type { JuiceFSTarget } from './target.ts'

/** Static volumes of the CSI driver: https://juicefs.com/docs/csi/guide/pv/#static-provisioning */
export function volumesOn(target: JuiceFSTarget): FileSystemVolumes {
  const holds = ({ spec }: PersistentVolume) => spec.csi?.driver === target.driver
  return {
    sourceFor: (place) => sourceFor(place, target),
    sourceLike,
    holds,
    isSame: (pv) => holds(pv) && usesSecret(pv, target),
    subdirOf,
    subdirProblem,
    handleProblem: ({ spec }) => handleProblem(spec.csi?.volumeHandle ?? ''),
  }
}

function sourceFor({ name, subdir }: Place, target: JuiceFSTarget): VolumeSource {
  const mountOptions = [...(subdir === '' ? [] : [`subdir=${subdir}`]), ...target.mountOptions]
  return {
    csi: {
      driver: target.driver,
      volumeHandle: name,
      fsType: 'juicefs',
      nodePublishSecretRef: { name: target.secretRef.name, namespace: target.secretRef.namespace },
      ...(Object.keys(target.volumeAttributes).length > 0 ? { volumeAttributes: target.volumeAttributes } : {}),
    },
    ...(mountOptions.length > 0 ? { mountOptions } : {}),
  }
}

function sourceLike({ spec: { csi, mountOptions } }: PersistentVolume, name: string): VolumeSource {
  return {
    ...(csi ? { csi: { ...csi, volumeHandle: name } } : {}),
    ...(mountOptions ? { mountOptions } : {}),
  }
}

function usesSecret(pv: PersistentVolume, { secretRef }: JuiceFSTarget): boolean {
  const secret = pv.spec.csi?.nodePublishSecretRef
  return secret?.name === secretRef.name && secret.namespace === secretRef.namespace
}

/** `subdir` of its mount options, else what a provisioner noted. */
function subdirOf(pv: PersistentVolume): string {
  const option = pv.spec.mountOptions?.flatMap((options) => options.split(',')).find((o) => o.startsWith('subdir='))
  return normalise(
    (option?.slice('subdir='.length) ?? pv.spec.csi?.volumeAttributes?.subPath ?? '').replace(/^\/+/, ''),
  )
}

/** The files of its own are at the root alone. The driver joins mount options by commas and hands them on in one piece, so that a comma or a space would end it. */
function subdirProblem(subdir: string): string | undefined {
  const parts = subdir.split('/')
  const dots = parts.find((part) => part === '..' || part === '.')
  if (dots !== undefined) return `it holds \`${dots}\``
  const [top = ''] = parts
  if (OWN_FILES.names.includes(top)) return `JuiceFS keeps \`${top}\` at its root for itself`
  const wrong = /[^A-Za-z0-9._/-]/u.exec(subdir)?.[0]
  return wrong === undefined ? undefined : `it holds ${JSON.stringify(wrong)}; only A-Z a-z 0-9 . _ - and / are safe`
}

/**
 * The driver makes it a mount pod's hostname and label, hence DNS-1123, and takes `pvc-<uuid>` for a volume that it has
 * provisioned itself.
 */
function handleProblem(handle: string): string | undefined {
  if (handle.length > 63) return `it has ${handle.length} characters, and 63 are allowed`
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(handle)) return 'it is no DNS-1123 label (a-z, 0-9 and -; no dots)'
  if (/^pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(handle))
    return 'the driver takes it for a volume that it provisioned itself'
  return undefined
}
