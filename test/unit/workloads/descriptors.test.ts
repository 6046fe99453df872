import { describe, expect, test } from 'vitest'
import { builtInResource } from '../../../src/cluster/resource.ts'
import { Kinds } from '../../../src/sandbox/kinds.ts'
import { rulesOf } from '../../../src/sandbox/versions.ts'
import { PERMISSIONS } from '../../../src/survey/permissions.ts'
import { apiVersionsOf, kindOf, WORKLOAD_KINDS } from '../../../src/workloads/kinds.ts'

describe.each(WORKLOAD_KINDS.map((kind) => [kind.kind, kind] as const))('The descriptor of a %s', (_, descriptor) => {
  const { group, kind, plural, verbs } = descriptor

  test('is found in whichever version an object is of', () => {
    expect(apiVersionsOf(descriptor).map((apiVersion) => kindOf({ apiVersion, kind }))).toEqual(
      apiVersionsOf(descriptor).map(() => descriptor),
    )
  })

  // a kind of an operator's is found by discovery, and served where its definition is
  const ofKubernetes = !group.includes('.')

  test.runIf(ofKubernetes)('names it in the API as the client does', () => {
    expect(apiVersionsOf(descriptor).map((apiVersion) => builtInResource({ apiVersion, kind })?.plural)).toEqual(
      apiVersionsOf(descriptor).map(() => plural),
    )
  })

  test.runIf(ofKubernetes).each(['1.20', '1.37'] as const)(
    'has a version that the embedded cluster serves as Kubernetes %s',
    (version) => {
      const served = new Kinds(rulesOf(version))
      expect(descriptor.versions.some((each) => served.at(group, each, plural)?.kind === kind)).toBe(true)
    },
  )

  test('is what the roles permit: to read it, and what it says itself', () => {
    const granted = (resource: string) =>
      PERMISSIONS.filter((each) => each.group === group && each.resource === resource && each.where === 'cluster')
    const verbsOn = (resource: string) => granted(resource).flatMap((each) => each.verbs)
    expect(verbsOn(plural)).toEqual(expect.arrayContaining(['get', 'list', 'watch', ...verbs.object]))
    for (const [name, own] of Object.entries(verbs.subresources)) {
      expect(verbsOn(`${plural}/${name}`)).toEqual(expect.arrayContaining([...own]))
    }
  })
})

test('each kind has one descriptor', () => {
  const names = WORKLOAD_KINDS.map(({ group, kind }) => `${group}/${kind}`)
  expect(new Set(names).size).toBe(names.length)
})
