import path from 'node:path'
import type { Argv } from 'yargs'
import { ExitCode, refused } from '../../domain/failure.ts'
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
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type CommandLine, readCommandLine } from '../command-line.ts'
import { customOption, permissionsOnCustom } from '../custom-resources.ts'
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

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.job
  return fileSystemOptions(yargs)
    .usage('$0 job --image IMAGE [FLAGS] -- COMMAND [FLAGS OF COMMAND]')
    .options({
      image: {
        type: 'string',
        requiresArg: true,
        describe: says.image,
      },
      'image-pull-secret': {
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.imagePullSecret(NAMESPACE),
      },
      name: {
        type: 'string',
        requiresArg: true,
        describe: says.name,
      },
      schedule: {
        type: 'string',
        requiresArg: true,
        describe: says.schedule,
      },
      'kubernetes-version': {
        type: 'string',
        requiresArg: true,
        describe: says.kubernetesVersion,
      },
      custom: customOption(),
      output: { alias: 'o', choices: ['yaml', 'json'] as const, default: 'yaml' as const, describe: help.outputFormat },
    })
    .example('$0 job --image hub.lab/juicify:1 -- apply friday.plan.yaml', says.examples.plan)
    .example('$0 job --image hub.lab/juicify:1 --schedule "0 1 * * 6" -- apply -f friday.yaml', says.examples.schedule)
    .example('$0 job --image hub.lab/juicify:1 -- rollback -n jupyter', says.examples.rollback)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const { '--': words = [] } = argv
  if (words.length === 0) throw refused(messages().refusal.jobWithoutCommand())
  if (argv.kubernetesVersion !== undefined && argv.schedule === undefined)
    throw refused(messages().refusal.versionWithoutSchedule())
  const line = await readCommandLine(words)
  // it asked for help
  if (!line) return ExitCode.done
  const inPod = wordsInPod(words, line)
  const image = argv.image ?? refuseWithoutImage(words)
  const file = inPod.file && (await readFile(inPod.file))
  const known = file ? contentOf(file.text, fileName(inPod.file?.typed ?? ''), line) : undefined
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
  throw refused(messages().refusal.jobWithoutImage(build, image, again))
}

/** Read now, so that what is wrong with it is told here and not in a pod's log. Throws Refusal. */
async function readFile({ typed, name }: NonNullable<WordsInPod['file']>): Promise<JobFile> {
  const text = await readText(typed, 'plan or migration')
  const bytes = Buffer.byteLength(text)
  if (bytes <= MOST_BYTES) return { name, text }
  throw refused(messages().refusal.tooLargeForJob(fileName(typed), bytes, MOST_BYTES))
}

/** Commands that take a saved plan after `-f` too. */
const PLAN_BY_FLAG = ['apply', 'diff', 'report']

/**
 * What a plan or a migration says of itself; of a plan also the version of its cluster's Kubernetes. Throws Refusal, also
 * where the pod's command would take the other one of the two.
 */
function contentOf(
  text: string,
  file: string,
  { command, argv }: CommandLine,
): { migration: Migration; version?: string } {
  if (isPlan(text) && argv.file === undefined && !PLAN_BY_FLAG.includes(command))
    throw refused(messages().refusal.planForMigration(file))
  if (!isPlan(text) && argv.file === undefined) return { migration: readMigration(text, file) }
  const { migration, cluster } = readPlan(text, file)
  return { migration, version: cluster.version }
}

/** Most characters of a CronJob's name: its Jobs' names are longer by eleven. */
const LONGEST_NAME = 52

function nameOf({ name }: Arguments, command: string, migration: Migration | undefined): string {
  if (name === undefined)
    return (
      ['juicify', command, ...(migration ? [migration.name] : [])]
        .join('-')
        .toLowerCase()
        // a migration may be called anything
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, LONGEST_NAME)
        .replace(/-+$/, '')
    )
  if (name.length <= LONGEST_NAME && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return name
  throw refused(messages().refusal.invalid('name', name, { is: 'job-name', longest: LONGEST_NAME }))
}

function scheduleOf(text: string): string {
  if (/^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\S+( +\S+){4})$/.test(text.trim())) return text.trim()
  throw refused(messages().refusal.invalid('schedule', text, { is: 'schedule' }))
}

function cronJobVersion(version = '1.21'): JobRequest['cronJobVersion'] {
  const [, minor] = /^v?1\.(\d+)/.exec(version) ?? []
  if (minor !== undefined) return Number(minor) < 21 ? 'batch/v1beta1' : 'batch/v1'
  throw refused(messages().refusal.invalid('kubernetes-version', version, { is: 'kubernetes-version' }))
}
