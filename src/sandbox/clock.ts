/** Stands still at a fixed moment until it is started: what is loaded from manifests has the same times every time. */
export class Clock {
  #running = false

  start(): void {
    this.#running = true
  }

  /** False while a sandbox is being loaded. */
  get isRunning(): boolean {
    return this.#running
  }

  /** Now, in whole seconds, as the API writes times; `seconds` later, where given. */
  time(seconds = 0): string {
    return `${new Date(this.#now() + seconds * 1000).toISOString().slice(0, 19)}Z`
  }

  #now(): number {
    return this.#running ? Date.now() : Date.UTC(2026, 0, 1)
  }
}
