import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Plan } from '../../../src/domain/plan.ts'
import { planAsKubectl } from '../../../src/report/kubectl.ts'
import { cubePlan, group, jupyterPlan, plan, plannedVolume, workload } from './plans.ts'

/** What kubectl is called with when the script is run with one that says yes to everything; an argument a line. */
function calls(script: string): { calls: string[][]; files: string[] } {
  const dir = mkdtempSync(join(tmpdir(), 'juicify-script-'))
  try {
    const log = join(dir, 'log')
    const fake = `#!/bin/sh
{ printf '%s\\0' "$@"; printf '\\n\\0'; } >> ${log}
case "$*" in *metadata.uid*) printf '%s' "$UID_NOW" ;; *pv*status.phase*|*pvc*status.phase*) printf Bound ;; *'-o json'*) printf '{}' ;; esac
[ "$1" != create ] || cat > /dev/null
`
    writeFileSync(join(dir, 'kubectl'), fake, { mode: 0o755 })
    writeFileSync(join(dir, 'script'), script)
    execFileSync('sh', ['script'], {
      cwd: dir,
      env: { PATH: `${dir}:${process.env.PATH}`, UID_NOW: 'the-uid' },
      stdio: 'pipe',
    })
    const words = execFileSync('cat', [log], { encoding: 'utf8' }).split('\0')
    const found: string[][] = [[]]
    for (const word of words.slice(0, -1)) word === '\n' ? found.push([]) : found.at(-1)?.push(word)
    return {
      calls: found.slice(0, -1),
      files: readdirSync(dir).filter((file) => !['kubectl', 'script', 'log'].includes(file)),
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** The shell's own opinion on the script; throws what it says. */
function check(script: string): void {
  execFileSync('sh', ['-n'], { input: script, stdio: 'pipe' })
}

const UID = { uid: 'the-uid', claimUid: 'the-uid' }
const sameUids = (p: Plan): Plan => ({ ...p, cluster: { ...p.cluster, uid: 'the-uid' } })

test.each([
  ['the jupyter example', jupyterPlan()],
  ['a large plan', cubePlan()],
  ['an empty plan', plan([])],
])('the shell accepts the script of %s', (_, it) => {
  check(planAsKubectl(it))
})

test('a volume is deleted, released, created and bound, in this order', () => {
  const volume = plannedVolume('jupyter', 'kubeflow-archives', '/data/a', 'a', UID)
  const run = calls(planAsKubectl(sameUids(plan([group('g', [volume])]))))
  const changing = run.calls.filter(([verb]) => verb !== 'get')
  expect(changing).toEqual([
    ['delete', 'pv/jupyter-kubeflow-archives', '--wait=false'],
    [
      'patch',
      'pv/jupyter-kubeflow-archives',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/metadata/finalizers","value":["kubernetes.io/pv-protection"]},{"op":"remove","path":"/metadata/finalizers"}]',
    ],
    ['create', '-f', '-'],
    ['annotate', 'pvc/kubeflow-archives', '-n', 'jupyter', 'juicify.dev/touched-'],
  ])
  expect(run.files).toEqual(['g-before.json'])
})

test('a volume that would be disposed of is retained before it is deleted', () => {
  const volume = plannedVolume('ns', 'c', '/data/a', 'a')
  volume.before.spec.persistentVolumeReclaimPolicy = 'Delete'
  const script = planAsKubectl(plan([group('g', [volume])]))
  const retain = `kubectl patch pv/ns-c --type=merge -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`
  expect(script.indexOf(retain)).toBeGreaterThan(0)
  expect(script.indexOf(retain)).toBeLessThan(script.indexOf('kubectl delete pv/ns-c'))
})

test('the manifest carries the uid of the claim: without it the claim would stay Lost', () => {
  expect(planAsKubectl(jupyterPlan())).toContain('    namespace: jupyter\n    uid: uid-of-kubeflow-archives\n')
})

test('a script for another cluster, or for volumes that were replaced meanwhile, ends before it changes anything', () => {
  expect(() => calls(planAsKubectl(jupyterPlan()))).toThrow(/found uid the-uid, planned for 6f1b2c3d/)
})

test.each([
  [
    'Deployment',
    'kubectl scale deployment.apps/w -n ns --replicas=0',
    'kubectl scale deployment.apps/w -n ns --replicas="$(cat deployment-ns-w-before.json)"',
  ],
  [
    'DaemonSet',
    `kubectl patch daemonset.apps/w -n ns --type=merge -p '{"spec":{"template":{"spec":{"nodeSelector":{"juicify.dev/stopped-from":"nowhere"}}}}}'`,
    `kubectl patch daemonset.apps/w -n ns --type=merge -p '{"spec":{"template":{"spec":{"nodeSelector":{"juicify.dev/stopped-from":null}}}}}'`,
  ],
  [
    'CronJob',
    `kubectl patch cronjob.batch/w -n ns --type=merge -p '{"spec":{"suspend":true}}'`,
    `kubectl patch cronjob.batch/w -n ns --type=merge -p '{"spec":{"suspend":false}}'`,
  ],
  ['Pod', 'kubectl delete pod/w -n ns --wait=false', 'kubectl patch --local -f pod-ns-w-before.json'],
])('a %s is stopped before the swap and started after it', (kind, stop, start) => {
  const script = planAsKubectl(
    plan([
      group('g', [plannedVolume('ns', 'c', '/data/a', 'a')], {
        workloads: [workload(kind, 'ns', 'w')],
        steps: ['record', 'retain', 'stop', 'swap', 'start'],
      }),
    ]),
  )
  const at = [stop, 'finished ns w-0', 'kubectl delete pv/ns-c', start].map((line) => script.indexOf(`\n${line}`))
  expect(at).not.toContain(-1)
  expect(at).toEqual([...at].sort((a, b) => a - b))
})

test('a workload that only reads is restarted after the swap, and one that was stopped is left alone', () => {
  const script = planAsKubectl(
    plan([
      group('g', [plannedVolume('ns', 'c', '/data/a', 'a')], {
        workloads: [
          workload('Deployment', 'ns', 'reader', { quiesce: 'rolling' }),
          workload('Deployment', 'ns', 'idle', { stopped: true }),
        ],
        steps: ['record', 'retain', 'swap', 'start'],
      }),
    ]),
  )
  expect(script).toContain('\nkubectl rollout restart deployment.apps/reader -n ns\n')
  expect(script).not.toContain('idle')
})

test('what an operator stops by an annotation gets it, and loses it after the swap', () => {
  const volume = plannedVolume('jupyter', 'kubeflow-archives', '/data/a', 'a', UID)
  const workloads = [
    workload('ScaledObject', 'jupyter', 'web', { pods: [] }),
    workload('Notebook', 'jupyter', 'lab', { pods: [] }),
  ]
  const run = calls(
    planAsKubectl(sameUids(plan([group('g', [volume], { workloads, steps: ['stop', 'swap', 'start'] })]))),
  )
  const annotating = run.calls.filter(([verb, what]) => verb === 'annotate' && !what?.startsWith('pvc'))
  const time = expect.stringMatching(/^kubeflow-resource-stopped=20..-..-..T..:..:..Z$/)
  expect(annotating).toEqual([
    ['annotate', 'scaledobject.keda.sh/web', '-n', 'jupyter', '--overwrite', 'autoscaling.keda.sh/paused=true'],
    ['annotate', 'notebook.kubeflow.org/lab', '-n', 'jupyter', '--overwrite', time],
    ['annotate', 'scaledobject.keda.sh/web', '-n', 'jupyter', 'autoscaling.keda.sh/paused-'],
    ['annotate', 'notebook.kubeflow.org/lab', '-n', 'jupyter', 'kubeflow-resource-stopped-'],
  ])
})

test('a blocked group is a comment', () => {
  const script = planAsKubectl(cubePlan())
  expect(script).toContain('\n# group model-01bc is blocked by in-use\n')
  expect(script).not.toContain('pv/pipeline-kubeflow-model-deploy')
})

test('what it cannot copy it waits for, with the writers stopped, and says from which nodes and without what stays', () => {
  const script = planAsKubectl(
    plan([
      group('g', [plannedVolume('ns', 'c', "/data/it's", 'a')], {
        steps: ['record', 'retain', 'copy', 'stop', 'catch-up', 'swap'],
        copies: [{ directory: "/data/it's", subdir: 'a', nodes: ['node1', 'node2'] }],
        staying: ["/data/it's/minio", '/data/other'],
      }),
    ]),
  )
  expect(script).toContain(
    `printf '%s\\n' 'copy /data/it'\\''s from node1, node2 to subdir a, without /data/it'\\''s/minio, which stays'\n`,
  )
  expect(script.indexOf('read -r answer')).toBeLessThan(script.indexOf('kubectl delete pv/ns-c'))
  check(script)
})

test('hostile names, paths and annotations stay what they are: one argument, or text', () => {
  const volume = plannedVolume('ns', 'c', '/data/$(touch pwned)\n touch pwned', 'a', {
    ...UID,
    name: "--all'; touch pwned; '",
  })
  volume.after.metadata.annotations = { note: 'x\nEOF\ntouch pwned\n`touch pwned`' }
  const script = planAsKubectl(
    sameUids(
      plan([group('g', [volume])], {
        metadata: { name: 'x\ntouch pwned' },
        findings: [{ severity: 'warn', code: 'managed', why: 'a\ntouch pwned', remedy: 'b\r\ntouch pwned' }],
      }),
    ),
  )
  check(script)
  const run = calls(script)
  expect(run.files).toEqual(['g-before.json'])
  expect(run.calls.find(([verb]) => verb === 'delete')).toEqual(['delete', "pv/--all'; touch pwned; '", '--wait=false'])
})
