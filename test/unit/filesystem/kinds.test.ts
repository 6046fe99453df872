import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { FileSystem, Target } from '../../../src/domain/filesystem.ts'
import type { PersistentVolume } from '../../../src/domain/volume.ts'
import { fileSystemOf, kindNames, setupKindOf } from '../../../src/filesystem/registry.ts'
import { readMigration } from '../../../src/planner/migration-file.ts'
import { finding, said } from '../../../src/words/finding.ts'

const migrationIn = (name: string) => {
  const file = `plans/${name}.yaml`
  return readMigration(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'), file)
}
const opened = (name: string): FileSystem => fileSystemOf(migrationIn(name).target)
const claim = { namespace: 'jupyter', name: 'workspace' }
const pv = (source: object): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: { ...source },
})

/** Every example in plans/, and the source of a volume of it at a place and at the root. */
const EXAMPLES: [string, object, object?][] = [
  [
    'nfs-csi',
    {
      csi: {
        driver: 'nfs.csi.k8s.io',
        volumeHandle: 'nfs.example.org#export/cube#pv',
        volumeAttributes: { server: 'nfs.example.org', share: '/export/cube' },
      },
      mountOptions: ['nfsvers=4.1'],
    },
    {
      csi: {
        driver: 'nfs.csi.k8s.io',
        volumeHandle: 'nfs.example.org#export/cube#pv',
        volumeAttributes: { server: 'nfs.example.org', share: '/export/cube', subDir: 'a/数据' },
      },
      mountOptions: ['nfsvers=4.1'],
    },
  ],
  ...['', '/a/数据'].map((place): [string, object] => [
    'cephfs-csi',
    {
      csi: {
        driver: 'cephfs.csi.ceph.com',
        volumeHandle: 'pv',
        volumeAttributes: {
          clusterID: 'ba68226a-672f-4ba5-97bc-22840318b2ec',
          fsName: 'cephfs',
          staticVolume: 'true',
          rootPath: `/volumes/cube${place}`,
        },
        nodeStageSecretRef: { name: 'csi-cephfs-secret', namespace: 'ceph-csi' },
      },
    },
  ]),
  [
    'nfs',
    { nfs: { server: 'nfs.example.org', path: '/export/cube' }, mountOptions: ['nfsvers=4.1'] },
    { nfs: { server: 'nfs.example.org', path: '/export/cube/a/数据' }, mountOptions: ['nfsvers=4.1'] },
  ],
  [
    'curvefs',
    {
      csi: {
        driver: 'csi.curvefs.com',
        volumeHandle: 'workspace',
        volumeAttributes: { fsType: 's3', mdsAddr: '10.0.0.21:6700,10.0.0.22:6700,10.0.0.23:6700' },
      },
    },
  ],
]

describe('the volumes of the examples in plans/', () => {
  test.each(EXAMPLES)('%s', (name, ...expected) => {
    const { volumes } = opened(name)
    const made = ['', 'a/数据'].map((subdir) => volumes.sourceFor({ name: 'pv', subdir, claim }))
    for (const source of expected) expect(made).toContainEqual(source)
  })

  test.each(['cube-studio', 'nfs-csi', 'cephfs-csi', 'nfs'])('%s: a volume says where it is', (name) => {
    const { volumes } = opened(name)
    for (const subdir of ['', 'a', 'a/b', 'kubeflow/pipeline/工作', 'a:b@c%d+e']) {
      const made = pv(volumes.sourceFor({ name: 'pv', subdir, claim }))
      expect([volumes.isSame(made), volumes.subdirOf(made)]).toEqual([true, subdir])
      const shown = pv(volumes.sourceLike(made, 'probe'))
      expect([volumes.isSame(shown), volumes.subdirOf(shown)]).toEqual([true, subdir])
    }
  })

  test.each(['cube-studio', 'nfs-csi', 'cephfs-csi', 'nfs', 'curvefs'])(
    '%s: what a plan holds opens the same file system again, and all of it is in the plan',
    (name) => {
      const { target } = migrationIn(name)
      const again = JSON.parse(JSON.stringify(target)) as Target
      expect(fileSystemOf(again).identity).toBe(opened(name).identity)
      const place = { name: 'pv', subdir: '', claim }
      expect(fileSystemOf(again).volumes.sourceFor(place)).toEqual(opened(name).volumes.sourceFor(place))
    },
  )

  test('no two of them are taken for one file system', () => {
    const names = ['cube-studio', 'nfs-csi', 'cephfs-csi', 'nfs', 'curvefs']
    const places = names.map((name) => pv(opened(name).volumes.sourceFor({ name: 'pv', subdir: '', claim })))
    const same = names.map((name) => places.map((place) => opened(name).volumes.isSame(place)))
    expect(same).toEqual(names.map((_, i) => names.map((_, j) => i === j)))
    expect(new Set(names.map((name) => opened(name).identity)).size).toBe(names.length)
  })
})

describe('what others have made there', () => {
  test('a volume that csi-driver-nfs has provisioned is seen where it is, in its own spelling', () => {
    const { volumes } = opened('nfs-csi')
    const provisioned = (attributes: object) =>
      pv({ csi: { driver: 'nfs.csi.k8s.io', volumeHandle: 'x', volumeAttributes: attributes } })
    const attributes = { server: 'nfs.example.org', share: '/export/cube' }
    const one = provisioned({ ...attributes, subdir: 'pvc-1', 'csi.storage.k8s.io/pv/name': 'pvc-1' })
    expect([volumes.isSame(one), volumes.subdirOf(one)]).toEqual([true, 'pvc-1'])
    expect(volumes.isSame(provisioned({ ...attributes, share: '/export/other' }))).toBe(false)
    expect(volumes.holds(provisioned({ ...attributes, share: '/export/other' }))).toBe(true)
  })

  test('what lies beside the directory of a template or of an export is not on it', () => {
    const { volumes } = opened('cephfs-csi')
    const { csi } = volumes.sourceFor({ name: 'pv', subdir: 'a', claim })
    const at = (rootPath: string) =>
      volumes.isSame(pv({ csi: { ...csi, volumeAttributes: { ...csi?.volumeAttributes, rootPath } } }))
    expect([at('/volumes/cube/b'), at('/volumes/cube-other/b'), at('/volumes')]).toEqual([true, false, false])
    const nfs = opened('nfs').volumes
    const exported = (path: string, server = 'nfs.example.org') => nfs.isSame(pv({ nfs: { server, path } }))
    expect([exported('/export/cube/'), exported('/export/cubes'), exported('/export')]).toEqual([true, false, false])
    expect(exported('/export/cube', 'other')).toBe(false)
  })

  test('a CurveFS is the same by its name, whichever of its servers a volume names', () => {
    const { volumes } = opened('curvefs')
    const at = (volumeHandle: string, mdsAddr: string) =>
      volumes.isSame(
        pv({ csi: { driver: 'csi.curvefs.com', volumeHandle, volumeAttributes: { fsType: 's3', mdsAddr } } }),
      )
    expect(at('workspace', '10.0.0.22:6700')).toBe(true)
    expect([at('other', '10.0.0.22:6700'), at('workspace', '10.9.9.9:6700')]).toEqual([false, false])
  })
})

describe('what cannot be', () => {
  const problems = (target: string) => {
    const text = `apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: m}
spec:
  select: {namespaces: ["*"]}
  paths: [{from: /data, to: ""}]
  target: ${target}
`
    try {
      readMigration(text, 'm.yaml')
      return ''
    } catch (error) {
      return String(error)
    }
  }

  test.each([
    ['{csi: {driver: d}}', 'm.yaml:7: spec.target.csi: expected {subdir} in volumeAttributes or mountOptions'],
    ['{csi: {volumeAttributes: {p: "{subdir}"}}}', 'missing required key driver'],
    ['{csi: {driver: d, volumeHandle: h, volumeAttributes: {p: "{subdir}"}}}', 'no two volumes may share a handle'],
    ['{csi: {driver: d, volumeHandle: "{subdir}", volumeAttributes: {p: "{subdir}"}}}', 'expected {name}, or'],
    ['{csi: {driver: d, volumeAttributes: {p: "/{claim}/{subdir}"}}}', 'expected {subdir} as the only word'],
    ['{csi: {driver: d, volumeAttributes: {p: "{subdirectory}"}}}', 'between braces, found {subdirectory}'],
    [
      '{csi: {driver: d, volumeAttributes: {p: "{subdir}", s: true}}}',
      'expected a string, found the boolean true; write "true"',
    ],
    ['{csi: {driver: d, volumeAttributes: {p: "{subdir}"}}, mountOptions: ["a,b"]}', 'without commas or spaces'],
    ['{csi: {driver: csi.juicefs.com, volumeAttributes: {p: "{subdir}"}}}', 'is the driver of the kind juicefs'],
    ['{csi: {driver: d, volumeAttribute: {}}}', 'unknown key; did you mean volumeAttributes?'],
    ['{nfs: {server: s, path: export}}', 'expected an absolute path without ".."'],
    ['{nfs: {server: s}}', 'missing required key path'],
    ['{kind: nfs}', 'missing required key nfs'],
    ['{kind: curvefs, name: a/b, mdsAddr: "h:1"}', 'expected the name of a file system'],
    ['{kind: curvefs, name: a, mdsAddr: host}', 'expected address:port'],
    ['{kind: curvefs, name: a, mdsAddr: "h:1", fsType: nfs}', 'expected s3 or volume'],
    ['{kind: curvefs, name: a, mdsAddr: "h:1", mountOptions: [{a: b}]}', 'expected a string, found a map'],
    ['{kind: curfs}', 'did you mean curvefs?'],
  ])('%s', (target, problem) => expect(problems(target)).toContain(problem))

  test('a rule that leads below the root of a CurveFS is refused where it stands', () => {
    const at = '{kind: curvefs, name: a, mdsAddr: "h:1"}'
    expect(problems(at)).toBe('')
    expect(problems(`${at}\n  probe: {mode: none}`.replace('""', 'x'))).toBe('')
    const text = readFileSync(new URL('../../../plans/curvefs.yaml', import.meta.url), 'utf8')
    expect(() => readMigration(text.replace('to: ""', 'to: team'), 'm.yaml')).toThrow(
      'CurveFS workspace cannot use "team" as a subdir: a volume of its driver shows all of a file system',
    )
  })

  test('a plan of another version, whose target lacks what is needed, is refused with a word', () => {
    for (const target of [
      { kind: 'csi' },
      { kind: 'nfs', nfs: {} },
      { kind: 'curvefs', name: 'x' },
      { kind: 'lustre' },
    ])
      expect(() => fileSystemOf(target)).toThrow(/target of the migration/)
  })
})

test('every kind can be set up, or says what people do instead', () => {
  for (const kind of kindNames()) {
    if (kind === 'juicefs') expect(setupKindOf(kind).kind).toBe(kind)
    else expect(() => setupKindOf(kind)).toThrow(`For ${kind} juicify has nothing to set up.`)
  }
})

test.each(['en', 'zh'] as const)(
  'what nobody has written a sentence for has one that fits all drivers: %s',
  (language) => {
    const driver = 'smb.csi.k8s.io'
    const missing = finding('block', 'driver-missing', {}, { driver, registered: false, target: 'own' })
    const secret = finding('block', 'secret-missing', {}, { target: 'own' })
    for (const each of [missing, secret]) {
      const { why, remedy } = said(each, language)
      expect(remedy).toMatch(/\S/)
      expect(`${why} ${remedy}`).not.toMatch(/juicefs|curvefs|target\.csi|target\.secretRef/i)
    }
  },
)
