import { stat } from 'node:fs/promises'
import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { ExitCode, Failure, Refusal } from '../domain/failure.ts'
import { nearest } from '../domain/text.ts'
import { type Setup, type SetupSecrets, secretNameFor, setupProblems } from '../filesystem/juicefs/setup.ts'
import { readSetup } from '../filesystem/juicefs/setup-file.ts'
import { namespacedName } from './file-system.ts'
import { isInteractive, say } from './terminal.ts'
import { readText } from './text-file.ts'

export interface SetupArguments {
  filename?: string
  name?: string
  storage?: string
  bucket?: string
  class?: string
  secret?: string
  secretsFile?: string
  metaurlEnv: string
  accessKeyEnv: string
  secretKeyEnv: string
}

/** As the seed has them. */
const DEFAULTS = {
  className: 'juicefs-sc',
  namespace: 'kube-system',
  driver: 'csi.juicefs.com',
  resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
}

/**
 * All that there is to be known: from the flags, then the file, then, for what is secret, the secrets' file and the
 * environment, then, on a terminal, from questions. Throws Refusal that names what is missing or wrong.
 */
export async function setupAnswers(argv: SetupArguments): Promise<{ setup: Setup; secrets: SetupSecrets }> {
  const file = argv.filename === undefined ? {} : readSetup(await readText(argv.filename, 'file'), argv.filename)
  const inFile = argv.secretsFile === undefined ? {} : await readSecrets(argv.secretsFile)
  const known: Partial<Record<Answer, string>> = defined({
    name: argv.name ?? file.name,
    storage: argv.storage ?? file.storage,
    bucket: argv.bucket ?? file.bucket,
    metaurl: inFile.metaurl ?? process.env[argv.metaurlEnv],
    'access-key': inFile['access-key'] ?? process.env[argv.accessKeyEnv],
    'secret-key': inFile['secret-key'] ?? process.env[argv.secretKeyEnv],
  })
  const answers = await completed(known, argv)
  const className = argv.class ?? file.className ?? DEFAULTS.className
  const setup: Setup = {
    name: answers.name ?? '',
    storage: answers.storage ?? '',
    bucket: answers.bucket ?? '',
    className,
    secretRef:
      argv.secret !== undefined
        ? namespacedName('secret', argv.secret)
        : (file.secretRef ?? { namespace: DEFAULTS.namespace, name: secretNameFor(className) }),
    driver: file.driver ?? DEFAULTS.driver,
    resources: file.resources ?? DEFAULTS.resources,
    envs: file.envs ?? {},
  }
  const secrets: SetupSecrets = {
    metaurl: answers.metaurl ?? '',
    ...(answers['access-key'] ? { accessKey: answers['access-key'] } : {}),
    ...(answers['secret-key'] ? { secretKey: answers['secret-key'] } : {}),
  }
  const problems = setupProblems(setup, secrets)
  if (problems.length > 0) throw new Refusal(problems.join(' '), { remedy: 'Correct it, and run the command again.' })
  return { setup, secrets }
}

type Answer = 'name' | 'storage' | 'bucket' | 'metaurl' | 'access-key' | 'secret-key'
const SECRETS = ['metaurl', 'access-key', 'secret-key'] as const
const REQUIRED: Answer[] = ['name', 'storage', 'bucket', 'metaurl']

async function completed(
  known: Partial<Record<Answer, string>>,
  argv: SetupArguments,
): Promise<Partial<Record<Answer, string>>> {
  const missing = REQUIRED.filter((answer) => known[answer] === undefined)
  if (missing.length === 0) return known
  if (!isInteractive()) {
    throw new Refusal(`Not all is known: ${missing.join(', ')}.`, {
      remedy: `Give --name, --storage and --bucket, or a file with -f, and the metadata engine’s address in the environment as ${argv.metaurlEnv}, or in a --secrets-file.`,
    })
  }
  return ask(known)
}

const QUESTIONS: Record<Answer, string> = {
  name: 'Name of the file system',
  storage: 'Object store (minio, s3, oss, …)',
  bucket: 'Address of the bucket (http://10.0.0.1:9000/data)',
  metaurl: 'Address of the metadata engine, with its password (redis://:…@10.0.0.1:6379/1)',
  'access-key': 'Access key of the object store (empty: none)',
  'secret-key': 'Secret key of the object store (empty: none)',
}

async function ask(known: Partial<Record<Answer, string>>): Promise<Partial<Record<Answer, string>>> {
  const { input, password } = await import('@inquirer/prompts')
  const answers = { ...known }
  const context = { output: process.stderr }
  try {
    for (const answer of Object.keys(QUESTIONS) as Answer[]) {
      if (answers[answer] !== undefined) continue
      const isSecret = SECRETS.some((secret) => secret === answer)
      const message = QUESTIONS[answer]
      answers[answer] = isSecret
        ? await password({ message, mask: true }, context)
        : await input({ message, required: true }, context)
    }
    return answers
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error
    throw new Failure('Interrupted; nothing was written.', { exitCode: ExitCode.interrupted })
  }
}

/** A YAML map of the secrets. What is wrong with it is told without a word of what is in it. */
async function readSecrets(file: string): Promise<Partial<Record<(typeof SECRETS)[number], string>>> {
  const text = await readText(file, 'secrets’ file')
  if (((await stat(file)).mode & 0o077) !== 0) say(`${file} can be read by others: chmod 600 ${file}`)
  let found: unknown
  try {
    // every value a text, so that a password of digits stays what it is
    found = load(text, { schema: FAILSAFE_SCHEMA })
  } catch {
    throw notSecrets(file, 'is no YAML')
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw notSecrets(file, 'holds no map')
  for (const [key, value] of Object.entries(found)) {
    if (!SECRETS.some((secret) => secret === key)) {
      const near = nearest(key, SECRETS)
      throw notSecrets(file, `has a key that is not known here${near ? `; ${near} was probably meant` : ''}`)
    }
    if (typeof value !== 'string') throw notSecrets(file, `has something other than a text as ${key}`)
  }
  return found
}

function notSecrets(file: string, why: string): Refusal {
  return new Refusal(`The secrets’ file ${file} ${why}.`, {
    remedy: `It is YAML, with the keys ${SECRETS.join(', ')}.`,
  })
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
