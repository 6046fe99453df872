import { canonicalJson } from '../../domain/digest.ts'
import type { FileSystem, FileSystemKind, SecretRef } from '../../domain/filesystem.ts'
import { setupWords } from '../../words/setup.ts'
import { nodesWithDriver } from '../csi-driver.ts'
import { NO_IMAGE, PLAIN_MOUNTS } from '../plain.ts'
import { judgeTemplate } from './judgement.ts'
import { opaqueSecret } from './secret.ts'
import { type CsiTarget, readTarget, SECRETS, settingsOf } from './target.ts'
import { tellsPlace } from './template.ts'
import { volumesOn } from './volumes.ts'

/** Any CSI driver whose volumes can show a directory of a shared file system, told by a template of their source. */
export const csi: FileSystemKind = {
  kind: 'csi',
  drivers: [],
  field: 'csi',
  movers: [],
  setup: () => setupWords().byHand.csi,
  read: readTarget,
  open: (target) => opened(settingsOf(target)),
}

function opened(target: CsiTarget): FileSystem {
  const { driver, volumeAttributes } = target.csi
  const named = SECRETS.find((key) => target.csi[key] !== undefined)
  const secretRef = named === undefined ? undefined : target.csi[named]
  return {
    title: driver,
    target,
    identity: canonicalJson([driver, volumeAttributes, target.mountOptions.filter(tellsPlace)]),
    ...(named === undefined || secretRef === undefined ? {} : withSecret(target, named, secretRef)),
    volumes: volumesOn(target),
    driver: {
      title: `driver ${driver}`,
      provisioner: driver,
      nodesWith: ({ csiNodes }) => nodesWithDriver(csiNodes, driver),
      configMaps: [],
      containers: [],
      settingsRead: (configMap) => configMap,
      judge: (survey) => judgeTemplate(driver, secretRef, survey),
      see: 'the driver’s pod on that node, and its log',
    },
    image: NO_IMAGE,
    mounts: PLAIN_MOUNTS,
    movers: [],
    probe: { capacity: '1Gi' },
    advice: { copyByHand: 'rsync', raiseLimits: 'either-quota' },
  }
}

function withSecret(
  target: CsiTarget,
  named: (typeof SECRETS)[number],
  secretRef: SecretRef,
): Pick<FileSystem, 'secretRef' | 'withSecret' | 'secret'> {
  return {
    secretRef,
    withSecret: (other): CsiTarget => ({ ...target, csi: { ...target.csi, [named]: other } }),
    secret: opaqueSecret,
  }
}
