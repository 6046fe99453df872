import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Interference } from '../../src/sandbox/index.ts'
import { type Child, workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

// What is said to who interrupts a command is true of that command: a record that is deleted cannot be resumed, and what
// a probe has made belongs to no group.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** What a server says that is no embedded one: then copies and probes have Jobs and pods. */
const REAL: Interference = { answer: { status: 200, body: { major: '1', minor: '20', gitVersion: 'v1.20.2' } } }

const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'juicefs-sc' },
  provisioner: 'csi.juicefs.com',
}

interface Scene {
  story: Story
  /** Runs a command, and sends it a signal, or two, when it makes such a change for the first time. */
  interrupted(words: string[], at: RegExp, times: 1 | 2): Promise<Child>
}

async function scene(): Promise<Scene> {
  let child: Child | undefined
  let awaited: { at: RegExp; times: 1 | 2 } | undefined
  const story = await begin([...smallLaboratory(), CLASS], {
    onRequest: async ({ changing, method, path }) => {
      if (child && method === 'GET' && path === '/version' && awaited?.at.source.includes('POST')) return REAL
      if (!child || !changing || !awaited?.at.test(`${method} ${path}`)) return undefined
      const { times } = awaited
      awaited = undefined
      for (const word of ['safe point', 'immediately'].slice(0, times)) {
        child.process.kill('SIGINT')
        while (child.process.exitCode === null && !said(child, word))
          await Promise.race([once(child.process.stderr ?? child.process, 'data'), child.ended])
      }
      if (times === 2) await child.ended
      return undefined
    },
  })
  closing.push(story.close)
  const copying = MIGRATION_FILE.replace('{mode: none}', '{image: "juicedata/mount:ce-v1.3.0"}')
  const { start, remove } = await workplace(story.sandbox.kubeconfig, {
    'm.yaml': copying.replace('nodes: shared', 'nodes: [node1]'),
  })
  closing.push(remove)
  return {
    story,
    async interrupted(words, at, times) {
      awaited = { at, times }
      child = start(...words)
      await child.ended
      await story.sandbox.settled()
      return child
    },
  }
}

/** `immediately` is in the answer to the first signal, too. */
function said({ output }: Child, word: string): boolean {
  return word === 'immediately' ? output.includes('Stopped immediately') : output.includes(word)
}

const namesOf = ({ sandbox }: Story, kind: string) =>
  (sandbox.objects() as KubeObject[]).filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)

test.each([1, 2] as const)(
  'Ctrl-C, %s of them, while records are deleted keeps the others, and says which',
  async (times) => {
    const { story, interrupted } = await scene()
    await applyAll(story.cluster, await planOf(story.cluster))
    const before = namesOf(story, 'MigrationRecord')
    expect(before).toHaveLength(2)
    const child = await interrupted(['finish', '--forget', '--yes'], /^DELETE .*\/migrationrecords\//, times)
    expect(await child.ended, child.output).toBe(130)
    const kept = namesOf(story, 'MigrationRecord')
    expect(kept).toHaveLength(1)
    const gone = before.find((name) => !kept.includes(name))
    if (times === 1) {
      expect(child.output).toContain(`Deleted the records of: ${gone}.`)
      expect(child.output).toContain(`the records of ${kept[0]} are kept`)
    } else {
      // whether the one that was just asked for is gone, nobody has told it
      expect(child.output).toMatch(new RegExp(`Records deleted: none\\. juicify status shows which of .*${kept[0]}`))
    }
    expect(child.output).not.toMatch(/juicify resume|kubectl delete/)
  },
)

test('a second Ctrl-C while a rollback has volumes unbound names them', async () => {
  const { story, interrupted } = await scene()
  await applyAll(story.cluster, await planOf(story.cluster))
  const before = namesOf(story, 'PersistentVolume')
  const child = await interrupted(['rollback', '--yes'], /^DELETE .*\/persistentvolumes\//, 2)
  expect(await child.ended, child.output).toBe(130)
  const [, named = ''] = /Not bound at the moment.*PersistentVolume (.*)\. juicify/.exec(child.output) ?? []
  const away = before.filter((name) => {
    const found = (story.sandbox.objects() as KubeObject[]).find(
      ({ kind, metadata }) => kind === 'PersistentVolume' && metadata.name === name,
    )
    return found === undefined || found.metadata.deletionTimestamp !== undefined
  })
  expect(away.length).toBeGreaterThan(0)
  expect(named.split(', ')).toEqual(expect.arrayContaining(away))
})

test.each([['what only looks is done again', /^POST .*\/jobs$/, /stopped waiting for the inspection of \S+$/m]])(
  'Ctrl-C while a copy waits for a Job says what becomes of it: %s',
  async (_, at, says) => {
    const { story, interrupted } = await scene()
    const child = await interrupted(['copy', '--yes', '-f', 'm.yaml'], at, 1)
    expect(await child.ended, child.output).toBe(130)
    expect(child.output).toMatch(says)
    expect(child.output).toContain('next: juicify copy')
    expect(child.output).not.toContain('juicify resume')
    expect(namesOf(story, 'Job')).toEqual([])
  },
)

test('a second Ctrl-C while a copy is made says that nothing was stopped, and names no resume', async () => {
  const { interrupted } = await scene()
  const child = await interrupted(['copy', '--yes', '-f', 'm.yaml'], /^POST .*\/jobs$/, 2)
  expect(await child.ended, child.output).toBe(130)
  expect(child.output).toContain('nothing was stopped or swapped')
  expect(child.output).not.toContain('juicify resume')
})

test.each([
  [1, /everything the probe created has been removed/],
  [2, /the next juicify probe or check --ask removes it/],
] as const)('Ctrl-C, %s of them, while a probe is made says what has become of what it made', async (times, says) => {
  const { story, interrupted } = await scene()
  const words = ['probe', '--class', 'juicefs-sc', '--image', 'local/pause:1']
  const child = await interrupted(words, /^POST .*\/persistentvolumeclaims$/, times)
  expect(await child.ended, child.output).toBe(130)
  expect(child.output).toMatch(says)
  expect(child.output).not.toContain('juicify resume')
  const left = namesOf(story, 'PersistentVolumeClaim').filter((name) => name.startsWith('juicify-probe-'))
  expect(left).toHaveLength(times - 1)
})
