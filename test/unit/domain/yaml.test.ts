import { load, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { toYaml } from '../../../src/domain/yaml.ts'

test('a text that YAML 1.1 would take for something else is the same text to who reads it so', () => {
  const texts = [
    'on',
    'No',
    'y',
    '0123',
    '0x1f',
    '1e10',
    '12:34:56',
    '1_000',
    '~',
    'null',
    '.inf',
    '2026-11-27',
    '=',
    '<<',
    '- a',
    'a: b',
    '#',
    '',
  ]
  const written = { stringData: Object.fromEntries(texts.map((text, at) => [`key-${at}`, text])) }
  expect(load(toYaml(written), { schema: YAML11_SCHEMA })).toEqual(written)
})
