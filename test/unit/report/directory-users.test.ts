import { expect, test } from 'vitest'
import type { DirectoryLook, DirectoryUser } from '../../../src/domain/old-directory.ts'
import { directoryLookLines, whyNotUnused } from '../../../src/report/directory-users.ts'

const look = (more: Partial<DirectoryLook> = {}): DirectoryLook => ({
  directory: '/data/k8s',
  node: 'node1',
  since: '2026-11-20T12:00:00Z',
  found: { changed: 0, examples: [] },
  ...more,
})
const user: DirectoryUser = { user: 'Deployment infra/neo4j', path: '/data/k8s', directory: '/data/k8s', uses: true }

test.each<[string, Parameters<typeof whyNotUnused>, ReturnType<typeof whyNotUnused>]>([
  ['nobody names them and nothing was changed', [[], [look()], []], undefined],
  ['they do not exist any more', [[], [look({ found: undefined, gone: true })], []], undefined],
  ['nobody has a file open', [[], [look({ found: { changed: 0, examples: [], open: [] } })], []], undefined],
  ['who mounts from above cannot write', [[{ ...user, uses: false }], [look()], []], undefined],
  [
    'something names one',
    [[user], [look()], []],
    { why: 'old directories still used by Deployment infra/neo4j', use: true },
  ],
  [
    'something was changed in one',
    [[], [look({ found: { changed: 3, examples: ['a'] } })], []],
    { why: 'entries changed since the swap in node1:/data/k8s', use: true },
  ],
  [
    'a process has something of one open',
    [[], [look({ found: { changed: 0, examples: [], open: [{ pid: 7, command: 'sh', how: 'cwd', path: '.' }] } })], []],
    { why: 'files open in node1:/data/k8s', use: true },
  ],
  [
    'one could not be looked at',
    [[], [look(), look({ node: 'node2', found: undefined, failure: 'node node2 does not exist' })], []],
    { why: 'node2:/data/k8s could not be checked', use: false },
  ],
  ['a kind may not be read', [[], [look()], ['Notebook']], { why: '1 kind could not be read: Notebook', use: false }],
])('old directories where %s', (_, given, expected) => {
  expect(whyNotUnused(...given)).toEqual(expected)
})

test('what was found on the nodes is told by node, directory, process and pod', () => {
  const open = [
    { pid: 7, podUid: 'u', pod: 'jupyter/alice', command: 'python', how: 'fd', path: 'a/b' },
    { pid: 8, command: 'bash', how: 'cwd', path: 'a' },
  ] as const
  const lines = directoryLookLines([
    look(),
    look({ found: { changed: 7, examples: ['a', 'b', 'c', 'd', 'e', 'f'], open: [...open] } }),
    look({ found: undefined, gone: true }),
    look({ found: undefined, failure: 'the look at /data/k8s failed on node1: it was killed' }),
  ]).map((line) => line.replace(/since the swap at [\d: -]+\d/, 'since then'))
  expect(lines).toEqual([
    'unused     node1:/data/k8s: nothing was changed since then',
    'changed    node1:/data/k8s: 7 entries since then: a; b; c; d; e; …',
    'open       node1:/data/k8s: process python (7, Pod jupyter/alice) has a/b open',
    'open       node1:/data/k8s: process bash (8) is in a',
    'unused     node1:/data/k8s does not exist any more',
    'not known  node1:/data/k8s: the look at /data/k8s failed on node1: it was killed',
  ])
})
