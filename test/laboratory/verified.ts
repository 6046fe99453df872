import type { Event } from '../../src/engine/events.ts'

type Verified = Extract<Event, { type: 'verified' }>

const CONTENTS = { files: 1, directories: 1, links: 0, bytes: 1 }

/** The event of a verification that found both sides equal, with what a test says of it otherwise. */
export function verified(more: Partial<Verified> = {}): Verified {
  return {
    type: 'verified',
    group: 'g',
    step: 'verify',
    directory: '/data',
    attempt: 1,
    equal: true,
    missing: 0,
    changed: 0,
    extra: 0,
    differences: [],
    source: CONTENTS,
    target: CONTENTS,
    conflictCount: 0,
    conflicts: [],
    notCarried: { count: 0, examples: [] },
    ...more,
  }
}
