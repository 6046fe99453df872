import type { Cluster } from '../../src/cluster/cluster.ts'
import { update } from '../../src/cluster/update.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { SandboxOptions } from '../../src/sandbox/index.ts'
import { workplace } from './child.ts'
import { MIGRATION_FILE } from './migration.ts'
import { Killed, mortal } from './mortal.ts'
import { applyAll, begin, planOf, rollbackAll, type Story } from './story.ts'

export type Verb = 'apply' | 'rollback'

/** Right before, or right after, which change a run dies: counted from 1, or by its name. */
export interface Death<K = number> {
  k: K
  when: 'before' | 'after'
}

export const deaths = (changes: number): Death[] =>
  Array.from({ length: changes }, (_, index) => index + 1).flatMap((k) => [
    { k, when: 'before' },
    { k, when: 'after' },
  ])

/** The changes that a run makes from its beginning to its end. */
export async function changesOf({ cluster }: Pick<Story, 'cluster'>, verb: Verb): Promise<string[]> {
  const watched = mortal(cluster, 0, 'before')
  await runAll(watched, verb)
  return watched.changes
}

async function runAll(cluster: Cluster, verb: Verb): Promise<void> {
  const results = verb === 'apply' ? await applyAll(cluster, await planOf(cluster)) : await rollbackAll(cluster)
  const wanted = verb === 'apply' ? 'migrated' : 'rolled-back'
  const other = results.find(({ outcome }) => outcome !== wanted)
  if (other) throw new Error(`${other.group} is ${other.outcome}: ${other.message}`)
}

/** A cluster on which a run has died, its connection cut in the place where its process would have been killed. */
export async function cutOff(objects: unknown[], verb: Verb, { k, when }: Death<number | string>): Promise<Story> {
  const story = await begin(objects)
  try {
    await runAll(mortal(story.cluster, k, when), verb)
  } catch (error) {
    // a run that needed fewer touches than the one that was counted comes to its end before its k-th change
    if (!(error instanceof Killed)) throw error
  }
  await story.sandbox.settled()
  return story
}

/** The same with a process of its own, and SIGKILL. */
export async function killed(objects: unknown[], verb: Verb, { k, when }: Death): Promise<Story> {
  let changes = 0
  let last: number | undefined
  let armed = true
  let kill = () => {}
  const hooks: Pick<SandboxOptions, 'onRequest' | 'onAnswer'> = {
    onRequest({ changing, number }) {
      if (!armed || !changing || ++changes !== k) return undefined
      last = number
      if (when === 'after') return undefined
      kill()
      return { cut: 'before' }
    },
    onAnswer({ number }) {
      if (number === last) kill()
    },
  }
  const story = await begin(objects, hooks)
  const { start, remove } = await workplace(story.sandbox.kubeconfig, { 'laboratory.yaml': MIGRATION_FILE })
  try {
    const child = start(verb, '--yes', ...(verb === 'apply' ? ['-f', 'laboratory.yaml'] : []))
    kill = () => child.process.kill('SIGKILL')
    const end = await child.ended
    // a child that needed fewer changes must not leave its death to who goes on
    armed = false
    if (end !== 'SIGKILL' && end !== 0) throw new Error(`juicify ${verb} ended with ${end}:\n${child.output}`)
  } finally {
    await remove()
  }
  await story.sandbox.settled()
  return story
}

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'juicify', name: 'juicify' }

/** Gives the dead run's lease back, so that nobody has to wait until it has run out. */
export async function freeLease(cluster: Cluster): Promise<void> {
  await update<KubeObject & { spec?: Record<string, unknown> }>(cluster, LEASE, (lease) =>
    // what the dead one has sent may still arrive
    lease?.spec?.holderIdentity
      ? { do: 'replace', object: { ...lease, spec: { ...lease.spec, holderIdentity: '' } } }
      : undefined,
  )
}
