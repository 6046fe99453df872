import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { readRecords } from '../../src/engine/record.ts'
import { startSandbox } from '../../src/sandbox/index.ts'
import { workplace } from '../laboratory/child.ts'
import { laboratory, smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin } from '../laboratory/story.ts'

type About = KubeObject & { reason: string; message: string; type: string; involvedObject: Record<string, string> }

function told(objects: KubeObject[]): About[] {
  return (objects as (About & { reportingComponent?: string })[]).filter(
    ({ kind, reportingComponent }) => kind === 'Event' && reportingComponent === 'juicify.dev',
  )
}

test('kubectl describe of a volume, its claim and a workload tells what juicify did, there and back', async () => {
  const { sandbox, cluster, close } = await begin(laboratory())
  const place = await workplace(sandbox.kubeconfig, { 'lab.yaml': MIGRATION_FILE })
  const now = () => sandbox.objects() as unknown as KubeObject[]
  const about = (kind: string, reason: string) =>
    told(now()).filter((event) => event.involvedObject.kind === kind && event.reason === reason)
  try {
    const there = place.run('apply', '-f', 'lab.yaml', '--yes')
    expect([await there.ended, there.output]).toEqual([0, expect.any(String)])
    const volumes = (await readRecords(cluster)).flatMap(({ kept }) => kept.group.volumes)
    for (const { name, directory, claim } of volumes) {
      const uidOf = (kind: string, which: string) =>
        now().find((each) => each.kind === kind && each.metadata.name === which)?.metadata.uid
      const ofVolume = about('PersistentVolume', 'Migrated').find(({ involvedObject }) => involvedObject.name === name)
      // of the volume that is there, not of the one that was
      expect(ofVolume?.involvedObject.uid).toBe(uidOf('PersistentVolume', name))
      expect(ofVolume).toMatchObject({
        metadata: { namespace: 'default' },
        message: expect.stringContaining(`from ${directory} to csi.juicefs.com`),
      })
      const { namespace } = claim?.metadata ?? {}
      const ofClaim = about('PersistentVolumeClaim', 'Migrated').filter(
        ({ involvedObject }) => involvedObject.uid === claim?.metadata.uid,
      )
      expect(ofClaim.map(({ metadata }) => metadata.namespace)).toEqual([namespace])
    }
    expect(about('Pod', 'StoppedForMigration').length).toBeGreaterThan(0)
    expect(
      about('Pod', 'StartedAfterMigration')
        .map(({ involvedObject }) => involvedObject.name)
        .sort(),
    ).toEqual(
      about('Pod', 'StoppedForMigration')
        .map(({ involvedObject }) => involvedObject.name)
        .sort(),
    )
    const back = place.run('rollback', '--yes')
    expect([await back.ended, back.output]).toEqual([0, expect.any(String)])
    expect(about('PersistentVolumeClaim', 'RolledBack')).toHaveLength(volumes.length)
    expect(told(now()).every(({ type }) => type === 'Normal')).toBe(true)
  } finally {
    await place.remove()
    await close()
  }
})

test('a server that takes no events holds up nothing, and is told of once', async () => {
  let asked = 0
  const sandbox = await startSandbox({
    objects: smallLaboratory(),
    onRequest: ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/events')) return undefined
      asked++
      return { answer: { status: 403, reason: 'Forbidden', message: 'events is forbidden: User "ops" cannot create' } }
    },
  })
  const place = await workplace(sandbox.kubeconfig, { 'lab.yaml': MIGRATION_FILE })
  try {
    const child = place.run('apply', '-f', 'lab.yaml', '--yes')
    expect([await child.ended, child.output]).toEqual([0, expect.any(String)])
    expect(child.output.match(/Events on the objects/g)).toHaveLength(1)
    // those that were on their way already
    expect(asked).toBeLessThanOrEqual(2)
  } finally {
    await place.remove()
    await sandbox.close()
  }
})
