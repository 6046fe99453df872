import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/domain/plan.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import { differences } from '../../../src/planner/current.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { clusterWith, podWith, teamMigration, volume } from './cluster.ts'

const survey = () => clusterWith(volume('data', '/data/team'), volume('other', '/data/other'), podWith('data'))
const planOf = (of: Survey): Plan => makePlan(of, teamMigration(), { wholeGroups: false, dangerousSplit: false })
const saved = planOf(survey())

/** What differs from the saved plan once the cluster was changed. */
function changedBy(change: (now: Survey) => void): [string, string, unknown, unknown][] {
  const now = survey()
  change(now)
  return differences(saved, planOf(now)).map(({ object, field, was, is }) => [object, field, was, is])
}

const pv = (now: Survey, name: string) => now.volumes.find(({ metadata }) => metadata.name === name)
const claim = (now: Survey, name: string) => now.claims.find(({ metadata }) => metadata.name === name)

describe('a saved plan is current', () => {
  test.each<[string, (now: Survey) => void]>([
    ['as long as nothing changes', () => {}],
    [
      'if only versions, times and notes of the server change',
      (now) => Object.assign(pv(now, 'data')?.metadata ?? {}, { resourceVersion: '99', managedFields: [{}] }),
    ],
    [
      'if a controller writes on the claim',
      (now) =>
        Object.assign(claim(now, 'data')?.metadata ?? {}, { annotations: { touched: 'now' }, resourceVersion: '5' }),
    ],
    [
      'if volumes come that have nothing to do with it',
      (now) => now.volumes.push(...clusterWith(volume('far', '/mnt/far', { claim: null })).volumes),
    ],
    [
      'if pods of the same workload come and go',
      (now) => now.pods.push(...clusterWith(podWith('none', { metadata: { name: 'more', namespace: 'x' } })).pods),
    ],
  ])('%s', (_, change) => expect(changedBy(change)).toEqual([]))

  test('if its group is under way, or through: its record speaks for it', () => {
    const group = saved.groups.find(({ volumes }) => volumes.some(({ name }) => name === 'data'))?.name ?? ''
    expect(changedBy((now) => now.records.push({ group, state: 'migrating', volumes: ['data'] }))).toEqual([])
    const swapped = (now: Survey) => {
      const moved = pv(now, 'data')
      if (moved)
        moved.spec =
          saved.groups.flatMap(({ volumes }) => volumes).find(({ name }) => name === 'data')?.after.spec ?? moved.spec
    }
    expect(changedBy(swapped)).toEqual([])
  })
})

describe('a saved plan is out of date, and what differs is named', () => {
  test.each<[string, (now: Survey) => void, [string, string, unknown, unknown][]]>([
    [
      'a capacity',
      (now) => Object.assign(pv(now, 'data')?.spec ?? {}, { capacity: { storage: '2Gi' } }),
      [['PersistentVolume data', 'spec.capacity.storage', '1Gi', '2Gi']],
    ],
    [
      'a label',
      (now) => Object.assign(pv(now, 'data')?.metadata ?? {}, { labels: { a: 'b' } }),
      [['PersistentVolume data', 'metadata.labels', undefined, { a: 'b' }]],
    ],
    [
      'a claim made anew',
      (now) => {
        const there = claim(now, 'data')
        const bound = pv(now, 'data')?.spec.claimRef
        if (there) there.metadata.uid = 'new'
        if (bound) bound.uid = 'new'
      },
      [
        ['PersistentVolume data', 'spec.claimRef.uid', 'uid-PersistentVolumeClaim-team-data', 'new'],
        ['PersistentVolumeClaim team/data', 'metadata.uid', 'uid-PersistentVolumeClaim-team-data', 'new'],
      ],
    ],
    [
      'a new user',
      (now) => now.pods.push(...clusterWith(podWith('data', { metadata: { name: 'new', namespace: 'team' } })).pods),
      [['Pod team/new', 'presence', 'not there', 'there']],
    ],
    [
      'another cluster',
      (now) => Object.assign(now, { cluster: { uid: 'other', version: 'v1.20.2' } }),
      [['cluster', 'uid', 'uid-kube-system', 'other']],
    ],
  ])('%s', (_, change, expected) => expect(changedBy(change)).toEqual(expected))

  test('a volume that has come into a group', () => {
    const found = changedBy((now) => {
      const { volumes, claims } = clusterWith(volume('late', '/data/team/late'))
      now.volumes.push(...volumes)
      now.claims.push(...claims)
    })
    expect(found).toEqual([['PersistentVolume late', 'presence', 'not there', 'there']])
  })

  test('a volume that is gone', () => {
    const found = changedBy((now) => {
      now.volumes = now.volumes.filter(({ metadata }) => metadata.name !== 'other')
    })
    expect(found.map(([object, field]) => [object.replace(/-[0-9a-f]{8}/, ''), field])).toEqual([
      ['group other', 'presence'],
    ])
  })

  test('JuiceFS, which is gone', () => {
    const found = changedBy((now) => {
      now.secret = undefined
    })
    expect(found.map(([, field, was, is]) => [field, was, is])).toEqual([
      ['blocked', false, true],
      ['blocked', false, true],
    ])
  })
})
