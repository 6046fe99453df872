import { stat } from 'node:fs/promises'
import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { ExitCode, Failure, refused } from '../domain/failure.ts'
import type { FileSystemSetup, SetupQuestion, SetupTold } from '../domain/setup.ts'
import { nearest } from '../domain/text.ts'
import { type SetupKind, setupKindOf, setupKinds } from '../filesystem/registry.ts'
import { readSetupFile } from '../filesystem/setup-file.ts'
import { messages } from '../words/messages.ts'
import type { Refusals } from '../words/refusals.en.ts'
import { namespacedName } from './file-system.ts'
import { isInteractive, say } from './terminal.ts'
import { readText } from './text-file.ts'

/** The flags of the questions are by their names in camel case; those of secrets end with `Env`. */
export interface SetupArguments {
  kind?: string
  filename?: string
  class?: string
  secret?: string
  secretsFile?: string
  [answer: string]: unknown
}

/** What answers a question: a flag that takes it, or, of a secret, one that names the environment variable. */
export function flagOf({ key, environment }: SetupQuestion): string {
  return environment === undefined ? key : `${key}-env`
}

/**
 * All that there is to be known: from the flags, then the file, then, for what is secret, the secrets' file and the
 * environment, then, on a terminal, from questions. Throws Refusal that names what is missing.
 */
export async function setupAnswers(argv: SetupArguments): Promise<{ kind: SetupKind; told: SetupTold }> {
  const { setupKind: kind, settings } =
    argv.filename === undefined
      ? { setupKind: setupKindOf(argv.kind), settings: {} }
      : readSetupFile(await readText(argv.filename, 'answers'), argv.filename, argv.kind)
  const { questions } = kind.setup
  refuseOthersFlags(argv, kind, setupKinds())
  const inFile = argv.secretsFile === undefined ? {} : await readSecrets(argv.secretsFile, questions)
  const known = Object.fromEntries(
    questions.flatMap((question) => {
      const flag = argv[camelCase(flagOf(question))]
      const isSecret = question.environment !== undefined
      const answer = isSecret
        ? (inFile[question.key] ?? process.env[String(flag ?? question.environment)])
        : (flag ?? settings[question.key])
      return typeof answer === 'string' && answer !== '' ? [[question.key, answer]] : []
    }),
  )
  const answers = await completed(known, kind.setup, argv)
  const named = {
    ...(argv.class === undefined ? {} : { className: argv.class }),
    ...(argv.secret === undefined ? {} : { secretRef: namespacedName('secret', argv.secret) }),
  }
  return { kind, told: { answers, settings, ...named } }
}

/**
 * Throws Refusal where a flag is given that only another file system's setup asks for.
 * @param kinds all that can be set up
 */
export function refuseOthersFlags(argv: SetupArguments, { kind, setup }: SetupKind, kinds: readonly SetupKind[]): void {
  const own = setup.questions.map(flagOf)
  const others = kinds.flatMap((each) => each.setup.questions.map(flagOf)).filter((flag) => !own.includes(flag))
  const given = others.find((flag) => argv[camelCase(flag)] !== undefined)
  if (given === undefined) return
  throw refused(messages().refusal.otherKindsFlag(given, kind, own))
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

async function completed(
  known: Record<string, string>,
  { questions }: FileSystemSetup,
  argv: SetupArguments,
): Promise<Record<string, string>> {
  const missing = questions.filter(({ key, isRequired }) => isRequired && known[key] === undefined)
  if (missing.length === 0) return known
  if (!isInteractive()) {
    const named = missing.map((question) => {
      const { key, environment } = question
      if (environment === undefined) return { key }
      const variable = String(argv[camelCase(flagOf(question))] ?? environment)
      return { key, secret: { what: question.says().what, variable } }
    })
    throw refused(messages().refusal.missingAnswers(named))
  }
  return ask(known, questions)
}

async function ask(
  known: Record<string, string>,
  questions: readonly SetupQuestion[],
): Promise<Record<string, string>> {
  const { input, password } = await import('@inquirer/prompts')
  const answers = { ...known }
  const context = { output: process.stderr }
  try {
    for (const { key, says, isRequired, environment } of questions) {
      if (answers[key] !== undefined) continue
      const message = says().question
      answers[key] =
        environment === undefined
          ? await input({ message, required: isRequired }, context)
          : await password({ message, mask: true }, context)
    }
    return answers
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error
    throw new Failure(messages().interrupt.nothingWritten, { exitCode: ExitCode.interrupted })
  }
}

/** A YAML map of the secrets. What is wrong with it is told without a word of what is in it. */
async function readSecrets(file: string, questions: readonly SetupQuestion[]): Promise<Record<string, string>> {
  const keys = questions.filter(({ environment }) => environment !== undefined).map(({ key }) => key)
  const notSecrets = (why: Parameters<Refusals['secretsFile']>[1]) =>
    refused(messages().refusal.secretsFile(file, why, keys))
  const text = await readText(file, 'secrets')
  if (((await stat(file)).mode & 0o077) !== 0) say(messages().setup.readable(file))
  let found: unknown
  try {
    // every value a text, so that a password of digits stays what it is
    found = load(text, { schema: FAILSAFE_SCHEMA })
  } catch {
    throw notSecrets({ is: 'no-yaml' })
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw notSecrets({ is: 'no-map' })
  for (const [key, value] of Object.entries(found)) {
    if (!keys.includes(key)) {
      const near = nearest(key, keys)
      throw notSecrets({ is: 'unknown-key', ...(near ? { near } : {}) })
    }
    if (typeof value !== 'string') throw notSecrets({ is: 'no-text', key })
  }
  return found as Record<string, string>
}
