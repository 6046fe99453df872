import { describe, expect, test } from 'vitest'
import { gibibytes } from '../../../src/domain/quantity.ts'
import { quotasOf } from '../../../src/domain/quota.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { quotaWords } from '../../../src/report/plan-words.ts'
import { clusterWith, teamMigration, volume } from './cluster.ts'

const options = { wholeGroups: false, dangerousSplit: false }
const limited = { ...teamMigration({}).target, quota: 'capacity' }

describe('the quotas of a group', () => {
  const shared = clusterWith(volume('a', '/data/team'), volume('b', '/data/team'), volume('c', '/data/team/c'))

  test('are together what all volumes say that show a directory, or something in it', () => {
    const [group] = makePlan(shared, teamMigration({ target: limited }), options).groups
    if (!group) throw new Error('no group')
    expect(quotasOf(group)).toEqual([
      { subdir: 'team', gib: 3, volumes: ['a', 'b', 'c'] },
      { subdir: 'team/c', gib: 1, volumes: ['c'] },
    ])
    expect(group.steps.slice(group.steps.indexOf('swap') - 1)).toContain('quota')
    expect(quotaWords(group)).toEqual(['quota 3 GiB on team, the sum of 3 volumes', 'quota 1 GiB on team/c'])
  })

  test('are only where the migration wants them', () => {
    const [group] = makePlan(shared, teamMigration({}), options).groups
    expect(group?.steps).not.toContain('quota')
    expect(group && quotaWords(group)).toEqual([])
  })

  test('are in whole GiB, and never less than a volume says', () => {
    expect(['500Gi', '500G', '1Mi', '1.5Ti', '0', 'much'].map(gibibytes)).toEqual([
      500,
      466,
      1,
      1536,
      undefined,
      undefined,
    ])
  })
})
