import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { endJobPods } from '../laboratory/job-pods.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

// The record is the only way back: it goes when the nodes themselves show that nobody uses the old directories any more.

let story: Story
let place: Workplace
let end: () => Promise<void>
/** What the programs of the Jobs tell, by stage; one that is undefined fails. */
let told: Record<string, string | undefined>

beforeEach(async () => {
  // with a version that says nothing of a sandbox, it is taken for a cluster that has nodes
  const version = { major: '1', minor: '20', gitVersion: 'v1.20.2' }
  story = await begin(smallLaboratory(), {
    onRequest: ({ path }) => (path === '/version' ? { answer: { status: 200, body: version } } : undefined),
  })
  place = await workplace(story.sandbox.kubeconfig)
  const given = migration()
  const nodes = { ...given, source: { nodes: ['node1'] }, copy: { ...given.copy, image: 'local/tools:1' } }
  await applyAll(story.cluster, await planOf(story.cluster, nodes))
  end = endJobPods(story.cluster, (stage) => told[stage])
  told = {
    unused: `juicify result changed=0 entries=9 now=${Math.floor(Date.now() / 1000)}`,
    'open-files': 'juicify result processes=0',
  }
})
afterEach(async () => {
  await end()
  await place.remove()
  await story.close()
})

async function finish(...words: string[]): Promise<{ code: number | string; output: string }> {
  const child = place.run('finish', '--yes', ...words)
  return { code: await child.ended, output: child.output }
}

const ours = (kind: string) =>
  (story.sandbox.objects() as KubeObject[]).filter(
    (each) => each.kind === kind && each.metadata.namespace === 'juicify',
  )

test('no record is deleted while something is changed or open in an old directory on its node', async () => {
  const pod = (story.sandbox.objects() as KubeObject[]).find(({ kind }) => kind === 'Pod')
  const { uid, namespace, name } = pod?.metadata ?? {}
  told.unused = `${told.unused?.replace('changed=0', 'changed=2')}\njuicify changed a\\0040b\njuicify changed c`
  told['open-files'] = `juicify result processes=1\njuicify open 7 ${uid} sh fd a/log`
  const { code, output } = await finish('--forget', '--open-files')
  expect(output).toMatch(/^changed {4}node1:\/data\/k8s\S*: 2 entries since the swap at [\d: -]+: a b; c$/m)
  expect(output).toContain(`process sh (7, Pod ${namespace}/${name}) has a/log open`)
  expect(output).toMatch(
    /The records are kept: entries changed since the swap in node1:\/data\S+ .*; files open in node1:/,
  )
  expect(code).toBe(3)
})

test('no record is deleted where an old directory could not be looked at, until it is and nothing is found', async () => {
  const { unused } = told
  told.unused = undefined
  const failed = await finish('--forget')
  expect(failed.output).toMatch(/^not known {2}node1:.*source or target could not be read completely/m)
  expect(failed.output).toMatch(/The records are kept: node1:\S+ .*could not be checked/)
  expect(failed.code).toBe(3)
  expect([ours('Job'), ours('Pod')]).toEqual([[], []])
  told.unused = unused
  const { code, output } = await finish('--forget', '--open-files')
  expect(output).toMatch(/^unused {5}node1:.*: nothing was changed since .*, and no process has anything of it open$/m)
  expect(output).toMatch(/Deleted the records of: .*archives/)
  expect(code).toBe(0)
})
