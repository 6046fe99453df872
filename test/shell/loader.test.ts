import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import LOADER from '../../src/jobs/loader.sh'
import { sha256Of } from '../../src/jobs/program.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'loader-'))
  for (const folder of ['program', 'scratch']) mkdirSync(path.join(root, folder))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Runs the loader as a pod does whose command expects one program and whose ConfigMap holds another text. */
function load(expected: string, held: string | undefined, ...args: string[]) {
  if (held !== undefined) writeFileSync(path.join(root, 'program/program.sh'), held)
  const script = LOADER.replaceAll(/\/(program|scratch)(?=\/)/g, (place) => root + place).replaceAll(
    '/dev/termination-log',
    path.join(root, 'told'),
  )
  return spawnSync('sh', ['-c', script, 'juicify', sha256Of(expected), ...args], { encoding: 'utf8' })
}

describe('a pod of ours', () => {
  const program = '#!/bin/sh\nprintf "%s\\n" "$@"; exit 7\n'

  test('runs the program that its command names by its SHA-256, with the arguments that follow, word by word', () => {
    const { status, stdout } = load(program, program, 'a b', '$(reboot)', '')
    expect([status, stdout]).toEqual([7, 'a b\n$(reboot)\n\n'])
  })

  test('runs no other one that somebody put in its place, and says so where its status tells it', () => {
    const { status } = load(program, `touch ${root}/harm\n${program}`)
    expect(status).toBe(83)
    expect(readFileSync(path.join(root, 'told'), 'utf8')).toContain('not the one that juicify wrote')
    expect(existsSync(path.join(root, 'harm'))).toBe(false)
  })

  test('runs nothing where there is no program', () => {
    expect(load(program, undefined).status).toBe(83)
  })
})
