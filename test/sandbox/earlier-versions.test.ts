import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { parseJson } from '../../src/cluster/json.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { readEarlierRecords } from '../../src/engine/earlier-record.ts'
import type { Event } from '../../src/engine/events.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, carryOverAll, resume } from '../../src/engine/run.ts'
import { EXIT_CODES } from '../../src/jobs/exit-codes.ts'
import { differences } from '../../src/planner/current.ts'
import { withoutOrigin } from '../../src/planner/moved.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { readPlan } from '../../src/planner/plan-file.ts'
import { survey } from '../../src/survey/survey.ts'
import { workplace } from '../laboratory/child.ts'
import { endJobPods, programsTell } from '../laboratory/job-pods.ts'
import { stateOf } from '../laboratory/state.ts'
import { begin, resumeAll, rollbackAll, type Story, told } from '../laboratory/story.ts'

const ours = (name: string) => readFileSync(new URL(`../laboratory/of-0.1.0/${name}`, import.meta.url), 'utf8')
const objectsOf = (name: string) => ours(`${name}.jsonl`).trim().split('\n').map(parseJson)

async function on(name: string, work: (story: Story) => Promise<void>): Promise<void> {
  const story = await begin(objectsOf(name))
  try {
    await work(story)
  } finally {
    await story.close()
  }
}

type ConfigMap = KubeObject & { data?: Record<string, string> }

function environmentOf(pod: KubeObject): Record<string, string> {
  const { containers } = pod.spec as { containers: { env: { name: string; value?: string }[] }[] }
  return Object.fromEntries((containers[0]?.env ?? []).map(({ name, value = '' }) => [name, value]))
}

/** As after a yes to what was shown. */
async function carriedOver(cluster: Cluster): Promise<void> {
  const { earlier } = await readEarlierRecords(cluster)
  expect(earlier).toHaveLength(2)
  await carryOverAll(earlier, told(cluster).options)
}

/** Without when something was restarted, pod by pod: that is another moment each time. */
function stateIn({ sandbox }: Story): Record<string, unknown> {
  const state = structuredClone(stateOf(sandbox.objects()))
  for (const object of Object.values(state) as { spec?: { template?: { metadata?: { annotations?: object } } } }[])
    delete object.spec?.template?.metadata?.annotations
  return state
}

/** What people would call the state of the cluster that a file holds, once its controllers have come to rest. */
async function restOf(name: string): Promise<Record<string, unknown>> {
  let state = {}
  await on(name, async (story) => {
    await story.sandbox.settled()
    state = stateIn(story)
  })
  return state
}

const [before, migrated] = [await restOf('before'), await restOf('migrated')]

describe('what juicify 0.1.0 has left in a cluster', () => {
  test.each([
    ['under-way', 'resume', 'migrated'],
    ['under-way', 'rollback', 'rolled-back'],
    ['rolling-back', 'resume', 'rolled-back'],
    ['rolling-back', 'rollback', 'rolled-back'],
    ['migrated', 'rollback', 'rolled-back'],
  ] as const)('a group that is %s: %s, and it is %s', async (name, verb, outcome) => {
    await on(name, async (story) => {
      const { cluster, sandbox } = story
      await carriedOver(cluster)
      const results = await (verb === 'resume' ? resumeAll : rollbackAll)(cluster)
      expect(results.map((result) => result.message ?? result.outcome)).toEqual([outcome, outcome])
      await sandbox.settled()
      expect(stateIn(story)).toEqual(outcome === 'migrated' ? migrated : before)
      expect(await readRecords(cluster)).toHaveLength(outcome === 'migrated' ? 2 : 0)
    })
  })

  test.each([
    ['under-way', /archives-707550d8 {2}migrating.*workspace-bbc59b89 {2}migrating/s],
    ['rolling-back', /archives-707550d8 {2}rolling back.*workspace-bbc59b89 {2}rolling back/s],
    ['migrated', /archives-707550d8 {2}migrated.*workspace-bbc59b89 {2}migrated/s],
  ])('is shown by status: %s', async (name, shown) => {
    await on(name, async ({ sandbox }) => {
      const place = await workplace(sandbox.kubeconfig)
      try {
        const child = place.run('status')
        expect(await child.ended).toBe(0)
        expect(child.output).toMatch(shown)
      } finally {
        await place.remove()
      }
    })
  })

  test('is left alone by --yes, and carried over, in whole and once, with --adopt-records', async () => {
    await on('under-way', async ({ sandbox, cluster }) => {
      const place = await workplace(sandbox.kubeconfig)
      try {
        await sandbox.settled()
        const maps = () => sandbox.objects().filter((object) => isOfGroup(object as KubeObject))
        const found = maps()
        expect(found).not.toEqual([])
        const refused = place.run('resume', '--yes')
        expect(await refused.ended).toBe(3)
        expect(refused.output).toMatch(/Not converted: 2 records of juicify 0\.1\.0 on .*--adopt-records/)
        expect(maps()).toEqual(found)
        expect(await readRecords(cluster)).toEqual([])
        const resumed = place.run('resume', '--yes', '--adopt-records')
        expect(await resumed.ended).toBe(0)
        expect(resumed.output).toContain('persistentVolumeReclaimPolicy: ')
        expect(maps()).toEqual([])
        expect((await readRecords(cluster)).map(({ state }) => state.phase)).toEqual(['migrated', 'migrated'])
      } finally {
        await place.remove()
      }
    })
  })

  test('a copy that it has half made is proved by what is newer than its record, and one that is older is not touched', async () => {
    const recordsOf = (name: string) => (objectsOf(name) as ConfigMap[]).filter(isOfGroup)
    const records = recordsOf('under-way').map(({ data, ...rest }) => ({
      ...rest,
      data: { ...data, 'state.json': JSON.stringify({ ...JSON.parse(data?.['state.json'] ?? ''), stopping: false }) },
    }))
    const recordedAt = Math.min(...records.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') / 1000))
    const story = await begin([...objectsOf('before'), ...records])
    const { cluster, sandbox } = story
    // what check-place.sh tells of a place where that was changed last, in seconds; of one where nothing is
    let place: number | undefined = recordedAt - 86_400
    const tell = programsTell({})
    const stages: string[] = []
    const end = endJobPods(cluster, (stage, pod) => {
      stages.push(stage)
      if (stage === 'look') return tell(stage)
      if (stage !== 'check') return 'juicify summary copied: 1\njuicify result passes=2\n'
      if (place === undefined) return 'juicify result empty=yes\n'
      if (place >= Number(environmentOf(pod).SINCE)) return 'juicify result empty=no\n'
      return { exitCode: 87, log: 'juicify failed the target holds what is older than the note that it is a copy: a\n' }
    })
    const resumed = async () => {
      stages.length = 0
      const { options, events } = told(cluster)
      const emit = (event: Event) => {
        options.emit(event)
        if (event.type === 'copied') options.stop?.()
      }
      const settings = { ...options.settings, rehearsal: false }
      const [result] = await resume({ ...options, emit, settings })
      return { result, copied: events.some(({ type }) => type === 'copied') }
    }
    try {
      await sandbox.settled()
      await carriedOver(cluster)
      const users = () => Object.entries(stateIn(story)).filter(([key]) => !/PersistentVolume|juicify/.test(key))
      const running = users()
      const refused = await resumed()
      expect(refused.result?.message).toContain('older than the note')
      expect(refused.result?.remedy).toBe(EXIT_CODES[87]?.remedy)
      // nothing was copied, nobody was stopped
      expect(new Set(stages)).toEqual(new Set(['look', 'check']))
      expect(users()).toEqual(running)
      // as the remedy says: moved away, and the same command again
      place = undefined
      expect((await resumed()).copied).toBe(true)
      // one that it has begun after its record is gone on with
      place = recordedAt + 60
      expect((await resumed()).copied).toBe(true)
    } finally {
      await end()
      await story.close()
    }
  })

  test('a record of a version that is not known is named with the group and the version, and nothing is changed', async () => {
    const objects = objectsOf('under-way') as { data?: Record<string, string> }[]
    for (const { data } of objects) if (data?.['state.json']) data.version = '99'
    const story = await begin(objects)
    const place = await workplace(story.sandbox.kubeconfig)
    try {
      await story.sandbox.settled()
      const seen = () => stateOf(story.sandbox.objects())
      const found = seen()
      for (const command of ['status', 'resume', 'rollback']) {
        const child = place.run(command, ...(command === 'status' ? [] : ['--yes']))
        expect(await child.ended).toBe(3)
        expect(child.output).toMatch(
          /ConfigMap juicify\/juicify-archives-707550d8: expected record version 1, found 99/,
        )
        expect(child.output).toMatch(/try: It was written by another version of juicify: .* archives-707550d8/)
      }
      expect(seen()).toEqual(found)
    } finally {
      await place.remove()
      await story.close()
    }
  })
})

function isOfGroup({ kind, metadata }: KubeObject): boolean {
  return kind === 'ConfigMap' && metadata.labels?.['juicify.dev/group'] !== undefined
}

describe('a plan that juicify 0.1.0 has saved', () => {
  const saved = readPlan(ours('plan.yaml'), 'plan.yaml')

  test('is what is planned today, and carried out', async () => {
    await on('before', async (story) => {
      const { cluster, sandbox } = story
      const now = makePlan(await survey(cluster, saved.migration), saved.migration, saved.options)
      expect(differences(saved, now)).toEqual([])
      // where a volume came from is noted on it since
      const bare = now.groups.map((group) => ({
        ...group,
        volumes: group.volumes.map((volume) => ({ ...volume, after: withoutOrigin(volume.after) })),
      }))
      expect(bare).toEqual(saved.groups)
      const results = await apply(saved, told(cluster).options)
      expect(results.map((result) => result.message ?? result.outcome)).toEqual(['migrated', 'migrated'])
      await sandbox.settled()
      expect(stateIn(story)).toEqual(migrated)
    })
  })
})
