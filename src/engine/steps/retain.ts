import { Failure } from '../../domain/failure.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { worded } from '../../words/trouble.ts'
import { isUntouched } from '../exchange.ts'
import { type GroupRun, recordOf, type Step } from '../step.ts'
import { mustBeAtHome, observeAll, setPolicy } from '../volumes.ts'

/** With `Delete` or `Recycle` the controller disposes of the data of a volume whose claim is gone; nothing may begin before that is off. */
export const retain: Step = {
  name: 'retain',
  describe: ({ volumes }) => ({
    title: 'set persistentVolumeReclaimPolicy to Retain',
    objects: volumes
      .filter((volume) => volume.before.spec.persistentVolumeReclaimPolicy !== 'Retain')
      .map((volume) => `PersistentVolume ${volume.name}`),
    undo: 'the recorded policy is set again',
  }),
  async isDone(run) {
    return (await originalsInPlace(run)).every(({ now }) => now.spec.persistentVolumeReclaimPolicy === 'Retain')
  },
  async do(run) {
    for (const { now } of await originalsInPlace(run)) {
      if (now.spec.persistentVolumeReclaimPolicy === 'Retain') continue
      const changed = await policyOf(run, now, 'Retain')
      if (changed.spec.persistentVolumeReclaimPolicy !== 'Retain') {
        const { persistentVolumeReclaimPolicy: found } = changed.spec
        throw new Failure(...worded((say) => say.swap.policyChanged(now.metadata.name, found)))
      }
    }
  },
  async undo(run) {
    // with any other policy the data of a volume whose claim is gone would be disposed of
    await mustBeAtHome(run)
    for (const { now, original } of await originalsInPlace(run)) {
      const policy = original.spec.persistentVolumeReclaimPolicy ?? 'Retain'
      if (now.spec.persistentVolumeReclaimPolicy !== policy) await policyOf(run, now, policy)
    }
  },
}

async function policyOf(run: GroupRun, pv: PersistentVolume, policy: string): Promise<PersistentVolume> {
  const changed = await setPolicy(run.cluster, pv, policy)
  if (changed) return changed
  throw new Failure(...worded((say) => say.swap.deletedWhileRetained(pv.metadata.name)))
}

/** Those of the recorded volumes that have not been exchanged, as they are now. */
async function originalsInPlace(run: GroupRun): Promise<{ original: PersistentVolume; now: PersistentVolume }[]> {
  const sights = await observeAll(run)
  return Object.values(recordOf(run).kept.originals).flatMap((original) => {
    const sight = sights.get(original.metadata.name) ?? {}
    return sight.pv && isUntouched(original, sight) ? [{ original, now: sight.pv }] : []
  })
}
