import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { readLog, type Told } from '../../../src/copy/log.ts'

/**
 * Runs a script of a Job with this machine's tools: what is mounted in a Job lies below `root`, where source, target
 * and scratch are there already, and commands in bin are found first.
 */
export function runScript(
  root: string,
  script: string,
  env: Record<string, string>,
  args: string[] = [],
): { status: number | null; told: Told } {
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', below(root, script), 'juicify', ...args.map((arg) => below(root, arg))],
    {
      env: { PATH: `${root}/bin:${process.env.PATH}`, LEAVE: '', NODES: 'node1', NODE: '0', ...env },
      encoding: 'utf8',
    },
  )
  return { status, told: readLog(stdout) }
}

function below(root: string, text: string): string {
  return text.replaceAll(/(?<![\w)}.])\/(source|target|scratch|dev\/termination-log)\b/g, (_, name: string) =>
    path.join(root, path.basename(name)),
  )
}
