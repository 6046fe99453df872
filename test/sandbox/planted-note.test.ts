import { afterEach, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { copyNoteRef, readCopyNote, writeCopyNote } from '../../src/copy/note.ts'
import type { CopyTask } from '../../src/copy/task.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { copyTasksOf } from '../../src/engine/copies.ts'
import type { Event } from '../../src/engine/events.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, preload } from '../../src/engine/run.ts'
import { findUnreturned } from '../../src/engine/unreturned.ts'
import { ensureDefinitions } from '../../src/jobs/definitions.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { endJobPods, programsTell } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

// Notes on copied places may be anybody's who was given that right, of a backup, or of another cluster whose file system
// has the same name. What they say of a place is proved there before anything is written, deleted or left out.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const LOGS: Record<string, string> = {
  warm: 'juicify summary copied: 1\njuicify result passes=2\n',
  'catch-up': 'juicify summary copied: 1\njuicify result passes=2\n',
  check: 'juicify result empty=no\n',
  verify: 'juicify result missing=0 changed=0 extra=0 files=2 target-files=2 left=0 holds=abc newest=5\n',
  compare: 'juicify result missing=0 changed=0 extra=3 files=2 target-files=5 left=0\n',
}

const UNREADABLE = {
  exitCode: 74,
  log: 'juicify failed the target could not be read in whole: stat: File name too long\n',
}

interface Scene extends Story {
  plan: Plan
  task: CopyTask
  /** The Jobs that ran, in turn: the stage, and what it was told. */
  jobs: { stage: string; env: Record<string, string> }[]
  /** Has the next run stopped where the place is asked, which then proves nothing. */
  stopAtCheck(stop: () => unknown): void
}

/** One directory that is to be copied. */
async function scene({ into, unreadable }: { into?: boolean; unreadable?: boolean } = {}): Promise<Scene> {
  const story = await begin(smallLaboratory())
  await ensureDefinitions(story.cluster)
  closing.push(story.close)
  const copy = `{mode: copy, mover: juicefs, image: "juicedata/mount:ce-v1.3.0", verify: metadata, intoExisting: ${into ?? false}}`
  const text = MIGRATION_FILE.replace('{mode: none}', copy).replace('nodes: shared', 'nodes: [node1]')
  const whole = await planOf(story.cluster, readMigration(text, 'm.yaml'))
  const [group] = whole.groups
  if (!group) throw new Error('no group')
  const plan = { ...whole, groups: [group] }
  const [task] = copyTasksOf({ group, plan: { ...plan, name: plan.metadata.name } })
  if (!task) throw new Error('no copy')
  const jobs: Scene['jobs'] = []
  let stopping: (() => unknown) | undefined
  const tell = programsTell(LOGS)
  closing.push(
    endJobPods(story.cluster, (stage, pod) => {
      jobs.push({ stage, env: environmentOf(pod) })
      if (stage === 'check' && stopping) return stopping() as undefined
      if (stage === 'compare' && unreadable) return UNREADABLE
      return tell(stage)
    }),
  )
  const stopAtCheck = (stop: () => unknown) => {
    stopping = () => void stop()
  }
  return { ...story, plan, task, jobs, stopAtCheck }
}

function environmentOf(pod: KubeObject): Record<string, string> {
  const { containers } = pod.spec as { containers: { env: { name: string; value?: string }[] }[] }
  return Object.fromEntries((containers[0]?.env ?? []).map(({ name, value = '' }) => [name, value]))
}

function options(cluster: Cluster, until?: (event: Event) => boolean) {
  const { options, events } = told(cluster)
  const emit = (event: Event) => {
    options.emit(event)
    if (until?.(event)) options.stop?.()
  }
  return { events, options: { ...options, emit, settings: { ...options.settings, rehearsal: false } } }
}

const NOTE = { existing: false, released: false }
const FINGERPRINT = { digest: 'd'.repeat(64), newest: 5 }

describe('a note that somebody has planted', () => {
  test.each([
    ['that a copy is on its way', {}, ['SINCE']],
    ['that a copy is there, which nobody uses yet', { fingerprint: FINGERPRINT }, ['DIGEST', 'SINCE']],
    ['that a copy is there, which was in use', { fingerprint: FINGERPRINT, released: true }, ['DIGEST', 'SINCE']],
    ['that a copy was made over what was there', { existing: true }, []],
    ['that a copy of another directory is there', { directory: '/data/other', fingerprint: FINGERPRINT }, []],
  ] as const)('says %s, and nothing is copied before the place has proved it', async (_, says, asked) => {
    const { cluster, plan, task, jobs, stopAtCheck } = await scene()
    await writeCopyNote(cluster, task, { directory: task.directory, ...NOTE, ...says })
    const planted = await readCopyNote(cluster, task)
    for (const run of [preload, apply]) {
      const { options: about } = options(cluster)
      stopAtCheck(() => about.stop?.())
      expect((await run(plan, about)).map(({ outcome }) => outcome)).toEqual(['interrupted'])
    }
    expect(new Set(jobs.map(({ stage }) => stage))).toEqual(new Set(['look', 'check']))
    const checks = jobs.filter(({ stage }) => stage === 'check')
    for (const { env } of checks) expect(['DIGEST', 'SINCE'].filter((name) => env[name] !== undefined)).toEqual(asked)
    // older than the object is what was there before, by clocks that may be minutes apart
    if (asked[0] === 'SINCE')
      expect(Number(checks[0]?.env.SINCE)).toBeLessThanOrEqual(Date.parse(planted?.since ?? '') / 1000 - 600)
    expect(await readCopyNote(cluster, task)).toEqual(planted)
  })

  test('has nothing deleted at a place that is to be copied over', async () => {
    const { cluster, plan, task, jobs } = await scene({ into: true })
    await writeCopyNote(cluster, task, { directory: task.directory, ...NOTE })
    await apply(plan, options(cluster, (event) => event.type === 'step-started' && event.step === 'swap').options)
    const deletes = jobs.filter(({ stage }) => stage === 'catch-up').map(({ env }) => env.DELETE)
    expect(deletes).toEqual(['no'])
    expect((await readCopyNote(cluster, task))?.existing).toBe(true)
  })

  test('while a run copies, leaves nothing out of its verification, and costs it no second look', async () => {
    const { cluster, plan, task, jobs } = await scene()
    const run = options(cluster, (event) => event.type === 'step-started' && event.step === 'swap')
    const { emit } = run.options
    let planting: Promise<unknown> = Promise.resolve()
    await apply(plan, {
      ...run.options,
      emit: (event) => {
        if (event.type === 'copied')
          planting = writeCopyNote(cluster, task, { directory: task.directory, ...NOTE, existing: true })
        emit(event)
      },
    })
    await planting
    expect(jobs.filter(({ stage }) => stage === 'verify').map(({ env }) => env.EXTRA)).toEqual(['fail'])
    expect(jobs.filter(({ stage }) => stage === 'catch-up').map(({ env }) => env.DELETE)).toEqual(['yes'])
    expect(jobs.filter(({ stage }) => stage === 'check')).toHaveLength(1)
  })
})

describe('what people have written since the swap', () => {
  test.each([
    ['is gone', (cluster: Cluster, task: CopyTask) => cluster.delete(copyNoteRef(task))],
    [
      'says that nobody was switched to it',
      (cluster: Cluster, task: CopyTask) => writeCopyNote(cluster, task, { directory: task.directory, ...NOTE }),
    ],
    [
      'says that it was there before',
      (cluster: Cluster, task: CopyTask) =>
        writeCopyNote(cluster, task, { directory: task.directory, released: true, existing: true }),
    ],
  ])('is told before a rollback, also where the note on the place %s', async (_, tamper) => {
    const { cluster, plan, task } = await scene()
    const [result] = await apply(
      plan,
      options(cluster, (event) => event.type === 'step-ended' && event.step === 'swap').options,
    )
    expect(result?.outcome).toBe('interrupted')
    await tamper(cluster, task)
    const records = await readRecords(cluster)
    const found = await findUnreturned(cluster, records, new AbortController().signal)
    expect(found.map(({ directory, count }) => [directory, count])).toEqual([[task.directory, 3]])
  })

  test('is not known where the two cannot be compared, which keeps nobody from a rollback', async () => {
    const { cluster, plan, task, jobs } = await scene({ unreadable: true })
    await apply(plan, options(cluster, (event) => event.type === 'step-ended' && event.step === 'swap').options)
    const found = await findUnreturned(cluster, await readRecords(cluster), new AbortController().signal)
    expect(jobs.map(({ stage }) => stage)).toContain('compare')
    expect(found).toEqual([
      expect.objectContaining({
        directory: task.directory,
        count: 0,
        unknown: expect.stringContaining('File name too long'),
      }),
    ])
  })
})
