import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placesAhead } from '../../src/copy/note.ts'
import { NAMESPACE } from '../../src/domain/names.ts'
import { definitionOf, OWN_KINDS } from '../../src/domain/own-kinds.ts'
import { type Permission, permissionsOf, type Role } from '../../src/domain/permissions.ts'
import { leftBehind } from '../../src/engine/left-behind.ts'
import { ObjectEvents } from '../../src/engine/object-events.ts'
import { lookAtOldDirectories } from '../../src/engine/old-directories.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, preload, resume, rollback } from '../../src/engine/run.ts'
import { findUnreturned } from '../../src/engine/unreturned.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { survey } from '../../src/survey/survey.ts'
import { endJobPods, programsTell } from '../laboratory/job-pods.ts'
import { laboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE, migration } from '../laboratory/migration.ts'
import { type Asked, askedBy, grants, inWords } from '../laboratory/permissions.ts'
import { begin, type Story, told, workloadsNow } from '../laboratory/story.ts'

// A migration that copies, there and back, with the Jobs that only a cluster with nodes has: they are ended here as a kubelet
// would, with what their programs would have told.

const ALL = permissionsOn(fileSystemOf(migration().target))
const NAMESPACE_OBJECT = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }
const COPIED = 'juicify summary copied: 1\njuicify result passes=2\n'
const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
const EQUAL = 'juicify result missing=0 changed=0 extra=0 files=2 target-files=2 left=0 holds=abc newest=5\n'
const TOLD: Record<string, string> = {
  warm: COPIED,
  'catch-up': COPIED,
  back: COPIED,
  verify: EQUAL,
  compare: EQUAL,
  join: EQUAL.replace('missing=0', 'missing=1'),
  bring: 'juicify result brought=1 left=0\n',
  'verify-ahead': `juicify result files=2 bytes=10 of=2 digest=${'a'.repeat(64)}\n`,
  'undo-fs-group': 'juicify result restored=0\n',
  unused: `juicify result changed=0 entries=9 now=${Math.floor(Date.now() / 1000)}\n`,
  'open-files': 'juicify result processes=0\n',
}

let held: readonly Permission[] | undefined
let role: Role = 'viewer'
const refused: Asked[] = []
const asked: Record<Role, Asked[]> = { viewer: [], copier: [], operator: [] }

let story: Story
let end: () => Promise<void>

beforeAll(async () => {
  story = await begin([...laboratory(), NAMESPACE_OBJECT, ...OWN_KINDS.map(definitionOf)], {
    reaction: 50,
    onRequest: (request) => {
      const what = askedBy(request)
      // what a kubelet writes
      const ofKubelet = request.method === 'PATCH' && /namespaces\/juicify\/pods\//.test(request.path)
      if (!what || !held || ofKubelet) return undefined
      asked[role].push(what)
      const waits = request.query.get('fieldSelector')?.startsWith('metadata.name=')
      if (waits) asked[role].push({ ...what, verb: 'watch' })
      if (held.some((permission) => grants(permission, what))) return undefined
      refused.push(what)
      return { answer: { status: 403, reason: 'Forbidden', message: `you may not ${inWords(what)}` } }
    },
  })
  await story.sandbox.settled()
  end = endJobPods(story.cluster, programsTell(TOLD), 'juicify answered 1 40\n')
})
afterAll(async () => {
  await end()
  await story.close()
})

async function as(name: Role, work: () => Promise<unknown>): Promise<void> {
  refused.length = 0
  role = name
  held = permissionsOf(name, ALL)
  try {
    await work()
  } finally {
    held = undefined
  }
  expect([...new Set(refused.map(inWords))]).toEqual([])
}

const copying = readMigration(
  MIGRATION_FILE.replace(
    '{mode: none}',
    '{mode: copy, mover: juicefs, image: "juicedata/mount:ce-v1.3.0", bringMissing: true}',
  ).replace('nodes: shared', 'nodes: [node1]'),
  'copying.yaml',
)
const plan = async () =>
  makePlan(await survey(story.cluster, copying), copying, { wholeGroups: false, dangerousSplit: false })
const options = (copyBack = false) => {
  const { settings, ...rest } = told(story.cluster).options
  const objectEvents = new ObjectEvents(story.cluster, () => {})
  return { ...rest, objectEvents, settings: { ...settings, rehearsal: false, copyBack } }
}
const outcomes = (results: { message?: string; outcome: string }[]) => [
  ...new Set(results.map(({ message, outcome }) => message ?? outcome)),
]
const never = () => new AbortController().signal

describe('the roles that juicify rbac prints, where Jobs copy', () => {
  test('let a copier copy ahead of time', async () => {
    await as('copier', async () => expect(outcomes(await preload(await plan(), options()))).toEqual(['copied']))
  }, 120_000)

  test('let an operator migrate, have a late volume join, look at what was left, and take all of it back', async () => {
    const { cluster, sandbox } = story
    await as('operator', async () => expect(outcomes(await apply(await plan(), options()))).toEqual(['migrated']))
    for (const object of volume('pipeline', 'late', WORKSPACE)) await cluster.create(object)
    await sandbox.settled()
    await as('operator', async () => {
      expect(outcomes(await apply(await plan(), options()))).toEqual(['migrated'])
      expect(await resume(options())).toEqual([])
      const records = await readRecords(cluster)
      await findUnreturned(cluster, records, never())
      await lookAtOldDirectories(cluster, records, { openFiles: true, signal: never() })
      await placesAhead(cluster)
      expect(outcomes(await rollback(await workloadsNow(cluster), options(true)))).toEqual(['rolled-back'])
      await leftBehind(cluster)
    })
  }, 240_000)
})

/** What no such story asks for, and who does. */
const ELSEWHERE: Record<string, string> = {
  'get migrationrecordparts.juicify.dev': 'a record that is too large for one object',
  'create migrationrecordparts.juicify.dev': 'a record that is too large for one object',
  'delete migrationrecordparts.juicify.dev': 'a record that is too large for one object',
  'get migrationrecords.juicify.dev': 'a record that another run has written meanwhile',
  'patch cronjobs/status.batch': 'a CronJob that Kubernetes would start at once for a time that it has missed',
  'patch pods': 'a run that takes a killed one’s work over',
  'watch migrationrecords.juicify.dev': 'status --watch',
  'list leases.coordination.k8s.io juicify': 'status --watch',
  'watch leases.coordination.k8s.io juicify': 'status --watch',
  'patch configmaps juicify': 'the program of a Job that a killed run has made, and no Job for it',
  'get secrets juicify': 'what copies of 0.1.0 have left',
  'watch secrets juicify': 'what copies of 0.1.0 have left',
  'delete secrets juicify': 'what copies of 0.1.0 have left',
  'patch persistentvolumeclaims juicify': 'a claim of juicify’s own that is slow to be bound',
  'get serviceaccounts juicify': 'spec.copy.serviceAccountName',
  'list storageclasses.storage.k8s.io': 'check',
}

test('hold nothing that such a story does not ask for, but for what is known to be asked elsewhere', () => {
  const all = [...asked.copier, ...asked.operator]
  const unneeded = ALL.filter(({ need }) => need !== 'operators').flatMap((permission) =>
    permission.verbs
      .filter((verb) => !all.some((each) => grants({ ...permission, verbs: [verb] }, each)))
      .map((verb) => {
        const { group, resource, where } = permission
        return inWords({ verb, group, resource, ...(where === 'juicify' ? { namespace: NAMESPACE } : {}) })
      }),
  )
  expect([...new Set(unneeded)].sort()).toEqual(Object.keys(ELSEWHERE).sort())
})
