import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { type CopyLog, readCopyLog } from '../../src/copy/log.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { type JobLog, readLog } from '../../src/jobs/log.ts'
import { migration } from '../laboratory/migration.ts'

// As the Jobs of a copy to JuiceFS are told.
const { ownFiles, blockSize } = fileSystemOf(migration().target).mounts
const FILE_SYSTEM = {
  OWN_FILES: ownFiles?.names.join('\n') ?? '',
  OWN_INODES: ownFiles?.inodes ?? '',
  BLOCK: String(blockSize),
}

/** All that a program of a copy has told. */
export type ProgramLog = JobLog & CopyLog

/** Milliseconds after which a script is taken to hang, and ended; on a busy machine a real juicefs takes a minute. */
const PATIENCE = 300_000

function logOf(stdout: string): ProgramLog {
  const log = readLog(stdout)
  return { ...log, ...readCopyLog(log) }
}

/**
 * Runs a script of a Job with this machine's tools: what is mounted in a Job lies below `root`, where source, target
 * and scratch are there already, and commands in bin are found first.
 * @param shell what it is run by: with mounts of its own, say
 */
export function runScript(
  root: string,
  script: string,
  env: Record<string, string>,
  args: string[] = [],
  [command = 'sh', ...before]: string[] = ['sh'],
): { status: number | null; told: ProgramLog } {
  const { status, stdout } = spawnSync(
    command,
    [...before, '-c', below(root, script), 'juicify', ...args.map((arg) => below(root, arg))],
    {
      env: {
        PATH: `${root}/bin:${process.env.PATH}`,
        EXCLUDE: '',
        ...FILE_SYSTEM,
        LAYOUT: 'single',
        NODES: 'node1',
        NODE: '0',
        ...env,
      },
      encoding: 'utf8',
      timeout: PATIENCE,
      // a shell that waits for what it has started does not hear that it is to end
      killSignal: 'SIGKILL',
    },
  )
  return { status, told: logOf(stdout) }
}

function below(root: string, text: string): string {
  return text.replaceAll(/(?<![\w)}.])\/(source|target|scratch|shared|dev\/termination-log)\b/g, (_, name: string) =>
    path.join(root, path.basename(name)),
  )
}

/**
 * Runs a script in as many Jobs as work together, side by side: each has a scratch of its own, a source of its own where
 * `root` has a `source.N`, and they meet in `shared` below `root`.
 */
export function runTogether(
  root: string,
  script: string,
  jobs: number,
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ status: number | null; told: ProgramLog }[]> {
  const nodes = Array.from({ length: jobs }, (_, job) => `node${job}`)
  const run = mkdtempSync(path.join(root, 'shared', 'run-'))
  return Promise.all(
    nodes.map(async (_, job) => {
      const own = mkdtempSync(path.join(root, 'job-'))
      for (const name of ['source', 'target', 'bin']) {
        const itsOwn = path.join(root, `${name}.${job}`)
        symlinkSync(existsSync(itsOwn) ? itsOwn : path.join(root, name), path.join(own, name))
      }
      mkdirSync(path.join(own, 'scratch'))
      const shared = { LAYOUT: 'split', NODES: nodes.join('\n'), NODE: String(job), SHARED: run }
      const ended = promisify(execFile)(
        'sh',
        ['-c', below(own, script), 'juicify', ...args.map((arg) => below(own, arg))],
        {
          env: { PATH: `${own}/bin:${process.env.PATH}`, EXCLUDE: '', ...FILE_SYSTEM, ...shared, ...env },
          timeout: PATIENCE,
        },
      )
      const { status, stdout } = await ended.then(
        ({ stdout }) => ({ status: 0, stdout }),
        (error: { code: number | null; stdout: string }) => ({ status: error.code, stdout: error.stdout }),
      )
      return { status, told: logOf(stdout) }
    }),
  )
}

/** Puts a juicefs into bin that leaves out what it is told to when it is tried for that, and is `script` otherwise. */
export function standInForJuicefs(root: string, script: string): void {
  writeFileSync(
    path.join(root, 'bin', 'juicefs'),
    `#!/bin/sh
for last do :; done
case $last in */leaving/to/) : >"\${last#file://}other"; exit ;; esac
${script}
`,
    { mode: 0o755 },
  )
}
