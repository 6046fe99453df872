import pLimit from 'p-limit'
import { expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { leftBehind } from '../../src/engine/left-behind.ts'
import { readRecords } from '../../src/engine/record.ts'
import { forget } from '../../src/engine/run.ts'
import { leftBehindLines } from '../../src/report/left-behind.ts'
import { workplace } from '../laboratory/child.ts'
import { deaths, freeLease } from '../laboratory/death.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { applyAll, begin, planOf, type Story, told } from '../laboratory/story.ts'
import { isTried } from '../laboratory/sweep.ts'

// The records are the last that is juicify's own: a run that dies while it deletes them must leave none of it behind unsaid.

/** One of the records is in parts. */
async function migrated(): Promise<unknown[]> {
  const objects = smallLaboratory().map((object) =>
    object.kind === 'PersistentVolume' && object.metadata.name === 'jupyter-workspace'
      ? { ...object, metadata: { ...object.metadata, annotations: { note: 'x'.repeat(210_000) } } }
      : object,
  )
  const story = await begin(objects)
  await applyAll(story.cluster, await planOf(story.cluster))
  await story.sandbox.settled()
  const all = story.sandbox.objects()
  await story.close()
  return all
}

async function forgetAll({ cluster }: Pick<Story, 'cluster'>, by: Cluster = cluster): Promise<void> {
  const names = (await readRecords(cluster)).map(({ kept }) => kept.group.name)
  await forget(names, told(by).options)
}

const kindsOf = ({ sandbox }: Story, ...kinds: string[]) =>
  (sandbox.objects() as KubeObject[]).filter(({ kind }) => kinds.includes(kind)).map(({ kind }) => kind)

test('records that are being deleted are gone when it is done again, wherever it was killed, and their parts with them', async () => {
  const objects = await migrated()
  const uncut = await begin(objects)
  expect(kindsOf(uncut, 'MigrationRecordPart').length).toBeGreaterThan(0)
  const watched = mortal(uncut.cluster, 0, 'before')
  await forgetAll(uncut, watched)
  await uncut.close()
  const limit = pLimit(6)
  await Promise.all(
    deaths(watched.changes.length)
      .filter((_, index) => isTried(index))
      .map(({ k, when }) =>
        limit(async () => {
          const story = await begin(objects)
          try {
            await forgetAll(story, mortal(story.cluster, k, when)).catch((error: unknown) => {
              if (!(error instanceof Killed)) throw error
            })
            await freeLease(story.cluster)
            await forgetAll(story)
            const what = `killed ${when} ${watched.changes[k - 1]}`
            expect(kindsOf(story, 'MigrationRecord', 'MigrationRecordPart', 'Job'), what).toEqual([])
            expect(await leftBehind(story.cluster), what).toMatchObject({ namespace: true, jobs: [] })
          } finally {
            await story.close()
          }
        }),
      ),
  )
})

test('a run that was killed when the last record was gone is completed by the next one, which says what is left', async () => {
  const story = await begin(await migrated())
  const place = await workplace(story.sandbox.kubeconfig)
  try {
    const records = (await readRecords(story.cluster)).map(({ kept }) => kept.group.name)
    const last = `delete MigrationRecord ${records.at(-1)}`
    await forgetAll(story, mortal(story.cluster, last, 'after')).catch(() => {})
    await freeLease(story.cluster)
    expect(new Set(kindsOf(story, 'MigrationRecord', 'MigrationRecordPart'))).toEqual(new Set(['MigrationRecordPart']))
    const child = place.run('finish', '--forget', '--yes')
    expect(await child.ended, child.output).toBe(0)
    expect(child.output).toMatch(
      /kubectl delete crd migrationrecords\.juicify\.dev[\s\S]*kubectl delete namespace juicify/,
    )
    expect(kindsOf(story, 'MigrationRecord', 'MigrationRecordPart')).toEqual([])
  } finally {
    await place.remove()
    await story.close()
  }
})

test('a cluster in which juicify never was is left as it is', async () => {
  const story = await begin(smallLaboratory())
  const place = await workplace(story.sandbox.kubeconfig)
  try {
    const before = story.sandbox.objects()
    const child = place.run('finish', '--forget', '--yes')
    expect(await child.ended, child.output).toBe(0)
    expect(child.output).not.toContain('kubectl delete')
    expect(story.sandbox.objects()).toEqual(before)
  } finally {
    await place.remove()
    await story.close()
  }
})

test('nobody is told to delete a namespace in which somebody else has something', async () => {
  const story = await begin(await migrated())
  try {
    const lines = async () => leftBehindLines((await leftBehind(story.cluster)) ?? expect.fail('a record is there'))
    await forgetAll(story)
    expect(await lines()).toContain('  kubectl delete namespace juicify')
    const metadata = { name: 'mine', namespace: 'juicify' }
    const spec = { accessModes: ['ReadWriteMany'], storageClassName: '', resources: { requests: { storage: '1Gi' } } }
    await story.cluster.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec } as KubeObject)
    const told = (await lines()).join('\n')
    expect(told).not.toContain('kubectl delete namespace')
    expect(told).toContain('not the namespace juicify: PersistentVolumeClaim juicify/mine is in it')
  } finally {
    await story.close()
  }
})
