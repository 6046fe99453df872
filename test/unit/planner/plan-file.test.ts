import { describe, expect, test } from 'vitest'
import { toYaml } from '../../../src/domain/yaml.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { readPlan } from '../../../src/planner/plan-file.ts'
import { clusterWith, teamMigration, textOf, volume } from './cluster.ts'

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
    for (const format of ['yaml', 'json', 'dense'] as const) expect(readPlan(textOf(nasty, format), 'p')).toEqual(nasty)
  })

  test('keeps integers that a double cannot', () => {
    const big = clusterWith(volume('data', '/data/team', { spec: { futureNumber: 9007199254740993n } }))
    const made = makePlan(big, teamMigration(), { wholeGroups: false, dangerousSplit: false })
    for (const format of ['yaml', 'json', 'dense'] as const) {
      const text = textOf(made, format)
      expect(text).toContain('9007199254740993')
      expect(readPlan(text, 'p')).toEqual(made)
    }
  })

  test('is the text that it would be in one piece', () => {
    expect(textOf(plan)).toBe(toYaml(plan))
    expect(textOf(plan, 'json')).toBe(`${JSON.stringify(plan, null, 2)}\n`)
  })

  test('may have Windows line ends and a byte-order mark', () => {
    expect(readPlan(`\uFEFF${textOf(plan).replaceAll('\n', '\r\n')}`, 'p')).toEqual(plan)
  })

  test.each([
    ['a subdir', (text: string) => text.replaceAll('subdir=team', 'subdir=elsewhere')],
    ['a block', (text: string) => text.replace('blocked: false', 'blocked: true')],
    ['the cluster', (text: string) => text.replace('uid-kube-system', 'another')],
    ['the digest', (text: string) => text.replace(/digest: sha256:./, 'digest: sha256:x')],
    ['something added', (text: string) => `${text}extra: 1\n`],
    ['something removed', (text: string) => text.replace(/^done: .*\n/m, '')],
  ])('that was edited is refused: %s', (_, edit) => {
    const text = textOf(plan)
    expect(edit(text)).not.toBe(text)
    expect(() => readPlan(edit(text), 'friday.yaml')).toThrow(/^friday\.yaml: the plan was edited: expected digest/)
  })

  test.each([
    [
      'another version',
      textOf(plan).replace('v1alpha1', 'v9'),
      'p: expected apiVersion juicify.dev/v1alpha1, found "juicify.dev/v9"',
    ],
    ['a migration', 'apiVersion: juicify.dev/v1alpha1\nkind: Migration\n', 'p: expected a Plan, found a Migration'],
    ['a list', '[]', 'p: expected a Plan, found something else'],
    ['nothing', '', 'p: expected a Plan, found nothing'],
    ['no YAML', 'a: [', 'p:1: invalid YAML: '],
    ['several documents', 'a: 1\n---\nb: 2\n', 'p: invalid YAML: expected a single document'],
  ])('that is none is refused: %s', (_, text, message) => {
    expect(() => readPlan(text, 'p')).toThrow(message)
  })
})
