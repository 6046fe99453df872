import { below, normalise } from '../../domain/directory.ts'
import type { FileSystemVolumes, VolumeSource } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { plainSubdirProblem } from '../plain.ts'
import type { NfsTarget } from './target.ts'

/** Volumes that the kubelet mounts itself: https://kubernetes.io/docs/concepts/storage/volumes/#nfs */
export function volumesOn({ nfs: { server, path }, mountOptions }: NfsTarget): FileSystemVolumes {
  const options = mountOptions.length > 0 ? { mountOptions } : {}
  const placeIn = ({ spec: { nfs } }: PersistentVolume) =>
    nfs && nfs.server === server ? below(normalise(nfs.path), path) : undefined
  return {
    sourceFor: ({ subdir }) => ({
      nfs: { server, path: subdir === '' ? path : `${path.replace(/\/$/, '')}/${subdir}` },
      ...options,
    }),
    sourceLike,
    holds: ({ spec }) => spec.nfs !== undefined,
    isSame: (pv) => placeIn(pv) !== undefined,
    subdirOf: (pv) => placeIn(pv) ?? '',
    subdirProblem: plainSubdirProblem,
  }
}

function sourceLike({ spec: { nfs, mountOptions } }: PersistentVolume): VolumeSource {
  return { ...(nfs ? { nfs } : {}), ...(mountOptions ? { mountOptions } : {}) }
}
