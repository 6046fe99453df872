import type { FileSystem, FileSystemDriver, FileSystemKind, FileSystemMounts } from '../../domain/filesystem.ts'
import { nodesWithDriver } from '../csi-driver.ts'
import { imageOn } from './image.ts'
import { judgeJuiceFS } from './judgement.ts'
import { mountTroubleOn } from './mount-trouble.ts'
import { mountedSubdir } from './mounted.ts'
import { juicefsSync } from './mover.ts'
import {
  BY_PROCESS,
  DRIVER_CONFIG,
  DRIVER_CONTAINER,
  HANDLE_LABEL,
  installationAmong,
  isMountPod,
  MOUNT_IMAGES,
  MOUNT_QUERIES,
  OWN_FILES,
  SEE_LOGS,
  WEBHOOK,
} from './parts.ts'
import { quotasOn } from './quotas.ts'
import { juicefsSecret } from './secret.ts'
import { settingsRead } from './settings.ts'
import { juicefsSetup } from './setup-questions.ts'
import { CLASS_NAME, DRIVER, type JuiceFSTarget, readTarget, settingsOf } from './target.ts'
import { volumesOn } from './volumes.ts'

const MOVERS = [juicefsSync]

/** JuiceFS with its CSI driver: https://juicefs.com/docs/csi/introduction */
export const juicefs: FileSystemKind = {
  kind: 'juicefs',
  drivers: [DRIVER],
  movers: MOVERS,
  setup: juicefsSetup,
  read: readTarget,
  open: (target) => opened(settingsOf(target)),
}

function opened(target: JuiceFSTarget): FileSystem {
  const { driver, secretRef } = target
  return {
    title: 'JuiceFS',
    target,
    identity: `${driver}\n${secretRef.namespace}/${secretRef.name}`,
    secretRef,
    withSecret: (other): JuiceFSTarget => ({ ...target, secretRef: other }),
    volumes: volumesOn(target),
    secret: juicefsSecret,
    driver: driverOn(target),
    image: imageOn(target),
    mounts: mountsOn(target),
    movers: MOVERS,
    ...(target.quota ? { quotas: quotasOn(target) } : {}),
    probe: { className: CLASS_NAME, capacity: '10Pi' },
    advice: {
      copyByHand: 'juicefs sync',
      raiseLimits: { commands: 'juicefs config --capacity --inodes, juicefs quota' },
    },
  }
}

function driverOn(target: JuiceFSTarget): FileSystemDriver {
  const { driver } = target
  return {
    title: `driver ${driver}`,
    provisioner: driver,
    nodesWith: ({ csiNodes }) => nodesWithDriver(csiNodes, driver),
    configMaps: [DRIVER_CONFIG],
    containers: [{ name: DRIVER_CONTAINER, flags: [BY_PROCESS, WEBHOOK], variables: MOUNT_IMAGES }],
    settingsRead,
    judge: (survey) => judgeJuiceFS(target, survey),
    mountTrouble: mountTroubleOn(target),
    see: `the mount pods of that node, and the driver’s log: ${SEE_LOGS}`,
  }
}

/**
 * Without a limit JuiceFS says that 10 Mi inodes are free, and doubles that as it fills: statRootFs in pkg/meta/base.go of
 * v1.3.1.
 */
function isWithoutLimit(freeInodes: number): boolean {
  return freeInodes >= UNLIMITED_INODES && Number.isInteger(Math.log2(freeInodes / UNLIMITED_INODES))
}

const UNLIMITED_INODES = 10 * 2 ** 20

/** One mount pod for each volume and node; it ends some seconds after its last user. */
function mountsOn(target: JuiceFSTarget): FileSystemMounts {
  return {
    queries: MOUNT_QUERIES,
    podsOf: (volumeHandles, objects) => {
      const installation = installationAmong(target, objects)
      return objects.filter(({ kind, metadata: { namespace, labels = {} } }) => {
        const handle = labels[HANDLE_LABEL]
        return kind === 'Pod' && isMountPod({ namespace, labels }, installation) && volumeHandles.has(handle ?? '')
      })
    },
    subdirOf: mountedSubdir,
    handleOf: ({ metadata }) => metadata.labels?.[HANDLE_LABEL],
    nameFiles: ['.config', '.jfs.config'],
    makesPlaces: true,
    ownFiles: OWN_FILES,
    blockSize: 4096,
    freeInodes: (said) => (isWithoutLimit(said) ? undefined : said),
  }
}
