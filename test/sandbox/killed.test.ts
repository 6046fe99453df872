import pLimit from 'p-limit'
import { beforeAll, describe, expect, test } from 'vitest'
import { changesOf, cutOff, type Death, deaths, freeLease, killed, type Verb } from '../laboratory/death.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story } from '../laboratory/story.ts'
import { isTried } from '../laboratory/sweep.ts'

// A run is killed right before and right after each of its N changes, and then gone on with or taken back. Every ninth
// of the dead is a process that got a SIGKILL, the others had their connection cut; every eleventh dead one's lease
// is waited for, the others' is given back at once.
const uncut = await begin()
const before = stateOf(uncut.sandbox.objects())
const changesForward = await changesOf(uncut, 'apply')
await uncut.sandbox.settled()
const after = stateOf(uncut.sandbox.objects())
const migrated = uncut.sandbox.objects()
const changesBack = await changesOf(uncut, 'rollback')
await uncut.close()

interface Case extends Death {
  verb: Verb
  next: 'go on' | 'take back'
}

const forward = deaths(changesForward.length)
const back = deaths(changesBack.length)
const cases: Case[] = [
  ...forward.flatMap((death) => [
    { ...death, verb: 'apply' as const, next: 'go on' as const },
    { ...death, verb: 'apply' as const, next: 'take back' as const },
  ]),
  ...back.map((death) => ({ ...death, verb: 'rollback' as const, next: 'take back' as const })),
]

async function eachCase(verb: Verb, next: Case['next'], work: (story: Story) => Promise<void>): Promise<void> {
  const limit = pLimit(6)
  await Promise.all(
    cases.map((each, index) =>
      limit(async () => {
        if (each.verb !== verb || each.next !== next || !isTried(index)) return
        const story = await (index % 9 === 0 ? killed : cutOff)(verb === 'apply' ? laboratory() : migrated, verb, each)
        try {
          if (index % 11 !== 0) await freeLease(story.cluster)
          await work(story)
          await story.sandbox.settled()
          expect(stateOf(story.sandbox.objects())).toEqual(next === 'go on' ? after : before)
        } catch (cause) {
          const what = (verb === 'apply' ? changesForward : changesBack)[each.k - 1]
          throw new Error(`${verb} killed ${each.when} change ${each.k}, ${what} (case ${index})`, { cause })
        } finally {
          await story.close()
        }
      }),
    ),
  )
}

describe(`killed at each of ${changesForward.length} changes forward and ${changesBack.length} back (${cases.filter((_, index) => isTried(index)).length} of ${cases.length} cases)`, {
  timeout: 300_000,
}, () => {
  beforeAll(() => {
    expect(after).not.toEqual(before)
    expect(after.pods).toEqual(before.pods)
  })

  test('a migration that is run again ends as if nothing had happened', async () => {
    await eachCase('apply', 'go on', async ({ cluster }) => {
      for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
      for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
        expect(message ?? outcome).toBe('migrated')
    })
  })

  test('a migration that is rolled back leaves the cluster as it was before', async () => {
    await eachCase('apply', 'take back', async ({ cluster }) => {
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    })
  })

  test('a rollback that is run again leaves the cluster as it was before the migration', async () => {
    await eachCase('rollback', 'take back', async ({ cluster }) => {
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    })
  })
})
