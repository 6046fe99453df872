import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { NAMESPACE } from '../../src/domain/names.ts'
import { type Permission, permissionsOf, type Role } from '../../src/domain/permissions.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { lookAtOldDirectories } from '../../src/engine/old-directories.ts'
import { readRecords } from '../../src/engine/record.ts'
import { preload } from '../../src/engine/run.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { roles, rolesYaml } from '../../src/report/rbac.ts'
import type { SandboxRequest } from '../../src/sandbox/index.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { survey } from '../../src/survey/survey.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE, migration } from '../laboratory/migration.ts'
import { type Asked, askedBy, grants, inWords } from '../laboratory/permissions.ts'
import { applyAll, begin, planOf, rollbackAll, type Story, told } from '../laboratory/story.ts'

const ALL = permissionsOn(fileSystemOf(migration().target))
const NAMESPACE_OBJECT = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }

/** What the server lets through from now on; all of it where there is nothing. */
let held: readonly Permission[] | undefined
const refused: Asked[] = []

/** Says no as a server with RBAC does, to requests and to those who ask what they may do. */
function guard(request: SandboxRequest) {
  if (!held) return undefined
  const review = (request.body as { spec?: { resourceAttributes?: Record<string, string> } } | undefined)?.spec
  if (request.path.endsWith('/selfsubjectaccessreviews')) {
    const { verb, group = '', resource, subresource, namespace, name } = review?.resourceAttributes ?? {}
    const asked = {
      verb,
      group,
      resource: subresource ? `${resource}/${subresource}` : resource,
      namespace,
      name,
    } as Asked
    return { answer: { status: 201, body: { ...(request.body as object), status: { allowed: mayAsk(asked) } } } }
  }
  const asked = askedBy(request)
  if (!asked || mayAsk(asked)) return undefined
  refused.push(asked)
  return { answer: { status: 403, reason: 'Forbidden', message: `you may not ${inWords(asked)}` } }
}

function mayAsk(asked: Asked): boolean {
  return held?.some((permission) => grants(permission, asked)) ?? true
}

const as = (role: Role) => {
  held = permissionsOf(role, ALL)
}

let story: Story
let place: Workplace
beforeAll(async () => {
  story = await begin([...laboratory(), NAMESPACE_OBJECT], { onRequest: guard })
  await story.sandbox.settled()
  await applyAll(story.cluster, await planOf(story.cluster))
  await rollbackAll(story.cluster)
  await story.sandbox.settled()
  place = await workplace(story.sandbox.kubeconfig, { 'migration.yaml': MIGRATION_FILE })
})
afterEach(() => {
  held = undefined
  refused.length = 0
})
afterAll(async () => {
  await place.remove()
  await story.close()
})

async function juicify(...words: string[]): Promise<{ code: number | string; output: string }> {
  const child = place.run(...words)
  return { code: await child.ended, output: child.output }
}

describe('a viewer', () => {
  test.each([
    [['plan', '-f', 'migration.yaml'], 0, /secret-unread/],
    [['diff', '-f', 'migration.yaml'], 0, /subdir=/],
    [['report', '-f', 'migration.yaml', '--format', 'markdown'], 0, /Change request/],
    [['status'], 0, /You do not have permission to see whether another run is active/],
    [['check'], 3, /You do not have permission to read it/],
    [['snapshot', '--out', '-'], 0, /permission to read Secret kube-system\/juicefs-sc-secret/],
  ])('runs %j, and is told what it may not read', async (words, code, output) => {
    as('viewer')
    const found = await juicify(...words)
    expect(found.output).not.toMatch(/^error:/m)
    expect(found.output).toMatch(output)
    expect(found.code).toBe(code)
  })

  test('is told so without the right to read records too', async () => {
    held = permissionsOf('viewer', ALL).filter(({ resource }) => resource !== 'migrationrecords')
    expect((await juicify('plan', '-f', 'migration.yaml')).output).toMatch(
      /You do not have permission to read the records of earlier runs/,
    )
    const status = await juicify('status')
    expect(status.output).toMatch(/You do not have permission to see which groups are in progress or migrated/)
    expect(status).toMatchObject({ code: 0, output: expect.not.stringContaining('none was migrated') })
  })

  test('without the right to list volumes is told which one is missing', async () => {
    held = permissionsOf('viewer', ALL).filter(({ resource }) => resource !== 'persistentvolumes')
    const { code, output } = await juicify('plan', '-f', 'migration.yaml')
    expect(output).toMatch(/^error: .*list persistentvolumes/m)
    expect(output).not.toMatch(/has a bug/)
    expect(code).toBe(1)
  })

  test('changes nothing, whatever it runs', async () => {
    as('viewer')
    const changing = permissionsOf('viewer', ALL).filter(({ verbs }) =>
      verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    )
    expect(changing).toEqual([])
    expect(await juicify('apply', '-f', 'migration.yaml', '--yes')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^error: You are not allowed to read Secret .*juicefs-sc-secret/m),
    })
  })
})

describe('a copier', () => {
  const copying = readMigration(
    MIGRATION_FILE.replace('copy: {mode: none}', 'copy: {mode: copy, mover: rsync, image: "local/tools:1"}'),
    'copying.yaml',
  )
  const plan = async () =>
    makePlan(await survey(story.cluster, copying), copying, { wholeGroups: false, dangerousSplit: false })
  const podsOfJobs = async () =>
    (await story.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE })).items
  const options = () => {
    const { settings, ...rest } = told(story.cluster).options
    return { ...rest, settings: { ...settings, rehearsal: false } }
  }

  test('copies ahead of time with nothing that it may not do', async () => {
    as('copier')
    const planned = await plan()
    expect(planned.findings.filter(({ severity }) => severity === 'block')).toEqual([])
    const { stop, ...rest } = options()
    const going = preload(planned, { ...rest, stop })
    // an embedded cluster's Jobs never end
    await expect.poll(podsOfJobs, { timeout: 30_000 }).not.toEqual([])
    stop()
    expect((await going).map(({ outcome }) => outcome)).toContain('interrupted')
    expect(refused.map(inWords)).toEqual([])
  })

  test('looks for what still uses old directories with nothing that it may not do', async () => {
    await applyAll(story.cluster, await planOf(story.cluster))
    const records = (await readRecords(story.cluster)).map(({ kept, ...record }) => ({
      ...record,
      kept: { ...kept, plan: { ...kept.plan, migration: copying } },
    }))
    as('copier')
    const ending = new AbortController()
    const looking = lookAtOldDirectories(story.cluster, records, { openFiles: false, signal: ending.signal })
    looking.catch(() => {})
    try {
      await expect.poll(podsOfJobs, { timeout: 30_000 }).not.toEqual([])
      expect(refused.map(inWords)).toEqual([])
      ending.abort()
      await expect(looking).rejects.toThrow()
    } finally {
      held = undefined
      await rollbackAll(story.cluster)
    }
  })

  test('does not without the right to make Jobs', async () => {
    held = permissionsOf('copier', ALL).filter(
      ({ resource, verbs }) => resource !== 'jobs' || !verbs.includes('create'),
    )
    const results = await preload(await plan(), options()).catch((error: Error) => [{ message: error.message }])
    expect(results.map(({ message }) => message).join()).toMatch(/you may not/)
  })

  test('moves no volume', async () => {
    as('copier')
    const results = await applyAll(story.cluster, await planOf(story.cluster)).catch((error: Error) => [
      { outcome: error.message },
    ])
    held = undefined
    expect(results.map(({ outcome }) => outcome)).not.toContain('migrated')
    expect(refused.map(inWords).join()).toMatch(/(patch|delete|update|create)/)
    expect((await inspect(story.cluster)).flatMap(({ volumes }) => volumes.map(({ state }) => state))).not.toContain(
      'moved',
    )
  })
})

describe('an operator', () => {
  test('migrates and takes back with nothing that it may not do', async () => {
    as('operator')
    const results = await applyAll(story.cluster, await planOf(story.cluster))
    expect(results.map(({ message, outcome }) => message ?? outcome)).toEqual(['migrated', 'migrated'])
    expect((await rollbackAll(story.cluster)).map(({ message, outcome }) => message ?? outcome)).toEqual([
      'rolled-back',
      'rolled-back',
    ])
    expect(refused.map(inWords)).toEqual([])
  })

  test('does not without the right to delete volumes', async () => {
    held = permissionsOf('operator', ALL).map((permission) =>
      permission.resource === 'persistentvolumes'
        ? { ...permission, verbs: permission.verbs.filter((verb) => verb !== 'delete') }
        : permission,
    )
    const results = await applyAll(story.cluster, await planOf(story.cluster))
    expect(results.map(({ outcome }) => outcome)).not.toContain('migrated')
  })
})

test('a role says what whoever gets it can do with it, before it is given to anybody', () => {
  const text = (role: Role) => rolesYaml(roles(ALL, { namespace: 'a', name: 'b' }, [], role), { bound: false, role })
  expect(text('operator')).toMatch(/^# An operator .*is equivalent to cluster-admin.*creates pods/s)
  expect(text('copier')).toMatch(/^# A copier .*is equivalent to cluster-admin/s)
  expect(text('viewer')).not.toMatch(/cluster-admin|secrets/)
})
