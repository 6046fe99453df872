import { Failure } from '../../domain/failure.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { fileSystemOf } from '../../filesystem/registry.ts'
import { probeImage, probeNodes, probe as prove } from '../../probe/probe.ts'
import { worded } from '../../words/trouble.ts'
import { type GroupRun, recordOf, type Step } from '../step.ts'
import { volumeRef } from '../volumes.ts'

/** Before people come back to it: what is written on one node is seen on another, on the new volume. */
export const probe: Step = {
  name: 'probe',
  describe: ({ volumes }) => ({
    title: 'test on a new volume that a write on one node is visible on another',
    objects: volumes.slice(0, 1).map(({ name }) => `PersistentVolume ${name}`),
    undo: 'nothing to undo',
  }),
  isDone: async (run) => recordOf(run).state.phase === 'migrated',
  do: proveFirst,
  async undo() {},
}

/** One volume speaks for the group: all of them are the same file system, on the same nodes. */
async function proveFirst(run: GroupRun): Promise<void> {
  const { group, plan, cluster } = run
  const about = { group: group.name, step: 'probe' } as const
  if (run.settings.rehearsal) {
    return run.emit({ type: 'not-rehearsed', ...about, back: false })
  }
  const [first] = group.volumes
  if (!first) return
  const { target, copy, probe: settings } = plan.migration
  const fileSystem = fileSystemOf(target)
  const nodes = (await probeNodes(cluster, fileSystem.driver)).slice(0, 2)
  if (nodes.length < 2) {
    throw new Failure(...worded((say) => say.probe.twoNodes(fileSystem.driver.title, nodes)))
  }
  const { writer, readers } = await prove(
    { volume: await cluster.get<PersistentVolume>(volumeRef(first.name)) },
    {
      cluster,
      fileSystem,
      image: settings?.image ?? copy.image ?? (await probeImage(cluster, fileSystem)),
      settings: copy,
      nodes,
      timeout: run.settings.startTimeout,
      emit: (event) => run.emit({ ...event, ...about }),
      signal: run.signal,
    },
  )
  run.emit({ type: 'probed', ...about, volume: first.name, writer, readers })
}
