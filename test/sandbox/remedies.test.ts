import { afterEach, expect, test } from 'vitest'
import type { JsonPatchOperation } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { begin, planOf, type Story } from '../laboratory/story.ts'

// What a remedy says is typed by an operator as it is printed. So it is done here as it is printed, beside somebody else.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The JSON patch that a remedy has kubectl send to a volume. */
function patchIn(remedy: string): { name: string; operations: JsonPatchOperation[] } {
  const [, name = '', operations = '[]'] = /kubectl patch pv (\S+) --type json -p '([^']*)'/.exec(remedy) ?? []
  return { name, operations: JSON.parse(operations) }
}

const volumeOf = ({ cluster }: Story, name: string) =>
  cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })

test('a Released volume is made ready for its own claim, and nobody else’s claim gets the data', async () => {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const { cluster, sandbox } = story
  const claims = await cluster.list<PersistentVolumeClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  const [claim] = claims.items
  if (!claim) throw new Error('no claim')
  const { namespace = '', name } = claim.metadata
  const volume = claim.spec.volumeName ?? ''
  const users = (await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' }, { namespace })).items
  for (const pod of users) await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name })
  await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name })
  await sandbox.settled()
  expect((await volumeOf(story, volume)).status?.phase).toBe('Released')
  // of another tenant, who waits for any volume of that class and size
  const rival = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'rival', namespace: 'kube-public' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  }
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-public' } }).catch(() => {})
  const found = (await planOf(cluster)).findings.find(({ code }) => code === 'volume-released')
  const { name: patched, operations } = patchIn(found?.remedy ?? '')
  expect(patched).toBe(volume)
  expect(found?.remedy).toContain(`${namespace}/${name}`)
  const ref = { apiVersion: 'v1', kind: 'PersistentVolume', name: volume }
  await cluster.patch(ref, { type: 'json', body: operations })
  // the controller of a real cluster looks at claims again and again, this one when they come
  await cluster.create(rival)
  await sandbox.settled()
  const phase = async (namespace: string, name: string) =>
    (await cluster.get<PersistentVolumeClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name }))
      .status?.phase
  expect(await phase('kube-public', 'rival')).toBe('Pending')
  const { spec } = claim
  await cluster.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace, name }, spec })
  await sandbox.settled()
  expect(await phase(namespace, name)).toBe('Bound')
  const now = await volumeOf(story, volume)
  expect(now.spec.claimRef).toMatchObject({ namespace, name })
  expect((await planOf(cluster)).findings.map(({ code }) => code)).not.toContain('volume-released')
})
