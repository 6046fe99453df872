import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A command that is to be run. */
export interface Call {
  words: string[]
  folder: string
  env: Record<string, string | undefined>
}

/** A command under way: what it has said so far on both of its streams, and its exit code when it has ended. */
export interface Run {
  readonly output: string
  ended: Promise<number | NodeJS.Signals>
}

const program = fileURLToPath(new URL('resident.mjs', import.meta.url))
/** Those that run nothing, by the bundle that they have loaded. */
const idle = new Map<string, ChildProcess[]>()

/**
 * Runs a command in a process that has run others before, or in a new one where all are busy. It is the shipped code, and takes a fraction of the
 * time that a new process takes, most of which Node needs to start. What signals, standard input or killing do has to be tried on a process of
 * its own (`Workplace.start`).
 * @param juicify the bundled command
 */
export function inResident(juicify: string, { words, folder, env }: Call): Run & { stdout: string; stderr: string } {
  const resident = residentOf(juicify)
  const said = { output: '', stdout: '', stderr: '' }
  const hear = (stream: 'stdout' | 'stderr') => (text: string) => {
    said.output += text
    said[stream] += text
  }
  // what a process says that breaks down
  const onStderr = hear('stderr')
  resident.stderr?.setEncoding('utf8').on('data', onStderr)
  hold(resident, true)
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    const stop = (result: number | NodeJS.Signals) => {
      resident.off('message', onMessage).off('exit', onExit).off('error', reject)
      resident.stderr?.off('data', onStderr)
      resolve(result)
    }
    const onMessage = (message: { stdout?: string; stderr?: string; code?: number }) => {
      if (message.stdout !== undefined) hear('stdout')(message.stdout)
      if (message.stderr !== undefined) hear('stderr')(message.stderr)
      if (message.code === undefined) return
      hold(resident, false)
      idle.set(juicify, [...(idle.get(juicify) ?? []), resident])
      stop(message.code)
    }
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => stop(code ?? signal ?? 1)
    resident.on('message', onMessage).once('exit', onExit).once('error', reject)
    resident.send({ words, folder, env })
  })
  return Object.assign(said, { ended })
}

function residentOf(juicify: string): ChildProcess {
  const free = idle.get(juicify) ?? []
  for (let kept = free.pop(); kept; kept = free.pop()) if (kept.connected) return kept
  return fork(program, [juicify], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
}

/** While it runs nothing it does not keep the process of the tests alive. */
function hold(resident: ChildProcess, busy: boolean): void {
  const stderr = resident.stderr as unknown as { ref(): void; unref(): void } | null
  for (const each of [resident, resident.channel, stderr]) busy ? each?.ref() : each?.unref()
}
