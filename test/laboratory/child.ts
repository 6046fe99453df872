import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { inResident, type Run } from './resident.ts'

/** The command as a process of its own. */
export interface Child extends Run {
  process: ChildProcess
}

/** A folder to work in, with juicify at hand. */
export interface Workplace {
  folder: string
  /** Runs it in a process that is kept for the next one. */
  run(...words: string[]): Run
  /** Runs it as a process of its own, which can be sent signals. */
  start(...words: string[]): Child
  /** The same, with one pipe for both of its streams, as on a terminal: its output stands in the order in which it was said. */
  inOrder(...words: string[]): Child
  /** Runs it with a standard input that holds that. */
  pipe(input: string | Uint8Array, ...words: string[]): Child
  write(name: string, text: string): Promise<void>
  remove(): Promise<void>
}

/** Runs juicify in a folder that holds `kubeconfig` and the files given. */
export async function workplace(kubeconfig: string, files: Record<string, string> = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'juicify-test-'))
  const juicify = [process.execPath, inject('juicify')]
  for (const [name, text] of Object.entries({ kubeconfig, ...files })) await writeFile(join(folder, name), text)
  return {
    folder,
    write: (name, text) => writeFile(join(folder, name), text),
    run: (...words) => inResident(inject('juicify'), { words, folder, env: environment(folder) }),
    start: (...words) => start([...juicify, ...words], folder),
    inOrder: (...words) => start(['/bin/sh', '-c', 'exec "$0" "$@" 2>&1', ...juicify, ...words], folder),
    pipe: (input, ...words) => start([...juicify, ...words], folder, input),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function environment(folder: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    KUBECONFIG: join(folder, 'kubeconfig'),
    NO_COLOR: '1',
    // what a first run compiles is kept for all of them, as it is for a user
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
  }
}

function start([command = '', ...words]: string[], folder: string, input?: string | Uint8Array): Child {
  const child = spawn(command, words, {
    cwd: folder,
    env: environment(folder),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1))
  })
  return {
    process: child,
    ended,
    get output() {
      return output
    },
  }
}
