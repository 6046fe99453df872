import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { readiness } from '../../planner/readiness.ts'
import { checkText } from '../../report/check.ts'
import { checkFacts } from '../../survey/check.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { type FileSystemArguments, fileSystemFrom, fileSystemOptions } from '../file-system.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print } from '../terminal.ts'

interface Arguments extends ClusterArguments, FileSystemArguments {
  output: 'text' | 'json'
}

export const options = (yargs: Argv) =>
  fileSystemOptions(clusterOptions(yargs))
    .options({
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: 'the format' },
    })
    .example('$0 check', 'is everything there to migrate?')
    .example('$0 check --secret storage/team-fs -o json', 'for another file system, for programs')

/** Changes nothing. Exit code 0 where one can migrate, warnings or not; 3 where there are problems. */
export async function run(argv: Arguments): Promise<ExitCode> {
  const fileSystem = await fileSystemFrom(argv)
  return withCluster(argv, async ({ cluster }) => {
    const lines = readiness(await checkFacts(cluster, fileSystem))
    await print(
      argv.output === 'json'
        ? JSON.stringify({ lines }, null, 2)
        : checkText(lines, layoutOf(process.stdout, argv.color)),
    )
    return lines.some(({ level }) => level === 'problem') ? ExitCode.blocked : ExitCode.done
  })
}
