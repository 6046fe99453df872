import { afterEach, describe, expect, test } from 'vitest'
import { Refusal } from '../../../src/domain/failure.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { readMigration } from '../../../src/planner/migration-file.ts'
import { speak } from '../../../src/words/language.ts'

afterEach(() => speak('en'))

const GOOD = `apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: jupyter}
spec:
  select: {namespaces: [jupyter]}
  paths:
    - {from: /data/k8s, to: ""}
  target:
    secretRef: {name: juicefs-sc-secret, namespace: kube-system}
`

/** The lines of what it says is wrong with a file. */
function mistakes(text: string): string[] {
  try {
    readMigration(text, 'm.yaml')
  } catch (error) {
    if (error instanceof Refusal) return error.message.split('\n')
    throw error
  }
  throw new Error('it was read')
}

const withLine = (line: string) => `${GOOD}  ${line}\n`

describe('a migration', () => {
  test('is read with its defaults filled in', () => {
    expect(readMigration(GOOD, 'm.yaml')).toEqual({
      name: 'jupyter',
      select: { namespaces: ['jupyter'], volumes: [], exclude: [] },
      paths: [{ from: '/data/k8s', to: '' }],
      target: {
        driver: 'csi.juicefs.com',
        secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
        volumeAttributes: {},
        mountOptions: [],
      },
      source: { nodes: 'auto' },
      copy: { mode: 'copy' },
      quiesce: { unfinished: 'refuse', rolling: [] },
    })
  })

  test('is the same with Windows line ends, a byte-order mark, anchors, comments, and an empty document before it', () => {
    const plain = readMigration(GOOD, 'm.yaml')
    expect(readMigration(GOOD.replaceAll('\n', '\r\n'), 'm.yaml')).toEqual(plain)
    expect(readMigration(`\uFEFF${GOOD}`, 'm.yaml')).toEqual(plain)
    expect(readMigration(`# nothing yet\n---\n${GOOD}---\n# nor here\n`, 'm.yaml')).toEqual(plain)
    const anchored = GOOD.replace('{name: jupyter}', '{name: &n jupyter}').replace('[jupyter]', '[*n]')
    expect(readMigration(anchored, 'm.yaml')).toEqual(plain)
  })

  test('names Secrets and the service account of its pods as Kubernetes does, and no other way', () => {
    const copy = (text: string) => withLine(`copy: {${text}}`)
    expect(
      readMigration(copy('imagePullSecrets: [{name: hub.secret}], serviceAccountName: jobs'), 'm.yaml').copy,
    ).toEqual({
      mode: 'copy',
      imagePullSecrets: [{ name: 'hub.secret' }],
      serviceAccountName: 'jobs',
    })
    expect(mistakes(copy('imagePullSecrets: [{name: Hub_Secret}]')).join()).toMatch(/expected the name of an object/)
    expect(mistakes(copy('serviceAccountName: "a b"')).join()).toMatch(/expected the name of an object/)
    expect(mistakes(copy('imagePullSecrets: [hub]')).join()).toMatch(/imagePullSecrets\[0\]/)
  })

  test('may be JSON', () => {
    const json = JSON.stringify({
      apiVersion: 'juicify.dev/v1alpha1',
      kind: 'Migration',
      metadata: { name: 'jupyter' },
      spec: {
        select: { namespaces: ['jupyter'] },
        paths: [{ from: '/data/k8s', to: '' }],
        target: { secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' } },
      },
    })
    expect(readMigration(json, 'm.json')).toEqual(readMigration(GOOD, 'm.yaml'))
  })

  test('has its paths put in order', () => {
    const text = GOOD.replace('{from: /data/k8s, to: ""}', '{from: //data/./k8s/, to: a//b/}')
    expect(readMigration(text, 'm.yaml').paths).toEqual([{ from: '/data/k8s', to: 'a/b' }])
  })

  test('takes nodes, copy and quiesce', () => {
    const text = `${GOOD}  source: {nodes: [node1, node2]}
  copy: {mode: none}
  quiesce:
    unfinished: wait
    rolling: [{namespace: service}, {name: "web-*", labels: {tier: read}}]
`
    expect(readMigration(text, 'm.yaml')).toMatchObject({
      source: { nodes: ['node1', 'node2'] },
      copy: { mode: 'none' },
      quiesce: { unfinished: 'wait', rolling: [{ namespace: 'service' }, { name: 'web-*', labels: { tier: 'read' } }] },
    })
  })
})

describe('what is wrong with a file is told with its line and what was meant', () => {
  test.each([
    ['an unknown key', withLine('copi: {mode: none}'), 'm.yaml:10: spec.copi: unknown key; did you mean copy?'],
    [
      'an unknown key like none',
      withLine('frobnicate: 1'),
      'm.yaml:10: spec.frobnicate: unknown key; known keys: select, paths, target, source, copy, probe, quiesce',
    ],
    [
      'no node that holds the data',
      withLine('source: {nodes: []}'),
      'm.yaml:10: spec.source.nodes: expected the nodes that hold the data, or auto or shared, found an empty list',
    ],
    [
      'a wrong type',
      GOOD.replace('[jupyter]', 'jupyter'),
      'm.yaml:5: spec.select.namespaces: expected a list, found "jupyter"',
    ],
    [
      'a number for a text',
      GOOD.replace('{name: jupyter}', '{name: 5}'),
      'm.yaml:3: metadata.name: expected a string, found the number 5; write "5"',
    ],
    [
      'a wrong word',
      withLine('copy: {mode: cpy}'),
      'm.yaml:10: spec.copy.mode: expected copy or none, found "cpy"; did you mean copy?',
    ],
    [
      'a number of Jobs that is none',
      withLine('copy: {parallel: 2.5}'),
      'm.yaml:10: spec.copy.parallel: expected a whole number from 1 to 64, found the number 2.5',
    ],
    [
      'more Jobs than anybody needs',
      withLine('copy: {parallel: 400}'),
      'm.yaml:10: spec.copy.parallel: expected a whole number from 1 to 64, found the number 400',
    ],
    [
      'an empty selection',
      GOOD.replace('[jupyter]', '[]'),
      'm.yaml:5: spec.select: expected namespaces or volumes, found neither; "*" selects all of them',
    ],
    [
      'two rules for one path',
      GOOD.replace(
        '    - {from: /data/k8s, to: ""}',
        '    - {from: /data/k8s, to: ""}\n    - {from: /data//k8s/, to: a}',
      ),
      'm.yaml:8: spec.paths[1]: a second rule for /data/k8s; the first is spec.paths[0]',
    ],
    [
      'a relative path',
      GOOD.replace('/data/k8s', 'data'),
      'm.yaml:7: spec.paths[0].from: expected an absolute path, found "data"',
    ],
    [
      'a path with ..',
      GOOD.replace('/data/k8s', '/data/../etc'),
      'm.yaml:7: spec.paths[0].from: expected a path without "..", found "/data/../etc"',
    ],
    [
      'an absolute subdir',
      GOOD.replace('to: ""', 'to: /a'),
      'm.yaml:7: spec.paths[0].to: expected a path relative to the file system\'s root, found "/a"',
    ],
    [
      'a subdir that JuiceFS cannot take',
      GOOD.replace('to: ""', 'to: "a,b"'),
      'm.yaml:7: spec.paths[0].to: JuiceFS cannot use "a,b" as a subdir: it contains ",", which the driver\'s shell does not pass on; letters, digits and . _ - / @ + : % work',
    ],
    [
      'a placeholder that there is not',
      GOOD.replace('to: ""', 'to: "{nod}"'),
      'm.yaml:7: spec.paths[0].to: expected {node}, {namespace}, {claim}, {volume} between braces, found {nod}',
    ],
    [
      'a rule for a volume and a directory',
      GOOD.replace('from: /data/k8s', 'volume: data, from: /data/k8s'),
      'm.yaml:7: spec.paths[0].volume: expected from or volume, found both',
    ],
    [
      'what is missing',
      GOOD.replace(', namespace: kube-system', ''),
      'm.yaml:9: spec.target.secretRef: missing required key namespace',
    ],
    [
      'nothing where something is needed',
      GOOD.replace('{namespaces: [jupyter]}', ''),
      'm.yaml:5: spec.select: expected a map, found nothing',
    ],
    ['a key twice', withLine('select: {volumes: [a]}'), 'm.yaml:10: spec: duplicate key select'],
    ['__proto__', withLine('__proto__: {copy: {mode: none}}'), 'm.yaml:10: spec: the key __proto__ is not allowed'],
    [
      'another version',
      GOOD.replace('v1alpha1', 'v9'),
      'm.yaml:1: apiVersion: expected juicify.dev/v1alpha1, found "juicify.dev/v9"',
    ],
    [
      'another kind',
      GOOD.replace('Migration', 'Plan'),
      'm.yaml: expected a document of kind Migration, found Plan in line 1',
    ],
    [
      'a manifest of something else',
      'apiVersion: v1\nkind: Pod\n',
      'm.yaml: expected a document of kind Migration, found Pod in line 1',
    ],
    ['nothing at all', '', 'm.yaml: expected a document of kind Migration, found nothing'],
    ['a text', 'hello', 'm.yaml: expected a document of kind Migration, found no kind in line 1'],
    ['two migrations', `${GOOD}---\n${GOOD}`, 'm.yaml:11: expected one Migration per file, found another'],
    ['no YAML', 'a: [', 'm.yaml:1: invalid YAML: unexpected end of the stream within a flow collection'],
    [
      'an alias to nothing',
      withLine('copy: *c'),
      'm.yaml:10: invalid YAML: anchor &c of this alias is not defined before it',
    ],
    [
      'a tag that makes objects',
      withLine('copy: !!js/function x'),
      'm.yaml:10: invalid YAML: tag !!js/function is not supported',
    ],
    [
      'options that belong elsewhere',
      GOOD.replace('  target:', '  target:\n    mountOptions: [subdir=a]'),
      'm.yaml:9: spec.target.mountOptions[0]: subdir comes from spec.paths; expected other options only',
    ],
    [
      'the same in another spelling',
      GOOD.replace('  target:', '  target:\n    mountOptions: [--Subdir=a]'),
      'm.yaml:9: spec.target.mountOptions[0]: subdir comes from spec.paths; expected other options only',
    ],
    [
      'more than one mount option in one, where another may hide',
      GOOD.replace('  target:', '  target:\n    mountOptions: ["cache-size=1,read-only"]'),
      'm.yaml:9: spec.target.mountOptions[0]: expected one option without commas or spaces, found "cache-size=1,read-only"',
    ],
  ])('%s', (_, text, message) => {
    expect(mistakes(text)).toEqual([message])
  })

  test('all of it at once', () => {
    expect(mistakes(GOOD.replace('kind: Migration', 'kind: Migration\nx: 1').replace('/data/k8s', 'k8s'))).toEqual([
      'm.yaml: 2 errors',
      'm.yaml:3: x: unknown key; known keys: apiVersion, kind, metadata, spec',
      'm.yaml:8: spec.paths[0].from: expected an absolute path, found "k8s"',
    ])
  })
})

describe('a file that was made to do harm does none', () => {
  test('a billion laughs', () => {
    const lines = ['a0: &a0 ["lol"]']
    for (let i = 1; i < 30; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    const laughs = `${GOOD}  source: {nodes: *a29}\n`
    expect(mistakes(`${lines.join('\n')}\n${laughs}`).length).toBeGreaterThan(10)
  })

  test('more aliases than anybody needs', () => {
    expect(mistakes(`a: &a 1\nb: [${Array(2000).fill('*a').join(',')}]`)).toEqual([
      'm.yaml:2: invalid YAML: more than 1000 aliases',
    ])
  })

  test('a value that holds itself', () => {
    expect(mistakes(GOOD.replace('{namespaces: [jupyter]}', '&s {namespaces: [jupyter], volumes: *s}'))).toEqual([
      'm.yaml:5: spec.select.volumes: expected a list, found a map',
    ])
  })

  test('nesting without an end', () => {
    expect(mistakes('['.repeat(10_000))[0]).toContain('m.yaml:1: invalid YAML: ')
  })

  test('a file of megabytes', () => {
    expect(mistakes('#'.repeat(2 << 20))).toEqual(['m.yaml: too large (2097152 characters, at most 1048576)'])
  })

  test('names of an object of JavaScript', () => {
    const text = GOOD.replace('    secretRef', '    volumeAttributes: {constructor: a, toString: b}\n    secretRef')
    expect(readMigration(text, 'm.yaml').target.volumeAttributes).toEqual({ constructor: 'a', toString: 'b' })
  })
})

describe('the file system that a migration names', () => {
  const target = {
    driver: 'csi.juicefs.com',
    secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
    volumeAttributes: {},
    mountOptions: [],
  }
  const written = (lines: string) => GOOD.replace(/^ {2}target:\n(?: {4}.*\n)*/m, `  target:\n${lines}`)
  const secretRef = '    secretRef: {name: juicefs-sc-secret, namespace: kube-system}\n'

  test.each(['', '    kind: juicefs\n', '    driver: csi.juicefs.com\n'])(
    'is read as 0.1.0 has written it, so that its plans keep their digest: %j',
    (line) => {
      const read = readMigration(written(line + secretRef), 'm.yaml')
      expect(read.target).toEqual(target)
      expect(Object.keys(read.target)).toEqual(Object.keys(target))
    },
  )

  test('may be known by another driver’s name, as it can be renamed at installation', () => {
    const read = readMigration(written(`    driver: juicefs.example.com\n${secretRef}`), 'm.yaml')
    expect(fileSystemOf(read.target).target).toEqual({ ...target, driver: 'juicefs.example.com' })
  })

  test('is refused at its line where this juicify does not know it', () => {
    expect(() => readMigration(written(`    kind: juicesf\n${secretRef}`), 'm.yaml')).toThrow(
      /expected as kind of file system one of juicefs, .*, found "juicesf"; did you mean juicefs\?/,
    )
  })

  test('is refused in a plan or a record that lacks what it needs', () => {
    expect(() => fileSystemOf({ kind: 'other' })).toThrow(
      /expected as kind of file system one of juicefs, .*, found "other"/,
    )
    expect(() => fileSystemOf({ driver: 'csi.juicefs.com' })).toThrow(
      'is not a JuiceFS target that this version of juicify supports',
    )
  })
})

test.each([
  ['a key that no migration has', 'copi: {}'],
  ['a key that is missing', 'probe: {}\n  quiesce: {rolling: [{}]}\n  copy: {imagePullSecrets: [{}]}'],
  ['a word that is none of those known', 'copy: {mode: non}'],
  ['a number for a string', 'copy: {mode: copy, image: 5}'],
  ['an empty string', 'copy: {image: ""}'],
  ['a word for a boolean', 'copy: {intoExisting: maybe}'],
  ['a number that is too low', 'copy: {bandwidth: 0}'],
  ['a number that is too high', 'copy: {parallel: 100}'],
  ['a string for a list', 'copy: {imagePullSecrets: x}'],
  ['a list for a map', 'copy: []'],
  ['a list as key', 'copy: {[a]: b}'],
  ['a key twice', 'copy: {mode: copy, mode: none}'],
])('what is wrong within a migration is said in Chinese where Chinese is spoken: %s', (_, line) => {
  speak('zh')
  for (const mistake of mistakes(withLine(line))) expect(mistake).toMatch(/^m\.yaml.*\p{Script=Han}/u)
})
