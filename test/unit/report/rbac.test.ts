import { describe, expect, test } from 'vitest'
import { NAMESPACE } from '../../../src/domain/names.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { roles, rolesYaml } from '../../../src/report/rbac.ts'
import { permissionsForCustom, permissionsOn } from '../../../src/survey/permissions.ts'
import { TARGET } from './plans.ts'

const SECRET = { namespace: 'storage', name: 'fs' }
const PERMISSIONS = permissionsOn(fileSystemOf(TARGET))

function rule(objects: ReturnType<typeof roles>, kind: string, namespace: string | undefined, resource: string) {
  const role = objects.find((each) => each.kind === kind && each.metadata.namespace === namespace)
  const rules = (role?.rules ?? []) as { resources: string[]; verbs: string[]; resourceNames?: string[] }[]
  return rules.find(({ resources }) => resources.includes(resource))
}

describe('the roles of juicify rbac', () => {
  test('let nobody read a Secret but the file system’s, nor write one outside juicify’s namespace', () => {
    const objects = roles(PERMISSIONS, SECRET, [])
    expect(rule(objects, 'ClusterRole', undefined, 'secrets')).toBeUndefined()
    expect(rule(objects, 'Role', 'storage', 'secrets')).toMatchObject({ resourceNames: ['fs'], verbs: ['get'] })
  })

  test('create no namespace: juicify’s own comes with them', () => {
    const objects = roles(PERMISSIONS, SECRET, [])
    expect(objects[0]).toMatchObject({ kind: 'Namespace', metadata: { name: NAMESPACE } })
    expect(rule(objects, 'ClusterRole', undefined, 'namespaces')?.verbs).toEqual(['get'])
  })

  test('are bound, each of them, to whoever is named', () => {
    const objects = roles(PERMISSIONS, SECRET, [
      { kind: 'User', name: 'alice' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'tools' },
    ])
    const bindings = objects.filter(({ kind }) => kind.endsWith('Binding'))
    expect(bindings.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['ClusterRoleBinding', undefined],
      ['RoleBinding', 'juicify'],
      ['RoleBinding', 'storage'],
    ])
    for (const { subjects } of bindings) {
      expect(subjects).toEqual([
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' },
        { kind: 'ServiceAccount', name: 'bot', namespace: 'tools' },
      ])
    }
  })

  test('say how to bind them where nobody is named', () => {
    const text = rolesYaml(roles(PERMISSIONS, SECRET, []), { bound: false, role: 'operator' })
    expect(text).toContain('kubectl create rolebinding juicify -n storage --role=juicify --user=NAME')
  })

  test('are one Role where the Secret lies in juicify’s own namespace', () => {
    const objects = roles(PERMISSIONS, { namespace: 'juicify', name: 'fs' }, [])
    expect(objects.filter(({ kind }) => kind === 'Role')).toHaveLength(1)
  })

  test('take in custom resources with a scale', () => {
    const objects = roles([...PERMISSIONS, ...permissionsForCustom('notebooks.kubeflow.org')], SECRET, [])
    expect(rule(objects, 'ClusterRole', undefined, 'notebooks/scale')?.verbs).toEqual(['get', 'patch'])
    expect(rule(objects, 'ClusterRole', undefined, 'notebooks')?.verbs).toContain('patch')
  })
})
