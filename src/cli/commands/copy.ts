import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { describeCopy } from '../../engine/copies.ts'
import { endBlocked, preload } from '../../engine/run.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import {
  type ClusterArguments,
  clusterOptions,
  type SelectionArguments,
  selectionFlags,
  selectionOptions,
} from '../arguments.ts'
import { mustBeWhole, planFromFlags } from '../planning.ts'
import { confirmed, declined, follow, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, SelectionArguments, RunArguments {}

export function options(yargs: Argv) {
  const says = helpWords().copy
  return runOptions(selectionOptions(clusterOptions(yargs))).example(
    '$0 copy -f plans/cube-studio.yaml --source-nodes node1',
    says.examples.copy,
  )
}

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const plan = mustBeWhole(await planFromFlags(cluster, argv))
    const copies = plan.groups.flatMap(({ blocked, copies }) => (blocked ? [] : copies))
    for (const copy of copies) say(describeCopy(copy))
    if (copies.length === 0) {
      say(messages().copy.nothing(cluster.title))
      const blocked = plan.groups.filter((group) => group.blocked)
      // whoever reads the stream waits for its last line
      if (argv.output === 'json')
        return follow(cluster, argv, flags, async ({ emit }) => endBlocked(blocked, plan.findings, emit))
      return blocked.length > 0 ? ExitCode.blocked : ExitCode.done
    }
    if (!(await confirmed(messages().question.copy(cluster.title), argv))) return declined()
    return follow(cluster, argv, flags, (options) => preload(plan, options), {
      next: () => `juicify copy${selectionFlags(argv)}${flags}`,
    })
  })
}
