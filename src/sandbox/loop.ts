import { StatusError } from './errors.ts'

/** Runs the controllers' work: each piece once, however often it was asked for, and only when there is some. */
export class Loop {
  readonly #work = new Map<string, () => void>()
  readonly #waiting: (() => void)[] = []
  #delay = 0
  /** Takes back what is scheduled. */
  #cancel: (() => void) | undefined
  #stopped = false

  /** From now on, the time between a change and the reaction to it, ms. */
  set delay(milliseconds: number) {
    this.#delay = milliseconds
  }

  /** Asks for a piece of work, known by its name. */
  enqueue(name: string, work: () => void): void {
    if (this.#stopped) return
    if (!this.#work.has(name)) this.#work.set(name, work)
    this.#schedule()
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    return this.#work.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  stop(): void {
    this.#stopped = true
    this.#work.clear()
    this.#cancel?.()
    this.#settle()
  }

  #schedule(): void {
    if (this.#cancel) return
    const run = () => this.#run()
    // a timer given to clearImmediate would have Node miscount, and lose, the immediates of the whole process
    if (this.#delay > 0) {
      const timer = setTimeout(run, this.#delay)
      this.#cancel = () => clearTimeout(timer)
    } else {
      const immediate = setImmediate(run)
      this.#cancel = () => clearImmediate(immediate)
    }
  }

  /** Works for some milliseconds at most, then lets requests come in. */
  #run(): void {
    this.#cancel = undefined
    const until = performance.now() + 10
    for (const [name, work] of this.#work) {
      this.#work.delete(name)
      try {
        work()
      } catch (error) {
        // The API said no to a controller, as in a namespace that is being deleted: it tries again at the next change.
        if (!(error instanceof StatusError)) throw error
      }
      if (performance.now() > until) break
    }
    if (this.#work.size > 0) this.#schedule()
    else this.#settle()
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
