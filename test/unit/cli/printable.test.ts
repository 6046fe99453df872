import picocolors from 'picocolors'
import { describe, expect, test, vi } from 'vitest'
import { printable } from '../../../src/cli/printable.ts'
import { print, say } from '../../../src/cli/terminal.ts'

describe('what is printed on a terminal', () => {
  test.each([
    ['clears the screen', 'pod-\x1b[2J\x1b[H', 'pod-\\u001b[2J\\u001b[H'],
    ['sets the title or the clipboard', '\x1b]52;c;cm0gLXJm\x07', '\\u001b]52;c;cm0gLXJm\\u0007'],
    ['hides what follows', '\x1b[8mDeployment web', '\\u001b[8mDeployment web'],
    ['writes over the line', 'data: 12 moved\rdata: 0 moved', 'data: 12 moved\\u000ddata: 0 moved'],
    ['is an 8-bit control', '\x9b2J', '\\u009b2J'],
    ['turns the order of letters', 'report\u202egpj.exe', 'report\\u202egpj.exe'],
  ])('obeys no text of other people that %s, and shows it', (_, given, shown) => {
    expect(printable(given)).toBe(shown)
  })

  test('has our own colours, lines and columns, and every script', () => {
    const { bold, red, cyan, dim, green, yellow } = picocolors.createColors(true)
    const text = `${bold('卷')}\t${red('é')}\n${cyan('a')}${dim('b')}${green('c')}${yellow('🚀')}\n`
    expect(printable(text)).toBe(text)
  })
})

test('all that is printed or said on a terminal goes through it', async () => {
  const written: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest: unknown[]) => {
    written.push(String(text))
    const done = rest.findLast((each) => typeof each === 'function') as (() => void) | undefined
    done?.()
    return true
  })
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(written.push(String(text))))
  const { isTTY } = process.stdout
  process.stdout.isTTY = true
  try {
    await print('a\x1b[2Jb')
    say('a\x1b[2Jb')
  } finally {
    process.stdout.isTTY = isTTY
    stdout.mockRestore()
    stderr.mockRestore()
  }
  expect(written).toHaveLength(2)
  for (const text of written) expect(text).not.toContain('\x1b')
})
