import { describe, expect, test } from 'vitest'
import { haveLabels, parseLabelSelector, selectsLabels, selectsNode } from '../../../src/domain/selector.ts'

const requirement = (operator: string, ...values: string[]) => ({ key: 'a', operator, values })

describe('A label selector', () => {
  test.each([
    ['takes everything where it is empty', {}, {}, true],
    ['takes what has all of its labels', { matchLabels: { a: '1', b: '2' } }, { a: '1', b: '2', c: '3' }, true],
    ['does not take what lacks one', { matchLabels: { a: '1', b: '2' } }, { a: '1' }, false],
    ['takes one of several values', { matchExpressions: [requirement('In', '1', '2')] }, { a: '2' }, true],
    ['takes no other value', { matchExpressions: [requirement('In', '1', '2')] }, { a: '3' }, false],
    ['takes what has not the label for NotIn', { matchExpressions: [requirement('NotIn', '1')] }, {}, true],
    ['takes an empty value for one that exists', { matchExpressions: [requirement('Exists')] }, { a: '' }, true],
    ['takes what lacks a label', { matchExpressions: [requirement('DoesNotExist')] }, { b: '' }, true],
    [
      'needs labels and expressions',
      { matchLabels: { b: '1' }, matchExpressions: [requirement('Exists')] },
      { a: '' },
      false,
    ],
    [
      'takes nothing by an operator that nobody knows',
      { matchExpressions: [requirement('Like', '1')] },
      { a: '1' },
      false,
    ],
  ])('%s', (_, selector, labels, taken) => {
    expect(selectsLabels(selector, labels)).toBe(taken)
  })
})

describe('A label selector as kubectl -l takes it', () => {
  const labels = { app: 'web', 'example.com/tier': 'a', old: '' }
  test.each([
    ['app=web', true],
    ['app == web', true],
    ['app=db', false],
    ['app!=db', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app in (db, web)', true],
    ['app notin (db,web)', false],
    ['app in (db,web),example.com/tier=a', true],
    ['app in (db,web),example.com/tier=b', false],
    ['old', true],
    ['!old', false],
    ['!missing,app', true],
    ['old=', true],
  ])('%s', (text, taken) => {
    expect(haveLabels([labels], text)).toBe(taken)
  })

  test('takes what one of the two sets has, the volume’s or the claim’s', () => {
    expect(haveLabels([undefined, labels], 'app=web')).toBe(true)
    expect(haveLabels([{ app: 'web' }, { tier: 'a' }], 'app=web,tier=a')).toBe(false)
  })

  test.each(['', 'app=', 'a b', 'app in web', 'app in (a', '=x', 'a,,b', 'app=w eb', '/=x'])('%j', (text) => {
    expect(parseLabelSelector(text) === undefined).toBe(text !== 'app=')
  })
})

describe('A term of a node selector', () => {
  const node = { name: 'n1', labels: { a: '5' } }
  test.each([
    ['takes no node where it is empty', {}, false],
    ['compares numbers', { matchExpressions: [requirement('Gt', '4'), requirement('Lt', '6')] }, true],
    [
      'takes no node by a number that it has not',
      { matchExpressions: [{ key: 'b', operator: 'Gt', values: ['4'] }] },
      false,
    ],
    ['knows a node by its name', { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, true],
    [
      'needs all of it',
      {
        matchExpressions: [requirement('Exists')],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }],
      },
      false,
    ],
  ])('%s', (_, term, taken) => {
    expect(selectsNode(term, node)).toBe(taken)
  })
})
