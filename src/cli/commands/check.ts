import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode } from '../../domain/failure.ts'
import { type CheckFacts, line, type ReadinessLine } from '../../domain/readiness.ts'
import { readiness } from '../../planner/readiness.ts'
import { askFileSystem } from '../../probe/ask.ts'
import { checkText } from '../../report/check.ts'
import { checkFacts } from '../../survey/check.ts'
import { checkWords } from '../../words/check.ts'
import { helpWords } from '../../words/help.ts'
import { type Language, language } from '../../words/language.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { type FileSystemArguments, fileSystemOptions, migrationFrom } from '../file-system.ts'
import { interruption } from '../interrupt.ts'
import { isEmbedded } from '../running.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print } from '../terminal.ts'

interface Arguments extends ClusterArguments, FileSystemArguments {
  ask: boolean
  output: 'text' | 'json'
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.check
  return fileSystemOptions(clusterOptions(yargs))
    .options({
      ask: {
        type: 'boolean',
        default: false,
        describe: says.ask,
      },
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: help.outputFormat },
    })
    .example('$0 check', says.examples.check)
    .example('$0 check --ask', says.examples.ask)
    .example('$0 check --secret storage/team-fs -o json', says.examples.other)
}

/**
 * Changes nothing, but for a claim and a pod of juicify's own where the file system is to be asked. Exit code 0 where one can
 * migrate, warnings or not; 3 where there are problems.
 */
export async function run(argv: Arguments): Promise<ExitCode> {
  const migration = await migrationFrom(argv)
  return withCluster(argv, async ({ cluster }) => {
    const facts = await checkFacts(cluster, migration)
    const spoken = argv.output === 'json' ? 'en' : language()
    const found = readiness(facts, spoken)
    const lines = argv.ask ? [...found, await asked(cluster, facts, found, spoken)] : found
    await print(
      argv.output === 'json'
        ? JSON.stringify({ cluster: facts.identity, lines }, null, 2)
        : checkText(lines, layoutOf(process.stdout, argv.color)),
    )
    return lines.some(({ level }) => level === 'problem') ? ExitCode.blocked : ExitCode.done
  })
}

/** What cannot be mounted is not tried, and nobody has a file system formatted on a node's own disk by asking. */
async function asked(
  cluster: Cluster,
  facts: CheckFacts,
  found: ReadinessLine[],
  spoken: Language,
): Promise<ReadinessLine> {
  const says = checkWords(spoken)
  if (await isEmbedded(cluster)) return line('file-system', 'note', says.notAskedEmbedded())
  const first = found.find(
    ({ subject, level, code }) =>
      (level === 'problem' && (subject === 'driver' || subject === 'secret')) || code === 'secret-incomplete',
  )
  if (first) return line('file-system', 'note', says.notAskedYet())
  const { signal, off } = interruption({ atOnce: () => messages().interrupt.probeAtOnce })
  try {
    return await askFileSystem(cluster, facts, signal, spoken)
  } finally {
    off()
  }
}
