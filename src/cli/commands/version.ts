import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { print } from '../terminal.ts'
import { VERSION, versionText } from '../version.ts'

interface Arguments {
  output?: 'text' | 'json'
}

export const options = (yargs: Argv) =>
  yargs
    .options({
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: 'the format' },
    })
    .example('$0 version -o json', 'for scripts')

export async function run({ output }: Arguments): Promise<ExitCode> {
  const version = { version: VERSION, node: process.version, platform: `${process.platform}/${process.arch}` }
  await print(output === 'json' ? JSON.stringify(version) : versionText())
  return ExitCode.done
}
