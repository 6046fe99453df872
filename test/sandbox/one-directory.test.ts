import { afterEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { apply } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { endJobPods } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Ends the Jobs that look, as a kubelet would for which both directories are one by a link; no other pod ever ends. */
function lookAsOne({ cluster }: Story): string[] {
  const log = 'juicify at 0 1:7\njuicify mount 8:1 ext4 /data/real /dev/sda1 .\njuicify result ats=1 mounts=1\n'
  const stages: string[] = []
  closing.push(
    endJobPods(cluster, (stage) => {
      stages.push(stage)
      return log
    }),
  )
  return stages
}

test('groups of which a link makes one directory are refused before anything is recorded, copied or stopped', async () => {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const text = MIGRATION_FILE.replace('{mode: none}', '{mode: copy, mover: rsync, image: tools}').replace(
    'nodes: shared',
    'nodes: [node1]',
  )
  const plan = await planOf(story.cluster, readMigration(text, 'm.yaml'))
  expect(plan.groups.map(({ copies, blocked }) => [copies.length, blocked])).toEqual([
    [1, false],
    [1, false],
  ])
  const stages = lookAsOne(story)
  const { options, events } = told(story.cluster)
  const results = await apply(plan, { ...options, settings: { ...options.settings, rehearsal: false } })
  expect(results.map(({ outcome }) => outcome)).toEqual(['blocked', 'blocked'])
  for (const { message } of results) {
    expect(message).toMatch(/^On node1 \/data\/k8s\S+ \(group \S+\) and \/data\/k8s\S+ \(group \S+\) are one directory/)
  }
  expect(events.map(({ type }) => type)).not.toContain('step-started')
  expect(new Set(stages)).toEqual(new Set(['look']))
  const ours = (story.sandbox.objects() as KubeObject[]).filter(
    ({ metadata }) => metadata.labels?.['juicify.dev/group'],
  )
  expect(ours).toEqual([])
})
