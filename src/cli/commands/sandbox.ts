import { once } from 'node:events'
import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { REPEATED_FILES } from '../arguments.ts'
import { startEmbedded } from '../embedded.ts'
import { interruption } from '../interrupt.ts'
import { print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

interface Arguments {
  from: string[]
  port?: number
  kubernetesVersion?: string
  out: string
}

export const options = (yargs: Argv) =>
  yargs
    .options({
      from: {
        ...REPEATED_FILES,
        demandOption: true,
        describe: 'the folder or file of manifests to start with, or - for standard input; may be repeated',
      },
      port: { type: 'number', describe: 'the port on 127.0.0.1 (default: any that is free)', requiresArg: true },
      'kubernetes-version': {
        type: 'string',
        describe: 'the Kubernetes to be like, 1.20 or 1.37 (default: the one that the manifests are of, else 1.20)',
        requiresArg: true,
      },
      out: {
        type: 'string',
        default: 'sandbox.kubeconfig',
        describe: 'where to write its kubeconfig',
        requiresArg: true,
      },
    })
    .example('$0 sandbox --from fixtures/jupyter', 'then, elsewhere: kubectl --kubeconfig sandbox.kubeconfig get pv')

export async function run({ from, port, kubernetesVersion, out }: Arguments): Promise<ExitCode> {
  const sandbox = await startEmbedded(from, { port, kubernetesVersion })
  const { signal, off } = interruption({ changing: false })
  try {
    await writeText(out, sandbox.kubeconfig, { mode: 0o600 })
    await print(`export KUBECONFIG=${out}`)
    say(`The embedded cluster is at ${sandbox.url}; Ctrl-C ends it, and forgets all that was done to it.`)
    if (!signal.aborted) await once(signal, 'abort')
    return ExitCode.done
  } finally {
    off()
    await sandbox.close()
  }
}
