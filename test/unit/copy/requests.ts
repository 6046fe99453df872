import { rsync } from '../../../src/copy/rsync.ts'
import type { StageSpec } from '../../../src/copy/stage.ts'
import type { CopyTask } from '../../../src/copy/task.ts'

/** The archives of cube-studio, on one node. */
export function request(changes: Partial<CopyTask> = {}): CopyTask {
  return {
    group: 'k8s-kubeflow-1234',
    directory: '/data/k8s/kubeflow',
    subdir: 'kubeflow',
    nodes: ['node1'],
    staying: [],
    target: {
      driver: 'csi.juicefs.com',
      secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
      volumeAttributes: { 'juicefs/mount-cpu-limit': '5000m' },
      mountOptions: ['writeback'],
    },
    settings: { mode: 'copy' },
    ...changes,
  }
}

export function kind(changes: Partial<StageSpec> = {}): StageSpec {
  return {
    stage: 'warm',
    image: 'tools',
    mover: rsync,
    existing: false,
    thorough: false,
    compare: 'content',
    inUse: false,
    claim: 'place',
    ...changes,
  }
}
