/** Stands still at a fixed moment until it is started: what is loaded from manifests has the same times every time. */
export class Clock {
  #running = false

  start(): void {
    this.#running = true
  }

  /** Now, in whole seconds, as the API writes times; `seconds` later, where given. */
  time(seconds = 0): string {
    return `${new Date(this.#now() + seconds * 1000).toISOString().slice(0, 19)}Z`
  }

  /** Now, as the API writes times with microseconds. */
  microTime(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 23)}000Z`
  }

  #now(): number {
    return this.#running ? Date.now() : Date.UTC(2026, 0, 1)
  }
}
