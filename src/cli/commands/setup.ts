import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { FileSystemSecret } from '../../domain/filesystem.ts'
import { userAnnotations, withoutServerFields } from '../../domain/manifest.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { SetupFiles, SetupPart } from '../../domain/setup.ts'
import { toYaml } from '../../domain/yaml.ts'
import { kindNames, type SetupKind, setupKindOf, setupKinds } from '../../filesystem/registry.ts'
import { helpWords } from '../../words/help.ts'
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
  const says = helpWords().setup
  const common = clusterOptions(yargs)
    .options({
      kind: {
        choices: kindNames(),
        describe: says.kind(kind),
      },
      filename: {
        alias: 'f',
        type: 'string',
        describe: says.filename,
        requiresArg: true,
      },
    })
    .options(Object.fromEntries(kinds.flatMap(questionOptions)))
    .options({
      class: { type: 'string', describe: says.class(className), requiresArg: true },
      secret: {
        type: 'string',
        describe: says.secret(`${secretRef.namespace}/${secretRef.name}`),
        requiresArg: true,
      },
      'secrets-file': {
        type: 'string',
        describe: says.secretsFile,
        requiresArg: true,
      },
      out: { type: 'string', describe: says.out(kind), requiresArg: true },
      force: { type: 'boolean', describe: says.force },
      output: {
        alias: 'o',
        choices: [...new Set(kinds.flatMap((each) => each.setup.parts.map(({ name }) => name)))],
        describe: says.output,
      },
      existing: {
        type: 'boolean',
        describe: says.existing,
      },
    })
    .example('$0 setup', says.examples.ask)
  return kinds
    .flatMap((each) => each.setup.examples())
    .reduce((all, [flags, what]) => all.example(`$0 setup ${flags}`, what), common)
    .example('$0 setup --existing', says.examples.existing)
}

/** A flag for each question: for a secret, of the environment variable that holds it. */
function questionOptions({ setup }: SetupKind) {
  return setup.questions.map((question) => {
    const { environment } = question
    const { what } = question.says()
    const describe = environment === undefined ? what : helpWords().setup.variable(what, environment)
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
  const parts = setup.parts.map((part) => part.name)
  throw refused(messages().refusal.noSetupPart(kind, name, parts))
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
  if (taken !== undefined) throw refused(messages().refusal.setupFileExists(taken))
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
  if (!secret && theirs.length === 0)
    throw refused(messages().refusal.noSetupInCluster(`${secretRef.namespace}/${secretRef.name}`))
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
