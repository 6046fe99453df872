import type { FileSystemVolumes } from '../../domain/filesystem.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { type CurveFSTarget, DRIVER } from './target.ts'

/**
 * Static volumes of its driver, which knows a volume by the name of the file system; several may show the same one, and each
 * shows all of it: https://github.com/opencurve/curvefs-csi
 */
export function volumesOn({ name, mdsAddr, fsType, clientConfPath, mountOptions }: CurveFSTarget): FileSystemVolumes {
  const holds = ({ spec }: PersistentVolume) => spec.csi?.driver === DRIVER
  return {
    sourceFor: () => ({
      csi: {
        driver: DRIVER,
        volumeHandle: name,
        volumeAttributes: { fsType, mdsAddr, ...(clientConfPath === undefined ? {} : { clientConfPath }) },
      },
      ...(mountOptions.length > 0 ? { mountOptions } : {}),
    }),
    sourceLike: ({ spec: { csi, mountOptions: options } }) => ({
      ...(csi ? { csi } : {}),
      ...(options ? { mountOptions: options } : {}),
    }),
    holds,
    isSame: (pv) => holds(pv) && pv.spec.csi?.volumeHandle === name && isAt(pv, mdsAddr),
    subdirOf: () => '',
    subdirProblem: (subdir) => (subdir === '' ? undefined : 'a volume of its driver shows all of a file system'),
  }
}

/** One of the servers in common is enough: people name as many as they like. */
function isAt({ spec }: PersistentVolume, mdsAddr: string): boolean {
  const servers = new Set(spec.csi?.volumeAttributes?.mdsAddr?.split(','))
  return mdsAddr.split(',').some((each) => servers.has(each))
}
