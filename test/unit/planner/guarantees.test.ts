import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { below, type Relation, relationOf } from '../../../src/domain/directory.ts'
import type { Migration } from '../../../src/domain/migration.ts'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import { matchesGlob } from '../../../src/domain/text.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { readPlan } from '../../../src/planner/plan-file.ts'
import { EVERY } from '../../laboratory/sweep.ts'
import { clusterWith, teamMigration, textOf, volume } from './cluster.ts'

// Few names, so that equal and nested directories are the rule and not the exception.
const part = fc.constantFrom('a', 'b', 'ab', 'a-b')
const directory = fc.array(part, { minLength: 0, maxLength: 4 }).map((parts) => `/data/${parts.join('/')}`)

interface Situation {
  directories: string[]
  selected: boolean[]
  excluded: boolean[]
  rules: { from: string; to: string }[]
  wholeGroups: boolean
  dangerousSplit: boolean
}

const situation: fc.Arbitrary<Situation> = fc.integer({ min: 1, max: 12 }).chain((count) => {
  const flags = (weight: number) =>
    fc.array(
      fc.integer({ min: 0, max: 9 }).map((n) => n < weight),
      { minLength: count, maxLength: count },
    )
  return fc.record({
    directories: fc.array(directory, { minLength: count, maxLength: count }),
    selected: flags(7),
    excluded: flags(2),
    rules: fc.uniqueArray(
      fc.record({ from: directory, to: fc.array(part, { maxLength: 3 }).map((parts) => parts.join('/')) }),
      { maxLength: 3, selector: ({ from }) => from.replace(/\/$/, '') },
    ),
    wholeGroups: fc.boolean(),
    dangerousSplit: fc.boolean(),
  })
})

const nameOf = (i: number) => `v${i}`

function surveyOf({ directories }: Situation): Survey {
  return clusterWith(...directories.map((path, i) => volume(nameOf(i), path)))
}

function migrationOf({ selected, excluded, rules }: Situation): Migration {
  const names = (flags: boolean[]) => flags.flatMap((flag, i) => (flag ? [nameOf(i)] : []))
  const paths = rules.map(({ from, to }) => ({ from: from.replace(/\/$/, ''), to }))
  return teamMigration({
    select: { namespaces: ['team'], volumes: [...names(selected), 'v0'], exclude: names(excluded) },
    paths: [...paths, ...(paths.some(({ from }) => from === '/data') ? [] : [{ from: '/data', to: '' }])],
  })
}

function planOf(one: Situation, survey = surveyOf(one)): Plan {
  return makePlan(survey, migrationOf(one), { wholeGroups: one.wholeGroups, dangerousSplit: one.dangerousSplit })
}

/** How the directories of two volumes lie to each other; looked up where they are written, not where they are planned. */
function relation(one: Situation, a: string, b: string): Relation {
  const at = (name: string) => plain(one.directories[Number(name.slice(1))] ?? '')
  return relationOf(at(a), at(b))
}

function plain(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`
}

const always = (check: (one: Situation) => void) =>
  fc.assert(fc.property(situation, check), { numRuns: EVERY ? 300 : 30 })

describe('whatever the volumes, a plan guarantees', () => {
  test('a group that may go on is whole, but for what is excluded strictly below it', () => {
    always((one) => {
      const { exclude } = migrationOf(one).select
      for (const group of planOf(one).groups.filter(({ blocked }) => !blocked)) {
        const members = group.volumes.map(({ name }) => name)
        for (const other of one.directories.map((_, i) => nameOf(i)).filter((name) => !members.includes(name))) {
          const related = members.map((member) => relation(one, other, member)).filter((found) => found !== 'apart')
          if (related.length === 0) continue
          const isExcluded = exclude.some((glob) => matchesGlob(glob, other))
          if (isExcluded) expect(new Set(related)).toEqual(new Set(['below']))
          else expect(one.dangerousSplit).toBe(true)
        }
      }
    })
  })

  test('two volumes share or nest their subdirs exactly as they shared or nested their directories', () => {
    always((one) => {
      const open = planOf(one).groups.filter(({ blocked }) => !blocked)
      const moving = open.flatMap(({ volumes }) => volumes)
      for (const a of moving) {
        const relations = moving.map((b) => relation(one, a.name, b.name))
        expect(moving.map((b) => relationOf(a.subdir, b.subdir))).toEqual(relations)
        const within = moving.filter((_, i) => ['equal', 'above'].includes(relations[i] ?? ''))
        const path = (b: (typeof moving)[number]) => below(b.directory, a.directory)
        expect(within.map((b) => below(b.subdir, a.subdir))).toEqual(within.map(path))
      }
    })
  })

  test('a block is there for a reason: with rules that change nothing, only membership holds a group back', () => {
    always((one) => {
      const plain = { ...one, rules: [{ from: '/data', to: 'x' }] }
      const blocks = planOf(plain).findings.filter(({ severity }) => severity === 'block')
      for (const { code } of blocks) expect(['partial-group', 'excluded-shares']).toContain(code)
      if (one.excluded.every((flag) => !flag) && (one.wholeGroups || one.dangerousSplit)) expect(blocks).toEqual([])
    })
  })

  test('everything that is selected is planned, and nothing that is excluded', () => {
    always((one) => {
      const { volumes, exclude } = migrationOf(one).select
      const planned = planOf(one).groups.flatMap((group) => group.volumes.map(({ name }) => name))
      expect(new Set(planned).size).toBe(planned.length)
      for (const name of volumes.filter((selected) => !exclude.includes(selected))) expect(planned).toContain(name)
      for (const name of exclude) expect(planned).not.toContain(name)
    })
  })

  test('what lies below the directories of a group moves, but for what lies below those that stay', () => {
    always((one) => {
      for (const { directories, volumes, staying } of planOf(one).groups) {
        const moved = new Set(volumes.map((volume) => volume.directory))
        for (const path of one.directories.map(plain)) {
          const above = [...directories, ...staying].filter((top) => ['equal', 'above'].includes(relationOf(top, path)))
          const nearest = above.sort((a, b) => b.length - a.length)[0] ?? ''
          expect(directories.includes(nearest)).toBe(moved.has(path))
        }
      }
    })
  })

  test('the replacement keeps name, capacity and claim, is Retained, and has what the target wants', () => {
    always((one) => {
      for (const { before, after, claim, directory, nodes } of planOf(one).groups.flatMap(({ volumes }) => volumes)) {
        const { annotations, ...metadata } = after.metadata
        expect(metadata).toEqual({ name: before.metadata.name })
        expect(annotations?.['juicify.dev/moved-from']).toBe(directory)
        expect(annotations?.['juicify.dev/moved-from-nodes']?.split(',')).toEqual(nodes)
        expect(after.spec.capacity).toEqual(before.spec.capacity)
        expect(after.spec.claimRef?.uid).toBe(claim?.metadata.uid)
        expect(after.spec.persistentVolumeReclaimPolicy).toBe('Retain')
        expect(after.spec.csi?.volumeHandle).toBe(before.metadata.name)
        expect(after.spec.hostPath).toBeUndefined()
      }
    })
  })

  test('the same byte for byte, in whatever order the cluster lists things', () => {
    fc.assert(
      fc.property(situation, fc.nat(), (one, seed) => {
        const survey = surveyOf(one)
        const shuffled: Survey = {
          ...survey,
          volumes: shuffle(survey.volumes, seed),
          claims: shuffle(survey.claims, seed + 1),
          nodes: shuffle(survey.nodes, seed + 2),
          pods: shuffle(survey.pods, seed + 3),
          controllers: shuffle(survey.controllers, seed + 4),
        }
        expect(textOf(planOf(one, shuffled))).toBe(textOf(planOf(one, survey)))
      }),
    )
  })

  test('that what is saved is what is read', () => {
    always((one) => {
      const plan = planOf(one)
      expect(readPlan(textOf(plan), 'p')).toEqual(plan)
    })
  })

  test('that it does not change what it was made from', () => {
    always((one) => {
      const survey = surveyOf(one)
      const before = structuredClone(survey)
      planOf(one, survey)
      expect(survey).toEqual(before)
    })
  })
})

function shuffle<T extends KubeObject | object>(items: T[], seed: number): T[] {
  const keyed = items.map((item, i) => ({ item, key: ((i + 1) * 7919 * (seed + 13)) % 104729 }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}
