import type { FileSystem, FileSystemKind } from '../../domain/filesystem.ts'
import { setupWords } from '../../words/setup.ts'
import { NO_IMAGE, PLAIN_MOUNTS } from '../plain.ts'
import { type NfsTarget, readTarget, settingsOf } from './target.ts'
import { volumesOn } from './volumes.ts'

/** An NFS export that the kubelet mounts, without any driver. */
export const nfs: FileSystemKind = {
  kind: 'nfs',
  drivers: [],
  field: 'nfs',
  movers: [],
  setup: () => setupWords().byHand.nfs,
  read: readTarget,
  open: (target) => opened(settingsOf(target)),
}

function opened(target: NfsTarget): FileSystem {
  const { server, path } = target.nfs
  return {
    title: `NFS ${server}:${path}`,
    target,
    identity: `nfs\n${server}:${path}`,
    volumes: volumesOn(target),
    driver: {
      title: 'NFS client',
      // what a node can mount is written nowhere in a cluster
      nodesWith: ({ nodes }) => new Set(nodes.map(({ metadata }) => metadata.name)),
      configMaps: [],
      containers: [],
      settingsRead: (configMap) => configMap,
      judge: () => [
        {
          subject: 'driver',
          findings: [],
          well: { is: 'kubelets', place: `${server}:${path}`, needs: 'mount.nfs' },
        },
      ],
      see: 'kubectl describe on the pod: the kubelet says there why it cannot mount',
    },
    image: NO_IMAGE,
    mounts: PLAIN_MOUNTS,
    movers: [],
    probe: { capacity: '1Gi' },
    advice: { copyByHand: 'rsync', raiseLimits: 'server-quota' },
  }
}
