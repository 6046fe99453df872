import { HttpCluster } from './client.ts'
import type { Cluster } from './cluster.ts'
import { type Access, loadAccess } from './kubeconfig.ts'
import { network, type Transport } from './transport.ts'

export interface ConnectOptions {
  /** Path of the one kubeconfig to read, as `--kubeconfig` gives it; KUBECONFIG and ~/.kube/config are ignored then. */
  kubeconfig?: string | undefined
  /** The text of a kubeconfig, in place of any file. */
  kubeconfigText?: string | undefined
  /** What the cluster is called for people, in place of context, name and server. */
  title?: string | undefined
  /** The context to use in place of the current one. */
  context?: string | undefined
  /** The user to impersonate, in place of one that the kubeconfig names. */
  as?: string | undefined
  /** The groups to impersonate beside that user. */
  asGroups?: string[] | undefined
  /** Milliseconds for one try of a request; 30 s where not given. */
  requestTimeout?: number | undefined
  /** Milliseconds for a request with all its tries; four times the above where not given, and 2 min at most. */
  retryTimeout?: number | undefined
  /** Milliseconds after which a watch opens a new stream, and so notices a server gone silent; 50 s where not given. */
  streamTimeout?: number | undefined
  /** How the server is reached; over the network where not given. */
  transport?: Transport | undefined
  /** Ends whatever is under way; it throws the signal's reason. */
  signal?: AbortSignal | undefined
  /** Where KUBECONFIG, HOME and the like are read; the process's environment where not given. */
  env?: NodeJS.ProcessEnv
  /** The folder in which a pod finds its service account; where kubelets mount it where not given. */
  serviceAccount?: string
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
const RETRY_TIMEOUT = 120_000
const STREAM_TIMEOUT = 50_000

/**
 * A client of the API server that a kubeconfig names, found as kubectl finds it: `kubeconfig`, else the files of
 * KUBECONFIG together, else ~/.kube/config, else the service account of the pod we run in. Nothing is sent yet, so a
 * server that is not there shows at the first call. Throws a Failure where the kubeconfig is missing or broken.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const access = await loadAccess(options)
  const requestTimeout = options.requestTimeout ?? REQUEST_TIMEOUT
  const retryTimeout = options.retryTimeout ?? Math.min(4 * requestTimeout, RETRY_TIMEOUT)
  const streamTimeout = options.streamTimeout ?? STREAM_TIMEOUT
  const patience = { requestTimeout, retryTimeout, connectTimeout: CONNECT_TIMEOUT, streamTimeout }
  const { title = titleOf(access), transport = network, signal } = options
  return new HttpCluster(access, title, patience, transport, signal)
}

/** The context, the cluster's own name in the kubeconfig where that says something else, and the server. */
function titleOf({ context, clusterName, server }: Access): string {
  const name = clusterName === undefined || clusterName === context ? '' : `, ${clusterName}`
  return `${context}${name} (${server})`
}
