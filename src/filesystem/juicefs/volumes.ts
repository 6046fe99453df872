import { shortHash } from '../../domain/digest.ts'
import { normalise } from '../../domain/directory.ts'
import type { FileSystemVolumes, Place, VolumeSource } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { isReadOnly, isWriteback } from './mount-options.ts'
import { OWN_FILES } from './parts.ts'
import type { JuiceFSTarget } from './target.ts'

/** Static volumes of the CSI driver: https://juicefs.com/docs/csi/guide/pv/#static-provisioning */
export function volumesOn(target: JuiceFSTarget): FileSystemVolumes {
  const holds = ({ spec }: PersistentVolume) => spec.csi?.driver === target.driver
  return {
    sourceFor: (place) => sourceFor(place, target),
    isForUsersAlone: (option) => isReadOnly(option) || isWriteback(option),
    sourceLike,
    holds,
    isSame: (pv) => holds(pv) && usesSecret(pv, target),
    subdirOf,
    subdirProblem,
    handles: { problem: handleProblem, another: ownHandle },
  }
}

function sourceFor({ name, handle = name, subdir }: Place, target: JuiceFSTarget): VolumeSource {
  const mountOptions = [...(subdir === '' ? [] : [`subdir=${subdir}`]), ...target.mountOptions]
  return {
    csi: {
      driver: target.driver,
      volumeHandle: handle,
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

/**
 * The files of its own are at the root alone. The driver joins mount options by commas, and hands them to a shell that quotes
 * nothing (since 0.24, only where one of $ & ; > | ( ) or a backquote is in them): a space would end them. It drops a subdir
 * that holds `=`, and mounts the root. Letters of all scripts, and what means nothing to a shell, come through.
 */
function subdirProblem(subdir: string): string | undefined {
  const parts = subdir.split('/')
  const dots = parts.find((part) => part === '..' || part === '.')
  if (dots !== undefined) return `it contains \`${dots}\``
  const [top = ''] = parts
  if (OWN_FILES.names.includes(top)) return `JuiceFS reserves \`${top}\` at its root`
  const wrong = /[^\p{L}\p{M}\p{N}._/@+:%-]/u.exec(subdir)?.[0]
  if (wrong === undefined) return undefined
  return `it contains ${JSON.stringify(wrong)}, which the driver's shell does not pass on; letters, digits and . _ - / @ + : % work`
}

/** Anywhere in a handle it says to the driver that it has provisioned the volume, and may delete what is in it. */
const PROVISIONED = /pvc-\w{8}(-\w{4}){3}-\w{12}/

const MOST_CHARACTERS = 63

/** The driver makes it a mount pod's hostname and label, hence DNS-1123. */
function handleProblem(handle: string): string | undefined {
  if (handle.length > MOST_CHARACTERS)
    return `it has ${handle.length} characters, at most ${MOST_CHARACTERS} are allowed`
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(handle)) return 'it is not a DNS-1123 label (a-z, 0-9 and -; no dots)'
  if (PROVISIONED.test(handle)) return 'the driver would treat it as a volume that it provisioned itself'
  return undefined
}

/** As much of the name as can stand, and a hash of it in whole. */
function ownHandle(name: string, attempt: number): string {
  const hash = shortHash(attempt === 0 ? name : `${name}\n${attempt}`)
  const readable = name
    .toLowerCase()
    .replace(/pvc-/g, 'pv-')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST_CHARACTERS - hash.length - 1)
    .replace(/^-+|-+$/g, '')
  return readable === '' ? `v-${hash}` : `${readable}-${hash}`
}
