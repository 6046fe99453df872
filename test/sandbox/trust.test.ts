import { afterEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { roles } from '../../src/report/rbac.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { survey } from '../../src/survey/survey.ts'
import { workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE, migration } from '../laboratory/migration.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

// Juicify's pods mount everybody's directories as root: whoever has rights beside them in their namespace has those too.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const PLAIN = { wholeGroups: false, dangerousSplit: false }
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'juicify' } }

function binding(name: string, role: [string, string], ...subjects: object[]): KubeObject {
  const [kind, of] = role
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace: 'juicify' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: of },
    subjects,
  }
}

const DEVELOPERS = binding('dev', ['ClusterRole', 'edit'], { kind: 'Group', name: 'dev' })

async function clusterWith(...objects: KubeObject[]): Promise<Story> {
  const story = await begin([...smallLaboratory(), NAMESPACE, ...objects])
  closing.push(story.close)
  await story.sandbox.settled()
  return story
}

describe('a namespace of juicify’s in which others have been given rights', () => {
  test('is not used: every group is held back, and it is said who has which', async () => {
    const { cluster } = await clusterWith(DEVELOPERS)
    const found = await survey(cluster, migration())
    const plan = makePlan(found, migration(), PLAIN)
    expect(plan.findings.filter(({ code }) => code === 'namespace-shared')).toMatchObject([
      { severity: 'block', object: { name: 'dev' }, why: expect.stringMatching(/Group dev the ClusterRole edit/) },
    ])
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([true, true])
    // told to, it is
    const trusting = makePlan(found, migration(), { ...PLAIN, trustNamespace: true })
    expect(trusting.groups.map(({ blocked }) => blocked)).toEqual([false, false])
    expect(trusting.findings.find(({ code }) => code === 'namespace-shared')?.severity).toBe('warn')
  })

  test.each(['admin', 'system:aggregate-to-edit', 'system:controller:job-controller'])(
    'is not used where somebody has the ClusterRole %s in it',
    async (role) => {
      const { cluster } = await clusterWith(binding('dev', ['ClusterRole', role], { kind: 'Group', name: 'dev' }))
      const { findings } = makePlan(await survey(cluster, migration()), migration(), PLAIN)
      expect(findings.filter(({ code }) => code === 'namespace-shared')).toHaveLength(1)
    },
  )

  test.each([
    ['a Role that only has the name of a harmless ClusterRole', ['Role', 'view'], { kind: 'Group', name: 'dev' }],
    [
      'a ClusterRole that only has the name of a Role of juicify’s',
      ['ClusterRole', 'juicify-copier'],
      { kind: 'Group', name: 'dev' },
    ],
    [
      'a service account of a tenant’s',
      ['ClusterRole', 'edit'],
      { kind: 'ServiceAccount', namespace: 'team', name: 'ci' },
    ],
  ] as [string, [string, string], object][])('is not used where it is given to %s', async (_, role, subject) => {
    const { cluster } = await clusterWith(binding('dev', role, subject))
    const { findings } = makePlan(await survey(cluster, migration()), migration(), PLAIN)
    expect(findings.filter(({ code }) => code === 'namespace-shared')).toHaveLength(1)
  })

  test('is not used for the way back either, unless told to', async () => {
    const { cluster, sandbox } = await clusterWith()
    await applyAll(cluster, await planOf(cluster))
    await cluster.create(DEVELOPERS)
    const place = await workplace(sandbox.kubeconfig, { 'migration.yaml': MIGRATION_FILE })
    closing.push(() => place.remove())
    const refused = place.run('rollback', '--yes')
    expect([await refused.ended, refused.output]).toEqual([
      3,
      expect.stringMatching(/RoleBinding juicify\/dev gives Group dev/),
    ])
    const told = place.run('rollback', '--yes', '--trust-namespace')
    expect([await told.ended, told.output]).toEqual([0, expect.stringContaining('rolled back')])
  })

  test('is one with juicify’s own roles, readers and the control plane', async () => {
    const target = fileSystemOf(migration().target)
    const bob = { kind: 'User' as const, name: 'bob' }
    const own = (['viewer', 'copier', 'operator'] as const).flatMap((role) =>
      roles(permissionsOn(target), target.secretRef, [bob], role).filter(
        ({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === 'juicify',
      ),
    )
    const { cluster } = await clusterWith(
      ...own,
      binding('readers', ['ClusterRole', 'view'], { kind: 'Group', name: 'dev' }),
      binding('controller', ['ClusterRole', 'edit'], { kind: 'ServiceAccount', namespace: 'kube-system', name: 'a' }),
      binding('pullers', ['ClusterRole', 'system:image-puller'], { kind: 'Group', name: 'system:serviceaccounts' }),
    )
    expect(own).toHaveLength(3)
    expect((await survey(cluster, migration())).grants).toBeUndefined()
  })
})
