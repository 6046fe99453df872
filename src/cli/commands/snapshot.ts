import { rm } from 'node:fs/promises'
import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { toYaml } from '../../domain/yaml.ts'
import { anonymized } from '../../survey/anonymize.ts'
import { takeSnapshot } from '../../survey/snapshot.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { type FileSystemArguments, fileSystemFrom, fileSystemOptions } from '../file-system.ts'
import { withCluster } from '../session.ts'
import { print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

interface Arguments extends ClusterArguments, FileSystemArguments {
  out: string
  anonymize?: boolean
  force?: boolean
}

export function options(yargs: Argv) {
  const says = helpWords().snapshot
  return fileSystemOptions(clusterOptions(yargs))
    .options({
      out: {
        type: 'string',
        default: 'snapshot.yaml',
        describe: says.out,
        requiresArg: true,
      },
      anonymize: {
        type: 'boolean',
        describe: says.anonymize,
      },
      force: { type: 'boolean', describe: says.force },
    })
    .example('$0 snapshot', says.examples.plan)
    .example('$0 snapshot --anonymize --out for-support.yaml', says.examples.anonymize)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const fileSystem = await fileSystemFrom(argv)
  return withCluster(argv, async ({ cluster }) => {
    const { objects, missing } = await takeSnapshot(cluster, fileSystem)
    const shown = argv.anonymize ? anonymized(objects, fileSystem) : objects
    const text = shown.map((object) => toYaml(object)).join('---\n')
    for (const sentence of missing) say(messages().snapshot.without(sentence))
    if (argv.out === '-') await print(text)
    else await write(argv.out, text, argv.force ?? false)
    if (argv.out !== '-') say(messages().snapshot.saved(shown.length, cluster.title, argv.out))
    return ExitCode.done
  })
}

/** Names of claims and people are in it: its owner's to read, and nobody else's. */
async function write(file: string, text: string, force: boolean): Promise<void> {
  // a file that is there would keep its mode
  if (force) await rm(file, { force: true })
  await writeText(file, text, { mode: 0o600, flag: 'wx' })
}
