import pc from 'picocolors'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { Failure } from '../../../src/domain/failure.ts'
import { failureText } from '../../../src/report/failure.ts'
import { progressText } from '../../../src/report/progress.ts'
import { type GroupStatus, statusTable } from '../../../src/report/status.ts'
import { type RunSummary, summaryText } from '../../../src/report/summary.ts'

const layout = { columns: 80, color: pc.createColors(false), logs: '~/logs' }

const SUMMARY: RunSummary = {
  volumes: [
    {
      name: 'pipeline-model',
      group: 'model',
      outcome: 'blocked',
      reason: 'in-use: the pods train-1 and train-2 use it.',
    },
    { name: 'jupyter-archives', claim: 'jupyter/archives', group: 'archives', outcome: 'migrated', awayMs: 840 },
    {
      name: 'infra-kubeflow',
      claim: 'infra/infra-kubeflow',
      group: 'kubeflow',
      outcome: 'failed',
      reason: 'The claim did not bind.',
    },
  ],
  restarted: [
    { workload: 'Deployment service/mnist', group: 'archives', downMs: 0 },
    { workload: 'StatefulSet infra/web', group: 'archives', downMs: 4_210 },
  ],
  stillStopped: [{ workload: 'Deployment infra/kubeflow-dashboard', group: 'kubeflow' }],
  next: 'juicify apply, or juicify rollback --group kubeflow',
}

test('the summary tells each volume, the time it was away, what was restarted, what is left stopped, and how to go on', () => {
  expect(summaryText(SUMMARY, layout)).toBe(`\
migrated
  jupyter-archives  jupyter/archives      unbound for 840 ms
blocked
  pipeline-model
    in-use: the pods train-1 and train-2 use it.
failed
  infra-kubeflow    infra/infra-kubeflow
    The claim did not bind.
restarted
  Deployment service/mnist  pod by pod, no downtime
  StatefulSet infra/web     pod by pod, down for 4.2 s

3 volumes: 1 migrated, 1 blocked, 1 failed
still stopped: Deployment infra/kubeflow-dashboard (group kubeflow)
next: juicify apply, or juicify rollback --group kubeflow
`)
})

test('a run with nothing to do says so, and names no command', () => {
  expect(summaryText({ volumes: [], restarted: [], stillStopped: [], next: undefined }, layout)).toBe('nothing to do\n')
})

const STATUS: GroupStatus = {
  group: 'kubeflow-77aa',
  state: 'migrating',
  tone: 'busy',
  volumes: [
    { name: 'infra-kubeflow', claim: 'infra/infra-kubeflow', state: 'on JuiceFS', awayMs: 1240 },
    { name: 'jupyter-archives', claim: 'jupyter/archives', state: 'on the node' },
  ],
  steps: { done: 4, total: 6 },
  step: 'swap',
  since: '2026-11-23T10:00:00Z',
  by: '张三@laptop',
  message: 'waits until claim jupyter/archives is Bound',
  next: 'juicify apply',
}

test('the status of a group tells where it is, since when, by whom, and what comes next', () => {
  expect(
    statusTable([STATUS], { ...layout, cluster: 'lab (https://lab)', now: new Date('2026-11-23T10:05:30Z') }),
  ).toBe(`\
On lab (https://lab):

kubeflow-77aa  migrating  at swap, 4 of 6 steps, started 5m30s ago, by 张三@
laptop
  CLAIM                 PERSISTENTVOLUME  STATE        UNBOUND
  infra/infra-kubeflow  infra-kubeflow    on JuiceFS   1.2 s
  jupyter/archives      jupyter-archives  on the node
  waits until claim jupyter/archives is Bound
  next: juicify apply
`)
})

test('status tells which copies are running, how far it is, and what is copied ahead of time', () => {
  const copying = ['catch-up  /data/k8s on node1: 3 files, 1.5 GiB, 45%, 117 MiB/s, 12s left']
  const { steps, volumes, ...ahead } = STATUS
  const text = statusTable([{ ...ahead, state: 'pre-copy', volumes: [], copying }], {
    ...layout,
    cluster: 'lab (https://lab)',
    now: new Date('2026-11-23T10:05:30Z'),
  })
  expect(text.split('\n').slice(2, 4)).toEqual([
    'kubeflow-77aa  pre-copy  at swap, started 5m30s ago, by 张三@laptop',
    `  ${copying[0]}`,
  ])
})

test('progress is told in amounts that can be read, of several Jobs together', () => {
  expect(progressText([{ files: 1204, bytes: 1.5 * 2 ** 30, percent: 45, rate: 117 * 2 ** 20, left: 130 }])).toBe(
    '1,204 files, 1.5 GiB, 45%, 117 MiB/s, 2m10s left',
  )
  const parts = [
    { files: 1, bytes: 100, percent: 100, rate: 0, left: 0 },
    { files: 2, bytes: 100, percent: 50, rate: 10, left: 10 },
  ]
  expect(progressText(parts)).toBe('3 files, 200 B, 66%, 10 B/s, 10s left')
  expect(progressText([{ bytes: 5 }, { files: 5 }])).toBe('')
})

test('status says when there is nothing to tell, and what became of what it could tell of a rollback', () => {
  expect(statusTable([], { ...layout, cluster: 'lab (https://lab)', now: new Date() })).toBe(
    'No group is in progress or migrated on lab (https://lab).\nOf groups that were rolled back nothing is kept in the cluster; the logs of runs\nfrom here are in ~/logs.\n',
  )
})

test('what befell several volumes is told once', () => {
  const failed = (name: string) => ({ name, group: 'g', outcome: 'failed' as const, reason: 'Verification failed.' })
  expect(summaryText({ ...SUMMARY, volumes: [failed('a'), failed('b')] }, layout)).toContain(
    'failed\n  a\n  b\n    Verification failed.\n',
  )
})

test('in 40 columns status and summary keep to the width', () => {
  const narrow = { ...layout, columns: 40 }
  const text =
    summaryText(SUMMARY, narrow) + statusTable([STATUS], { ...narrow, cluster: 'lab (https://lab)', now: new Date() })
  expect(text.split('\n').filter((line) => stringWidth(line) > 40)).toEqual([])
})

const FAILURE = new Failure('PersistentVolume data is Released,\n  expected Bound', {
  remedy: 'Bind it, or exclude it.',
  cause: new Error('socket hang up', { cause: 'ECONNRESET\u001b[2J' }),
})

test('a failure is its message and the next thing to try, and where several things are wrong a line for each', () => {
  expect(failureText(FAILURE, layout)).toBe(
    'error: PersistentVolume data is Released,\n  expected Bound\n  try: Bind it, or exclude it.\n',
  )
  expect(failureText(new Failure('no'), layout)).toBe('error: no\n')
})

test('the causes of a failure are told only when asked for', () => {
  const text = failureText(FAILURE, { ...layout, verbose: true })
  expect(text).toContain('\n  because: Error: socket hang up\n')
  expect(text).toMatch(/\n {2}because: ECONNRESET\\u001b\[2J\n$/)
})
