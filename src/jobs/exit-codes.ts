import type { ExitCodes } from '../domain/exit-codes.ts'
import { troubleWords } from '../words/trouble.ts'

/** The exit code of a program that found a file of people's where the file system shows one of its own. */
export const EXIT_HIDDEN = 76
/** The exit code of a program that gave up because one that works with it had failed. */
export const EXIT_PEER_FAILED = 68

/**
 * Every code that a program of ours ends with (`*.sh`, `die` and `exit`), what it means and what to do, in English. Those
 * below 64 are the tools' own, and their movers know them, and what more there is to say of ours. Which remedy is given is
 * decided by the code alone: what a program or a tool writes may hold the names of people's files.
 */
export const EXIT_CODES: ExitCodes = troubleWords('en').exitCodes
