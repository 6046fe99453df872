import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import { userAnnotations, withoutServerFields } from '../../domain/manifest.ts'
import type { KubeObject } from '../../domain/object.ts'
import { toYaml } from '../../domain/yaml.ts'
import { secretSurvey } from '../../filesystem/juicefs/secret.ts'
import {
  formatScript,
  helmValues,
  type Setup,
  type SetupSecrets,
  secretManifest,
  storageClassManifest,
} from '../../filesystem/juicefs/setup.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { namespacedName } from '../file-system.ts'
import { withCluster } from '../session.ts'
import { type SetupArguments, setupAnswers } from '../setup-answers.ts'
import { print, say } from '../terminal.ts'
import { makeFolder, writeText } from '../text-file.ts'

const PARTS = ['format', 'secret', 'storageclass', 'values'] as const
type Part = (typeof PARTS)[number]

interface Arguments extends SetupArguments, ClusterArguments {
  output?: Part
  out: string
  force?: boolean
  existing?: boolean
}

export const options = (yargs: Argv) =>
  clusterOptions(yargs)
    .options({
      filename: { alias: 'f', type: 'string', describe: 'a file of kind Setup with the answers', requiresArg: true },
      name: { type: 'string', describe: 'the name of the file system', requiresArg: true },
      storage: { type: 'string', describe: 'the object store: minio, s3, oss, …', requiresArg: true },
      bucket: { type: 'string', describe: 'the address of the bucket', requiresArg: true },
      class: { type: 'string', describe: 'the StorageClass (default: juicefs-sc)', requiresArg: true },
      secret: {
        type: 'string',
        describe: 'the Secret, NAMESPACE/NAME (default: kube-system/juicefs-sc-secret)',
        requiresArg: true,
      },
      'secrets-file': {
        type: 'string',
        describe: 'YAML with metaurl, access-key and secret-key, instead of the environment',
        requiresArg: true,
      },
      'metaurl-env': {
        type: 'string',
        default: 'JUICIFY_METAURL',
        describe: 'the environment variable with the metadata engine’s address, its password included',
      },
      'access-key-env': { type: 'string', default: 'JUICIFY_ACCESS_KEY', describe: 'the same for the access key' },
      'secret-key-env': { type: 'string', default: 'JUICIFY_SECRET_KEY', describe: 'the same for the secret key' },
      out: { type: 'string', default: 'juicefs', describe: 'the folder to write the files to', requiresArg: true },
      force: { type: 'boolean', describe: 'write over files that are there' },
      output: { alias: 'o', choices: PARTS, describe: 'print this one, and write nothing' },
      existing: { type: 'boolean', describe: 'show what a cluster has, without the values' },
    })
    .example('$0 setup', 'asks for what it needs to know')
    .example(
      '$0 setup --name team-fs --storage minio --bucket http://10.0.0.1:9000/data',
      'the rest from the environment: JUICIFY_METAURL, JUICIFY_ACCESS_KEY, JUICIFY_SECRET_KEY',
    )
    .example('$0 setup --existing', 'the Secret and the class that are there, the values hidden')

export async function run(argv: Arguments): Promise<ExitCode> {
  if (argv.existing) return withCluster(argv, ({ cluster }) => showExisting(cluster, argv))
  const { setup, secrets } = await setupAnswers(argv)
  if (argv.output) await print(contentOf(argv.output, setup, secrets))
  else await writeAll(argv, setup, secrets)
  return ExitCode.done
}

function contentOf(part: Part, setup: Setup, secrets: SetupSecrets): string {
  switch (part) {
    case 'format':
      return formatScript(setup, secrets)
    case 'secret':
      return toYaml(secretManifest(setup, secrets))
    case 'storageclass':
      return toYaml(storageClassManifest(setup))
    case 'values':
      return toYaml(helmValues(setup, secrets))
  }
}

/** What holds a secret is its owner's to read, and nobody else's. */
const FILES: Record<Part, { file: string; mode: number }> = {
  format: { file: 'format.sh', mode: 0o755 },
  secret: { file: 'secret.yaml', mode: 0o600 },
  storageclass: { file: 'storageclass.yaml', mode: 0o644 },
  values: { file: 'values.yaml', mode: 0o600 },
}

async function writeAll({ out, force }: Arguments, setup: Setup, secrets: SetupSecrets): Promise<void> {
  const fileOf = (part: Part) => path.join(out, FILES[part].file)
  if (!force) mustBeFree(PARTS.map(fileOf))
  await makeFolder(out)
  for (const part of PARTS) {
    // a file that is there would keep its mode
    await rm(fileOf(part), { force: true })
    await writeText(fileOf(part), contentOf(part, setup, secrets), { mode: FILES[part].mode, flag: 'wx' })
  }
  say(
    [
      `Written to ${out}:`,
      '  format.sh          creates the file system; once, where juicefs is installed',
      '  values.yaml        for the Helm chart, which makes the Secret and the class of it:',
      `                     helm install juicefs-csi-driver juicefs/juicefs-csi-driver -n ${setup.secretRef.namespace} -f ${path.join(out, 'values.yaml')}`,
      '  secret.yaml        the same without Helm, where the driver is installed already:',
      `  storageclass.yaml  kubectl create -f ${path.join(out, 'secret.yaml')} -f ${path.join(out, 'storageclass.yaml')}`,
      'secret.yaml and values.yaml hold passwords: they are not for a repository. Then: juicify check, juicify probe.',
    ].join('\n'),
  )
}

/** Nothing is written where anything would be written over. */
function mustBeFree(files: string[]): void {
  const taken = files.find((file) => existsSync(file))
  if (taken === undefined) return
  throw new Refusal(`${taken} is there already.`, {
    remedy: 'Give --force to write over it, or another folder with --out.',
  })
}

const HIDDEN = '<hidden>'

async function showExisting(cluster: Cluster, argv: Arguments): Promise<ExitCode> {
  const secretRef = namespacedName('secret', argv.secret ?? 'kube-system/juicefs-sc-secret')
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
      `Neither the Secret ${argv.secret ?? 'kube-system/juicefs-sc-secret'} nor a class that names it is there.`,
      {
        remedy: 'Name others with --secret and --class, or make them: juicify setup.',
      },
    )
  }
  const documents = [...(secret ? [hiddenSecret(secret)] : []), ...theirs.map((each) => toYaml(bare(each)))]
  await print(documents.join('---\n'))
  return ExitCode.done
}

/** Made anew, and not of the object itself: its annotations may hold the values too. */
function hiddenSecret(secret: KubeObject & { data?: Record<string, string> }): string {
  const { endpoints } = secretSurvey(secret)
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
