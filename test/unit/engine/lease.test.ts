import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isDeadProcess, operator, ownHolder } from '../../../src/lock/lease.ts'

const { pid: dead } = spawnSync('true')

test('a run of this machine whose process is no more is dead', () => {
  expect(isDeadProcess(ownHolder())).toBe(false)
  expect(isDeadProcess(ownHolder().replace(/\d+$/, String(dead)))).toBe(true)
})

test('of one in a container with other process numbers, though it has the name of its host, nothing is known', () => {
  expect(isDeadProcess(`${operator()}/17:${dead}`)).toBe(false)
})

test('a container’s user that its image does not name is told by its number', () => {
  const nobody = () => {
    throw Object.assign(new Error('no such user'), { code: 'ERR_SYSTEM_ERROR' })
  }
  expect(operator(nobody)).toMatch(new RegExp(`^${process.getuid?.()}@`))
})
