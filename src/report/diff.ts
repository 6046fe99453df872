import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff'
import type { Colors } from 'picocolors/types.js'
import { withoutServerFields } from '../domain/manifest.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { clusterWords } from '../domain/survey.ts'
import { compareText, plain } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import { toYaml } from '../domain/yaml.ts'
import { messages } from '../words/messages.ts'
import { stoppableOf } from '../workloads/quiesce.ts'
import type { Means } from '../workloads/workload-kind.ts'
import { blockingCodes } from './findings.ts'
import { groupsUnderWay, jobsWords, quotaWords } from './plan-words.ts'

/** How a diff is shown; `context` is the number of unchanged lines around a change, 3 where not given. */
export interface DiffLayout {
  color: Colors
  context?: number
}

/** Above this many changed lines a diff is no longer worth its time: everything goes, everything comes. */
const MAX_EDIT_LENGTH = 2000

/**
 * What a plan changes: a unified diff of every PersistentVolume, with only what a person decides on (nothing that the
 * server sets), and a comment for what is changed and put back, stays, or is left out because it is blocked.
 */
export function planDiff(plan: Plan, layout: DiffLayout): string {
  const groups = plan.groups.map((group) => groupDiff(group, plan, layout))
  const head = [clusterWords(plan.cluster), ...(plan.jobs ? [jobsWords(plan)] : [])]
  const comments = head.map((line) => `${layout.color.dim(`# ${plain(line)}`)}\n`).join('')
  const nothing = groupsUnderWay(plan) > 0 ? messages().diff.nothingElse : messages().summary.nothingToDo
  return comments + (groups.length === 0 ? `# ${nothing}\n` : groups.join('\n'))
}

function groupDiff(group: PlannedGroup, plan: Plan, layout: DiffLayout): string {
  const comment = (text: string) => layout.color.dim(`# ${plain(text)}`)
  if (group.blocked) {
    const names = group.volumes.map((volume) => volume.name).join(', ')
    const codes = blockingCodes(plan.findings, group.name).join(', ')
    return `${comment(messages().diff.blocked(group.name, codes, names))}\n`
  }
  const head = [
    messages().diff.group(group.name),
    ...group.workloads.map(workloadChange),
    ...group.volumes.flatMap(claimStays),
    ...quotaWords(group),
  ]
  const diffs = group.volumes.map(({ before, after, name }) =>
    objectDiff(before, after, `PersistentVolume/${name}`, layout),
  )
  return `${head.map(comment).join('\n')}\n${diffs.join('')}`
}

/**
 * The unified diff of one object; empty where nothing changes that a person decides on.
 * @param before undefined where it is to be created
 * @param after undefined where it is to go
 */
export function objectDiff(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  name: string,
  { color, context = 3 }: DiffLayout,
): string {
  const [old, now] = [manifest(before), manifest(after)]
  if (old === now) return ''
  const head = [`--- ${name} (before)`, `+++ ${name} (after)`].map((line) => color.bold(plain(line)))
  const lines = changedLines(old, now, context).map((line) => paintLine(plain(line), color))
  return `${[...head, ...lines].join('\n')}\n`
}

/** The unified diff of one file, as `patch -p1` and `git apply` take it: to the letter, line ends included. */
export function fileDiff(file: string, before: string, after: string, { color, context = 3 }: DiffLayout): string {
  const head = [`--- a/${file}`, `+++ b/${file}`].map((line) => color.bold(line))
  const lines = changedLines(before, after, context).map((line) => paintLine(line, color))
  return `${[...head, ...lines].join('\n')}\n`
}

function changedLines(before: string, after: string, context: number): string[] {
  const patch = structuredPatch('before', 'after', before, after, undefined, undefined, {
    context,
    maxEditLength: MAX_EDIT_LENGTH,
  })
  const body = patch ? formatPatch(patch, OMIT_HEADERS) : wholly(before, after)
  return body.replace(/\n+$/, '').split('\n')
}

/** How a workload is stopped and started again, as one line: `Deployment pipeline/web: replicas 3 → 0 → 3`. */
export function workloadChange(workload: Workload): string {
  return messages().of(describeRef(workload.ref), changeOf(workload))
}

function changeOf({ quiesce, replicas, retains, stopped, ref }: Workload): string {
  const says = messages().workload
  if (stopped) return says.alreadyStopped
  switch (quiesce) {
    case 'stop': {
      const change = stopWords(stoppableOf(ref).means, replicas)
      return retains ? says.retained(change) : change
    }
    case 'rolling':
      return says.rolling
    case 'delete':
      return says.deleted
    case 'wait':
      return says.waits
    case 'refuse':
      return says.cannotBeStopped
  }
}

function stopWords(means: Means, replicas: number | undefined): string {
  const says = messages().workload
  switch (means.by) {
    case 'scale':
      return replicas === undefined ? says.stoppedAndStarted : says.replicas(replicas)
    case 'patch':
      return says.patched(means.change)
    case 'annotate':
      return says.annotated(means.annotation)
    case 'recreate':
      return says.recreated
  }
}

function claimStays({ claim }: PlannedGroup['volumes'][number]): string[] {
  return claim ? [messages().diff.unchanged(`${claim.metadata.namespace}/${claim.metadata.name}`)] : []
}

function manifest(object: KubeObject | undefined): string {
  return object ? toYaml(sorted(withoutServerFields(object))) : ''
}

/** The same value with the keys of every object in order, so that a diff shows no difference in their order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)).map(([key, field]) => [key, sorted(field)]))
}

function wholly(old: string, now: string): string {
  const lines = (text: string) => (text === '' ? [] : text.trimEnd().split('\n'))
  const [gone, come] = [lines(old), lines(now)]
  const range = (count: number) => `${count === 0 ? 0 : 1},${count}`
  return [
    `@@ -${range(gone.length)} +${range(come.length)} @@`,
    ...gone.map((line) => `-${line}`),
    ...come.map((line) => `+${line}`),
  ].join('\n')
}

function paintLine(line: string, color: Colors): string {
  if (line.startsWith('+')) return color.green(line)
  if (line.startsWith('-')) return color.red(line)
  if (line.startsWith('@@')) return color.cyan(line)
  return line
}
