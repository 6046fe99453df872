import { afterEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../../src/domain/finding.ts'
import type { Well } from '../../../src/domain/readiness.ts'
import { withoutPasswords } from '../../../src/domain/redacted.ts'
import { checkWords } from '../../../src/words/check.ts'
import { finding, said } from '../../../src/words/finding.ts'
import { helpWords } from '../../../src/words/help.ts'
import { type Language, languageOf, speak } from '../../../src/words/language.ts'
import { messages } from '../../../src/words/messages.ts'
import { overviewWords } from '../../../src/words/overview.ts'
import type { Expected } from '../../../src/words/refusals.en.ts'
import { setupWords } from '../../../src/words/setup.ts'
import { troubleWords } from '../../../src/words/trouble.ts'

afterEach(() => speak('en'))

const HAN = /\p{Script=Han}/u

describe('the language of the environment', () => {
  test.each([
    [{}, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'zh' }, 'zh'],
    [{ LANG: 'zh-Hans' }, 'zh'],
    [{ LANG: 'zha_CN' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'zh_TW' }, 'zh'],
    [{ LANG: 'zh_CN', LC_MESSAGES: 'zh_CN', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'zh_CN', LC_ALL: '' }, 'zh'],
  ] as const)('%j: %s', (environment, expected) => {
    expect(languageOf(environment)).toBe(expected)
  })
})

describe('the Chinese catalogue', () => {
  test('says every message, and every one in Chinese', () => {
    const plain = (said: string) => !/\p{Script=Han}/u.test(said)
    const found = spoken(messages('zh'), '').filter(([, said]) => plain(said))
    // those that say nothing but what they are given
    expect(found.map(([key]) => key)).toEqual([
      '.state',
      '.details',
      '.of',
      '.plan.withSecret',
      '.plan.on',
      '.question.step',
      '.question.stepTitle',
      '.question.stepUndo',
      '.directoryUser.together',
      '.workload.patched',
      '.workload.retained',
      '.record.of',
      '.record.other',
      '.progress.of',
      '.progress.standingFor',
      '.event.ended',
      '.event.quotaLeft',
      '.markdown.about',
      '.report.differsIn',
      '.report.of',
    ])
  })

  test('has no message that the English one lacks', () => {
    const keys = (edition: object) => spoken(edition, '').map(([key]) => key)
    expect(keys(messages('zh'))).toEqual(keys(messages('en')))
  })
})

describe.each([
  ['the overview', overviewWords],
  ['help', helpWords],
  ['setup', setupWords],
])('what %s says', (_, edition) => {
  const says = (language: Language) => spoken(edition(language), '', { 'juicefs.next': [{}] })

  test('is Chinese in whole, and of nothing else than in English', () => {
    expect(says('zh').filter(([, said]) => !HAN.test(said))).toEqual([])
    expect(says('zh').map(([key]) => key)).toEqual(says('en').map(([key]) => key))
  })

  test('names the same flags, variables and files in both languages', () => {
    const named = (said: string) => [
      ...new Set(said.match(/(?<!\w)--?[a-z][a-z-]*|\b[A-Z]+_[A-Z_]+|\b\w+\.(?:sh|yaml|env|kubeconfig)\b/g)),
    ]
    const english = new Map(says('en'))
    for (const [key, said] of says('zh'))
      expect([key, named(said).sort()]).toEqual([key, named(english.get(key) ?? '').sort()])
  })
})

test.each<Expected>([
  { is: 'selector' },
  { is: 'duration' },
  { is: 'duration-or-none' },
  { is: 'resource' },
  { is: 'schedule' },
  { is: 'kubernetes-version' },
  { is: 'whole-number', least: 1, example: 4 },
  { is: 'whole-number', least: 1, most: 9, example: 4 },
  { is: 'namespaced-name', name: 'x' },
  { is: 'job-name', longest: 52 },
])('what a flag has to be is said in both languages: %j', (expected) => {
  const { message, remedy } = messages('zh').refusal.invalid('x', 'y', expected)
  expect(message).toMatch(/^--x 的值 "y" 无效：必须是/)
  expect(remedy === '' || HAN.test(remedy) || /kubectl/.test(remedy)).toBe(true)
  expect(messages('en').refusal.invalid('x', 'y', expected).message).toMatch(/^invalid --x "y": must be [a-zN]/)
})

describe('what check says', () => {
  const says = (language: Language) => spoken(checkWords(language), '', CHECKED)

  test('is Chinese in every line, and of nothing else than in English', () => {
    expect(says('zh').filter(([, said]) => !/\p{Script=Han}/u.test(said))).toEqual([])
    expect(says('zh').map(([key]) => key)).toEqual(says('en').map(([key]) => key))
  })

  test('names the same commands and objects in both languages, and has a remedy in both or in none', () => {
    const named = (said: string) =>
      new Set(
        [
          ...said.matchAll(
            /juicify (?:rbac|check|probe|setup|status|resume)(?: --[a-z]+)?|[A-Z]+_[A-Z_]+|mc ilm [^.。 ]+|NAME-\w+/g,
          ),
        ].map(String),
      )
    const english = new Map(says('en'))
    for (const [key, said] of says('zh')) expect([key, named(said)]).toEqual([key, named(english.get(key) ?? '')])
    const lines = (language: Language) => says(language).map(([key, said]) => [key, said.split('\n').length])
    expect(lines('zh')).toEqual(lines('en'))
  })

  test.each<[Well, string]>([
    [{ is: 'registered', driver: 'd' }, '驱动 d 已在所有可运行 Pod 的节点上注册'],
    [{ is: 'driver-ready', driver: 'd', nodes: 1 }, '驱动 d 已在唯一的节点上注册，其 Pod 已就绪'],
    [{ is: 'driver-ready', driver: 'd', nodes: 3 }, '驱动 d 已在全部 3 个节点上注册，其 Pod 已就绪'],
    [{ is: 'mount-pods', driver: 'd' }, 'd （版本未知），使用 mount pod 挂载'],
    [{ is: 'secret', name: 's', keys: [] }, 'Secret s 包含 （没有键）'],
    [{ is: 'settings', config: 'c', options: [] }, 'c 没有覆盖挂载选项'],
    [{ is: 'mover', title: 'rsync', image: 'i' }, 'Job 用 rsync 复制，镜像 i'],
    [{ is: 'kubelets', place: 'p', needs: 'n' }, 'kubelet 自己挂载 p：不需要驱动，但每个节点上都要有 n'],
  ])('of what is well: %j', (well, said) => {
    expect(checkWords('zh').well(well)).toBe(said)
  })
})

describe('what is said of trouble deep in a run', () => {
  const says = (language: Language) => spoken(troubleWords(language), '', TROUBLE)

  test('is Chinese in every sentence, and of nothing else than in English', () => {
    expect(says('zh').filter(([, said]) => !HAN.test(said))).toEqual([
      ['.language', 'zh'],
      ['.workload.pods', 'NAME-pod。'],
      ['.workload.pod', 'NAME-pod（NAME-part）'],
    ])
    expect(says('zh').map(([key]) => key)).toEqual(says('en').map(([key]) => key))
    expect(says('en').filter(([, said]) => HAN.test(said))).toEqual([])
  })

  test('names the same commands, flags, fields and objects in both languages, and has a remedy in both or in none', () => {
    const named = (said: string) =>
      [
        ...new Set(
          said.match(
            /juicify (?:plan|apply|resume|rollback|status|rbac|check)\b|kubectl (?!config)[a-z]+|(?<![\w-])--?[a-z][a-z-]*|\bspec\.[a-zA-Z.]+\w|\bNAME-\w+|\b[A-Z][a-z]+[A-Z]\w+/g,
          ),
        ),
      ].sort()
    const english = new Map(says('en'))
    for (const [key, said] of says('zh')) {
      const same = english.get(key) ?? ''
      expect([key, named(said)]).toEqual([key, named(same)])
      expect([key, said.split('\n').length]).toEqual([key, same.split('\n').length])
    }
  })
})

test.each(['en', 'zh'] as const)('an address in an error is not taken for one with a password: %s', (language) => {
  const address = 'https://10.0.0.1:6443'
  const { server, lease } = troubleWords(language)
  const said = [
    ...spoken({ server }, '', TROUBLE, address),
    ['lease', lease.givenUp(address, '12:00', lease.tooLong(60)).message] as const,
  ]
  expect(said.filter(([, text]) => text.includes(address)).length).toBeGreaterThan(10)
  expect(said.filter(([, text]) => withoutPasswords(text) !== text)).toEqual([])
})

describe('a finding', () => {
  const lost = finding('note', 'claim-lost', {}, { volume: 'data', there: true })

  test('says in another language what its data say, and in English what it has always said', () => {
    expect(said(lost, 'en').why).toBe(
      'It is Lost: data was created again by hand, without the uid of the claim. The swap sets the uid, so that they are bound again.',
    )
    expect(said(lost, 'zh').why).toContain('data 被手工重建')
  })

  test.each<[string, Finding]>([
    ['without data, as earlier versions wrote it', { ...lost, data: undefined }],
    ['whose data are of another form', { ...lost, data: { volumes: ['data'] } }],
    ['that says something else than its data', { ...lost, why: 'It is gone.' }],
  ])('%s is said as it stands', (_, found) => {
    expect(said(found, 'zh').why).toBe(found.why)
  })

  test('that has nothing to vary needs no data', () => {
    const unclaimed = finding('note', 'unclaimed', {}, {})
    expect(unclaimed).not.toHaveProperty('data')
    expect(said(unclaimed, 'zh').why).toContain('没有 PVC')
  })
})

/** Everything that an edition says, by its key; functions are asked with something for each of their parameters. */
function spoken(value: unknown, key: string, something = SOMETHING, word = 'x'): [string, string][] {
  if (typeof value === 'string') return [[key, value]]
  if (Array.isArray(value)) return [[key, value.join(' ')]]
  if (typeof value === 'function') {
    const said: unknown = value(...(something[key.slice(1)] ?? Array(6).fill(word)))
    return [[key, typeof said === 'string' ? said : Object.values(said as object).join('\n')]]
  }
  return Object.entries(value as object).flatMap(([name, each]) => spoken(each, `${key}.${name}`, something, word))
}

/** The parameters of those that take more than words and numbers. */
const SOMETHING: Record<string, unknown[]> = {
  'plan.on': [['x']],
  'plan.asOf': ['x', ['x'], 'x'],
  'plan.excluded': [['x']],
  'progress.standing': [['x']],
  'question.apply': [{ migrate: 1, resume: 1, stopping: 1, where: 'x' }],
  'question.rollBack': [{ volumes: 1, where: 'x', left: 1, brought: 1 }],
  unknownKind: [['x'], 'x', 'x'],
  'rollback.differs': ['x', 1, 'left', ['x']],
  'finish.notKnown': [['x']],
  'finish.changed': ['x', 1, 'x', ['x']],
  'finish.deleted': [['x']],
  'finish.interrupted': [['x']],
  'interrupt.forgettingAtOnce': [['x'], ['x']],
  'summary.stopped': [[{ group: 'x', workloads: ['x'] }]],
  'summary.totals': [1, ['x']],
  'notification.begun': ['x', 'x', ['x']],
  'directoryUser.line': [{ user: 'x', path: 'x', directory: 'x', lies: 'above', node: 'x', uses: false }],
  'directoryUser.inShort': [['x']],
  'directoryUser.changed': [['x']],
  'directoryUser.open': [['x']],
  'directoryUser.notLookedAt': [['x']],
  'directoryUser.unread': [['x']],
  'directoryUser.together': [['x']],
  'probe.seen': [{ what: 'x', writer: 'x', node: 'x', roundTrip: 'x' }],
  'embedded.unknownKinds': [1, ['x']],
  'measuring.resolveFirst': [['x']],
  'setup.secrets': [['x']],
  'refusal.outOfDate': [{ field: 'x', object: 'x', was: 'x', is: 'x', more: 1 }],
  'refusal.otherCluster': [{ planned: 'x', expected: 'x', found: 'x', cluster: 'x' }],
  'refusal.otherPlan': [{ group: 'x', field: 'x', object: 'x' }],
  'refusal.neverCopied': [['x']],
  'refusal.interactive': ['dumb'],
  'refusal.selectsNothing': ['x', ['x'], ['x']],
  'refusal.noSuchName': ['x', 'volume', 'x', 'x'],
  'refusal.unknownNames': [['x'], 'x'],
  'refusal.notAPlan': ['x', { kind: 'x' }, 'x'],
  'connection.noKubeconfig': [['x']],
  'connection.groupsWithoutUser': [['x']],
  'refusal.noClass': ['x', ['x']],
  'refusal.notInJob': ['x', 'log', ['x']],
  'refusal.flagNotInJob': ['--x', 'log'],
  'refusal.noSetupPart': ['x', 'x', ['x']],
  'refusal.noSetup': ['x', ['x']],
  'refusal.otherKindsFlag': ['x', 'x', ['x']],
  'refusal.missingAnswers': [[{ key: 'x', secret: { what: 'x', variable: 'X' } }]],
  'refusal.secretsFile': ['x', { is: 'unknown-key', near: 'x' }, ['x']],
  'refusal.notLoaded': [['x'], 'x'],
  'refusal.noManifests': [['x'], 'x'],
  'refusal.cannotRead': ['plan', 'x', 'x'],
  'refusal.inputReadTwice': ['plan'],
  'refusal.invalid': ['x', 'x', { is: 'duration' }],
  'refusal.notTrusted': [{ binding: 'x', subjects: ['x'], role: 'x', others: ['x'], namespace: 'x' }],
  'event.runStarted': ['apply', 1],
  'event.kindsDefined': [['x']],
  details: [['x']],
  'event.waitingForMounts': [['x']],
  'event.usedMeanwhile': [['x']],
  'event.marksKept': [['x'], 'x'],
  'event.verified': ['x', ['x']],
  'event.joined': [{ directory: 'x', node: 'x', missing: 1, older: 1, examples: 'x', more: true }],
  'event.probeStarted': [['x']],
  'event.probed': ['x', 'x', [{ node: 'x', span: 'x' }]],
  'event.admitted': ['x', [{ field: 'x', sent: 'x', admitted: 'x' }]],
  'event.mountsSeen': [1, ['x']],
  'leftBehind.copies': [['x']],
  'leftBehind.namespace': ['x', ['x']],
  'leftBehind.shared': ['x', ['x']],
  'leftBehind.definitions': [['x']],
}

/** The same of what is said of trouble deep in a run. */
const TROUBLE: Record<string, unknown[]> = {
  'server.invalidSecret': [['NAME-field']],
  'job.failed': ['NAME-work', 'NAME-node', '2 of 4', 'NAME-why'],
  'swap.finalizer': ['NAME-pv', ['NAME-finalizer']],
  'swap.differs': [{ field: 'NAME-field', is: 'NAME-is', expected: 'NAME-expected' }],
  'swap.neither': ['NAME-pv', ['NAME-one'], ['NAME-two']],
  'swap.notBound': ['NAME-why', ['NAME-state'], ['NAME-event'], { namespace: 'NAME-namespace', name: 'NAME-claim' }],
  'swap.notAtHome': ['NAME-group', ['NAME-state'], 'NAME-directory'],
  'group.blocked': ['NAME-group', [{ code: 'NAME-code', why: 'NAME-why' }], []],
  'group.denied': ['NAME-object', ['NAME-other'], 'NAME-why', 'NAME-remedy'],
  'group.otherVolume': [['NAME-field']],
  'group.sharedPlace': ['NAME-group', ['NAME-other']],
  'group.sharedCopyBack': ['NAME-group', ['NAME-other']],
  'group.wouldForget': ['NAME-group', ['NAME-volume']],
  'group.twofold': [
    {
      node: 'NAME-node',
      one: { directory: 'NAME-a', group: 'NAME-g', path: 'NAME-path', device: 'NAME-device' },
      other: { directory: 'NAME-b', group: 'NAME-h' },
      inside: true,
    },
  ],
  'workload.timedOut': [60, ['NAME-claim'], 'NAME-pods', ['NAME-remedy']],
  'workload.pods': [['NAME-pod']],
  'workload.pod': ['NAME-pod', ['NAME-part']],
  'workload.onNode': ['NAME-node', 'gone'],
  'workload.heldBy': [['NAME-finalizer']],
  'workload.oldPodsStay': ['NAME-workload', ['NAME-pod']],
  'copy.differ': ['NAME-directory', { missing: 1, changed: 2, extra: 3 }, ['NAME-path']],
  'copy.mounted': ['NAME-directory', 'NAME-place', 'NAME-title', ['NAME-user'], 'NAME-group'],
  'copy.used': ['NAME-directory', ['NAME-user']],
  'copy.merged': ['NAME-directory', ['NAME-node']],
  'copy.cannotMerge': ['NAME-mover', 'NAME-directory', ['NAME-node']],
  'copy.moverNeedsImage': ['NAME-mover', 'NAME-image', ['NAME-other']],
  'copy.noMover': ['NAME-title', 'NAME-mover', ['NAME-known']],
  'mount.failed': [{ why: 'NAME-why', remedy: 'NAME-remedy' }, 'NAME-words', 'NAME-secret'],
  'quota.job': ['look', 'NAME-group'],
  'probe.twoNodes': ['NAME-driver', ['NAME-node']],
}

const MISSING = [{ resource: 'NAME-pods', where: 'juicify', verbs: ['create', 'delete'] }]
const MOUNTED = { title: 'NAME-title', node: 'NAME-node', name: 'NAME-called' }

/** The same of what `check` says. */
const CHECKED: Record<string, unknown[]> = {
  required: [MISSING],
  optional: [MISSING],
  managed: [[{ by: 'NAME-helm', objects: ['NAME-pv'] }]],
  nodes: [2, [{ version: 'NAME-v1', nodes: 1 }, { nodes: 1 }], ['NAME-closed']],
  classes: [{ provisioner: 'NAME-csi', ours: [], defaults: ['NAME-local'] }],
  oldDirectoriesUsed: [['NAME-user']],
  inProgress: [['NAME-group']],
  records: [2],
  searches: ['NAME-config', ['NAME-path']],
  archives: ['NAME-config', ['NAME-path']],
  notDeleted: ['NAME-config', ['NAME-path']],
  full: [MOUNTED],
  empty: [MOUNTED],
  writable: [MOUNTED],
  well: [{ is: 'secret', name: 'NAME-secret', keys: ['NAME-key'] }],
  about: [['NAME-claim'], '如此'],
  ready: [1],
  notReady: [1, 1],
}
