import { describe, expect, test } from 'vitest'
import { makePlan } from '../../../src/planner/plan.ts'
import { readPlan, writePlan } from '../../../src/planner/plan-file.ts'
import { clusterWith, teamMigration, volume } from './cluster.ts'

const NASTY = [
  'yes',
  'null',
  '~',
  '0x10',
  '1_000',
  '012',
  '1e3',
  '2022-09-28',
  '12:30',
  '- a',
  'a: b',
  '#x',
  ' x ',
  'a\nb',
  '\u0085',
  '💾',
  '*a',
  '&a',
  '!x',
  '%x',
  '{',
  '',
  '"',
  "'",
  '\\',
  '\t',
]

function planWith(annotations: Record<string, string>) {
  const survey = clusterWith(volume('data', '/data/team', { metadata: { annotations } }))
  return makePlan(survey, teamMigration(), { wholeGroups: false, dangerousSplit: false })
}

const plan = planWith({})

describe('a plan in a file', () => {
  test('is read back to the letter, whatever its texts are', () => {
    const nasty = planWith(Object.fromEntries(NASTY.map((text, i) => [`example.com/${i}`, text])))
    for (const format of ['yaml', 'json'] as const) expect(readPlan(writePlan(nasty, format), 'p')).toEqual(nasty)
  })

  test('keeps integers that a double cannot', () => {
    const big = clusterWith(volume('data', '/data/team', { spec: { futureNumber: 9007199254740993n } }))
    const made = makePlan(big, teamMigration(), { wholeGroups: false, dangerousSplit: false })
    for (const format of ['yaml', 'json'] as const) {
      const text = writePlan(made, format)
      expect(text).toContain('9007199254740993')
      expect(readPlan(text, 'p')).toEqual(made)
    }
  })

  test('may have Windows line ends and a byte-order mark', () => {
    expect(readPlan(`\uFEFF${writePlan(plan).replaceAll('\n', '\r\n')}`, 'p')).toEqual(plan)
  })

  test.each([
    ['a subdir', (text: string) => text.replaceAll('subdir=team', 'subdir=elsewhere')],
    ['a block', (text: string) => text.replace('blocked: false', 'blocked: true')],
    ['the cluster', (text: string) => text.replace('uid-kube-system', 'another')],
    ['the digest', (text: string) => text.replace(/digest: sha256:./, 'digest: sha256:x')],
    ['something added', (text: string) => `${text}extra: 1\n`],
    ['something removed', (text: string) => text.replace(/^done: .*\n/m, '')],
  ])('that was edited is refused: %s', (_, edit) => {
    const text = writePlan(plan)
    expect(edit(text)).not.toBe(text)
    expect(() => readPlan(edit(text), 'friday.yaml')).toThrow(/^friday\.yaml: the plan was edited after it was made/)
  })

  test.each([
    [
      'another version',
      writePlan(plan).replace('v1alpha1', 'v9'),
      'p: expected apiVersion juicify.dev/v1alpha1, found "juicify.dev/v9"',
    ],
    ['a migration', 'apiVersion: juicify.dev/v1alpha1\nkind: Migration\n', 'p: expected a Plan, found a Migration'],
    ['a list', '[]', 'p: expected a Plan, found something else'],
    ['nothing', '', 'p: expected a Plan, found nothing'],
    ['no YAML', 'a: [', 'p:1: not YAML: '],
    ['several documents', 'a: 1\n---\nb: 2\n', 'p: not YAML: expected a single document'],
  ])('that is none is refused: %s', (_, text, message) => {
    expect(() => readPlan(text, 'p')).toThrow(message)
  })
})
