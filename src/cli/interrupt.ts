import { ExitCode } from '../domain/failure.ts'
import { messages } from '../words/messages.ts'
import { say } from './terminal.ts'

/**
 * The signal that a run obeys: the first SIGINT or SIGTERM asks it to stop at the next safe point, a second one leaves
 * at once. Closing the terminal (SIGHUP) is the same as the first, and never a second: nobody asks for that with it, and a
 * shell sends one besides the kernel's.
 * @param changing false where nothing is changed, so that there is nothing to say about it
 * @param atOnce what is true for one who leaves at once, and what goes on from there
 */
export function interruption({ changing = true, atOnce = (): string => messages().interrupt.atOnce } = {}): {
  signal: AbortSignal
  abort: () => void
  off: () => void
} {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (name === 'SIGHUP') return
      if (changing) say(atOnce())
      process.exit(ExitCode.interrupted)
    }
    if (changing) say(messages().interrupt.stopping(name))
    controller.abort(new Error('interrupted'))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    abort: () => controller.abort(new Error('interrupted')),
    off: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
