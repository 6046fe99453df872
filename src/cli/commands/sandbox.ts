import { once } from 'node:events'
import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { REPEATED_FILES } from '../arguments.ts'
import { startEmbedded } from '../embedded.ts'
import { wholeNumber } from '../flag-values.ts'
import { interruption } from '../interrupt.ts'
import { print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

interface Arguments {
  from: string[]
  port?: number
  kubernetesVersion?: string
  out: string
}

export function options(yargs: Argv) {
  const says = helpWords().sandbox
  return yargs
    .options({
      from: {
        ...REPEATED_FILES,
        demandOption: true,
        describe: says.from,
      },
      port: {
        type: 'string',
        describe: says.port,
        requiresArg: true,
        coerce: wholeNumber('port', { least: 1, most: 65_535, example: 8001 }),
      },
      'kubernetes-version': {
        type: 'string',
        describe: says.kubernetesVersion,
        requiresArg: true,
      },
      out: {
        type: 'string',
        default: 'sandbox.kubeconfig',
        describe: says.out,
        requiresArg: true,
      },
    })
    .example('$0 sandbox --from fixtures/jupyter', says.examples.sandbox)
}

export async function run({ from, port, kubernetesVersion, out }: Arguments): Promise<ExitCode> {
  const sandbox = await startEmbedded(from, { port, kubernetesVersion })
  const { signal, off } = interruption({ changing: false })
  try {
    await writeText(out, sandbox.kubeconfig, { mode: 0o600 })
    await print(`export KUBECONFIG=${out}`)
    say(messages().embedded.listening(sandbox.url))
    if (!signal.aborted) await once(signal, 'abort')
    return ExitCode.done
  } finally {
    off()
    await sandbox.close()
  }
}
