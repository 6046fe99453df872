import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programOf, VERIFY, VERIFY_AHEAD } from '../src/copy/programs.ts'
import { rsync, rsyncCommand } from '../src/copy/rsync.ts'
import { juicefsSync } from '../src/filesystem/juicefs/mover.ts'
import { type ProgramLog, runScript } from '../test/shell/script.ts'
import { type Figure, note } from './figures.ts'
import type { Bench, Result } from './setting.ts'

const CHANGED = 200
const IN_A_DIRECTORY = 100
const SYNC = programOf(juicefsSync, 'single')
const RSYNC = programOf(rsync, 'single')
const ARGUMENTS = rsyncCommand({ layout: 'single', exclude: [], deletes: true, thorough: false })

/** What the Jobs that workloads wait for take, without a cluster: their programs with this machine's tools, below TMPDIR. */
export async function catchUp(bench: Bench): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'juicify-bench-'))
  const files = bench.quick ? 10_000 : 100_000
  const figures = new Map<string, Figure>()
  const timed = (name: string, what: () => unknown) => {
    // a comparison that finds no difference takes away what it went by
    execFileSync('cp', [`${root}/kept`, `${root}/shared/verified`])
    const began = performance.now()
    what()
    note(figures, name, (performance.now() - began) / 1000, 's', `${files} files, a link to each ${IN_A_DIRECTORY}`)
  }
  const sync = (VERIFIED: string) => run(root, SYNC, { STAGE: 'catch-up', VERIFIED }, ['--dirs'])
  const verify = (VERIFIED: string) => run(root, VERIFY, { STAGE: 'verify', CONTENT: 'content', VERIFIED })
  try {
    for (const name of ['source', 'target', 'shared', 'bin']) mkdirSync(join(root, name))
    plant(join(root, 'source'), files)
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    for (let round = 0; round < bench.rounds; round++) {
      const digest = verifiedAhead(root)
      execFileSync('cp', [`${root}/shared/verified`, `${root}/kept`])
      timed('catch-up, rsync, nothing changed', () => run(root, RSYNC, { STAGE: 'catch-up' }, ARGUMENTS))
      timed('catch-up and verification, juicefs, nothing changed', () => sync(digest))
      change(join(root, 'source'), files, round)
      timed(`catch-up and verification, juicefs, ${CHANGED} changed`, () => sync(digest))
      timed(`verify: content, all but ${CHANGED} verified ahead`, () => verify(digest))
      timed('verify: content, nothing verified ahead', () => verify(''))
    }
    return { figures: [...figures.values()] }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Its digest, once no file is too young to be remembered. */
function verifiedAhead(root: string): string {
  for (;;) {
    const { result } = run(root, VERIFY_AHEAD, { STAGE: 'verify-ahead', CONTENT: 'content', IN_USE: 'yes' })
    if (result?.get('files') === result?.get('of')) return result?.get('digest') ?? ''
  }
}

function run(root: string, program: string, env: Record<string, string>, args: string[] = []): ProgramLog {
  rmSync(join(root, 'scratch'), { recursive: true, force: true })
  mkdirSync(join(root, 'scratch'))
  const rest = { CONTENT: 'metadata', TIMES: 'files', EXTRA: 'fail', ATTRIBUTES: 'kept', IN_USE: 'no', DELETE: 'yes' }
  const { status, told } = runScript(root, program, { ...rest, ...env }, args)
  if (status !== 0) throw new Error(`a program of a Job has failed: ${told.failed ?? status}`)
  return told
}

function fileOf(directory: string, number: number): string {
  return join(directory, `${Math.floor(number / IN_A_DIRECTORY)}`, `file-${number}`)
}

function plant(directory: string, files: number): void {
  for (let number = 0; number < files; number++) {
    if (number % IN_A_DIRECTORY === 0) {
      mkdirSync(join(fileOf(directory, number), '..'))
      symlinkSync(`file-${number}`, `${fileOf(directory, number)}-link`)
    }
    writeFileSync(fileOf(directory, number), `${number} `.repeat(100))
  }
}

function change(directory: string, files: number, round: number): void {
  for (let number = round; number < files; number += files / CHANGED)
    appendFileSync(fileOf(directory, number), 'and more')
}
