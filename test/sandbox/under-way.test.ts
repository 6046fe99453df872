import { expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply } from '../../src/engine/run.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { begin, planOf, told } from '../laboratory/story.ts'

test('the data of a group that is under way goes to the file system of its new volumes, whatever a plan made since says', async () => {
  const { cluster, close } = await begin(smallLaboratory())
  try {
    const onlyRecord = (plan: Plan) =>
      apply(plan, told(cluster, { ask: async ({ step }) => (step === 'record' ? 'do' : 'skip') }).options)
    await onlyRecord(await planOf(cluster))
    const { target, ...migration } = (await planOf(cluster)).migration
    const other = fileSystemOf(target).withSecret?.({ namespace: 'kube-system', name: 'another-file-system' }) ?? target
    await onlyRecord({ ...(await planOf(cluster)), migration: { ...migration, target: other } })

    const records = await readRecords(cluster)
    for (const { after } of records.flatMap(({ kept: { group } }) => group.volumes))
      expect(after.spec.csi?.nodePublishSecretRef).toEqual(target.secretRef)
    // where the Jobs copy to
    expect(records.map(({ kept: { plan } }) => plan.migration.target)).toEqual(records.map(() => target))
  } finally {
    await close()
  }
})
