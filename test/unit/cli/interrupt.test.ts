import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { interruption } from '../../../src/cli/interrupt.ts'

let said: string[]
let ends: unknown[]

beforeEach(() => {
  said = []
  ends = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(said.push(String(text))))
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    ends.push(code)
    return undefined as never
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

function after(...signals: NodeJS.Signals[]): boolean {
  const { signal, off } = interruption()
  for (const name of signals) process.emit(name, name)
  off()
  return signal.aborted
}

describe('a terminal that is closed asks a run to stop at a safe point', () => {
  test.each<[string, NodeJS.Signals[]]>([
    ['also where its shell sends the signal besides the kernel', ['SIGHUP', 'SIGHUP']],
    ['also after Ctrl-C', ['SIGINT', 'SIGHUP', 'SIGHUP']],
  ])('%s', (_, signals) => {
    expect(after(...signals)).toBe(true)
    expect(ends).toEqual([])
    expect(said.join('')).toContain('safe point')
  })
})

test('only who asks twice has a run leave at once', () => {
  expect(after('SIGHUP', 'SIGINT')).toBe(true)
  expect(ends).toEqual([130])
})
