import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Child, type Workplace, workplace } from '../laboratory/child.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'

const MIGRATION = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: laboratory}
spec:
  select: {namespaces: [jupyter, pipeline]}
  paths: [{from: /data/k8s, to: ""}]
  target: {secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  copy: {mode: none}
`

const BAD = {
  'unknown-key.yaml': MIGRATION.replace('copy:', 'copi:'),
  'wrong-type.yaml': MIGRATION.replace('[jupyter, pipeline]', 'jupyter'),
  'two-rules.yaml': MIGRATION.replace('to: ""}', 'to: ""}, {from: /data/k8s/, to: other}'),
  'no-migration.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n',
  'empty.yaml': '',
  'broken.yaml': 'spec: [',
  'no-match.yaml': MIGRATION.replace('[jupyter, pipeline]', '[jupiter]'),
  'two-wrong.yaml': MIGRATION.replace('kube-system}', 'kube-system, key: z}').replace('none', 'nothing'),
  'laughs.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n`,
  'proto.yaml': MIGRATION.replace('spec:', '__proto__: {polluted: yes}\nspec:'),
}

/** As the API server itself writes lists: only the list says of which kind its items are. */
const OTHER_CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: {name: kube-system, uid: 11111111-2222-3333-4444-555555555555}
---
apiVersion: v1
kind: PersistentVolumeList
items:
- metadata: {name: other}
  spec:
    hostPath: {path: /data/other}
    capacity: {storage: 1Gi}
    accessModes: [ReadWriteMany]
`

let sandbox: Sandbox
let place: Workplace

beforeAll(async () => {
  sandbox = await startSandbox({ objects: laboratory() })
  place = await workplace(sandbox.kubeconfig, {
    'migration.yaml': MIGRATION,
    'windows.yaml': `\uFEFF${MIGRATION.replaceAll('\n', '\r\n')}`,
    'nameless.yaml': 'apiVersion: v1\nkind: Secret\nstringData: {password: planted-password}\n',
    'other-cluster.yaml': OTHER_CLUSTER,
    'anchors.yaml': MIGRATION.replace('[jupyter, pipeline]', '&ns [jupyter, pipeline]'),
    ...BAD,
  })
})

afterAll(async () => {
  await place.remove()
  await sandbox.close()
})

async function juicify(...words: string[]): Promise<{ code: number | string; output: string }> {
  const child = place.run(...words)
  return { code: await child.ended, output: child.output }
}

describe('input that is wrong gets one clear message, another exit code than 0, and changes nothing', () => {
  test.each([
    ['unknown-key.yaml', /unknown-key\.yaml:\d+.*copi.*copy/s],
    ['wrong-type.yaml', /wrong-type\.yaml:6.*namespaces.*list/s],
    ['two-rules.yaml', /two-rules\.yaml:\d+.*\/data\/k8s/s],
    ['no-migration.yaml', /no-migration\.yaml.*Migration/s],
    ['empty.yaml', /empty\.yaml/],
    ['broken.yaml', /broken\.yaml:1/],
    ['no-match.yaml', /no-match\.yaml:6: spec\.select\.namespaces\[0\].*jupiter.*jupyter/],
    ['two-wrong.yaml', /two-wrong\.yaml: 2 mistakes\n {2}two-wrong\.yaml:8: .*\n {2}two-wrong\.yaml:9: .*\n/],
    ['laughs.yaml', /laughs\.yaml/],
    ['proto.yaml', /proto\.yaml.*__proto__/s],
    ['not-there.yaml', /not-there\.yaml cannot be read: there is no such file/],
  ])('plan -f %s', async (file, message) => {
    const { code, output } = await juicify('plan', '-f', file)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/\n\s+at |has a bug/)
    expect(code).toBe(1)
  })

  test.each([
    [['plam'], /no command plam.*Did you mean plan/s],
    [['plan', '--filenam', 'x'], /no flag --filenam.*Did you mean --filename/s],
    [['plan', '-n'], /-n wants a value/],
    [['plan', '-A', '--whole-group'], /no flag --whole-group\..*Did you mean --whole-groups/s],
    [['plan', '-A', '-n', 'jupyter'], /--namespace and --all-namespaces exclude each other/],
    [['plan', '-n', 'jupiter'], /--namespace: .*jupiter; did you mean jupyter/],
    [['plan', '-A', '--source-nodes', 'nod1'], /--source-nodes: no node is named nod1; did you mean node1/],
    [['plan', '-A', '-o', 'wide'], /--output should be one of table, .*, and is wide/],
    [['plan', 'jupyter'], /juicify plan takes no jupyter/],
    [['plan', '-n', 'nobody*'], /error: --namespace: nobody\* selects no volume on a disk; there are some in jupyter/],
    [['plan', '-f', 'migration.yaml', '--out', './migration.yaml'], /would be written over the migration/],
    [
      ['plan', '-A', '--sandbox', 'nameless.yaml'],
      /1 manifest cannot be loaded: nameless\.yaml:1: .*found v1 Secret with apiVersion/,
    ],
    [['plan', '-f', 'migration.yaml', '-f', 'other.yaml'], /--filename may be given only once/],
    [['plan', '-A', '--sandbox', '.', '--context', 'x'], /--sandbox and --context exclude each other/],
    [['apply', 'plan.yaml', '--copy', 'none'], /file and --copy exclude each other/],
    [['apply', '--whole-groups'], /--whole-groups would change it/],
    [
      ['plan', '-f', 'migration.yaml', '--out', 'nowhere/plan.yaml'],
      /nowhere\/plan\.yaml cannot be written: there is no/,
    ],
    [['completion'], /follow completion/],
    [['sandbox'], /--from has to be given/],
    [['plan'], /-f .*-n.*-A/s],
    [['plan', '-f', 'migration.yaml', '--context', 'nowhere'], /nowhere/],
    [['plan', '-f', 'migration.yaml', '--kubeconfig', 'nowhere'], /nowhere/],
    [['apply', 'migration.yaml', '--yes'], /migration\.yaml.*Plan/s],
    [['apply', '-f', 'migration.yaml'], /no terminal.*--yes/s],
    [['apply', '-f', 'migration.yaml', '--yes', '--timeout', 'soon'], /--timeout.*soon/s],
    [['apply', '-f', 'migration.yaml', '--yes', '--concurrency', '0'], /--concurrency.*0/s],
    [['rollback', 'nothing-like-it', '--yes'], /nothing-like-it/],
  ])('juicify %j', async (words, message) => {
    const { code, output } = await juicify(...words)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/\n\s+at |has a bug|planted/)
    expect(code).toBe(1)
  })

  test('a port that somebody else has is not taken for a mistake in the manifests', async () => {
    const { port } = new URL(sandbox.url)
    const { code, output } = await juicify('sandbox', '--from', 'other-cluster.yaml', '--port', port)
    expect(output).toMatch(new RegExp(`The port ${port} .*cannot be had.*--port`, 's'))
    expect(code).toBe(1)
  })

  test('nothing was changed by any of them', () => {
    expect(sandbox.changes).toBe(0)
  })
})

test.each(['windows.yaml', 'anchors.yaml'])('%s is read like any other', async (file) => {
  const { code, output } = await juicify('plan', '-f', file)
  expect(output).toContain('4 volumes in 2 groups to move')
  expect(code).toBe(0)
})

describe('a plan that is saved', () => {
  test('is refused when it was edited, naming that', async () => {
    expect((await juicify('plan', '-f', 'migration.yaml', '--out', 'plan.yaml')).code).toBe(0)
    const file = `${place.folder}/plan.yaml`
    const text = readFileSync(file, 'utf8')
    await place.write('edited.yaml', text.replaceAll('subdir=kubeflow/pipeline/archives', 'subdir=elsewhere'))
    const { code, output } = await juicify('apply', 'edited.yaml', '--yes')
    expect(output).toMatch(/edited\.yaml.*(edited|digest)/s)
    expect(code).toBe(1)
  })

  test('is refused when the cluster has changed since, naming the field', async () => {
    const [pv] = sandbox.objects().filter(({ kind }) => kind === 'PersistentVolume') as { metadata: { name: string } }[]
    const url = `${sandbox.url}/api/v1/persistentvolumes/${pv?.metadata.name}`
    const label = (value: string | null) =>
      fetch(url, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { labels: { team: value } } }),
      })
    await label('vision')
    const { code, output } = await juicify('apply', 'plan.yaml', '--yes')
    expect(output).toMatch(/out of date.*labels.*vision/s)
    expect(code).toBe(1)
    await label(null)
  })

  test('is refused on another cluster, which may lack what it names', async () => {
    const { code, output } = await juicify('apply', 'plan.yaml', '--yes', '--sandbox', 'other-cluster.yaml')
    expect(output).toMatch(/The plan was made for another cluster/)
    expect(code).toBe(1)
  })

  test('a bare apply carries out the plan that was made last, and a second one has nothing to do', async () => {
    const before = stateOf(sandbox.objects())
    expect((await juicify('plan', '-f', 'migration.yaml', '-n', 'jupyter', '--dangerous-split')).code).toBe(0)
    // one that is saved in a file is shown as well
    expect((await juicify('plan', '-f', 'migration.yaml', '--out', 'last.yaml')).code).toBe(0)
    const first = await juicify('apply', '--yes')
    expect(first.output).toContain('4 volumes: 4 migrated')
    expect(first.code).toBe(0)
    const again = await juicify('plan', '-f', 'migration.yaml', '--exit-code')
    expect(again.output).toContain('Nothing to do')
    expect(again.code).toBe(0)
    const never = await juicify('rollback', '--copy-back', '--yes')
    expect(never.output).toMatch(/moved without data \(copy\.mode none\).*Roll back without --copy-back/s)
    expect(never.code).toBe(1)
    const back = await juicify('rollback', '--yes')
    expect(back.output).toContain('4 volumes: 4 rolled back')
    expect(back.code).toBe(0)
    await sandbox.settled()
    expect(stateOf(sandbox.objects())).toEqual(before)
  })
})

test('no value of a Secret is in anything that is printed, recorded or told', async () => {
  const outputs = [
    await juicify('plan', '-f', 'migration.yaml', '-o', 'yaml'),
    await juicify('plan', '-f', 'migration.yaml', '-o', 'json'),
    await juicify('plan', '-f', 'migration.yaml', '-o', 'kubectl'),
    await juicify('plan', '-f', 'migration.yaml', '-o', 'markdown'),
    await juicify('diff', '-f', 'migration.yaml'),
    await juicify('apply', '-f', 'migration.yaml', '--yes', '-o', 'json', '--verbose'),
    await juicify('status', '-o', 'yaml'),
  ]
  const records = sandbox.objects().filter(({ kind }) => kind !== 'Secret')
  await juicify('rollback', '--yes')
  // the test's own planted values; if none were in the cluster, not finding them would say nothing
  const planted = ['planted-password', 'planted-access', 'planted-secret']
  const secrets = JSON.stringify(sandbox.objects().filter(({ kind }) => kind === 'Secret'))
  for (const value of planted) {
    expect(secrets).toContain(Buffer.from(value).toString('base64').slice(0, 8))
    expect(JSON.stringify(outputs)).not.toContain(value)
    expect(JSON.stringify(records)).not.toContain(value)
    expect(JSON.stringify(records)).not.toContain(Buffer.from(value).toString('base64'))
  }
})

describe('where nobody reads any more', () => {
  /** Runs juicify, and stops reading its standard output after what it wrote first. */
  function unread(...words: string[]): { child: Child; stopped: Promise<void> } {
    const child = place.run(...words)
    const { stdout } = child.process
    const stopped = new Promise<void>((resolve) =>
      stdout?.once('data', () => {
        stdout.once('close', resolve).destroy()
      }),
    )
    return { child, stopped }
  }

  test('a run goes on to its end', async () => {
    const { child } = unread('apply', '-f', 'migration.yaml', '--yes', '-o', 'json')
    expect(await child.ended).toBe(0)
    expect(child.output).not.toContain('EPIPE')
    expect((await juicify('plan', '-f', 'migration.yaml')).output).toContain('Nothing to do')
  })

  test.each(['--help', 'version', 'completion bash'])('juicify %s says nothing about it', async (words) => {
    const child = place.run(...words.split(' '))
    child.process.stdout?.destroy()
    expect(await child.ended).toBe(0)
    expect(child.output).toBe('')
  })

  test('what only shows ends', async () => {
    const { child, stopped } = unread('status', '--watch')
    await stopped
    expect((await juicify('rollback', '--yes')).code).toBe(0)
    expect(await child.ended).toBe(0)
    expect(child.output).not.toContain('EPIPE')
  })
})

test('finish names the old directories, and forgets what is migrated when it is told to', async () => {
  expect((await juicify('apply', '-f', 'migration.yaml', '--yes')).code).toBe(0)
  const first = await juicify('finish')
  expect(first.output).toContain('*:/data/k8s/kubeflow/pipeline/workspace')
  expect((await juicify('status')).output).toContain('migrated')
  for (const command of ['finish', 'status', 'rollback']) {
    const elsewhere = await juicify(command, '-n', 'nowhere')
    expect(elsewhere.output).toContain('No group that has a record has a claim in nowhere.')
    expect(elsewhere.code).toBe(1)
  }
  expect((await juicify('finish', '--forget', '--yes')).output).toMatch(/Forgotten: archives-\w+, workspace-\w+/)
  expect((await juicify('status')).output).toContain('none was migrated')
  const later = await juicify('rollback', '--yes')
  expect(later.output).toContain('nothing to roll back')
  expect(later.code).toBe(0)
})
