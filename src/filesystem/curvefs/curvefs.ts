import type { FileSystem, FileSystemKind } from '../../domain/filesystem.ts'
import { setupWords } from '../../words/setup.ts'
import { judgeDriver, nodesWithDriver } from '../csi-driver.ts'
import { NO_IMAGE, PLAIN_MOUNTS } from '../plain.ts'
import { type CurveFSTarget, DRIVER, readTarget, settingsOf } from './target.ts'
import { volumesOn } from './volumes.ts'

/** CurveFS with its CSI driver: https://github.com/opencurve/curvefs-csi */
export const curvefs: FileSystemKind = {
  kind: 'curvefs',
  drivers: [DRIVER],
  movers: [],
  setup: () => setupWords().byHand.curvefs,
  read: readTarget,
  open: (target) => opened(settingsOf(target)),
}

function opened(target: CurveFSTarget): FileSystem {
  const { name, mdsAddr } = target
  return {
    title: `CurveFS ${name}`,
    target,
    identity: `${DRIVER}\n${name}\n${mdsAddr.split(',').sort().join(',')}`,
    volumes: volumesOn(target),
    driver: {
      title: `driver ${DRIVER}`,
      provisioner: DRIVER,
      nodesWith: ({ csiNodes }) => nodesWithDriver(csiNodes, DRIVER),
      configMaps: [],
      containers: [],
      settingsRead: (configMap) => configMap,
      judge: (survey) => [judgeDriver(survey, DRIVER, { target: 'own' })],
      see: 'the driver’s pod on that node, and its log',
    },
    image: NO_IMAGE,
    mounts: PLAIN_MOUNTS,
    movers: [],
    probe: { capacity: '1Gi' },
    advice: { copyByHand: 'rsync', raiseLimits: 'quota', showsWhole: true },
  }
}
