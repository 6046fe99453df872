import { beforeAll, describe, expect, test } from 'vitest'
import { NAMESPACE } from '../../src/domain/names.ts'
import { definitionOf, OWN_KINDS } from '../../src/domain/own-kinds.ts'
import type { Need } from '../../src/domain/permissions.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { deleteRecord } from '../../src/engine/record.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { PERMISSIONS, permissionsOn } from '../../src/survey/permissions.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { mortal } from '../laboratory/mortal.ts'
import { type Asked, askedBy, grants, inWords } from '../laboratory/permissions.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll } from '../laboratory/story.ts'

/** What a story on the embedded cluster cannot need: what only happens in trouble, and what no pod really does there. */
const ELSEWHERE: Need[] = ['trouble', 'jobs', 'copy', 'probe', 'check', 'watch', 'operators']

describe('the roles that juicify rbac prints', () => {
  const asked: Asked[] = []

  beforeAll(async () => {
    // the namespace and the kinds come with the roles, so that nobody need be allowed to create those
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }
    const { cluster, close } = await begin([...laboratory(), namespace, ...OWN_KINDS.map(definitionOf)], {
      // slow enough that a client has to wait and watch
      reaction: 100,
      onRequest: (request) => {
        const what = askedBy(request)
        if (what) asked.push(what)
        // who waits for an object begins with a list of it, and watches unless it is as wanted by then
        const waits = request.query.get('fieldSelector')?.startsWith('metadata.name=')
        if (what && waits) asked.push({ ...what, verb: 'watch' })
        return undefined
      },
    })
    const plan = await planOf(cluster)
    await expect(applyAll(mortal(cluster, 5, 'after'), plan)).rejects.toThrow('killed')
    await resumeAll(cluster)
    await applyAll(cluster, await planOf(cluster))
    const moved = await inspect(cluster)
    expect(moved.map(({ step }) => step)).toEqual([undefined, undefined])
    await rollbackAll(cluster)
    await applyAll(cluster, await planOf(cluster))
    for (const { record } of await inspect(cluster)) await deleteRecord(cluster, record)
    await close()
  }, 60_000)

  test('cover every request of a plan, an apply that is killed, a resume, a rollback, a second apply and a finish', () => {
    expect(asked.length).toBeGreaterThan(100)
    const permissions = permissionsOn(fileSystemOf(migration().target))
    const refused = asked.filter((each) => !permissions.some((permission) => grants(permission, each)))
    expect(new Set(refused.map(inWords))).toEqual(new Set())
  })

  test('hold nothing that such a story does not need', () => {
    const unneeded = PERMISSIONS.filter(({ need }) => !ELSEWHERE.includes(need)).flatMap((permission) =>
      permission.verbs
        .filter((verb) => !asked.some((each) => each.verb === verb && grants(permission, each)))
        .map((verb) => `${verb} ${permission.resource} in ${permission.where}`),
    )
    expect(unneeded).toEqual([])
  })
})
