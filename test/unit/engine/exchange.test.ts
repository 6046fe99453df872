import { describe, expect, test } from 'vitest'
import { ANNOTATION } from '../../../src/domain/names.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/domain/volume.ts'
import { type Action, type Exchange, nextAction, type ObservedVolume } from '../../../src/engine/exchange.ts'
import { troubleWords } from '../../../src/words/trouble.ts'

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'archives', namespace: 'jupyter', uid: 'claim-1' },
  spec: {},
  status: { phase: 'Bound' },
} satisfies PersistentVolumeClaim
const claimRef = { namespace: 'jupyter', name: 'archives', uid: 'claim-1' }
const from: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv', uid: 'old', finalizers: ['kubernetes.io/pv-protection'] },
  spec: { persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: '/data/a' }, claimRef },
  status: { phase: 'Bound' },
}
const to: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: {
    persistentVolumeReclaimPolicy: 'Retain',
    csi: { driver: 'csi.juicefs.com', volumeHandle: 'pv' },
    mountOptions: ['subdir=a'],
    claimRef,
  },
}
const exchange: Exchange = { from, to, claim, arrived: 'Bound' }
const arrived = { ...to, metadata: { name: 'pv', uid: 'new' }, status: { phase: 'Bound' } }
const deleting = (pv: PersistentVolume) => ({ ...pv, metadata: { ...pv.metadata, deletionTimestamp: 'now' } })
const next = (sight: ObservedVolume) => nextAction(exchange, sight)
const whyNot = (action: Action) => (action.do === 'stop' ? action.why(troubleWords('en')).message : action.do)

describe('what comes next for a volume, from what is there', () => {
  test('the old one is deleted, then released, then the new one created and bound, and then there is nothing to do', () => {
    expect(next({ pv: from, claim }).do).toBe('delete')
    expect(next({ pv: deleting(from), claim }).do).toBe('release')
    expect(next({ claim: { ...claim, status: { phase: 'Lost' } } }).do).toBe('create')
    expect(next({ pv: { ...to, status: { phase: 'Available' } }, claim }).do).toBe('bind')
    expect(next({ pv: arrived, claim }).do).toBe('nothing')
  })

  test('a volume that would dispose of its data is first set to Retain', () => {
    const risky = { ...from, spec: { ...from.spec, persistentVolumeReclaimPolicy: 'Delete' } }
    expect(next({ pv: risky, claim }).do).toBe('retain')
  })

  test('a volume that is bound while its claim is not goes on binding', () => {
    expect(next({ pv: arrived, claim: { ...claim, status: { phase: 'Lost' } } }).do).toBe('bind')
  })

  test('the trace of a touch that was left by a kill is taken off', () => {
    const touched = { ...claim, metadata: { ...claim.metadata, annotations: { [ANNOTATION.touched]: '3' } } }
    expect(next({ pv: arrived, claim: touched }).do).toBe('bind')
  })

  test('a volume that shows another directory of the same file system is not taken for the one to come', () => {
    const csi = (subDir: string) => ({ driver: 'nfs.csi.k8s.io', volumeHandle: 'pv', volumeAttributes: { subDir } })
    const nfs = (path: string) => ({ server: '10.0.0.9', path })
    for (const [coming, other] of [
      [{ csi: csi('a') }, { csi: csi('b') }],
      [{ nfs: nfs('/export/a') }, { nfs: nfs('/export/b') }],
    ]) {
      const at = (source: object | undefined): PersistentVolume => ({
        ...arrived,
        spec: { persistentVolumeReclaimPolicy: 'Retain', claimRef, ...source },
      })
      const decide = (pv: PersistentVolume) =>
        nextAction({ from, to: at(coming), claim, arrived: 'Bound' }, { pv, claim })
      expect(decide(at(coming)).do).toBe('nothing')
      expect(whyNot(decide(at(other)))).toEqual(expect.stringContaining('is neither the recorded volume'))
    }
  })

  test('a volume that is neither says how nothing is lost by the way back: with another policy than Retain its data goes with it', () => {
    const other = { ...from, spec: { ...from.spec, hostPath: { path: '/somewhere/else' } } }
    const action = next({ pv: other, claim })
    expect(action.do === 'stop' && action.why(troubleWords('en')).remedy).toMatch(
      /Before anybody deletes it .* persistentVolumeReclaimPolicy has to be Retain/,
    )
  })

  test('a finalizer that is not Kubernetes’ own is named, and left where it is', () => {
    const held = deleting({
      ...from,
      metadata: { ...from.metadata, finalizers: ['kubernetes.io/pv-protection', 'backup.example.com'] },
    })
    expect(whyNot(next({ pv: held, claim }))).toEqual(expect.stringContaining('backup.example.com'))
  })

  test('a volume that somebody has put there by hand is not touched', () => {
    const other = { ...from, spec: { ...from.spec, hostPath: { path: '/data/other' } } }
    expect(whyNot(next({ pv: other, claim }))).toEqual(expect.stringContaining('/data/other'))
  })

  test('a replacement whose labels somebody has changed is the replacement still', () => {
    const labelled = { ...arrived, metadata: { ...arrived.metadata, labels: { mine: 'yes' } } }
    expect(next({ pv: labelled, claim }).do).toBe('nothing')
  })

  test('a replacement that is being deleted by somebody makes place for itself', () => {
    expect(next({ pv: deleting(arrived), claim }).do).toBe('release')
  })

  test.each([
    ['was deleted', { pv: from }],
    ['was replaced', { pv: from, claim: { ...claim, metadata: { ...claim.metadata, uid: 'claim-2' } } }],
    ['being deleted', { pv: from, claim: { ...claim, metadata: { ...claim.metadata, deletionTimestamp: 'now' } } }],
  ])('nothing is done to the volume of a claim that %s', (words, sight) => {
    expect(whyNot(next(sight))).toEqual(expect.stringContaining(words))
  })

  test('the way back is the same the other way round', () => {
    const back: Exchange = { from: to, to: from, claim, arrived: 'Bound' }
    expect(nextAction(back, { pv: arrived, claim }).do).toBe('delete')
    expect(nextAction(back, { pv: from, claim }).do).toBe('nothing')
  })

  test('an original that never went away needs nothing, whatever became of its claim', () => {
    const back: Exchange = { from: to, to: from, claim, untouched: from, arrived: 'Bound' }
    const another = { ...claim, metadata: { ...claim.metadata, uid: 'claim-2' } }
    expect(nextAction(back, { pv: from, claim: another }).do).toBe('nothing')
    expect(nextAction(back, { pv: from }).do).toBe('nothing')
    expect(nextAction(back, { pv: arrived, claim: another }).do).toBe('stop')
  })

  test('a claim that was Lost with a volume without its uid gets it', () => {
    const lost: Exchange = {
      ...exchange,
      from: { ...arrived, spec: { ...to.spec, claimRef: { namespace: 'jupyter', name: 'archives' } } },
    }
    expect(nextAction(lost, { pv: lost.from, claim: { ...claim, status: { phase: 'Lost' } } }).do).toBe('delete')
    expect(nextAction(lost, { pv: arrived, claim }).do).toBe('nothing')
  })
})
