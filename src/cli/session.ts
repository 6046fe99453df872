import type { Cluster } from '../cluster/cluster.ts'
import { type ConnectOptions, connect } from '../cluster/connect.ts'
import { shellWord } from '../domain/shell.ts'
import type { ClusterArguments } from './arguments.ts'

/** A cluster to work on, for one command. */
export interface Session {
  cluster: Cluster
  /** The flags that bring another command to the same cluster, for the commands that messages name. */
  flags: string
}

/** Connects to the cluster that the flags name, or starts the embedded one; both are closed when `work` is done. */
export async function withCluster<T>(
  argv: ClusterArguments,
  work: (session: Session) => Promise<T>,
  limits: Pick<ConnectOptions, 'requestTimeout' | 'retryTimeout'> = {},
): Promise<T> {
  if (argv.sandbox !== undefined) return withSandbox(argv.sandbox, argv.requestTimeout, work)
  const { kubeconfig, context, as, asGroup, requestTimeout } = argv
  const cluster = await connect({ kubeconfig, context, as, asGroups: asGroup, requestTimeout, ...limits })
  try {
    return await work({ cluster, flags: flagsOf(argv) })
  } finally {
    cluster.close()
  }
}

async function withSandbox<T>(
  places: string[],
  requestTimeout: number | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { embeddedTitle, startEmbedded } = await import('./embedded.ts')
  const sandbox = await startEmbedded(places)
  try {
    const cluster = await connect({
      kubeconfigText: sandbox.kubeconfig,
      title: `the ${embeddedTitle(places)}`,
      requestTimeout,
    })
    try {
      return await work({ cluster, flags: flagsOf({ sandbox: places }) })
    } finally {
      cluster.close()
    }
  } finally {
    await sandbox.close()
  }
}

function flagsOf({ kubeconfig, context, as, asGroup, sandbox }: ClusterArguments): string {
  const flags = Object.entries({ kubeconfig, context, as, 'as-group': asGroup, sandbox })
  const words = flags.flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => ` --${name} ${shellWord(value)}`),
  )
  return words.join('')
}
