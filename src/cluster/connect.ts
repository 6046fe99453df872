import { HttpCluster } from './client.ts'
import type { Cluster } from './cluster.ts'
import { loadAccess } from './kubeconfig.ts'
import { network, type Transport } from './transport.ts'

export interface ConnectOptions {
  /** Path of the one kubeconfig to read, as `--kubeconfig` gives it; KUBECONFIG and ~/.kube/config are ignored then. */
  kubeconfig?: string | undefined
  /** The text of a kubeconfig, in place of any file. */
  kubeconfigText?: string | undefined
  /** The context to use in place of the current one. */
  context?: string | undefined
  /** Milliseconds for one try of a request; 30 s where not given. */
  requestTimeout?: number | undefined
  /** Milliseconds for a request with all its tries; four times the above where not given. */
  retryTimeout?: number | undefined
  /** Milliseconds after which a watch opens a new stream, and so notices a server gone silent; 50 s where not given. */
  streamTimeout?: number | undefined
  /** How the server is reached; over the network where not given. */
  transport?: Transport | undefined
  /** Ends whatever is under way; it throws the signal's reason. */
  signal?: AbortSignal | undefined
  /** Where KUBECONFIG, HOME and the like are read; the process's environment where not given. */
  env?: NodeJS.ProcessEnv
}

/** A Cluster that a kubeconfig led to. */
export interface Connection extends Cluster {
  /** The namespace that the context names, `default` where it names none. */
  readonly namespace: string
  /** The context's name; `in-cluster` for a pod's service account. */
  readonly context: string
}

const REQUEST_TIMEOUT = 30_000
const CONNECT_TIMEOUT = 10_000
const STREAM_TIMEOUT = 50_000

/**
 * A client of the API server that a kubeconfig names, found as kubectl finds it: `kubeconfig`, else the files of
 * KUBECONFIG together, else ~/.kube/config, else the service account of the pod we run in. Nothing is sent yet, so a
 * server that is not there shows at the first call. Throws a Failure where the kubeconfig is missing or broken.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const access = await loadAccess(options)
  const requestTimeout = options.requestTimeout ?? REQUEST_TIMEOUT
  const retryTimeout = options.retryTimeout ?? 4 * requestTimeout
  const streamTimeout = options.streamTimeout ?? STREAM_TIMEOUT
  const patience = { requestTimeout, retryTimeout, connectTimeout: CONNECT_TIMEOUT, streamTimeout }
  return new HttpCluster(access, patience, options.transport ?? network, options.signal)
}
