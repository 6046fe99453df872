import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { helpWords } from '../../words/help.ts'
import { inPackage } from '../package-files.ts'
import { print } from '../terminal.ts'
import { readText } from '../text-file.ts'
import { VERSION, versionText } from '../version.ts'

/** juicify's own, and those of the packages in the bundle. */
const LICENSES = ['LICENSE', 'dist/THIRD-PARTY-LICENSES']

interface Arguments {
  output?: 'text' | 'json'
  licenses?: boolean
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.version
  return yargs
    .options({
      output: { alias: 'o', choices: ['text', 'json'] as const, default: 'text' as const, describe: help.outputFormat },
      licenses: { type: 'boolean', describe: says.licenses },
    })
    .example('$0 version -o json', says.examples.json)
    .example('$0 version --licenses | less', says.examples.licenses)
}

export async function run({ output, licenses }: Arguments): Promise<ExitCode> {
  if (licenses) {
    for (const name of LICENSES) await print(await readText(inPackage(name), 'licence'))
    return ExitCode.done
  }
  const version = { version: VERSION, node: process.version, platform: `${process.platform}/${process.arch}` }
  await print(output === 'json' ? JSON.stringify(version) : versionText())
  return ExitCode.done
}
