import { expect, test } from 'vitest'
import { planMarkdown } from '../../../src/report/markdown.ts'
import { cubePlan, group, plan, plannedVolume } from './plans.ts'

test('the document for a pull request tells totals, findings, groups and the diff', () => {
  const document = planMarkdown(cubePlan())
  expect(document).toContain(
    '# Plan cube-studio\n\n9 volumes in 1 group to migrate, 1 volume already migrated, 1 volume in 1 group blocked, 2 workloads stopped meanwhile, 1 person affected, for',
  )
  expect(document).toContain('\n- **warn data-stays**, the cluster: The plan copies nothing')
  expect(document).toContain(
    '\n| infra/infra-kubeflow | infra-kubeflow | /data/k8s/kubeflow → kubeflow | 500Gi RWX |\n',
  )
  expect(document).toContain('\n- stays: /data/k8s/kubeflow/minio\n')
  expect(document).toContain('\n- stop, then start: Pod jupyter/notebook-zhangsan, 1 pod, for 张三\n')
  expect(document).toContain('\n```diff\n# lab (https://lab), Kubernetes v1.20.2\n# group kubeflow-77aa\n')
})

test('names are text, never markup, and cannot end a table or a block of code', () => {
  const volume = plannedVolume('ns', 'c', '/data/a|b<img>', 'x')
  volume.before.metadata.labels = { note: '````' }
  const document = planMarkdown(plan([group('g', [volume])]))
  expect(document).toContain('| ns/c | ns-c | /data/a\\|b\\<img\\> → x | 500Gi RWX |')
  expect(document).toMatch(/\n`````diff\n[\s\S]*\n`````\n$/)
})
