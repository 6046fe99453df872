import type { StepName } from '../domain/plan.ts'

/** What a run tells while it works; it prints nothing itself. The schema of the JSON stream is docs/events.md. */
export type Event =
  | { type: 'run-started'; verb: Verb; groups: string[] }
  | { type: 'group-started'; group: string; volumes: string[]; steps: StepName[] }
  | { type: 'group-ended'; group: string; outcome: GroupOutcome; message?: string; remedy?: string }
  /** `undo`: the step is not taken, but taken back. */
  | { type: 'step-started'; group: string; step: StepName; undo: boolean }
  | {
      type: 'step-ended'
      group: string
      step: StepName
      undo: boolean
      outcome: 'done' | 'done-already' | 'failed'
      message?: string
    }
  /** Something that takes time, or that a person would want to know: what is waited for, what was found. */
  | { type: 'message'; group?: string; step?: StepName; volume?: string; level: 'info' | 'warn'; text: string }
  /** How far a copy or its verification is, as far as the mover tells: bytes a second, seconds left. */
  | {
      type: 'progress'
      group: string
      step: StepName
      directory: string
      node: string
      /** `2 of 4`, where several Jobs share the directory. */
      part?: string
      bytes?: number
      files?: number
      percent?: number
      rate?: number
      left?: number
    }
  /** A volume is in its new place and bound; `awayMs` from its deletion on, where this run deleted it. */
  | { type: 'volume-moved'; group: string; volume: string; awayMs?: number }
  /** What was not stopped has new pods now; `downMs` is for how long none of them was ready meanwhile. */
  | { type: 'workload-restarted'; group: string; workload: string; downMs: number }

export type Verb = 'apply' | 'rollback' | 'copy'

/** How a group, and with it each of its volumes, came out of a run. */
export type GroupOutcome = 'migrated' | 'copied' | 'rolled-back' | 'skipped' | 'failed' | 'blocked' | 'interrupted'

/** An event as it goes out: with its time, RFC 3339. */
export type TimedEvent = Event & { time: string }
export type Emit = (event: Event) => void
