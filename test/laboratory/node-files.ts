import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm as rmHere } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { promisify } from 'node:util'
import { shellWord } from '../../src/domain/shell.ts'
import { HANDS, handOn } from './hands.ts'

/**
 * Files on the nodes of a cluster and on its file system, done and seen by the hands that are there (hands.ts): named as
 * those of node:fs/promises, for paths as `onDisk` and `onJuiceFS` give them, `node1:/data/k8s`.
 */
export type RemotePath = string

/** A directory of a node's disk, as pods on it see it: `/data/k8s`. */
export function onDisk(node: string, directory: string): RemotePath {
  return `${node}:${path.posix.join('/', directory)}`
}

/** A place on the file system, as node1 sees it. */
export function onJuiceFS(place: string, node = 'node1'): RemotePath {
  return `${node}:${path.posix.join('/jfs', place)}`
}

/** The path alone, as it is on its node. */
export function local(remote: RemotePath): string {
  return split(remote).file
}

function split(remote: RemotePath): { node: string; file: string } {
  const [, node = '', file = ''] = /^([a-z0-9.-]+):(\/.*)$/s.exec(remote) ?? []
  if (!node) throw new Error(`${remote} is no path on a node`)
  return { node, file }
}

/**
 * Runs a script on a node, by busybox's sh as root; `args` are $1, $2 … Resolves to what it prints; throws with what it
 * prints to standard error where it fails.
 */
export async function onNode(node: string, script: string, ...args: string[]): Promise<string> {
  return (await Session.run(node, script, args)).toString()
}

/** Runs a script in a remote directory. */
export function within(directory: RemotePath, script: string, ...args: string[]): Promise<string> {
  const { node, file } = split(directory)
  return onNode(node, `cd ${shellWord(file)} && { ${script}\n}`, ...args)
}

const command =
  (script: string) =>
  async (remote: RemotePath): Promise<void> => {
    const { node, file } = split(remote)
    await onNode(node, script, file)
  }
const commandOfTwo =
  (script: string) =>
  async (first: RemotePath, second: RemotePath): Promise<void> => {
    await onNode(split(second).node, script, local(first), local(second))
  }

export const mkdir = command('mkdir -p -- "$1"')
export const rm = command('rm -rf -- "$1"')
export const unlink = command('rm -- "$1"')
export const mkfifo = command('mkfifo -- "$1"')
export const rename = commandOfTwo('mv -T -- "$1" "$2"')
export const link = commandOfTwo('ln -- "$1" "$2"')

export async function symlink(target: string, remote: RemotePath): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'ln -s -- "$1" "$2"', target, file)
}

export async function writeFile(remote: RemotePath, content: string): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'printf %s "$2" >"$1"', file, content)
}

export async function appendFile(remote: RemotePath, content: string): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'printf %s "$2" >>"$1"', file, content)
}

/** Fills a file with random bytes. */
export async function writeRandom(remote: RemotePath, mebibytes: number): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'dd if=/dev/urandom of="$1" bs=1M count="$2" 2>/dev/null', file, String(mebibytes))
}

export async function readFile(remote: RemotePath): Promise<string> {
  const { node, file } = split(remote)
  return onNode(node, 'cat -- "$1"', file)
}

/** The names in a directory, sorted. */
export async function readdir(remote: RemotePath): Promise<string[]> {
  const { node, file } = split(remote)
  const found = await onNode(node, 'cd -- "$1" && find . -mindepth 1 -maxdepth 1 -print0', file)
  return found
    .split('\0')
    .filter(Boolean)
    .map((name) => name.slice(2))
    .sort()
}

export async function exists(remote: RemotePath): Promise<boolean> {
  const { node, file } = split(remote)
  return (await onNode(node, 'if [ -e "$1" ] || [ -L "$1" ]; then echo yes; fi', file)) !== ''
}

export async function chmod(remote: RemotePath, mode: number): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'chmod "$2" "$1"', file, mode.toString(8))
}

export async function chown(remote: RemotePath, uid: number, gid: number): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'chown -h "$2" "$1"', file, `${uid}:${gid}`)
}

/** Sets the times of a file, in seconds. */
export async function utimes(remote: RemotePath, seconds: number): Promise<void> {
  const { node, file } = split(remote)
  await onNode(node, 'touch -d "@$2" "$1"', file, String(seconds))
}

/** Gives a file the times of another one. */
export const touchLike = commandOfTwo('touch -r "$1" "$2"')

export interface Stat {
  /** As in stat(2): permissions alone. */
  mode: number
  /** What the file is, in stat's words: `regular file`, `fifo`. */
  type: string
  ino: number
  /** Of 512 bytes each. */
  blocks: number
  size: number
  /** Seconds. */
  mtime: number
  ctime: number
}

/** What stat tells of a file; of a link itself. */
export async function stat(remote: RemotePath): Promise<Stat> {
  const { node, file } = split(remote)
  const [mode = '', type = '', ...numbers] = (await onNode(node, 'stat -c \'%a,%F,%i,%b,%s,%Y,%Z\' "$1"', file))
    .trim()
    .split(',')
  const [ino = 0, blocks = 0, size = 0, mtime = 0, ctime = 0] = numbers.map(Number)
  return { mode: Number.parseInt(mode, 8), type, ino, blocks, size, mtime, ctime }
}

/** Has a directory filled here, and brings it to a node as it is, with everything that rsync can carry. */
export async function plant(directory: RemotePath, fill: (here: string) => void): Promise<void> {
  const here = await mkdtemp(path.join(tmpdir(), 'juicify-plant-'))
  try {
    fill(here)
    const { node, file } = split(directory)
    await mkdir(directory)
    const args = ['-aHAXSz', '-e', shellTo(node), '--numeric-ids', `${here}/`, `node:${file}/`]
    await promisify(execFile)('rsync', args)
  } finally {
    await rmHere(here, { recursive: true, force: true })
  }
}

/** The shell for rsync that leads to a node; its first word is the host's name, which the pod's stands for. */
function shellTo(node: string): string {
  return `sh -c 'shift; exec kubectl exec -i -n ${HANDS} ${handOn(node)} -- "$@"' rsh`
}

/**
 * What rsync itself would still have to do to make the second directory equal to the first; for a second opinion. One of
 * them is on the file system, or both are on one node.
 */
export async function differences(from: RemotePath, to: RemotePath, ...flags: string[]): Promise<string[]> {
  // what is on the file system is seen on the other's node as well
  const { node } = split(local(from).startsWith('/jfs/') ? to : from)
  const args = ['-rlptgoHAXcni', '--info=nonreg0', '--delete', '--numeric-ids', ...flags]
  const script = 'rsync "$@"'
  const told = await Session.run(node, script, [...args, `${local(from)}/`, `${local(to)}/`])
  return told.toString('latin1').split('\n').filter(Boolean)
}

/** A shell on a node that stays open: one that is begun for each file would take longer than what it does. */
class Session {
  static readonly #idle = new Map<string, Session[]>()

  static async run(node: string, script: string, args: string[]): Promise<Buffer> {
    const idle = Session.#idle.get(node) ?? []
    Session.#idle.set(node, idle)
    const session = idle.pop() ?? new Session(node)
    const answer = await session.#run(script, args)
    idle.push(session)
    const [code, out, err] = answer
    if (code !== 0) throw new Error(`on ${node}, ${script} ${args.join(' ')} ended with ${code}: ${err}${out}`)
    return out
  }

  readonly #node: string
  readonly #shell: ChildProcessWithoutNullStreams
  readonly #lines: Interface

  private constructor(node: string) {
    this.#node = node
    this.#shell = spawn('kubectl', ['exec', '-i', '-n', HANDS, handOn(node), '--', 'sh'])
    this.#lines = createInterface({ input: this.#shell.stdout })
    // the tests end whether or not it does
    this.#shell.unref()
    for (const stream of [this.#shell.stdin, this.#shell.stdout, this.#shell.stderr]) (stream as Socket).unref()
  }

  #run(script: string, args: string[]): Promise<[code: number, out: Buffer, err: string]> {
    const [out, err] = ['/tmp/out.$$', '/tmp/err.$$']
    const line = `sh -c ${shellWord(script)} sh ${args.map(shellWord).join(' ')} </dev/null >${out} 2>${err}`
    const report = `echo "$? $(base64 -w 0 ${out}) $(base64 -w 0 ${err})"`
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`the hand on ${this.#node} is gone`))
      this.#shell.once('close', gone)
      this.#lines.once('line', (answer) => {
        this.#shell.off('close', gone)
        const [code, told = '', complaint = ''] = answer.split(' ')
        resolve([Number(code), Buffer.from(told, 'base64'), Buffer.from(complaint, 'base64').toString()])
      })
      this.#shell.stdin.write(`${line}\n${report}\n`)
    })
  }
}
