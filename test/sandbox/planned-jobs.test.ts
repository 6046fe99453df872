import pc from 'picocolors'
import { afterEach, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { copyTasksOf } from '../../src/engine/copies.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { planTable } from '../../src/report/plan-table.ts'
import { survey } from '../../src/survey/survey.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, told } from '../laboratory/story.ts'

// What runs as root with everybody's directories is read before, and is the same on the way back, when the pod that told it is
// gone: the last mount pod ends with the workloads.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function mountPod(namespace: string, image: string): KubeObject {
  const labels = { 'app.kubernetes.io/name': 'juicefs-mount', 'volume-id': 'any' }
  const spec = { nodeName: 'node1', containers: [{ name: 'jfs-mount', image }] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a-mount', namespace, labels }, spec }
}

async function planned(cluster: Cluster) {
  const text = MIGRATION_FILE.replace('{mode: none}', '{mode: copy}').replace('nodes: shared', 'nodes: [node1]')
  const migration = readMigration(text, 'm.yaml')
  return makePlan(await survey(cluster, migration), migration, { wholeGroups: false, dangerousSplit: false })
}

test('the image that the Jobs run is in the plan and in the record, and no pod of a tenant’s chooses it', async () => {
  const story = await begin([
    ...smallLaboratory(),
    mountPod('jupyter', 'theirs'),
    mountPod('kube-system', 'mount:ce-v1'),
  ])
  closing.push(story.close)
  const plan = await planned(story.cluster)
  expect(plan.jobs).toEqual({ mover: 'juicefs', image: 'mount:ce-v1' })
  const table = planTable(plan, { columns: 100, color: pc.createColors(false) })
  expect(table).toContain('with juicefs sync, in Jobs that run the image mount:ce-v1')
  const results = await apply(plan, told(story.cluster).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'migrated'))
  await story.cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system', name: 'a-mount' })
  const tasks = (await readRecords(story.cluster)).flatMap(({ kept }) => copyTasksOf(kept))
  expect(tasks.map(({ settings }) => settings.image)).toEqual(tasks.map(() => 'mount:ce-v1'))
  expect(tasks.length).toBeGreaterThan(0)
})
