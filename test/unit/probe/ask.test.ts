import { expect, test } from 'vitest'
import { judged } from '../../../src/probe/ask.ts'

const answer = { title: 'JuiceFS', node: 'node1', name: 'team', empty: false, full: false }

test('a file system that answers, and is the one that the Secret names, is ready', () => {
  expect(judged(answer, { fileSystem: 'team' })).toMatchObject({ subject: 'file-system', level: 'ok' })
  // neither says so: it is mounted by its address alone
  expect(judged({ ...answer, name: undefined } as never, {})).toMatchObject({ level: 'ok' })
})

test('one of another name than the Secret says is a problem, for it may be somebody else’s', () => {
  expect(judged(answer, { fileSystem: 'other' })).toMatchObject({
    level: 'problem',
    text: expect.stringContaining('named team, and the Secret says other'),
  })
})

test('one that is empty is told, for the driver formats what nobody has formatted', () => {
  expect(judged({ ...answer, empty: true }, { fileSystem: 'team' })).toMatchObject({
    level: 'note',
    text: expect.stringContaining('the driver has done so now'),
  })
})

test('one that is full is a problem, also where nothing is on it that can be seen', () => {
  for (const empty of [true, false])
    expect(judged({ ...answer, empty, full: true }, { fileSystem: 'team' })).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('is full'),
    })
})
