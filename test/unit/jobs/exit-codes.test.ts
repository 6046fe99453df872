import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { EXIT_CODES, EXIT_PEER_FAILED } from '../../../src/jobs/exit-codes.ts'

const folders = ['copy/programs', 'filesystem/juicefs/programs', 'jobs', 'probe'].map((name) =>
  fileURLToPath(new URL(`../../../src/${name}`, import.meta.url)),
)
const programs = folders
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.sh'))
      .map((name) => readFileSync(path.join(folder, name), 'utf8')),
  )
  .join('\n')

/** The codes that the programs end with of their own accord; 0 and the shell's own are none of them. */
const used = new Set([...programs.matchAll(/\b(?:die|fail|exit) (\d+)/g)].map(([, code]) => Number(code)))
const SHELLS = [126, 127, 137, 143]

describe('the exit codes of the programs that run in Jobs', () => {
  test('each have a meaning, and each meaning has a program that ends with it', () => {
    const known = Object.keys(EXIT_CODES).map(Number)
    expect([...used].filter((code) => code > 1 && !known.includes(code))).toEqual([])
    expect(known.filter((code) => !used.has(code) && !SHELLS.includes(code))).toEqual([])
  })

  test('are not those of the tools that they run, and fit what a shell leaves to them', () => {
    const own = Object.keys(EXIT_CODES)
      .map(Number)
      .filter((code) => !SHELLS.includes(code))
    expect(own.every((code) => code >= 64 && code < 126)).toBe(true)
    expect(EXIT_CODES[EXIT_PEER_FAILED]?.means).toContain('another Job')
  })

  test('that two nodes hold one file otherwise: nobody is told to overwrite one version of a file with the other', () => {
    const { remedy = '' } = EXIT_CODES[65] ?? {}
    expect(remedy).toMatch(
      /^Nothing was merged\. Set spec\.copy\.onConflict to keep-both.*\bhave the owners of these files\b/,
    )
  })

  test('of our own say what to do, unless another Job says it', () => {
    const silent = Object.entries(EXIT_CODES).filter(([, { remedy }]) => remedy === undefined)
    expect(silent.map(([code]) => Number(code))).toEqual([EXIT_PEER_FAILED, 137, 143])
  })
})
