import path from 'node:path'
import type { Argv } from 'yargs'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { Migration } from '../../domain/migration.ts'
import { NAMESPACE } from '../../domain/names.ts'
import { roleName } from '../../domain/permissions.ts'
import { shellWord } from '../../domain/shell.ts'
import { fileSystemOf } from '../../filesystem/registry.ts'
import { readMigration } from '../../planner/migration-file.ts'
import { isPlan, readPlan } from '../../planner/plan-file.ts'
import { bindingName, type JobFile, type JobRequest, jobManifests, jobYaml, MOST_BYTES } from '../../report/job.ts'
import { roles } from '../../report/rbac.ts'
import { permissionsOn } from '../../survey/permissions.ts'
import { readCommandLine } from '../command-line.ts'
import { CUSTOM_OPTION, permissionsOnCustom } from '../custom-resources.ts'
import { type FileSystemArguments, fileSystemOptions, ontoSecret } from '../file-system.ts'
import { type WordsInPod, wordsInPod } from '../job-words.ts'
import { IS_ONE_FILE } from '../one-file.ts'
import { inPackage } from '../package-files.ts'
import { migrationOf } from '../planning.ts'
import { print } from '../terminal.ts'
import { fileName, readText } from '../text-file.ts'
import { VERSION } from '../version.ts'

interface Arguments extends FileSystemArguments {
  /** The other command's line. */
  '--'?: string[]
  image?: string
  imagePullSecret?: string[]
  name?: string
  schedule?: string
  kubernetesVersion?: string
  custom?: string[]
  output: 'yaml' | 'json'
}

export const options = (yargs: Argv) =>
  fileSystemOptions(yargs)
    .usage('$0 job --image IMAGE [FLAGS] -- COMMAND [FLAGS OF COMMAND]')
    .options({
      image: {
        type: 'string',
        requiresArg: true,
        describe: 'the image of juicify that the pod runs (build it with build/Dockerfile)',
      },
      'image-pull-secret': {
        type: 'string',
        array: true,
        nargs: 1,
        describe: `a Secret in namespace ${NAMESPACE} to pull that image with; may be repeated`,
      },
      name: {
        type: 'string',
        requiresArg: true,
        describe: 'name of the Job or CronJob (default: juicify-COMMAND-PLAN)',
      },
      schedule: {
        type: 'string',
        requiresArg: true,
        describe: 'print a CronJob with this schedule, such as "0 1 * * 6", instead of a Job',
      },
      'kubernetes-version': {
        type: 'string',
        requiresArg: true,
        describe:
          'the cluster’s Kubernetes version, for the CronJob (default: that of the saved plan, else 1.21 or later)',
      },
      custom: CUSTOM_OPTION,
      output: { alias: 'o', choices: ['yaml', 'json'] as const, default: 'yaml' as const, describe: 'output format' },
    })
    .implies('kubernetes-version', 'schedule')
    .example(
      '$0 job --image hub.lab/juicify:1 -- apply friday.plan.yaml',
      'a saved plan, once; pipe it to kubectl apply -f -',
    )
    .example(
      '$0 job --image hub.lab/juicify:1 --schedule "0 1 * * 6" -- apply -f friday.yaml',
      'every Saturday at 1:00',
    )
    .example('$0 job --image hub.lab/juicify:1 -- rollback -n jupyter', 'back again')

export async function run(argv: Arguments): Promise<ExitCode> {
  const { '--': words = [] } = argv
  if (words.length === 0) {
    throw new Refusal('No command is given for the Job.', {
      remedy: 'Write it after --, as in: juicify job --image IMAGE -- apply friday.plan.yaml',
    })
  }
  const line = await readCommandLine(words)
  // it asked for help
  if (!line) return ExitCode.done
  const inPod = wordsInPod(words, line)
  const image = argv.image ?? refuseWithoutImage(words)
  const file = inPod.file && (await readFile(inPod.file))
  const known = file ? contentOf(file.text, fileName(inPod.file?.typed ?? '')) : undefined
  const migration = ontoSecret(
    argv.filename === undefined && known ? known.migration : await migrationOf(argv),
    argv.secret ?? (line.argv.secret as string | undefined),
  )
  const request: JobRequest = {
    name: nameOf(argv, line.command, known?.migration),
    args: inPod.args,
    added: inPod.added,
    role: inPod.role,
    image,
    imagePullSecrets: argv.imagePullSecret ?? [],
    ...(file ? { file } : {}),
    ...(inPod.notify === undefined ? {} : { notify: inPod.notify }),
    ...(argv.schedule === undefined ? {} : { schedule: scheduleOf(argv.schedule) }),
    cronJobVersion: cronJobVersion(argv.kubernetesVersion ?? known?.version),
  }
  const objects = [...rolesFor(request, migration, argv.custom), ...jobManifests(request)]
  await print(
    argv.output === 'json'
      ? JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)
      : jobYaml(request, objects),
  )
  return ExitCode.done
}

function rolesFor({ role }: JobRequest, { target }: Migration, custom: string[] | undefined) {
  const fileSystem = fileSystemOf(target)
  const account = { kind: 'ServiceAccount' as const, name: roleName(role), namespace: NAMESPACE }
  const permissions = [...permissionsOn(fileSystem), ...permissionsOnCustom(custom)]
  return roles(permissions, fileSystem.secretRef, [account], role, bindingName(role))
}

function refuseWithoutImage(words: string[]): never {
  const image = `REGISTRY/juicify:${VERSION}`
  const again = `juicify job --image ${image} -- ${words.map(shellWord).join(' ')}`
  // the one file has no Dockerfile beside it
  const folder = IS_ONE_FILE ? 'CLONE-OF-JUICIFY' : path.dirname(inPackage('package.json'))
  const build = `docker build -t ${image} -f ${shellWord(path.join(folder, 'build/Dockerfile'))} ${shellWord(folder)}`
  throw new Refusal('No image is named: juicify has none in a public registry.', {
    remedy: `Build one: ${build} && docker push ${image}; then run ${again}`,
  })
}

/** Read now, so that what is wrong with it is told here and not in a pod's log. Throws Refusal. */
async function readFile({ typed, name }: NonNullable<WordsInPod['file']>): Promise<JobFile> {
  const text = await readText(typed, 'plan or migration')
  const bytes = Buffer.byteLength(text)
  if (bytes <= MOST_BYTES) return { name, text }
  throw new Refusal(`${fileName(typed)} has ${bytes} bytes, and a ConfigMap takes ${MOST_BYTES} at most.`, {
    remedy: 'Use a plan of fewer volumes (-n, -l), or the migration instead of the plan: -- apply -f MIGRATION.',
  })
}

/** What a plan or a migration says of itself; of a plan also the version of its cluster's Kubernetes. Throws Refusal. */
function contentOf(text: string, file: string): { migration: Migration; version?: string } {
  if (!isPlan(text)) return { migration: readMigration(text, file) }
  const { migration, cluster } = readPlan(text, file)
  return { migration, version: cluster.version }
}

/** Most characters of a CronJob's name: its Jobs' names are longer by eleven. */
const LONGEST_NAME = 52

function nameOf({ name }: Arguments, command: string, migration: Migration | undefined): string {
  if (name === undefined)
    return ['juicify', command, ...(migration ? [migration.name] : [])]
      .join('-')
      .slice(0, LONGEST_NAME)
      .replace(/[-.]+$/, '')
  if (name.length <= LONGEST_NAME && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return name
  throw new Refusal(
    `invalid --name "${name}": must be at most ${LONGEST_NAME} characters: lower-case letters, digits and "-"`,
    { remedy: 'Write it as juicify-friday.' },
  )
}

function scheduleOf(text: string): string {
  if (/^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\S+( +\S+){4})$/.test(text.trim())) return text.trim()
  throw new Refusal(`invalid --schedule "${text}": must be five fields: minute, hour, day, month, day of the week`, {
    remedy: 'Write it as "0 1 * * 6" for every Saturday at 1:00.',
  })
}

function cronJobVersion(version = '1.21'): JobRequest['cronJobVersion'] {
  const [, minor] = /^v?1\.(\d+)/.exec(version) ?? []
  if (minor !== undefined) return Number(minor) < 21 ? 'batch/v1beta1' : 'batch/v1'
  throw new Refusal(`invalid --kubernetes-version "${version}": must be a version such as 1.20`, {
    remedy: 'kubectl version shows that of the server.',
  })
}
