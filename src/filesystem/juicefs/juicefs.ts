import type { FileSystem, FileSystemDriver, FileSystemKind, FileSystemMounts } from '../../domain/filesystem.ts'
import { nodesWithDriver } from '../csi-driver.ts'
import { findingsOn } from './findings.ts'
import { imageOn } from './image.ts'
import { juicefsSync } from './mover.ts'
import {
  BY_PROCESS,
  CONTROLLER_LABEL,
  DRIVER_CONFIG,
  DRIVER_CONTAINER,
  HANDLE_LABEL,
  installationAmong,
  isMountPod,
  MOUNT_IMAGES,
  MOUNT_QUERIES,
  NODE_LABEL,
  OWN_FILES,
  SEE_LOGS,
  selector,
  WEBHOOK,
} from './parts.ts'
import { readinessOf, settingsRead } from './readiness.ts'
import { juicefsSecret } from './secret.ts'
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
    probe: { className: CLASS_NAME, capacity: '10Pi' },
    advice: {
      copyByHand: 'with juicefs sync',
      raiseLimits: 'juicefs config --capacity --inodes, juicefs quota',
    },
  }
}

function driverOn(target: JuiceFSTarget): FileSystemDriver {
  const { driver, secretRef } = target
  return {
    title: `driver ${driver}`,
    provisioner: driver,
    nodesWith: ({ csiNodes }) => nodesWithDriver(csiNodes, driver),
    parts: [
      { apiVersion: 'v1', kind: 'Pod', labelSelector: selector(NODE_LABEL) },
      { apiVersion: 'apps/v1', kind: 'StatefulSet', labelSelector: selector(CONTROLLER_LABEL) },
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: secretRef.namespace, name: DRIVER_CONFIG },
    ],
    configMaps: [DRIVER_CONFIG],
    containers: [{ name: DRIVER_CONTAINER, flags: [BY_PROCESS, WEBHOOK], variables: MOUNT_IMAGES }],
    settingsRead,
    findings: (survey) => findingsOn(target, survey),
    readiness: (facts, survey) => readinessOf(target, facts, survey),
    see: `the mount pods of that node, and the driver’s log: ${SEE_LOGS}`,
  }
}

/** One mount pod for each volume and node; it ends some seconds after its last user. */
/**
 * Without a limit JuiceFS says that 10 Mi inodes are free, and doubles that as it fills: statRootFs in pkg/meta/base.go of
 * v1.3.1.
 */
function isWithoutLimit(freeInodes: number): boolean {
  return freeInodes >= UNLIMITED_INODES && Number.isInteger(Math.log2(freeInodes / UNLIMITED_INODES))
}

const UNLIMITED_INODES = 10 * 2 ** 20

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
    ownFiles: OWN_FILES,
    blockSize: 4096,
    freeInodes: (said) => (isWithoutLimit(said) ? undefined : said),
  }
}
