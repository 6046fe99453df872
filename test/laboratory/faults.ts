import { setTimeout as pause } from 'node:timers/promises'
import type { Interference, Sandbox, SandboxOptions, SandboxRequest } from '../../src/sandbox/index.ts'

/** How long a request may take before its client gives it up, ms; a stalled one takes longer. */
export const REQUEST_TIMEOUT = 400

/** A source of chance that gives the same for the same seed: numbers from 0 to below 1 (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Faults {
  hooks: Pick<SandboxOptions, 'onRequest' | 'onAnswer'>
  /** From now on, for every request with this probability, until `end`. */
  begin(sandbox: Sandbox): void
  end(): void
}

/** A server or a network of which a share of the requests goes wrong, each in one of many ways. */
export function faults(seed: number, rate: number): Faults {
  const random = chance(seed)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
  let sandbox: Sandbox | undefined
  const stalling = new Set<number>()
  const wrong: Record<string, (request: SandboxRequest) => Interference | undefined> = {
    conflict: ({ method }) => (method === 'PUT' || method === 'PATCH' ? refusal(409, 'Conflict') : refusal(500)),
    busy: () => refusal(429, 'TooManyRequests', 1),
    broken: () => refusal(500, 'InternalError'),
    away: () => refusal(503, 'ServiceUnavailable'),
    'away for a second': () => refusal(503, 'ServiceUnavailable', 1),
    'cut before': () => ({ cut: 'before' }),
    'cut after': () => ({ cut: 'after' }),
    'no answer': ({ number }) => {
      stalling.add(number)
      return undefined
    },
    'all connections cut': () => {
      sandbox?.cutConnections()
      return { cut: 'before' }
    },
    'the past forgotten': () => {
      sandbox?.compact()
      sandbox?.cutConnections()
      return { cut: 'before' }
    },
  }
  return {
    hooks: {
      onRequest: (request) => (sandbox && random() < rate ? wrong[pick(Object.keys(wrong))]?.(request) : undefined),
      async onAnswer({ number }) {
        if (stalling.delete(number)) await pause(REQUEST_TIMEOUT * 1.5)
      },
    },
    begin(faulty) {
      sandbox = faulty
    },
    end() {
      sandbox = undefined
    },
  }
}

function refusal(status: number, reason?: string, retryAfter?: number): Interference {
  return {
    answer: {
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  }
}
