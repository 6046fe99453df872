import { setMaxListeners } from 'node:events'

/** Calls `then` when the signal is aborted, at once where it is already; what it returns takes that back. */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (!signal) return () => undefined
  if (signal.aborted) then()
  // One signal may end a hundred requests; Node takes more than ten listeners for a leak and says so on stderr.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', then, { once: true })
  return () => signal.removeEventListener('abort', then)
}

/** A signal that is aborted with the first of those given. */
export function either(a: AbortSignal | undefined, b: AbortSignal): AbortSignal {
  return a ? AbortSignal.any([a, b]) : b
}

/** What comes of the work, or throws the signal's reason as soon as it is aborted; the work goes on unheard then. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason))
    work.then(resolve, reject).finally(forget)
  })
}

/** Waits for the given milliseconds, or until the signal is aborted, whichever comes first; throws nothing. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, milliseconds)
    const forget = onAbort(signal, end)
    function end(): void {
      clearTimeout(timer)
      forget()
      resolve()
    }
  })
}
