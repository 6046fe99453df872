import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { declaredOptions } from '../../src/cli/declared-options.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type Child, type Workplace, workplace } from '../laboratory/child.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { standIn } from './client-server.ts'

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
    ['two-wrong.yaml', /two-wrong\.yaml: 2 errors\n {2}two-wrong\.yaml:8: .*\n {2}two-wrong\.yaml:9: .*\n/],
    ['laughs.yaml', /laughs\.yaml/],
    ['proto.yaml', /proto\.yaml.*__proto__/s],
    ['not-there.yaml', /Cannot read .*not-there\.yaml: no such file/],
  ])('plan -f %s', async (file, message) => {
    const { code, output } = await juicify('plan', '-f', file)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/\n\s+at |has a bug/)
    expect(code).toBe(1)
  })

  test.each([
    [['plam'], /unknown command "plam".*Did you mean plan/s],
    [['plan', '--filenam', 'x'], /unknown flag --filenam.*Did you mean --filename/s],
    [['plan', '-n'], /-n needs a value/],
    [['plan', '-A', '--whole-group'], /unknown flag --whole-group\..*Did you mean --whole-groups/s],
    [['plan', '-A', '-n', 'jupyter'], /--namespace and --all-namespaces cannot be used together/],
    [['plan', '-n', 'jupiter'], /--namespace: .*jupiter; did you mean jupyter/],
    [['plan', '-A', '--source-nodes', 'nod1'], /--source-nodes: no node with the name nod1; did you mean node1/],
    [['plan', '-A', '-o', 'wild'], /invalid --output "wild": must be one of table, /],
    [['plan', '-l', 'app in web'], /invalid --selector "app in web": must be a label selector/],
    [['plan', '-l', 'nobody=has'], /--selector: nobody=has selects no volume on a node’s disk/],
    [['plan', '-A', '--as-group', 'x'], /cannot impersonate the groups x without a user.*--as/s],
    [['plan', '-A', '--sandbox', '.', '--as', 'x'], /--sandbox and --as cannot be used together/],
    [['help', 'plam'], /unknown command "plam".*Did you mean plan/s],
    [['plan', 'jupyter'], /unexpected argument "jupyter" for juicify plan/],
    [
      ['plan', '-n', 'nobody*'],
      /error: --namespace: nobody\* selects no volume on a node’s disk; namespaces with such volumes: jupyter/,
    ],
    [['plan', '-f', 'migration.yaml', '--out', './migration.yaml'], /would overwrite the migration/],
    [
      ['plan', '-A', '--sandbox', 'nameless.yaml'],
      /Cannot load 1 manifest: nameless\.yaml:1: .*found v1 Secret with apiVersion/,
    ],
    [['plan', '-f', 'migration.yaml', '-f', 'other.yaml'], /--filename can be given only once/],
    [['plan', '-A', '--sandbox', '.', '--context', 'x'], /--sandbox and --context cannot be used together/],
    [['apply', 'plan.yaml', '--copy', 'none'], /file and --copy cannot be used together/],
    [['apply', '--whole-groups'], /--whole-groups cannot be used/],
    [['plan', '-f', 'migration.yaml', '--out', 'nowhere/plan.yaml'], /Cannot write nowhere\/plan\.yaml: no such/],
    [['completion'], /missing argument after: completion/],
    [['sandbox'], /missing required flag --from/],
    [['plan'], /-f.*-n.*-A/s],
    [['plan', '-f', 'migration.yaml', '--context', 'nowhere'], /nowhere/],
    [['plan', '-f', 'migration.yaml', '--kubeconfig', 'nowhere'], /nowhere/],
    [['apply', 'migration.yaml', '--yes'], /migration\.yaml.*Plan.*-f migration\.yaml/s],
    [['apply', '-f', 'migration.yaml'], /not a terminal.*--yes/s],
    [['rollback', 'nothing-like-it', '--yes'], /nothing-like-it/],
  ])('juicify %j', async (words, message) => {
    const { code, output } = await juicify(...words)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/\n\s+at |has a bug|planted/)
    expect(code).toBe(1)
  })

  test.each([
    ['apply', '--concurrency', 'a whole number of at least 1', ['abc', '0', '1.5', '1e1', '']],
    ['apply', '--timeout', 'a duration', ['soon', '10', '-5s', '']],
    ['apply', '--wait', 'a duration', ['soon']],
    ['apply', '--outage', 'a duration', ['soon']],
    ['probe', '--timeout', 'a duration', ['soon']],
    ['plan', '--request-timeout', 'a duration, or 0 for no limit', ['soon', '-1']],
    ['sandbox', '--port', 'a whole number from 1 to 65535', ['abc', '0', '65536']],
  ])('juicify %s %s is refused as what it is where it is not %s', async (command, flag, expected, given) => {
    for (const value of given) {
      const { code, output } = await juicify(
        command,
        `${flag}=${value}`,
        ...(command === 'sandbox' ? ['--from', '.'] : []),
      )
      expect(output).toContain(`invalid ${flag} "${value}": must be ${expected}`)
      expect(code).toBe(1)
    }
  })

  test('every flag that is a number or a duration is among those', async () => {
    const measured: string[] = []
    for (const command of COMMANDS) {
      const { flags } = declaredOptions((await command.load()).options)
      for (const { name, describe = '' } of flags)
        if (/^how long|in parallel$|^port /.test(describe)) measured.push(name)
    }
    expect([...new Set(measured)].sort()).toEqual([
      'concurrency',
      'outage',
      'port',
      'request-timeout',
      'timeout',
      'wait',
    ])
  })

  test('a port that somebody else has is not taken for a mistake in the manifests', async () => {
    const { port } = new URL(sandbox.url)
    const { code, output } = await juicify('sandbox', '--from', 'other-cluster.yaml', '--port', port)
    expect(output).toMatch(new RegExp(`Cannot listen on port ${port} .*--port`, 's'))
    expect(code).toBe(1)
  })

  test('nothing was changed by any of them', () => {
    expect(sandbox.changes).toBe(0)
  })
})

test.each(['windows.yaml', 'anchors.yaml'])('%s is read like any other', async (file) => {
  const { code, output } = await juicify('plan', '-f', file)
  expect(output).toContain('4 volumes in 2 groups to migrate')
  expect(code).toBe(0)
})

test('help is told in the language that is asked for', async () => {
  const { code, output } = await juicify('help', '--lang', 'zh')
  expect(output).toContain('用法：juicify COMMAND')
  expect(code).toBe(0)
})

test('a file that stands alone is told to be given with -f', async () => {
  const { output } = await juicify('plan', 'windows.yaml')
  expect(output).toContain('unexpected argument "windows.yaml" for juicify plan; did you mean -f windows.yaml?')
})

test('a short flag that a command lacks is named as it was typed', async () => {
  expect((await juicify('finish', '-o', 'name')).output).toContain('unknown flag -o.\n')
  expect((await juicify('finish', '-yo', 'name')).output).toContain('unknown flag -o.\n')
})

test('report takes a saved plan after -f, as apply and diff do', async () => {
  await juicify('plan', '-f', 'windows.yaml', '--out', 'saved.plan.yaml')
  const { code, output } = await juicify('report', '-f', 'saved.plan.yaml', '--format', 'markdown')
  expect(output).toContain('Change request')
  expect(code).toBe(0)
  const { output: hint } = await juicify('diff', 'windows.yaml')
  expect(hint).toContain('Give a migration with -f: -f windows.yaml; the same command then makes a plan from it.')
})

test.each(['plan', 'completion', 'version'])('help %s says what --help says', async (command) => {
  const help = await juicify('help', command)
  expect(help).toEqual(await juicify(command, '--help'))
  expect(help.output).toContain(`juicify ${command}`)
  expect(help.code).toBe(0)
})

describe('kubectl’s habits', () => {
  test('-l selects by the labels of volumes and of their claims, whatever the migration names besides', async () => {
    const { code, output } = await juicify(
      'plan',
      '-f',
      'migration.yaml',
      '-l',
      'jupyter-pvname',
      '--dangerous-split',
      '-o',
      'name',
    )
    expect(output.trim().split('\n').sort()).toEqual([
      'persistentvolume/jupyter-archives',
      'persistentvolume/jupyter-workspace',
    ])
    expect(code).toBe(0)
  })

  test('-o name is what kubectl takes, -o wide has the classes, handles and labels', async () => {
    const names = await juicify('plan', '-f', 'migration.yaml', '-o', 'name')
    expect(names.output.split('\n')).toContain('persistentvolume/jupyter-archives')
    const wide = await juicify('plan', '-f', 'migration.yaml', '-o', 'wide')
    expect(wide.output).toContain('jupyter-pvname=jupyter-archives')
    expect((await juicify('plan', '-f', 'migration.yaml')).output).not.toContain('jupyter-pvname=')
  })

  test('--request-timeout ends what a server does not answer', async () => {
    const mute = await standIn(() => {})
    await place.write('mute', sandbox.kubeconfig.replace(sandbox.url, mute.url))
    const { code, output } = await juicify('plan', '-A', '--request-timeout', '50ms', '--kubeconfig', 'mute')
    await mute.close()
    // on a busy machine the connection itself may take longer
    expect(output).toMatch(/answer|connection timed out/)
    expect(code).toBe(1)
  })

  test('--as and --as-group are said with every request, and with the command that goes on', async () => {
    const asked = await standIn((_, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"no"}'),
    )
    await place.write('asked', sandbox.kubeconfig.replace(sandbox.url, asked.url))
    await juicify('plan', '-A', '--as', 'jane', '--as-group', 'a', '--as-group', 'b', '--kubeconfig', 'asked')
    await asked.close()
    expect(asked.seen.length).toBeGreaterThan(0)
    for (const { headers } of asked.seen)
      expect(headers).toMatchObject({ 'impersonate-user': 'jane', 'impersonate-group': 'a, b' })
    expect((await juicify('plan', '-f', 'migration.yaml', '--as', 'jane')).output).toContain('juicify apply --as jane')
  })
})

describe('a plan that is saved', () => {
  test('is taken for what it is where a migration is expected', async () => {
    expect((await juicify('plan', '-f', 'migration.yaml', '--out', 'saved.yaml')).code).toBe(0)
    const shown = await juicify('diff', '-f', 'saved.yaml')
    expect(shown).toEqual(await juicify('diff', 'saved.yaml'))
    expect(shown.code).toBe(0)
    expect((await juicify('apply', '-f', 'saved.yaml')).output).toMatch(/4 volumes in 2 groups to m.*not a terminal/s)
    const changed = await juicify('apply', '-f', 'saved.yaml', '-n', 'jupyter', '--yes')
    expect(changed.output).toMatch(/saved\.yaml is a saved plan.*-n jupyter cannot be used/)
    for (const command of ['plan', 'copy', 'check']) {
      const { code, output } = await juicify(command, '-f', 'saved.yaml')
      expect(output).toMatch(/saved\.yaml is a saved plan, but a migration is expected.*juicify apply/s)
      expect(code).toBe(1)
    }
    expect(sandbox.changes).toBe(0)
  })

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
    expect(never.output).toMatch(/migrated without copying data \(copy\.mode: none\).*Roll back without --copy-back/s)
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
    const child = place.start(...words)
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
    const child = place.start(...words.split(' '))
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
    expect(elsewhere.output).toContain('No recorded group has a claim in namespace nowhere.')
    expect(elsewhere.code).toBe(1)
  }
  expect((await juicify('finish', '--forget', '--yes')).output).toMatch(
    /Deleted the records of: archives-\w+, workspace-\w+/,
  )
  expect((await juicify('status')).output).toContain('No group is in progress or migrated')
  const later = await juicify('rollback', '--yes')
  expect(later.output).toContain('Nothing to roll back')
  expect(later.code).toBe(0)
})

test('a rollback says who is stopped for it, and nothing of the kind of who is stopped already', async () => {
  const held = laboratory().map((object) =>
    object.kind === 'Pod' && object.metadata.name.startsWith('notebook')
      ? { ...object, metadata: { ...object.metadata, finalizers: ['example.dev/hold'] } }
      : object,
  )
  const own = await startSandbox({ objects: held })
  const there = await workplace(own.kubeconfig, { 'migration.yaml': MIGRATION })
  const run = async (...words: string[]) => {
    const child = there.run(...words)
    await child.ended
    return child.output
  }
  try {
    const stopped = await run('apply', '-f', 'migration.yaml', '--yes', '--timeout', '1s')
    expect(stopped).toContain('still stopped: ')
    const back = await run('rollback', '--yes', '--timeout', '1s')
    expect(back).toContain('is stopped, then started again')
    expect(back).not.toMatch(/replicas \d+ → 0/)
  } finally {
    await there.remove()
    await own.close()
  }
})
