import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts'
import { print } from '../terminal.ts'

const SHELLS = Object.keys(COMPLETION_SCRIPTS) as (keyof typeof COMPLETION_SCRIPTS)[]

interface Arguments {
  shell: keyof typeof COMPLETION_SCRIPTS
}

export const options = (yargs: Argv) =>
  yargs
    .positional('shell', { choices: SHELLS, describe: 'the shell; kubectl: for kubectl juicify' })
    .example('source <($0 completion bash)', 'for this session')
    .example('$0 completion kubectl', 'completion of kubectl juicify, for kubectl 1.26 and later')

export async function run({ shell }: Arguments): Promise<ExitCode> {
  await print(COMPLETION_SCRIPTS[shell])
  return ExitCode.done
}
