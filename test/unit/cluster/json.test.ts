import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../../../src/cluster/json.ts'

test('an integer that no double holds comes out digit by digit as it went in', () => {
  const text = '{"spec":{"bytes":9223372036854775807,"list":[-9007199254740993, 1],"small":12}}'
  expect(stringifyJson(parseJson(text))).toBe(text.replace(', ', ','))
})

test('integers up to 2^53 are plain numbers', () => {
  expect(parseJson('[9007199254740991,1234567890123456]')).toEqual([9007199254740991, 1234567890123456])
})

test('any integer and any text survive a read and a write', () => {
  const value = fc.oneof(fc.bigInt(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), value)), (entries) => {
      const text = `{${entries.map(([key, v], i) => `${JSON.stringify(`k${i}${key}`)}:${typeof v === 'bigint' ? v : JSON.stringify(v)}`)}}`
      expect(stringifyJson(parseJson(text))).toBe(text)
    }),
  )
})

test('a key __proto__ is a key like any other', () => {
  const text = '{"__proto__":{"polluted":12345678901234567890}}'
  expect(stringifyJson(parseJson(text))).toBe(text)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('of a key that occurs twice the last one counts, as everywhere', () => {
  expect(parseJson('{"a":1,"a":12345678901234567890}')).toEqual({ a: 12345678901234567890n })
})
