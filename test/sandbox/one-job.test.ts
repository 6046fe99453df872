import { afterEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/engine/events.ts'
import { apply } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { endJobPods, programsTell } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const EQUAL = 'juicify result missing=0 changed=0 extra=0 files=2 target-files=2 left=0 holds=abc newest=5\n'
const DIFFERENT = EQUAL.replace('changed=0', 'changed=1')
const COPIED = 'juicify summary copied: 1\n'
const BY_MOVER = `${COPIED}juicify result passes=2\n`

/** Ends the pods of Jobs as a kubelet would, with what each of a stage has told in its turn. Returns the stages, as they came. */
function tell({ cluster }: Story, logs: Record<string, string[]>): string[] {
  const stages: string[] = []
  const otherwise = programsTell({})
  const logOf = (stage: string): string => {
    const all = logs[stage] ?? []
    return (all.length > 1 ? all.shift() : all[0]) ?? otherwise(stage)
  }
  closing.push(
    endJobPods(cluster, (stage) => {
      const log = logOf(stage)
      stages.push(stage)
      return log
    }),
  )
  return stages
}

/** Migrates one directory, and returns the stages of its Jobs from the catch-up on, and what was told of its verification. */
async function migrated(logs: Record<string, string[]>): Promise<{ stages: string[]; verified: unknown[] }> {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const text = MIGRATION_FILE.replace(
    '{mode: none}',
    '{mode: copy, mover: juicefs, image: "juicedata/mount:ce-v1.3.0"}',
  ).replace('nodes: shared', 'nodes: [node1]')
  const plan = await planOf(story.cluster, readMigration(text, 'm.yaml'))
  const [group] = plan.groups
  const ahead = `juicify result files=2 bytes=10 of=2 digest=${'a'.repeat(64)}\n`
  const stages = tell(story, { warm: [BY_MOVER], 'verify-ahead': [ahead], verify: [EQUAL], ...logs })
  const { options, events } = told(story.cluster)
  const settings = { ...options.settings, rehearsal: false }
  const emit = (event: Event) => {
    options.emit(event)
    // what comes after is another test's
    if (event.type === 'step-started' && event.step === 'swap') options.stop?.()
  }
  await apply({ ...plan, groups: group ? [group] : [] }, { ...options, emit, settings })
  const verified = events.flatMap((event) => (event.type === 'verified' ? [[event.attempt, event.equal]] : []))
  return { stages: stages.slice(stages.indexOf('catch-up')), verified }
}

describe('a catch-up that went by the listing', () => {
  test('has compared both sides already, and no other Job does it again', async () => {
    const { stages, verified } = await migrated({ 'catch-up': [COPIED + EQUAL] })
    expect(stages.filter((stage) => stage !== 'look')).toEqual(['catch-up'])
    expect(verified).toEqual([[1, true]])
  })

  test('is followed by one that looks into everything where the two differ, and by a Job that compares', async () => {
    const { stages, verified } = await migrated({ 'catch-up': [COPIED + DIFFERENT, BY_MOVER] })
    expect(stages).toEqual(['catch-up', 'catch-up', 'verify'])
    expect(verified).toEqual([
      [1, false],
      [2, true],
    ])
  })

  test('is another thing than one by a mover, after which a Job compares', async () => {
    const { stages, verified } = await migrated({ 'catch-up': [BY_MOVER] })
    expect(stages).toEqual(['catch-up', 'verify'])
    expect(verified).toEqual([[1, true]])
  })
})
