import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { loadAll } from 'js-yaml'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'

import { endJobPods } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { applyAll, begin, planOf } from '../laboratory/story.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `script` gives a command a pseudo-terminal, as ssh and tmux do; it is part of util-linux. */
const hasScript = (() => {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const DOWN = '\x1b[B'
const ANSWERS = { show: 0, do: 1, all: 2, skip: 3, 'roll back': 4, stop: 5 }

let sandbox: Sandbox
let folder: string

beforeEach(async () => {
  const files = ['cluster.yaml', 'volumes.yaml'].map((name) =>
    readFileSync(path.join(root, 'fixtures/jupyter', name), 'utf8'),
  )
  sandbox = await startSandbox({ objects: files.flatMap((text) => loadAll(text)) })
  folder = mkdtempSync(path.join(tmpdir(), 'juicify-'))
  writeFileSync(path.join(folder, 'kubeconfig'), sandbox.kubeconfig)
})

afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

/** `juicify apply --interactive` on a terminal of its own: what it shows can be waited for, and answered. */
class Terminal {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #shown = ''
  #raw = ''
  #colored = false
  #read = 0
  #wake = () => {}

  constructor(command: string) {
    this.#child = spawn('script', ['-qfec', `stty cols 110 rows 40; exec ${command}`, '/dev/null'], {
      env: { ...process.env, KUBECONFIG: path.join(folder, 'kubeconfig'), TERM: 'xterm', CI: undefined },
    })
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.#colored ||= data.includes('\x1b[3')
      this.#raw += data.toString()
      this.#shown += stripVTControlCharacters(data.toString())
      this.#wake()
    })
    this.#ended = new Promise((resolve) =>
      this.#child.on('exit', (code) => {
        resolve(code)
        this.#wake()
      }),
    )
  }

  /** As it came, control characters included. */
  get raw(): string {
    return this.#raw
  }

  /** Whether any of it was in colour. */
  get colored(): boolean {
    return this.#colored
  }

  get shown(): string {
    return this.#shown
  }

  /** Waits until something is shown that was not there when it was last waited. */
  async until(words: RegExp): Promise<void> {
    for (;;) {
      const found = words.exec(this.#shown.slice(this.#read))
      if (found) {
        this.#read += found.index + found[0].length
        return
      }
      if (this.#child.exitCode !== null) throw new Error(`ended without ${words}:\n${this.#shown}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Sends a signal to juicify, which `script` has made its child. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), name)
  }

  /** Waits for the question about a step, and answers it. */
  async answer(step: string, answer: keyof typeof ANSWERS): Promise<void> {
    await this.until(new RegExp(`${step}\\?[\\s\\S]*navigate`))
    this.type(`${DOWN.repeat(ANSWERS[answer])}\r`)
  }

  exitCode(): Promise<number | null> {
    return this.#ended
  }
}

function interactively(): Terminal {
  return new Terminal(`node ${inject('juicify')} apply --interactive -f ${root}/plans/jupyter.yaml`)
}

function places(): (string | undefined)[] {
  const volumes = sandbox.objects().filter(({ kind }) => kind === 'PersistentVolume') as {
    spec: { csi?: unknown; hostPath?: { path: string } }
  }[]
  return volumes.map(({ spec }) => (spec.csi ? 'JuiceFS' : spec.hostPath?.path))
}

describe.skipIf(!hasScript)('asked before every step, on a terminal (skipped without util-linux’ script)', () => {
  test('one does a group step by step, sees the difference, and rolls another one back', async () => {
    const terminal = interactively()
    await terminal.answer('archives-[0-9a-f]+: record', 'do')
    await terminal.answer('archives-[0-9a-f]+: swap', 'show')
    await terminal.until(/\+ +driver: csi\.juicefs\.com/)
    await terminal.until(/swap\?[\s\S]*navigate/)
    terminal.type(`${DOWN}${DOWN}\r`)
    await terminal.answer('workspace-[0-9a-f]+: record', 'do')
    await terminal.answer('workspace-[0-9a-f]+: swap', 'roll back')
    expect(await terminal.exitCode()).toBe(4)
    expect(terminal.shown).toContain('1 migrated, 1 rolled back')
    expect(places()).toEqual(['JuiceFS', '/data/k8s/kubeflow/pipeline/workspace'])
  })

  test('one skips a group, and stops before the next one', async () => {
    const terminal = interactively()
    await terminal.answer('archives-[0-9a-f]+: record', 'skip')
    await terminal.answer('workspace-[0-9a-f]+: record', 'stop')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toContain('1 skipped, 1 untouched')
    expect(terminal.shown).toMatch(/↓ archives-[0-9a-f]+ {2}skipped/)
    expect(terminal.shown).toMatch(/↓ workspace-[0-9a-f]+ {2}interrupted/)
    expect(places()).toEqual(['/data/k8s/kubeflow/pipeline/archives', '/data/k8s/kubeflow/pipeline/workspace'])
  })

  test('who skips every group has said no: it ends with the exit code of that', async () => {
    const terminal = interactively()
    for (const group of ['archives', 'workspace']) await terminal.answer(`${group}-[0-9a-f]+: record`, 'skip')
    expect(await terminal.exitCode()).toBe(5)
    expect(sandbox.objects().filter(({ kind }) => kind === 'MigrationRecord')).toEqual([])
  })

  test('one skips a group of which something is stopped, and reads how to go on with it', async () => {
    const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
    const notebook = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'notebook-alice', namespace: 'jupyter' },
      spec: {
        containers: [{ name: 'main', image: 'local/pause:1' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kubeflow-archives' } }],
      },
    }
    await cluster.create(notebook)
    cluster.close()
    const terminal = interactively()
    for (const step of ['record', 'stop']) await terminal.answer(`archives-[0-9a-f]+: ${step}`, 'do')
    await terminal.answer('archives-[0-9a-f]+: swap', 'skip')
    await terminal.answer('workspace-[0-9a-f]+: record', 'skip')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toMatch(/still stopped: Pod jupyter\/notebook-alice/)
    expect(terminal.shown).toContain('next: juicify apply -f')
  })

  test('what is typed before a question answers none, and Enter alone does nothing', async () => {
    const terminal = interactively()
    terminal.type(`${DOWN}\r${DOWN}\r${DOWN}\r`)
    await terminal.until(/record\?[\s\S]*navigate/)
    terminal.type('\r')
    await terminal.until(/\+ +driver: csi\.juicefs\.com/)
    await terminal.answer('archives-[0-9a-f]+: record', 'stop')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toContain('2 untouched')
    expect(sandbox.objects().filter(({ kind }) => kind === 'MigrationRecord')).toEqual([])
  })

  test('the question names the cluster that it is about', async () => {
    const terminal = new Terminal(`node ${inject('juicify')} apply -f ${root}/plans/jupyter.yaml`)
    await terminal.until(/Migrate 2 volumes on sandbox \(https?:\/\/127\.0\.0\.1:\d+\)\?/)
    terminal.type('\r')
    expect(await terminal.exitCode()).toBe(5)
  })

  test('the question of a rollback says how many changed files would be left on the file system', async () => {
    const version = { major: '1', minor: '20', gitVersion: 'v1.20.2' }
    const story = await begin(smallLaboratory(), {
      // with a version that says nothing of a sandbox, it is taken for a cluster that has nodes
      onRequest: ({ path }) => (path === '/version' ? { answer: { status: 200, body: version } } : undefined),
    })
    const compared = 'juicify result missing=1 changed=0 extra=2 files=2 target-files=3 left=0\n'
    const end = endJobPods(story.cluster, () => compared)
    try {
      const text = MIGRATION_FILE.replace('{mode: none}', '{image: "juicedata/mount:ce-v1.3.0"}')
      const copying = readMigration(text.replace('nodes: shared', 'nodes: [node1]'), 'm.yaml')
      await applyAll(story.cluster, await planOf(story.cluster, copying))
      writeFileSync(path.join(folder, 'kubeconfig'), story.sandbox.kubeconfig)
      const terminal = new Terminal(`node ${inject('juicify')} rollback`)
      // as wide as it is, the terminal breaks the question in lines
      await terminal.until(
        /Roll back 4 volumes on[\s\S]*\s6\s+changed\s+files\s+written\s+since\s+the\s+migration\s+will\s+be\s+LEFT/,
      )
      terminal.type('n\r')
      expect(await terminal.exitCode()).toBe(5)
      expect(terminal.shown).toContain('Nothing was changed.')
    } finally {
      await end()
      await story.close()
    }
  })

  test('a name that holds control characters moves nothing on the terminal', async () => {
    const hostile = sandbox.kubeconfig.replaceAll(/(current-context: |name: )"?sandbox"?$/gm, '$1"sand\\u001b[2Jbox"')
    const named = hostile.replaceAll(/(cluster: |user: )"?sandbox"?$/gm, '$1"sand\\u001b[2Jbox"')
    writeFileSync(path.join(folder, 'kubeconfig'), named)
    const terminal = new Terminal(`node ${inject('juicify')} status`)
    expect(await terminal.exitCode()).toBe(0)
    expect(terminal.raw).toMatch(/sand.{1,8}\[2Jbox/)
    expect(terminal.raw).not.toContain('\x1b[2J')
  })

  test('Ctrl-C at a question stops there, and apply goes on later', async () => {
    const first = interactively()
    await first.answer('archives-[0-9a-f]+: record', 'do')
    await first.until(/swap\?[\s\S]*navigate/)
    first.type('\x03')
    expect(await first.exitCode()).toBe(130)
    expect(first.shown).toContain('next: juicify apply -f')
    const second = interactively()
    await second.answer('archives-[0-9a-f]+: record', 'all')
    await second.answer('workspace-[0-9a-f]+: record', 'all')
    expect(await second.exitCode()).toBe(0)
    expect(places()).toEqual(['JuiceFS', 'JuiceFS'])
  })

  test.each([
    ['', true],
    [' --no-color', false],
  ])('questions are in colour unless one asks for none%s', async (flag, colored) => {
    const juicify = `node ${inject('juicify')} apply --interactive${flag} -f ${root}/plans/jupyter.yaml`
    const terminal = new Terminal(juicify)
    await terminal.until(/record\?[\s\S]*navigate/)
    terminal.type('\x03')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.colored).toBe(colored)
  })

  test('Ctrl-D at a question stops there too', async () => {
    const terminal = interactively()
    await terminal.until(/record\?[\s\S]*navigate/)
    terminal.type('\x04')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toContain('next: juicify apply -f')
  })

  test('a signal is an answer to a question: to stop there', async () => {
    const terminal = interactively()
    await terminal.until(/record\?[\s\S]*navigate/)
    terminal.signal('SIGTERM')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toContain('next: juicify apply -f')
  })

  test.each([
    ['n', 'n\r'],
    ['nothing but Enter', '\r'],
  ])(
    'the answer %s to the question before all of it is no: it is told, with an exit code of its own',
    async (_, keys) => {
      const terminal = new Terminal(`node ${inject('juicify')} apply -f ${root}/plans/jupyter.yaml`)
      await terminal.until(/Migrate .* on .*\?/)
      terminal.type(keys)
      expect(await terminal.exitCode()).toBe(5)
      expect(terminal.shown).toContain('Nothing was changed.')
      expect(sandbox.changes).toBe(0)
    },
  )

  test('Ctrl-D at the question before all of it leaves everything as it is', async () => {
    const terminal = new Terminal(`node ${inject('juicify')} apply -f ${root}/plans/jupyter.yaml`)
    await terminal.until(/Migrate .* on .*\?/)
    terminal.type('\x04')
    expect(await terminal.exitCode()).toBe(130)
    expect(terminal.shown).toContain('Interrupted before anything was changed.')
    expect(sandbox.changes).toBe(0)
  })
})

test.skipIf(!hasScript)('on a terminal that can show no menus it is refused, and does nothing unasked', async () => {
  const terminal = new Terminal(`env TERM=dumb node ${inject('juicify')} apply -i -f ${root}/plans/jupyter.yaml`)
  expect(await terminal.exitCode()).toBe(1)
  expect(terminal.shown).toContain('this terminal cannot show menus')
  expect(sandbox.changes).toBe(0)
})

test('without a terminal it is refused, and nothing is changed', async () => {
  const args = [inject('juicify'), 'apply', '--interactive', '-f', `${root}/plans/jupyter.yaml`]
  const child = spawn('node', args, {
    env: { ...process.env, KUBECONFIG: path.join(folder, 'kubeconfig') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let told = ''
  child.stderr.on('data', (data: Buffer) => {
    told += data.toString()
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code).toBe(1)
  expect(told).toContain('this is not a terminal')
  expect(sandbox.changes).toBe(0)
})
