import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Finished {
  /** Milliseconds from its start to its end. */
  wall: number
  /** The most memory that it had at once, in MiB; 0 where the system does not tell (it is read from /proc). */
  peak: number
  stdout: string
  code: number | null
}

interface Choice {
  input?: string
  env?: NodeJS.ProcessEnv
  /** Exit codes that are no failure. */
  accept?: number[]
  /** Its output is of use; else it is thrown away. */
  keep?: boolean
}

/** Runs a command as a whole process. Throws where it fails. */
export function run(
  command: string,
  args: string[],
  { input, env, accept = [0], keep }: Choice = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    let peak = 0
    const sampling = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, 20)
    let last = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (keep) out.push(chunk)
      // with -o json it is here that a command says why it failed
      last = chunk.subarray(-2000).toString()
    })
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(sampling)
      const wall = performance.now() - began
      if (code !== null && accept.includes(code))
        return resolve({ wall, peak, stdout: Buffer.concat(out).toString(), code })
      const told = Buffer.concat(errors).toString().slice(-2000)
      reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${told}\n${last}`))
    })
  })
}

/** The highest resident set so far, in MiB. */
function peakOf(pid: number | undefined): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}
