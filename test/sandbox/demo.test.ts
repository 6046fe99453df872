import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { workplace } from '../laboratory/child.ts'

/** In the order in which a newcomer reads it. */
const STORY = [
  '$ juicify plan -f plans/cube-studio.yaml',
  '12 volumes in 1 group to migrate, 7 workloads stopped meanwhile',
  'note excluded',
  'it cannot show the copy',
  '$ juicify apply',
  '? Migrate 12 volumes on the embedded cluster',
  'Deployment infra/kubeflow-dashboard: stopped',
  '^C',
  'still stopped: Deployment infra/kubeflow-dashboard',
  'next: juicify resume',
  '$ juicify resume',
  'jupyter-kubeflow-archives: swapped, unbound for',
  'Pod jupyter/admin-jupyter: ready again',
  '12 volumes: 12 migrated',
  'subdir=kubeflow/pipeline/archives',
  '$ juicify rollback',
  '12 volumes: 12 rolled back',
  'Volumes and claims are as they were before',
]

test('the demo shows a cube-studio stopped, interrupted, resumed, migrated and rolled back, and leaves nothing behind', async () => {
  const place = await workplace('')
  try {
    const demo = place.inOrder('demo')
    expect(await demo.ended, demo.output).toBe(0)
    let from = 0
    for (const line of STORY) {
      const at = demo.output.indexOf(line, from)
      expect(at, `${line} in\n${demo.output}`).toBeGreaterThanOrEqual(from)
      from = at + line.length
    }
    expect(demo.output).not.toContain('data-stays')
    // resume says nothing of a direction in which nothing goes
    expect(demo.output).not.toMatch(/\b0 groups/)
    expect(await readdir(path.join(place.folder, '.local/state/juicify')).catch(() => [])).toEqual([])
  } finally {
    await place.remove()
  }
})
