import { expect, test, vi } from 'vitest'
import { apply } from '../../src/engine/run.ts'
import { juicefs, NAMESPACES, nodes, volume } from '../laboratory/manifests.ts'
import { begin, planOf, told } from '../laboratory/story.ts'

const VOLUMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((name) => volume('jupyter', name, `/data/k8s/${name}`))

test('of many groups under way, no more than three have their volumes away at once', async () => {
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  const { cluster, close } = await begin([...namespaces, ...nodes(), ...juicefs(), ...VOLUMES])
  try {
    const plan = await planOf(cluster)
    const away = new Set<string>()
    let most = 0
    const remove = cluster.delete.bind(cluster)
    vi.spyOn(cluster, 'delete').mockImplementation((ref, options) => {
      if (ref.kind === 'PersistentVolume') most = Math.max(most, away.add(ref.name).size)
      return remove(ref, options)
    })
    const { options } = told(cluster, {
      concurrency: 8,
      emit: (event) => {
        if (event.type === 'volume-moved') away.delete(event.volume)
      },
    })
    const results = await apply(plan, options)
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(8).fill('migrated'))
    expect(most).toBe(3)
  } finally {
    await close()
  }
})
