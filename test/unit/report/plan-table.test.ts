import pc from 'picocolors'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { planDiff } from '../../../src/report/diff.ts'
import { planAsKubectl } from '../../../src/report/kubectl.ts'
import { planTable } from '../../../src/report/plan-table.ts'
import { cubePlan, group, jupyterPlan, plan, plannedVolume, workload } from './plans.ts'

const layout = { columns: 80, color: pc.createColors(false) }

test('a plan says what moves where, what to know first, and how to go on', () => {
  expect(planTable(jupyterPlan(), { ...layout, apply: 'juicify apply jupyter.plan.yaml' })).toBe(`\
Plan jupyter for lab (https://lab), Kubernetes v1.20.2
2 volumes in 2 groups to migrate
to csi.juicefs.com with Secret kube-system/juicefs-sc-secret

! warn data-stays
  The plan copies nothing: what is in the old directories stays there, and the
  volumes start out with what is on JuiceFS.
  try: Copy the directories first, or make sure that they are not needed.

── group archives-3f9a ─────────────────────────────────────────────────────────
  CLAIM                      PERSISTENTVOLUME           SIZE
/data/k8s/kubeflow/pipeline/archives → kubeflow/archives
  jupyter/kubeflow-archives  jupyter-kubeflow-archives  500Gi RWX

steps  record → retain → swap → finish

── group workspace-81c0 ────────────────────────────────────────────────────────
  CLAIM                            PERSISTENTVOLUME                 SIZE
/data/k8s/kubeflow/pipeline/workspace → kubeflow/pipeline/workspace
  jupyter/kubeflow-user-workspace  jupyter-kubeflow-user-workspace  500Gi RWX

steps  record → retain → swap → finish

next     juicify apply jupyter.plan.yaml
`)
})

test('volumes stand under the directory that they share, with what is stopped, for whom, and what stays', () => {
  const text = planTable(cubePlan(), layout)
  expect(text).toContain(`
/data/k8s/kubeflow/pipeline/workspace → kubeflow/pipeline/workspace
  automl/kubeflow-user-workspace    automl-kubeflow-user-workspace    500Gi RWX
  jupyter/kubeflow-user-workspace   jupyter-kubeflow-user-workspace   500Gi RWX
  pipeline/kubeflow-user-workspace  pipeline-kubeflow-user-workspace  500Gi RWX
  service/kubeflow-user-workspace   service-kubeflow-user-workspace   500Gi RWX
stays  /data/k8s/kubeflow/minio

stop, then start
  Deployment infra/kubeflow-dashboard  3 pods
  Pod jupyter/notebook-zhangsan        1 pod   for 张三
leave stopped
  Deployment service/old-model

steps  record → retain → stop → swap → start → finish
`)
})

test('a block is named in the first lines, in its group, and in the last lines', () => {
  const text = planTable(cubePlan(), { ...layout, apply: 'juicify apply' })
  expect(text.split('\n').slice(1, 3).join(' ')).toBe(
    '9 volumes in 1 group to migrate, 1 volume already migrated, 1 volume in 1 group blocked, 2 workloads stopped meanwhile, 1 person affected',
  )
  expect(text).toContain('── group model-01bc (blocked) ──')
  expect(text).toContain(`
✗ block in-use PersistentVolumeClaim pipeline/kubeflow-model-deploy
  The pods train-1 and train-2 use it.
  try: Wait until they are finished, or stop them.

blocked  model-01bc (in-use)
next     juicify apply
`)
})

test('findings that want the same are told together, and who uses a group just once', () => {
  const stays = (name: string) =>
    ({
      severity: 'note',
      code: 'excluded',
      object: { apiVersion: 'v1', kind: 'PersistentVolume', name },
      why: `It stays in /data/${name}.`,
      remedy: 'Nothing.',
    }) as const
  const inUse = { severity: 'note', code: 'in-use', group: 'g', why: 'In use by Pod a/b.', remedy: 'Tell.' } as const
  const groups = [group('g', [plannedVolume('a', 'c', '/data/c', 'c')], { workloads: [workload('Pod', 'a', 'b')] })]
  const text = planTable(plan(groups, { findings: [stays('mysql'), stays('minio'), inUse] }), {
    ...layout,
    showGroups: true,
  })
  expect(text).toContain(`
· note excluded
  PersistentVolume mysql
    It stays in /data/mysql.
  PersistentVolume minio
    It stays in /data/minio.
  try: Nothing.
`)
  expect(text.match(/Pod a\/b/g)).toHaveLength(1)
})

test('a plan of 40 groups is read on one screen, and in full where that is wanted', () => {
  const forecast = {
    basis: 'sample',
    files: 9,
    bytes: 12e9,
    copy: { low: 240, high: 700 },
    down: { low: 20, high: 90 },
  } as const
  const groups = Array.from({ length: 40 }, (_, i) =>
    group(`team-${i}`, [plannedVolume(`team-${i}`, 'data', `/data/team/${i}`, `team/${i}`)], {
      workloads: [workload('Deployment', `team-${i}`, 'web', { user: `user-${i % 7}` })],
      blocked: i === 3,
      forecast,
    }),
  )
  const about = { why: 'It runs.', remedy: 'Tell them.' }
  const findings = [
    ...groups.map(({ name }) => ({ severity: 'note', code: 'in-use', group: name, ...about }) as const),
    { severity: 'block', code: 'no-path-rule', group: 'team-3', ...about } as const,
  ]
  const wide = { ...layout, columns: 120 }
  const lines = planTable(plan(groups, { findings }), { ...wide, apply: 'juicify apply' })
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThan(55)
  expect(lines.join(' ')).toContain(
    '39 volumes in 39 groups to migrate, 1 volume in 1 group blocked, 39 workloads stopped meanwhile, 7 people affected, 436 GiB in 351 files, copied in 39m to 7h35m, workloads stopped for 20s to 90s each',
  )
  expect(lines).toContain('team-3   /data/team/3   1        1      11 GiB  4m to 11m  20s to 90s  no-path-rule')
  expect(lines).toContain('  note in-use: 40 groups')
  expect(lines).toContain('  block no-path-rule: team-3')
  const full = planTable(plan(groups, { findings }), { ...wide, showGroups: true })
  for (const { name } of groups) expect(full).toContain(`── group ${name} `)
})

test('what the migration excludes is one line, unless all is to be shown', () => {
  const stays = (name: string) => {
    const object = { apiVersion: 'v1', kind: 'PersistentVolume', name }
    return { severity: 'note', code: 'excluded', object, why: `It stays in /data/${name}.` } as const
  }
  const of = (...names: string[]) => planTable(plan(jupyterPlan().groups, { findings: names.map(stays) }), layout)
  expect(of('a', 'b', 'c', 'd')).toContain('· note excluded 4 volumes stay, as the migration says: a, b, 2 more\n')
  expect(of('a')).toContain('· note excluded 1 volume stays, as the migration says: a\n')
  const all = planTable(plan(jupyterPlan().groups, { findings: [stays('a')] }), { ...layout, wide: true })
  expect(all).toContain('It stays in /data/a.')
})

test('a plan that is blocked in whole names no command to go on', () => {
  const blocked = cubePlan()
  const text = planTable({ ...blocked, groups: blocked.groups.filter((g) => g.blocked) }, layout)
  expect(text).toContain('\nnothing to migrate, 1 volume already migrated, 1 volume in 1 group blocked\n')
  expect(text).toMatch(/blocked {2}model-01bc \(in-use\)\nNothing can be migrated until this is resolved\.\n$/)
})

test('a block of the cluster is named as what holds each group back', () => {
  const why = { severity: 'block', code: 'driver-missing', why: 'No driver.', remedy: 'Install it.' } as const
  const held = {
    ...jupyterPlan({ findings: [why] }),
    groups: jupyterPlan().groups.map((g) => ({ ...g, blocked: true })),
  }
  expect(planTable(held, layout)).toContain(
    'blocked  archives-3f9a (driver-missing), workspace-81c0 (driver-missing)\n',
  )
})

test('a group of which no volume can be planned is shown with its reason alone', () => {
  const finding = { severity: 'block', code: 'no-path-rule', group: 'g', why: 'No rule.', remedy: 'Add one.' } as const
  const text = planTable(plan([group('g', [], { blocked: true, steps: [] })], { findings: [finding] }), layout)
  expect(text).toMatch(/── group g \(blocked\) ─+\n\n✗ block no-path-rule\n/)
})

test('a volume that is on the file system already, and only has to find its claim again, is shown so', () => {
  const volume = plannedVolume('ns', 'c', '/data/a', 'a')
  const text = planTable(plan([group('g', [{ ...volume, directory: '', before: volume.after }])]), layout)
  expect(text).toContain('\nalready on the file system → a\n')
})

test('a plan with everything done says that there is nothing to do', () => {
  const text = planTable(plan([], { done: ['a', 'b'] }), layout)
  expect(text).toContain('\nnothing to migrate, 2 volumes already migrated\n')
  expect(text).toMatch(/\n\nNothing to do\.\n$/)
})

test('the warning that data stays comes before everything else, and no finding is left out', () => {
  const text = planTable(cubePlan(), layout)
  const codes = [...text.matchAll(/^[✗!·] \w+ ([a-z-]+)/gm)].map((match) => match[1])
  expect(codes).toEqual(['data-stays', 'excluded-below', 'in-use'])
})

test('a finding about a group that the plan does not hold is shown with those about the cluster', () => {
  const finding = {
    severity: 'note',
    code: 'managed',
    group: 'elsewhere',
    why: 'Helm owns it.',
    remedy: 'Tell Helm.',
  } as const
  expect(planTable(plan([], { findings: [finding] }), layout)).toContain(
    '· note managed\n  Helm owns it.\n  try: Tell Helm.',
  )
})

test.each([40, 60, 80, 120])(
  'in %i columns every line keeps to the width, and every name is there in whole',
  (columns) => {
    const text = planTable(cubePlan(), { ...layout, columns })
    expect(text.split('\n').filter((line) => stringWidth(line) > columns)).toEqual([])
    for (const { volumes } of cubePlan().groups)
      for (const { name } of volumes) expect(text).toMatch(new RegExp(`\\b${name}\\b`))
  },
)

test('in 40 columns a row becomes a few lines', () => {
  expect(planTable(jupyterPlan(), { ...layout, columns: 40 })).toContain(`
── group workspace-81c0 ────────────────
/data/k8s/kubeflow/pipeline/workspace →
kubeflow/pipeline/workspace
  jupyter/kubeflow-user-workspace
    jupyter-kubeflow-user-workspace
    500Gi RWX
`)
})

test('Chinese directories and users keep the columns in line', () => {
  const chinese = plan([
    group('shuju-1', [plannedVolume('jupyter', 'data', '/data/数据集/张三', 'datasets/zhangsan')], {
      workloads: [
        workload('Pod', 'jupyter', 'a', { user: '张三' }),
        workload('Pod', 'jupyter', 'longer', { user: 'li' }),
      ],
    }),
  ])
  const text = planTable(chinese, layout)
  expect(text).toContain('/data/数据集/张三 → datasets/zhangsan\n')
  expect(text).toContain(
    'stop, then start\n  Pod jupyter/a       1 pod  for 张三\n  Pod jupyter/longer  1 pod  for li\n',
  )
})

test('without colour there is no escape, whatever the names hold; with colour there is', () => {
  const hostile = plan([group('g', [plannedVolume('ns', 'claim', '/data/\u001b[2J\nx', 'x', { name: 'a\u001b[1Ab' })])])
  const esc = '\u001b'
  expect(planTable(hostile, layout)).not.toContain(esc)
  expect(planTable(hostile, layout)).toContain('/data/\\u001b[2J\\u000ax → x')
  expect(planTable(hostile, layout)).toContain('  a\\u001b[1Ab  ')
  expect(planTable(hostile, { ...layout, color: pc.createColors(true) })).toContain(esc)
})

test('what an earlier run has begun is not nothing to do', () => {
  const underWay = {
    severity: 'note' as const,
    code: 'under-way' as const,
    group: 'data-1a2b',
    why: 'Group data-1a2b is already in progress (migrating): it continues as its record says.',
    remedy: 'juicify resume continues it; juicify rollback reverts it.',
  }
  const text = planTable(plan([], { findings: [underWay] }), { ...layout, apply: 'juicify apply' })
  expect(text).toContain('nothing to migrate, 1 group in progress\n')
  expect(text).toContain('next     juicify apply\n')
  expect(text).not.toContain('Nothing to do')
  for (const render of [
    planDiff(plan([], { findings: [underWay] }), layout),
    planAsKubectl(plan([], { findings: [underWay] })),
  ])
    expect(render).toContain('# nothing else to do; juicify status shows the groups in progress\n')
})

test('a group of which no volume can be planned is not said to have none', () => {
  const lost = { ...group('lost-1a2b', []), blocked: true }
  expect(planTable(plan([lost]), layout)).toContain('nothing to migrate, 1 group blocked\n')
  expect(planDiff(plan([lost]), layout)).not.toContain('are not migrated')
})
