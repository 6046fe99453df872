import { describe, expect, test } from 'vitest'
import type { PlanOptions } from '../../../src/domain/plan.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { readPlan } from '../../../src/planner/plan-file.ts'
import { migration, surveyOfFixture, textOf } from './cluster.ts'

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

describe.each(['cube-studio-2022', 'cube-studio-2026'])('all of a cube-studio (%s)', (fixture) => {
  const survey = surveyOfFixture(fixture)

  test('plans/cube-studio.yaml moves the workspace, archives, global and parent volumes as one group', () => {
    const plan = makePlan(survey, { ...migration('cube-studio'), source: { nodes: 'shared' } }, PLAIN)
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
