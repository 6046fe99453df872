import { describe, expect, test } from 'vitest'
import type { PlanOptions } from '../../../src/domain/plan.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { readPlan } from '../../../src/planner/plan-file.ts'
import { clusterWith, migration, surveyOfFixture, teamMigration, textOf, volume } from './cluster.ts'

const PLAIN: PlanOptions = { wholeGroups: false, dangerousSplit: false }

describe('the namespace jupyter, with nothing else in the cluster', () => {
  const plan = makePlan(surveyOfFixture('jupyter'), migration('jupyter'), PLAIN)

  test('its two volumes move, each for itself, and nothing holds them back', () => {
    expect(plan.groups.map(({ blocked, directories }) => ({ blocked, directories }))).toEqual([
      { blocked: false, directories: ['/data/k8s/kubeflow/pipeline/archives'] },
      { blocked: false, directories: ['/data/k8s/kubeflow/pipeline/workspace'] },
    ])
    expect(plan.groups.map(({ steps }) => steps)).toEqual([
      ['record', 'retain', 'swap', 'probe', 'finish'],
      ['record', 'retain', 'swap', 'probe', 'finish'],
    ])
    expect(plan.groups.flatMap(({ volumes }) => volumes.map(({ name, subdir }) => [name, subdir]))).toEqual([
      ['jupyter-kubeflow-archives', 'kubeflow/archives'],
      ['jupyter-kubeflow-user-workspace', 'kubeflow/pipeline/workspace'],
    ])
  })

  test('the first that it says is that the data stays behind', () => {
    expect(plan.findings[0]).toMatchObject({ severity: 'warn', code: 'data-stays' })
  })

  test('saved as YAML or JSON it is read back to the letter', () => {
    expect(readPlan(textOf(plan), 'plan.yaml')).toEqual(plan)
    expect(readPlan(textOf(plan, 'json'), 'plan.json')).toEqual(plan)
  })
})

describe('a directory that is split over several Jobs', () => {
  const partsOf = (nodes: 'shared' | string[], parallel: number, changes = {}) => {
    const survey = clusterWith(volume('data', '/data/team', changes))
    const copy = { mode: 'copy', mover: 'rsync', image: 'tools', parallel } as const
    const plan = makePlan(survey, teamMigration({ source: { nodes }, copy }), PLAIN)
    return plan.groups.flatMap(({ copies }) => copies.map(({ parts }) => parts))
  }

  test('has them on every node that sees it', () => {
    expect(partsOf('shared', 3)).toEqual([['node1', 'node2', 'node1']])
    expect(partsOf(['node2'], 3)).toEqual([['node2', 'node2', 'node2']])
  })

  test('has them on the one node that a volume is bound to, wherever else its path may be', () => {
    const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node2'] }] }]
    const nodeAffinity = { required: { nodeSelectorTerms: terms } }
    expect(partsOf('shared', 2, { spec: { nodeAffinity } })).toEqual([['node2', 'node2']])
  })

  test('is not one where nobody asks for it, or it is merged', () => {
    expect(partsOf('shared', 1)).toEqual([undefined])
    expect(partsOf(['node1', 'node2'], 3)).toEqual([undefined])
  })
})

test('a directory is copied from every node that one of its volumes names, whichever comes first', () => {
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node2'] }] }]
  const nodeAffinity = { required: { nodeSelectorTerms: terms } }
  const copy = { mode: 'copy', mover: 'rsync', image: 'tools' } as const
  for (const [bound, anywhere] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const survey = clusterWith(volume(bound, '/data/team', { spec: { nodeAffinity } }), volume(anywhere, '/data/team'))
    const copiesFrom = (nodes: 'shared' | string[]) =>
      makePlan(survey, teamMigration({ source: { nodes }, copy }), PLAIN).groups.map(({ copies }) =>
        copies.map((each) => each.nodes),
      )
    expect(copiesFrom(['node1', 'node2'])).toEqual([[['node1', 'node2']]])
    expect(copiesFrom('shared')).toEqual([[['node2']]])
  }
})

describe.each(['cube-studio-2022', 'cube-studio-2026'])('all of a cube-studio (%s)', (fixture) => {
  const survey = surveyOfFixture(fixture)

  test('plans/cube-studio.yaml moves the workspace, archives, global and parent volumes as one group', () => {
    const { copy, ...rest } = migration('cube-studio')
    // the juicefs of 2022 is too old to copy with
    const newer = { ...copy, image: 'juicedata/mount:ce-v1.4.0' }
    const plan = makePlan(survey, { ...rest, copy: newer, source: { nodes: 'shared' } }, PLAIN)
    const [group, ...others] = plan.groups
    expect(others).toEqual([])
    expect(group?.directories).toEqual(['/data/k8s/kubeflow'])
    expect(group?.staying).toEqual(['/data/k8s/kubeflow/minio'])
    expect(group?.blocked).toBe(false)
    expect(group?.volumes.map(({ name }) => name)).toEqual(
      [fixture === 'cube-studio-2022' ? 'katib' : 'automl', 'jupyter', 'pipeline', 'service']
        .flatMap((namespace) => [`${namespace}-kubeflow-archives`, `${namespace}-kubeflow-user-workspace`])
        .concat(
          'infra-kubeflow',
          'infra-kubeflow-global-pv',
          'kubeflow-kubeflow-user-workspace',
          'pipeline-kubeflow-global-pv',
        )
        .sort(),
    )
  })

  test('jupyter alone is a part of that group, and the plan says so', () => {
    const plan = makePlan(survey, migration('jupyter'), PLAIN)
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([true])
    expect(plan.findings.find(({ code }) => code === 'partial-group')).toMatchObject({
      severity: 'block',
      why: expect.stringContaining('pipeline-kubeflow-user-workspace'),
      remedy: expect.stringContaining('--whole-groups'),
    })
  })
})
