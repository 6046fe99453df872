import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { smallLaboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

// Who goes past the volumes goes on with the old directory when they have moved.

const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
let story: Story
let place: Workplace

beforeEach(async () => {
  story = await begin(smallLaboratory())
  place = await workplace(story.sandbox.kubeconfig)
  await applyAll(story.cluster, await planOf(story.cluster))
})
afterEach(async () => {
  await place.remove()
  await story.close()
})

async function juicify(...words: string[]): Promise<{ code: number | string; output: string }> {
  const child = place.run(...words)
  return { code: await child.ended, output: child.output }
}

function deployment(path: string, readOnly = false): KubeObject {
  const labels = { app: 'neo4j' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'neo4j', namespace: 'pipeline' },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'main', image: 'neo4j', volumeMounts: [{ name: 'disk', mountPath: '/x', readOnly }] }],
          volumes: [{ name: 'disk', hostPath: { path } }],
        },
      },
    },
  }
}

test('no record is deleted while something uses an old directory, unless that is known', async () => {
  await story.cluster.create(deployment(`${WORKSPACE}/neo4j`))
  const line = `in use  Deployment pipeline/neo4j mounts ${WORKSPACE}/neo4j, below ${WORKSPACE}`
  const shown = await juicify('finish')
  expect(shown.code).toBe(0)
  expect(shown.output).toContain(line)
  const refused = await juicify('finish', '--forget', '--yes')
  expect(refused.code).toBe(3)
  expect(refused.output).toMatch(/records are kept: old directories still used by Deployment pipeline\/neo4j/)
  const { output } = await juicify('status')
  expect(output.match(/migrated/g)).toHaveLength(2)
  expect(output).toContain('old directories still used by Deployment pipeline/neo4j')
  expect((await juicify('check')).output).toMatch(/still used by Deployment\s+pipeline\/neo4j/)
  expect((await juicify('finish', '--forget-in-use', '--yes')).output).toMatch(/Deleted the records of: .*archives/)
})

test('who only looks at a node from above holds up nothing', async () => {
  await story.cluster.create(deployment('/data', true))
  const { code, output } = await juicify('finish', '--forget', '--yes')
  expect(output).toContain('seen by  Deployment pipeline/neo4j mounts /data, above')
  expect(code).toBe(0)
  expect(output).toContain('Deleted the records of:')
})

test.each([['finish', '--forget'], ['rollback']])(
  'when the last record is gone, %s says what is left, and what removes it',
  async (...words) => {
    const { code, output } = await juicify(...words, '--yes')
    expect(code).toBe(0)
    expect(output).toContain('the namespace juicify, with its Lease')
    expect(output).toMatch(/kubectl delete crd migrationrecords\.juicify\.dev .*copiedplaces\.juicify\.dev/)
    expect(output).toContain('kubectl delete namespace juicify')
  },
)

test('a namespace that comes later is taken in by an apply from cron, and nothing is copied', async () => {
  await story.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'aihub' } })
  for (const object of volume('aihub', 'workspace', WORKSPACE)) await story.cluster.create(object)
  await story.sandbox.settled()
  await place.write('migration.yaml', MIGRATION_FILE)
  const first = await juicify('apply', '-f', 'migration.yaml', '--yes')
  expect(first.code, first.output).toBe(0)
  expect(first.output).toContain('1 volume: 1 migrated')
  expect(first.output).not.toMatch(/step {2}copy|files? copied/)
  const pv = await story.cluster.get<PersistentVolume>({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    name: 'aihub-workspace',
  })
  expect(pv.spec.mountOptions).toEqual(['subdir=kubeflow/pipeline/workspace'])
  const again = await juicify('apply', '-f', 'migration.yaml', '--yes')
  expect(again.code, again.output).toBe(0)
})
