import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareQuantities } from '../../../src/domain/quantity.ts'

describe('amounts are compared exactly', () => {
  test.each([
    ['1Gi', '1024Mi', 0],
    ['1G', '1Gi', -1],
    ['500Gi', '0.5Ti', -1],
    ['1.5Gi', '1536Mi', 0],
    ['1e3', '1k', 0],
    ['1E', '1000P', 0],
    ['1E3', '1k', 0],
    ['100m', '0.1', 0],
    ['0.1', '1e-1', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['10Ei', '11529215046068469760', 0],
    ['-1', '+1', -1],
    ['.5', '0.50', 0],
    ['5.', '5', 0],
  ])('%s and %s', (a, b, sign) => {
    expect(compareQuantities(a, b)).toBe(sign)
    expect(compareQuantities(b, a)).toBe(sign === 0 ? 0 : -sign)
  })

  test.each(['', 'Gi', '1 Gi', '1gi', '1KB', '1e', '0x10', '1e999999999', 'NaN', '1,5'])('%j is no amount', (text) => {
    expect(compareQuantities(text, '1')).toBeUndefined()
    expect(compareQuantities('1', text)).toBeUndefined()
  })

  test('a unit more is more, whatever the number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), (n) => {
        expect(compareQuantities(`${n}Ki`, `${n * 1024n}`)).toBe(0)
        expect(compareQuantities(`${n}Ki`, `${n}k`)).toBe(1)
      }),
    )
  })
})
