import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff'
import type { Colors } from 'picocolors/types.js'
import { withoutServerFields } from '../domain/manifest.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import { toYaml } from '../domain/yaml.ts'
import { stoppableOf } from '../workloads/quiesce.ts'
import type { Means } from '../workloads/workload-kind.ts'
import { blockingCodes } from './findings.ts'
import { plain } from './layout.ts'
import { jobsWords, nothingToDo } from './plan-words.ts'

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
  const jobs = plan.jobs ? `${layout.color.dim(`# ${plain(jobsWords(plan))}`)}\n` : ''
  return groups.length === 0 ? `# ${nothingToDo(plan)}\n` : jobs + groups.join('\n')
}

function groupDiff(group: PlannedGroup, plan: Plan, layout: DiffLayout): string {
  const comment = (text: string) => layout.color.dim(`# ${plain(text)}`)
  if (group.blocked) {
    const names = group.volumes.map((volume) => volume.name).join(', ')
    const stay = names === '' ? '' : `: ${names} stay as they are`
    return `${comment(`group ${group.name} is blocked by ${blockingCodes(plan.findings, group.name).join(', ')}${stay}`)}\n`
  }
  const head = [`group ${group.name}`, ...group.workloads.map(workloadChange), ...group.volumes.flatMap(claimStays)]
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
  const patch = structuredPatch('before', 'after', old, now, undefined, undefined, {
    context,
    maxEditLength: MAX_EDIT_LENGTH,
  })
  const body = patch ? formatPatch(patch, OMIT_HEADERS) : wholly(old, now)
  const head = [`--- ${name} (before)`, `+++ ${name} (after)`].map((line) => color.bold(plain(line)))
  const lines = body
    .trimEnd()
    .split('\n')
    .map((line) => paintLine(plain(line), color))
  return `${[...head, ...lines].join('\n')}\n`
}

/** How a workload is stopped and started again, as one line: `Deployment pipeline/web: replicas 3 → 0 → 3`. */
export function workloadChange(workload: Workload): string {
  return `${describeRef(workload.ref)}: ${changeOf(workload)}`
}

function changeOf({ quiesce, replicas, stopped, ref }: Workload): string {
  if (stopped) return 'stopped already, and left so'
  switch (quiesce) {
    case 'stop':
      return stopWords(stoppableOf(ref).means, replicas)
    case 'rolling':
      return 'restarted pod by pod, once its volumes are in place'
    case 'delete':
      return 'deleted, and not created again'
    case 'wait':
      return 'waited for until it is finished'
    case 'refuse':
      return 'must be finished first'
  }
}

function stopWords(means: Means, replicas: number | undefined): string {
  switch (means.by) {
    case 'scale':
      return replicas === undefined ? 'stopped, and started again' : `replicas ${replicas} → 0 → ${replicas}`
    case 'patch':
      return means.change
    case 'recreate':
      return 'deleted, and created again'
  }
}

function claimStays({ claim }: PlannedGroup['volumes'][number]): string[] {
  return claim ? [`PersistentVolumeClaim ${claim.metadata.namespace}/${claim.metadata.name}: stays as it is`] : []
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
