import type { Cluster } from '../cluster/cluster.ts'
import { type ConnectOptions, connect } from '../cluster/connect.ts'
import { shellWord } from '../domain/shell.ts'
import type { ClusterArguments } from './arguments.ts'

/** A cluster to work on, for one command. */
export interface Session {
  cluster: Cluster
  /** The flags that bring another command to the same cluster, for the commands that messages name. */
  flags: string
  /** Which cluster it is, for people: `lab (https://10.0.0.1:6443)`, the context and the server. */
  title: string
}

/** Connects to the cluster that the flags name, or starts the embedded one; both are closed when `work` is done. */
export async function withCluster<T>(
  argv: ClusterArguments,
  work: (session: Session) => Promise<T>,
  limits: Pick<ConnectOptions, 'requestTimeout' | 'retryTimeout'> = {},
): Promise<T> {
  if (argv.sandbox !== undefined) return withSandbox(argv.sandbox, work)
  const cluster = await connect({ kubeconfig: argv.kubeconfig, context: argv.context, ...limits })
  try {
    return await work({ cluster, flags: flagsOf(argv), title: `${cluster.context} (${cluster.server})` })
  } finally {
    cluster.close()
  }
}

async function withSandbox<T>(places: string[], work: (session: Session) => Promise<T>): Promise<T> {
  const { startEmbedded } = await import('./embedded.ts')
  const sandbox = await startEmbedded(places)
  try {
    const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
    try {
      return await work({
        cluster,
        flags: flagsOf({ sandbox: places }),
        title: `the embedded cluster of ${places.join(', ')}`,
      })
    } finally {
      cluster.close()
    }
  } finally {
    await sandbox.close()
  }
}

function flagsOf({ kubeconfig, context, sandbox }: ClusterArguments): string {
  const flags = Object.entries({ kubeconfig, context, sandbox })
  const words = flags.flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => ` --${name} ${shellWord(value)}`),
  )
  return words.join('')
}
