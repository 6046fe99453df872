import { afterEach, expect, test } from 'vitest'
import type { Connection } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { cubeStudioLines } from '../../src/planner/cube-studio.ts'
import { readiness } from '../../src/planner/readiness.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { cubeStudioConfig } from '../../src/survey/cube-studio.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { begin, type Story } from '../laboratory/story.ts'

let story: Story | undefined
afterEach(() => story?.close())

/** As cube-studio's own config.py has them, with what a person may have made of it. */
const CONFIG = `
SECRET_KEY = 'PLANTED'
# WORKSPACE_HOST_PATH = '/data/commented'
DELETE_OLD_DATA = [
    "/data/k8s/kubeflow/minio/mlpipeline",
    # "/data/k8s/kubeflow/commented",
    '/data/k8s/kubeflow/minio/mlpipeline/artifacts'
]
WORKSPACE_HOST_PATH = '/data/k8s/kubeflow/pipeline/workspace/'
ARCHIVES_HOST_PATH = os.getenv('ARCHIVES', "/data/k8s/kubeflow/pipeline/archives")
`

function configMap(name: string, text: string, creationTimestamp: string): KubeObject {
  const metadata = { name, namespace: 'infra', creationTimestamp }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.py': text } } as KubeObject
}

async function withConfig(...maps: KubeObject[]): Promise<Connection> {
  const infra = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'infra' } }
  story = await begin([...smallLaboratory(), infra, ...maps])
  return story.cluster
}

test('of cube-studio’s settings those that name directories are read, and nothing else', async () => {
  const old = configMap('kubeflow-dashboard-config-aaaa', "WORKSPACE_HOST_PATH = '/old'", '2024-01-01T00:00:00Z')
  const now = configMap('kubeflow-dashboard-config-bbbb', CONFIG, '2026-01-01T00:00:00Z')
  const config = await cubeStudioConfig(await withConfig(now, old))
  expect(config).toMatchObject({
    object: { kind: 'ConfigMap', namespace: 'infra', name: 'kubeflow-dashboard-config-bbbb' },
    workspace: ['/data/k8s/kubeflow/pipeline/workspace/'],
    archives: ['/data/k8s/kubeflow/pipeline/archives'],
    deleted: ['/data/k8s/kubeflow/minio/mlpipeline', '/data/k8s/kubeflow/minio/mlpipeline/artifacts'],
  })
  expect(JSON.stringify(config)).not.toContain('PLANTED')
})

test('check names what goes on using host paths, and what will not be found any more', async () => {
  const cluster = await withConfig(configMap('kubeflow-dashboard-config', CONFIG, '2026-01-01T00:00:00Z'))
  const lines = readiness(await checkFacts(cluster, migration())).filter(({ subject }) => subject === 'cube-studio')
  expect(lines.map(({ level, text }) => `${level} ${text.split(' ')[2]}`)).toEqual([
    'note WORKSPACE_HOST_PATH',
    'note ARCHIVES_HOST_PATH',
  ])
})

test('what is deleted each night below a directory that stays is a warning, and elsewhere nothing to be told', async () => {
  const config = {
    object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'infra', name: 'c' },
    workspace: ['/srv/workspace'],
    archives: [],
    deleted: ['/data/k8s/kubeflow/minio/mlpipeline', '/data/k8s/kubeflow/tmp'],
  }
  const moving = { directories: ['/data/k8s/kubeflow'], staying: ['/data/k8s/kubeflow/minio'] }
  const [warning, ...others] = cubeStudioLines(config, moving)
  expect(warning).toMatchObject({ level: 'warning', remedy: expect.stringContaining('mc ilm rule add') })
  expect(warning?.text).toContain('/data/k8s/kubeflow/minio/mlpipeline each night')
  expect(others).toEqual([])
  expect(cubeStudioLines(config, { ...moving, staying: [] })).toEqual([])
})
