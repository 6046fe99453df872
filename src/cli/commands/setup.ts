import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { FileSystemSecret } from '../../domain/filesystem.ts'
import { userAnnotations, withoutServerFields } from '../../domain/manifest.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { SetupFiles, SetupPart } from '../../domain/setup.ts'
import { toYaml } from '../../domain/yaml.ts'
import { kindNames, type SetupKind, setupKindOf, setupKinds } from '../../filesystem/registry.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { namespacedName } from '../file-system.ts'
import { withCluster } from '../session.ts'
import { flagOf, type SetupArguments, setupAnswers } from '../setup-answers.ts'
import { print, say } from '../terminal.ts'
import { makeFolder, writeText } from '../text-file.ts'

interface Arguments extends SetupArguments, ClusterArguments {
  output?: string
  out?: string
  force?: boolean
  existing?: boolean
}

export function options(yargs: Argv) {
  const kinds = setupKinds()
  const [{ kind, setup }] = kinds
  const { className, secretRef } = setup.defaults
  const common = clusterOptions(yargs)
    .options({
      kind: {
        choices: kindNames(),
        describe: `the kind of file system (default: ${kind})`,
      },
      filename: {
        alias: 'f',
        type: 'string',
        describe: 'a file of kind Setup that holds the answers',
        requiresArg: true,
      },
    })
    .options(Object.fromEntries(kinds.flatMap(questionOptions)))
    .options({
      class: { type: 'string', describe: `the StorageClass (default: ${className})`, requiresArg: true },
      secret: {
        type: 'string',
        describe: `the Secret, NAMESPACE/NAME (default: ${secretRef.namespace}/${secretRef.name})`,
        requiresArg: true,
      },
      'secrets-file': {
        type: 'string',
        describe: 'a YAML file with the secret values (instead of environment variables)',
        requiresArg: true,
      },
      out: { type: 'string', describe: `the folder to write the files to (default: ${kind})`, requiresArg: true },
      force: { type: 'boolean', describe: 'overwrite existing files' },
      output: {
        alias: 'o',
        choices: [...new Set(kinds.flatMap((each) => each.setup.parts.map(({ name }) => name)))],
        describe: 'print only this part, and write no files',
      },
      existing: {
        type: 'boolean',
        describe: 'show the Secret and the StorageClass of a cluster, without their values',
      },
    })
    .example('$0 setup', 'ask for everything it needs')
  return kinds
    .flatMap((each) => each.setup.examples)
    .reduce((all, [flags, what]) => all.example(`$0 setup ${flags}`, what), common)
    .example('$0 setup --existing', 'show the existing Secret and StorageClass, values hidden')
}

/** A flag for each question: for a secret, of the environment variable that holds it. */
function questionOptions({ setup }: SetupKind) {
  return setup.questions.map((question) => {
    const { what, environment } = question
    const describe =
      environment === undefined ? what : `the environment variable with ${what} (default: ${environment})`
    return [flagOf(question), { type: 'string', describe, requiresArg: true }] as const
  })
}

export async function run(argv: Arguments): Promise<ExitCode> {
  if (argv.existing) return withCluster(argv, ({ cluster }) => showExisting(cluster, argv))
  const { kind, told } = await setupAnswers(argv)
  const files = kind.setup.write(told)
  if (argv.output) await print(partOf(kind, files, argv.output))
  else await writeAll(argv, kind, files)
  return ExitCode.done
}

function partOf({ kind, setup }: SetupKind, { contents }: SetupFiles, name: string): string {
  const content = contents[name]
  if (content !== undefined) return content
  throw new Refusal(`${kind} has no part called ${name}.`, {
    remedy: `Choose one of ${setup.parts.map((part) => part.name).join(', ')} with -o.`,
  })
}

async function writeAll(argv: Arguments, { kind, setup }: SetupKind, { contents, next }: SetupFiles): Promise<void> {
  const { parts } = setup
  const out = argv.out ?? kind
  const pathOf = (file: string) => path.join(out, file)
  if (!argv.force) mustBeFree(parts.map(({ file }) => pathOf(file)))
  await makeFolder(out)
  for (const part of parts) {
    // a file that is there would keep its mode
    await rm(pathOf(part.file), { force: true })
    await writeText(pathOf(part.file), contents[part.name] ?? '', { mode: modeOf(part), flag: 'wx' })
  }
  const says = messages().setup
  const secret = parts.filter(({ isSecret }) => isSecret).map(({ file }) => file)
  const warning = secret.length > 0 ? [says.secrets(secret)] : []
  say([says.written(out), ...next(pathOf), ...warning, says.next].join('\n'))
}

/** What holds a secret is its owner's to read, and nobody else's. */
function modeOf({ isSecret, isProgram }: SetupPart): number {
  return (isSecret ? 0o600 : 0o644) | (isProgram ? (isSecret ? 0o100 : 0o111) : 0)
}

/** Nothing is written where anything would be written over. */
function mustBeFree(files: string[]): void {
  const taken = files.find((file) => existsSync(file))
  if (taken === undefined) return
  throw new Refusal(`${taken} already exists.`, {
    remedy: 'Use --force to overwrite it, or choose another folder with --out.',
  })
}

const HIDDEN = '<hidden>'

async function showExisting(cluster: Cluster, argv: Arguments): Promise<ExitCode> {
  const { setup } = setupKindOf(argv.kind)
  const secretRef = argv.secret === undefined ? setup.defaults.secretRef : namespacedName('secret', argv.secret)
  const [secret, classes] = await Promise.all([
    cluster.find<KubeObject & { data?: Record<string, string> }>({ apiVersion: 'v1', kind: 'Secret', ...secretRef }),
    cluster.list<KubeObject>({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }),
  ])
  const theirs = classes.items.filter(
    ({ metadata, parameters }) =>
      metadata.name === argv.class ||
      (argv.class === undefined && Object.values((parameters ?? {}) as object).includes(secretRef.name)),
  )
  if (!secret && theirs.length === 0) {
    throw new Refusal(
      `Neither Secret ${secretRef.namespace}/${secretRef.name} nor a StorageClass that refers to it was found.`,
      {
        remedy: 'Give other names with --secret and --class, or create them: juicify setup.',
      },
    )
  }
  const documents = [
    ...(secret ? [hiddenSecret(secret, setup.secret)] : []),
    ...theirs.map((each) => toYaml(bare(each))),
  ]
  await print(documents.join('---\n'))
  return ExitCode.done
}

/** Made anew, and not of the object itself: its annotations may hold the values too. */
function hiddenSecret(secret: KubeObject & { data?: Record<string, string> }, { survey }: FileSystemSecret): string {
  const { endpoints } = survey(secret)
  const { name, namespace } = secret.metadata
  const at = endpoints.map(({ key, host, port }) => `# ${key}: at ${host}${port === undefined ? '' : `:${port}`}\n`)
  const manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: secret.type,
    stringData: Object.fromEntries(Object.keys(secret.data ?? {}).map((key) => [key, HIDDEN])),
  }
  return at.join('') + toYaml(manifest)
}

function bare(object: KubeObject): KubeObject {
  const manifest = withoutServerFields(object)
  return { ...manifest, metadata: { ...manifest.metadata, annotations: userAnnotations(object) } }
}
