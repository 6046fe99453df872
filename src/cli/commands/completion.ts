import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { helpWords } from '../../words/help.ts'
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts'
import { print } from '../terminal.ts'

const SHELLS = Object.keys(COMPLETION_SCRIPTS) as (keyof typeof COMPLETION_SCRIPTS)[]

interface Arguments {
  shell: keyof typeof COMPLETION_SCRIPTS
}

export function options(yargs: Argv) {
  const says = helpWords().completion
  return yargs
    .positional('shell', { choices: SHELLS, describe: says.shell })
    .example('source <($0 completion bash)', says.examples.bash)
    .example('$0 completion kubectl', says.examples.kubectl)
}

export async function run({ shell }: Arguments): Promise<ExitCode> {
  await print(COMPLETION_SCRIPTS[shell])
  return ExitCode.done
}
