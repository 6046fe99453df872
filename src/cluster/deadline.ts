import type { Deadline } from './cluster.ts'
import { onAbort } from './signal.ts'

/**
 * A time that is over after the given milliseconds, extended by what `more` says; at once when `end` is aborted.
 */
export function deadlineOf(
  milliseconds: number,
  more: () => Promise<number> = async () => 0,
  end?: AbortSignal,
): Deadline {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let cleared = false
  const wait = (left: number) => {
    timer = setTimeout(async () => {
      const added = await more()
      if (cleared) return
      if (added > 0) wait(added)
      else over.abort()
    }, left)
  }
  const clear = () => {
    cleared = true
    clearTimeout(timer)
    forget()
  }
  wait(milliseconds)
  const forget = onAbort(end, () => over.abort())
  return { signal: over.signal, clear }
}
