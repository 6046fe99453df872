import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { missing } from './real.ts'

/** The folder in which `npm run cluster` keeps the cluster that is tried: its servers' process ids, its nodes' files. */
export const state = process.env.JUICIFY_TEST_STATE ?? path.dirname(process.env.KUBECONFIG ?? '')

/** Why what touches this machine cannot be tried: the cluster is not this machine's. Undefined where it can. */
export const missingHere =
  missing ??
  (existsSync(path.join(state, 'kube-apiserver.pid'))
    ? undefined
    : 'needs a cluster that npm run cluster has started here, whose servers it can stop; JUICIFY_TEST_STATE names its folder')

/** Runs a command in the mount namespace of a node. */
export function inNode(node: string, ...command: string[]): void {
  const pid = execFileSync('cat', [path.join(state, `${node}.pid`)], { encoding: 'utf8' }).trim()
  const child = execFileSync('pgrep', ['-P', pid], { encoding: 'utf8' }).trim().split('\n')[0] ?? ''
  execFileSync('nsenter', ['-t', child, '-m', ...command])
}
