import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'

export interface TreeOptions {
  /** The same seed gives the same tree. */
  seed?: number
  /** Small files besides the odd ones. */
  files?: number
  /** Size of the sparse file, in bytes. */
  sparse?: number
}

/**
 * Fills a directory with what a copy may stumble over: names of any bytes, deep paths, a sparse file, hard links,
 * links that lead nowhere or out of the tree, directories that only root may read, a FIFO, empty ones, odd owners,
 * modes and times. Needs root.
 */
export function plantTree(directory: string, { seed = 1, files = 500, sparse = 64 << 20 }: TreeOptions = {}): void {
  const random = randomFrom(seed)
  mkdirSync(directory, { recursive: true })
  const at = (name: string | Buffer) => Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name)])
  oddNames(at)
  deepPath(directory)
  sparseFile(at('sparse'), sparse)
  oddLinks(at)
  manyFiles(at, files, random)
  for (const [name, mode] of Object.entries({ secret: 0o700, closed: 0o000, sticky: 0o1777, shared: 0o2775 })) {
    mkdirSync(at(name))
    writeFileSync(at(`${name}/inside`), name)
    chmodSync(at(name), mode)
  }
  mkdirSync(at('empty'))
  execFileSync('mkfifo', [at('fifo').toString()])
  chownSync(directory, 1234, 4321)
  chmodSync(directory, 0o2751)
  utimesSync(directory, 1_600_000_000, 1_600_000_000)
}

function oddNames(at: (name: string | Buffer) => Buffer): void {
  const names: (string | Buffer)[] = [
    'with space',
    ' leading and trailing ',
    'new\nline',
    'newline at the end\n',
    'tab\tvertical\vform\freturn\r',
    'quote"\'`$(touch owned);&|',
    'back\\slash\\0101',
    '100%s %d',
    '-rf',
    '*',
    '[a]?',
    '#comment',
    'a,b=c:d',
    '数据集',
    Buffer.from([0x69, 0x6e, 0xff, 0xfe, 0x80]),
    'x'.repeat(255),
  ]
  for (const name of names) writeFileSync(at(name), `content of ${names.indexOf(name)}`)
  mkdirSync(at('dir with\nnewline '))
  writeFileSync(at('dir with\nnewline /./file\n'), 'inside')
}

// A path of nearly 4,000 bytes, made step by step: no single call takes much more.
function deepPath(directory: string): void {
  const part = 'd'.repeat(200)
  const script = `
import os, sys
os.chdir(sys.argv[1])
length = 0
while length < 3800:
    os.mkdir(sys.argv[2]); os.chdir(sys.argv[2]); length += len(sys.argv[2]) + 1
open('leaf', 'w').write('deep')`
  execFileSync('python3', ['-c', script, directory, part])
}

function sparseFile(path: Buffer, size: number): void {
  const file = openSync(path, 'w')
  writeSync(file, 'begin', 0)
  ftruncateSync(file, size)
  writeSync(file, 'end', size - 3)
  closeSync(file)
}

function oddLinks(at: (name: string | Buffer) => Buffer): void {
  writeFileSync(at('one'), 'one content, two names')
  linkSync(at('one'), at('two'))
  symlinkSync('nowhere', at('broken'))
  symlinkSync('/etc/hostname', at('absolute'))
  symlinkSync('../../../../outside', at('escaping'))
  symlinkSync('one', at('good'))
  symlinkSync('.', at('loop'))
  symlinkSync(Buffer.from([0x6e, 0x0a, 0xff]), at('to odd bytes'))
  lutimesSync(at('good'), 1_500_000_000, 1_500_000_000)
}

function manyFiles(at: (name: string) => Buffer, count: number, random: () => number): void {
  for (let i = 0; i < count; i++) {
    const directory = `many/${i % 100}`
    if (i < 100) mkdirSync(at(directory), { recursive: true })
    const path = at(`${directory}/file ${i}.txt`)
    writeFileSync(path, `${random()}`.repeat(Math.floor(random() * 20)))
    chmodSync(path, [0o644, 0o600, 0o755, 0o4755][i % 4] ?? 0o644)
    chownSync(path, Math.floor(random() * 3000), Math.floor(random() * 3000))
    utimesSync(path, 1_400_000_000 + i + 0.123456, 1_400_000_000 + i + 0.123456)
  }
}

// mulberry32: small, and the same everywhere.
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
