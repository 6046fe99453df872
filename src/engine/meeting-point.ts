/** Where some go on only when all of them have come, or will not come any more. */
export class MeetingPoint {
  readonly #awaited: Set<unknown>
  #open: () => void = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  constructor(members: readonly unknown[]) {
    this.#awaited = new Set(members)
  }

  /** Waits for the others. */
  arrive(member: unknown): Promise<void> {
    this.leave(member)
    return this.#opened
  }

  /** Nobody need wait for this one any more. */
  leave(member: unknown): void {
    this.#awaited.delete(member)
    if (this.#awaited.size === 0) this.#open()
  }
}
