import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject } from '../domain/object.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { ownClaim } from '../jobs/claims.ts'
import type { Job } from '../jobs/job.ts'
import { imageFor } from './image.ts'
import { moverOf } from './movers.ts'
import { workSubdirOf } from './names.ts'
import { isVerifiedAhead, jobsFor, layoutOf, type Stage, type StageSpec } from './stage.ts'
import { volumeFor } from './storage.ts'
import type { CopyTask } from './task.ts'

/** All that a stage of a copy, and the verification after it, will create: volumes and claims of our own, Jobs and their pods. */
export async function ownObjectsFor(cluster: Cluster, task: CopyTask, stage: Stage): Promise<KubeObject[]> {
  const data = volumeFor(task, task.subdir, 'data')
  const ahead = stage !== 'back' && isVerifiedAhead(task)
  const shared = ahead || layoutOf(task, stage) !== 'single' ? [volumeFor(task, workSubdirOf(task), 'shared')] : []
  const mover = moverOf(task.settings, fileSystemOf(task.target))
  const spec: Omit<StageSpec, 'stage'> = {
    mover,
    existing: false,
    thorough: false,
    compare: 'metadata',
    inUse: false,
    image: await imageFor(cluster, task, mover),
    claim: data.metadata.name,
    ...(shared[0] ? { sharedClaim: shared[0].metadata.name } : {}),
  }
  const stages: Stage[] = [stage, ...(ahead ? (['verify-ahead'] as const) : []), 'verify']
  const jobs = stages.flatMap((each) => jobsFor(task, { ...spec, stage: each }, ''))
  return [...[data, ...shared].flatMap((volume) => [volume, ownClaim(volume)]), ...jobs, ...jobs.map(podOf)]
}

/** As the Job's controller makes it. */
function podOf({ metadata: { name, namespace = '' }, spec }: Job): KubeObject {
  const { template } = spec as { template: { metadata: object; spec: object } }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name, namespace }, spec: template.spec }
}
