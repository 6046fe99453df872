import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/domain/plan.ts'
import type { Event } from '../../../src/engine/events.ts'
import { historyLine } from '../../../src/engine/history.ts'
import { historyOf } from '../../../src/engine/read-history.ts'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { htmlPage } from '../../../src/report/document/html.ts'
import { markdownPage } from '../../../src/report/document/markdown-page.ts'
import { planReport, recordsReport } from '../../../src/report/document/report.ts'
import { verified as verifiedEvent } from '../../laboratory/verified.ts'
import { cubePlan, group, plan, plannedVolume, workload } from './plans.ts'

const at = new Date('2026-11-26T20:00:00Z')
const place = { title: 'lab (https://10.0.0.1:6443)', at, flags: ' --context lab', version: '0.2.0' }

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u202e`

/** A plan in which everything that a tenant can choose is an attack. */
function hostilePlan(): Plan {
  const volume = plannedVolume('jupyter', 'kubeflow-archives', `/data/${HOSTILE}`, HOSTILE, { name: HOSTILE })
  volume.before.metadata.annotations = { [HOSTILE]: HOSTILE }
  volume.after.metadata.annotations = { [HOSTILE]: `${HOSTILE} after` }
  return plan(
    [
      group(HOSTILE, [volume], {
        staying: [`/data/${HOSTILE}/${HOSTILE}`],
        workloads: [workload('Deployment', 'jupyter', HOSTILE, { user: HOSTILE })],
      }),
    ],
    {
      metadata: { name: HOSTILE },
      findings: [{ severity: 'warn', code: 'in-use', group: HOSTILE, why: HOSTILE, remedy: HOSTILE }],
    },
  )
}

const seconds = (after: number) => new Date(at.getTime() + after * 1000)

/** The record of a group of which a run did all this, second by second. */
function recordOf({ groups: [first] }: Plan, told: [second: number, event: Event][], more: object = {}): GroupRecord {
  if (!first) throw new Error('the plan has no group')
  const origin = plan([])
  return {
    kept: {
      group: first,
      plan: { name: 'friday', digest: 'sha256:0', cluster: origin.cluster, migration: origin.migration },
      originals: {},
      claims: {},
      workloads: [],
      restore: {},
    },
    state: {
      phase: 'migrated',
      stopping: false,
      startedAt: at.toISOString(),
      updatedAt: seconds(60).toISOString(),
      by: `ops@${HOSTILE}`,
      away: Object.fromEntries(first.volumes.map(({ name }) => [name, 140])),
      history: told.flatMap(([second, event]) => historyLine(event, seconds(second)) ?? []),
      ...more,
    },
  }
}

const step = (name: 'stop' | 'swap' | 'start' | 'finish', type: 'step-started' | 'step-ended'): Event =>
  type === 'step-started'
    ? { type, group: 'g', step: name, undo: false }
    : { type, group: 'g', step: name, undo: false, outcome: 'done' }

const contents = { files: 12, directories: 7, links: 0, bytes: 106_621 }
const verified = verifiedEvent({
  directory: `/data/${HOSTILE}`,
  source: contents,
  target: contents,
  conflictCount: 1,
  conflicts: [{ path: HOSTILE, taken: 'node1', left: 'node2', differsIn: 'content' }],
  notCarried: { count: 1, examples: [{ path: HOSTILE, kind: 'socket' }] },
})
const RUN: [number, Event][] = [
  [10, step('stop', 'step-started')],
  [11, { type: 'workload-stopped', group: 'g', workload: `Deployment jupyter/${HOSTILE}` }],
  [14, step('stop', 'step-ended')],
  [20, verified],
  [30, step('start', 'step-started')],
  [41, { type: 'workload-started', group: 'g', workload: `Deployment jupyter/${HOSTILE}` }],
  [42, step('start', 'step-ended')],
  [43, step('finish', 'step-started')],
]

const hostile = {
  'of a plan': () => planReport(hostilePlan(), place),
  'of what was done': () => recordsReport([recordOf(hostilePlan(), RUN)], place),
}

describe.each(Object.entries(hostile))('a report %s', (_, make) => {
  test('is a page in which no name can be markup, and nothing may run or be loaded', () => {
    const page = htmlPage(make())
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|link|base)\b/i)
    // what looks like an attribute stands in a text, whose quotes are escaped
    expect(page.replace(/&quot;&gt;.*?onerror/g, '')).not.toMatch(/<[^>]*\bon\w+=/i)
    expect(page).not.toMatch(/\s(style|src|href)="/)
    expect(page).not.toContain('\u202e')
    expect(page).toContain('&lt;script&gt;alert(1)')
    expect(page).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/,
    )
  })

  test('is Markdown in which no name can be markup', () => {
    const lines = markdownPage(make())
      .replace(/^(`{3,}).*?^\1$/gms, '')
      .split('\n')
    expect(lines.filter((line) => /(^|[^\\])</.test(line))).toEqual([])
  })
})

describe('a report of a plan', () => {
  const page = htmlPage(planReport(cubePlan(), place))

  test('says of which cluster and which plan it is, what stays, who is stopped, and how to take it back', () => {
    for (const text of [
      'lab (https://lab)',
      'sha256:0',
      '/data/k8s/kubeflow/minio',
      'stays where it is',
      'Deployment infra/kubeflow-dashboard',
      'replicas 3 → 0 → 3',
      '张三',
      'juicify rollback --copy-back --context lab',
    ])
      expect(page).toContain(text)
  })

  test('has a picture with a title and a description, and a table behind it', () => {
    expect(page).toMatch(/<svg role="img"[^>]* aria-labelledby="directories-title directories-words"/)
    expect(page).toMatch(/<title id="directories-title">[^<]+<\/title><desc id="directories-words">[^<]+<\/desc>/)
    expect(page).toMatch(/<summary>Directories, and where they go, as a table<\/summary><table>/)
  })

  test('of 1,000 volumes is at most 5 MB, with each of them in it', () => {
    const volumes = Array.from({ length: 1_000 }, (_, i) =>
      plannedVolume(`team-${i}`, 'data', `/data/team-${i}`, `team-${i}`),
    )
    const large = plan(
      volumes.map((volume, i) =>
        group(`team-${i}`, [volume], { workloads: [workload('Deployment', `team-${i}`, 'web')] }),
      ),
    )
    const text = htmlPage(planReport(large, place))
    expect(text.length).toBeLessThan(5_000_000)
    for (const { name } of volumes) expect(text).toContain(name)
  })
})

describe('a report of what was done', () => {
  const record = recordOf(hostilePlan(), RUN)

  test('says how long each workload stood still, what was compared, and how long the volumes were unbound', () => {
    const text = markdownPage(recordsReport([record], place))
    expect(text).toMatch(/\| 30\.0 s \|/)
    expect(text).toContain('equal | 12 | 104 KiB')
    expect(text).toContain('140 ms at most')
    expect(text).toContain('socket')
  })

  test('counts from when a killed run began to stop, where that one did not get to tell when', () => {
    const [stopping, ...rest] = RUN
    const killed = recordOf(hostilePlan(), [
      stopping ?? [0, verified],
      [100, step('stop', 'step-started')],
      [101, rest[0]?.[1] ?? verified],
    ])
    expect(historyOf(killed).downtimes).toMatchObject([{ from: seconds(10).getTime() }])
    expect(historyOf(killed).steps.map(({ outcome }) => outcome)).toEqual(['broken off', 'broken off'])
  })

  test('ends the last step with the mark that the group is migrated', () => {
    expect(historyOf(record).steps.at(-1)).toMatchObject({
      step: 'finish',
      until: seconds(60).getTime(),
      outcome: 'done',
    })
  })

  test('believes no line of a history that is no event of ours, and says how many there are', () => {
    const lines = ['{', '[]', 'null', '{"type":"verified","bytes":"many"}', '{"version":9,"type":"copied"}']
    const odd = recordOf(hostilePlan(), [], { history: lines })
    expect(historyOf(odd).unread).toBe(5)
    expect(markdownPage(recordsReport([odd], place))).toContain('5 lines of the records’ history cannot be read')
  })

  test('is made of records of earlier versions too, which have no history', () => {
    const earlier = recordOf(hostilePlan(), [], { history: undefined })
    expect(htmlPage(recordsReport([earlier], place))).toContain('migrated')
  })
})
