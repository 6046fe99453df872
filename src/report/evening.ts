import type { StepName } from '../domain/plan.ts'
import type { Event, EventOf } from '../engine/events.ts'
import { messages } from '../words/messages.ts'
import { age } from './amounts.ts'

/** What a step weighs in a group whose time nobody has forecast: copying is most of it. */
const WEIGHT: Partial<Record<StepName, number>> = { copy: 60, 'catch-up': 8, verify: 8, start: 8, stop: 6 }
const OTHER_WEIGHT = 2

/** Before that the share tells nothing of how long the rest takes. */
const LEAST_SHARE = 0.03
const LEAST_MS = 20_000

interface GroupSoFar {
  steps: { name: StepName; weight: number }[]
  over: boolean
  undo: boolean
  step: StepName | undefined
  done: Set<StepName>
  /** Directories of the group that are copied. */
  copies: number
  /** Pieces of the step that are through: each directory is copied, and then compared. */
  pieces: number
  jobs: Map<string, EventOf<'progress'>>
}

/** How far a run is, as its events tell: of each group, and of all of them. Times are milliseconds of one clock. */
export class Evening {
  readonly #groups = new Map<string, GroupSoFar>()
  readonly #stopped = new Map<string, { workload: string; since: number }>()
  #began: number | undefined

  note(event: Event, at: number): void {
    this.#began ??= at
    if (event.type === 'run-started') for (const name of event.groups) this.#groups.set(name, nothingYet())
    if (event.type === 'workload-stopped' && !this.#stopped.has(event.workload))
      this.#stopped.set(event.workload, { workload: event.workload, since: at })
    if (event.type === 'workload-started' || event.type === 'workload-left') this.#stopped.delete(event.workload)
    const group = 'group' in event && event.group ? this.#groups.get(event.group) : undefined
    if (group) noteOf(group, event)
  }

  /** How much of a group is done, from 0 to 1; undefined where it goes back, of which nobody knows how far it has to go. */
  shareOf(name: string): number | undefined {
    const group = this.#groups.get(name)
    return group && shareOf(group)
  }

  /** `2 of 5 groups  ██████░░░░░░░░░░  38%  12m left`. */
  head(at: number): string {
    const groups = [...this.#groups.values()]
    const shares = groups.map(shareOf)
    const over = groups.filter((group) => group.over).length
    const says = messages().progress
    const all = says.groups(over, groups.length)
    const known = shares.filter((share) => share !== undefined)
    if (known.length < shares.length || known.length === 0) return all
    const weights = groups.map(({ steps }) => steps.reduce((sum, { weight }) => sum + weight, 0) || 1)
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    const share = known.reduce((sum, each, i) => sum + each * (weights[i] ?? 0), 0) / whole
    const elapsed = at - (this.#began ?? at)
    const left =
      share >= LEAST_SHARE && share < 1 && elapsed >= LEAST_MS
        ? `  ${says.left(age((elapsed * (1 - share)) / share))}`
        : ''
    return `${all}  ${bar(share)}${left}`
  }

  /** What stands still, and for how long; empty where nothing does. */
  standing(at: number): string {
    const says = messages().progress
    const each = [...this.#stopped.values()].map(({ workload, since }) => says.standingFor(workload, age(at - since)))
    return each.length > 0 ? says.standing(each) : ''
  }
}

/** `██████░░░░░░░░░░  38%`. */
export function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR)
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`
}

const BAR = 16

function nothingYet(): GroupSoFar {
  return {
    steps: [],
    over: false,
    undo: false,
    step: undefined,
    done: new Set(),
    copies: 0,
    pieces: 0,
    jobs: new Map(),
  }
}

function noteOf(group: GroupSoFar, event: Event): void {
  switch (event.type) {
    case 'group-started':
      group.steps = event.steps.map((name) => ({ name, weight: WEIGHT[name] ?? OTHER_WEIGHT }))
      group.copies = event.copies ?? 0
      if (event.forecast) weigh(group, event.forecast)
      return
    case 'step-started':
      Object.assign(group, { step: event.step, undo: event.undo, pieces: 0, jobs: new Map() })
      return
    case 'step-ended':
      if (event.outcome !== 'failed' && !event.undo) group.done.add(event.step)
      Object.assign(group, { step: undefined, pieces: 0, jobs: new Map() })
      return
    case 'progress':
      group.jobs.set([event.directory, event.node, event.part].join('\0'), event)
      return
    case 'copied':
    case 'verified-ahead':
    case 'verified':
      group.pieces++
      group.jobs.clear()
      return
    case 'group-ended':
      group.over = true
  }
}

/** By what was forecast, where it was: the copy by its own time, and what workloads wait for by theirs. */
function weigh(group: GroupSoFar, { copy, down }: NonNullable<EventOf<'group-started'>['forecast']>): void {
  const rest = group.steps.filter(({ name }) => name !== 'copy')
  const weights = rest.reduce((sum, { weight }) => sum + weight, 0)
  for (const step of group.steps) {
    if (step.name === 'copy' && copy) step.weight = (copy.low + copy.high) / 2
    else if (down && weights > 0) step.weight = (step.weight / weights) * ((down.low + down.high) / 2)
  }
}

function shareOf(group: GroupSoFar): number | undefined {
  if (group.over) return 1
  if (group.undo) return undefined
  const whole = group.steps.reduce((sum, { weight }) => sum + weight, 0)
  if (whole === 0) return 0
  const done = group.steps.reduce((sum, { name, weight }) => {
    if (group.done.has(name)) return sum + weight
    return name === group.step ? sum + weight * shareOfStep(group) : sum
  }, 0)
  return done / whole
}

function shareOfStep({ step, copies, pieces, jobs }: GroupSoFar): number {
  const all = Math.max(1, copies) * (step === 'copy' ? 2 : 1)
  const percents = [...jobs.values()].map(({ percent = 0 }) => Math.min(percent, 100))
  const now = percents.length > 0 ? percents.reduce((sum, each) => sum + each, 0) / percents.length / 100 : 0
  return Math.min(1, (pieces + now) / all)
}
