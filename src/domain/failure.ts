import { withoutPasswords } from './redacted.ts'

/** What the process says with its exit code; the design's list. */
export const ExitCode = {
  done: 0,
  failed: 1,
  somethingToDo: 2,
  blocked: 3,
  rolledBack: 4,
  declined: 5,
  interrupted: 130,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** What a person is told, and the next thing to try, where there is one. */
export interface Told {
  message: string
  remedy?: string | undefined
}

/** The same in the language of that name; in English where it cannot be said in that one. */
export type InLanguage = (language: string) => Told

/**
 * Something that a person has to know: one line that names the object, what was expected and what was found, and a
 * second one with the next thing to try, neither with a password in it, whatever words of others it holds. Shown without a stack trace; anything else that is thrown is a bug of ours.
 * What is thrown deep in a run has its message in English, which records and JSON keep, and can say it in other languages.
 */
export class Failure extends Error {
  /** The next thing to try. */
  readonly remedy: string | undefined
  readonly exitCode: ExitCode
  readonly #in: InLanguage | undefined

  constructor(
    message: string,
    options: { remedy?: string | undefined; exitCode?: ExitCode; cause?: unknown; in?: InLanguage | undefined } = {},
  ) {
    super(withoutPasswords(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.remedy = options.remedy === undefined ? undefined : withoutPasswords(options.remedy)
    this.exitCode = options.exitCode ?? ExitCode.failed
    this.#in = options.in
  }

  /** What it says in a language; as it was made where it knows no other words. */
  in(language: string): Told {
    const { message, remedy } = this.#in?.(language) ?? this
    return { message: withoutPasswords(message), remedy: remedy === undefined ? undefined : withoutPasswords(remedy) }
  }
}

/** juicify declines: the input is wrong, out of date, or would be dangerous. Nothing was changed. */
export class Refusal extends Failure {}

/** A failure in the words of the catalogue. */
export function failed(
  { message, remedy }: { message: string; remedy: string },
  more: { exitCode?: ExitCode; cause?: unknown } = {},
): Failure {
  return new Failure(message, { remedy, ...more })
}

/** A refusal in the words of the catalogue. */
export function refused(
  { message, remedy }: { message: string; remedy: string },
  more: { exitCode?: ExitCode; cause?: unknown } = {},
): Refusal {
  return new Refusal(message, { remedy, ...more })
}

/** What is there is not what the plan or the record says: somebody has changed it since. What was done until now stands. */
export class Drift extends Failure {}
