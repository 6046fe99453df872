import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { load } from 'js-yaml'
import * as v from 'valibot'
import { failed } from '../domain/failure.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import { proxyFor } from './proxy.ts'

const ExecSchema = v.looseObject({
  apiVersion: v.nullish(v.string()),
  command: v.string(),
  args: v.nullish(v.array(v.string())),
  env: v.nullish(v.array(v.looseObject({ name: v.string(), value: v.string() }))),
  installHint: v.nullish(v.string()),
  provideClusterInfo: v.nullish(v.boolean()),
  interactiveMode: v.nullish(v.string()),
})

const UserSchema = v.looseObject({
  token: v.nullish(v.string()),
  tokenFile: v.nullish(v.string()),
  username: v.nullish(v.string()),
  password: v.nullish(v.string()),
  'client-certificate': v.nullish(v.string()),
  'client-certificate-data': v.nullish(v.string()),
  'client-key': v.nullish(v.string()),
  'client-key-data': v.nullish(v.string()),
  as: v.nullish(v.string()),
  'as-uid': v.nullish(v.string()),
  'as-groups': v.nullish(v.array(v.string())),
  'as-user-extra': v.nullish(v.record(v.string(), v.array(v.string()))),
  exec: v.nullish(ExecSchema),
  'auth-provider': v.nullish(v.looseObject({ name: v.string() })),
})

const ClusterSchema = v.looseObject({
  server: v.nullish(v.string()),
  'certificate-authority': v.nullish(v.string()),
  'certificate-authority-data': v.nullish(v.string()),
  'insecure-skip-tls-verify': v.nullish(v.boolean()),
  'tls-server-name': v.nullish(v.string()),
  'proxy-url': v.nullish(v.string()),
})

const ContextSchema = v.looseObject({
  cluster: v.nullish(v.string()),
  user: v.nullish(v.string()),
  namespace: v.nullish(v.string()),
})

const KubeconfigSchema = v.looseObject({
  'current-context': v.nullish(v.string()),
  clusters: v.nullish(v.array(v.looseObject({ name: v.string(), cluster: v.nullish(ClusterSchema) }))),
  users: v.nullish(v.array(v.looseObject({ name: v.string(), user: v.nullish(UserSchema) }))),
  contexts: v.nullish(v.array(v.looseObject({ name: v.string(), context: v.nullish(ContextSchema) }))),
})

export type ExecEntry = v.InferOutput<typeof ExecSchema>
export type UserEntry = v.InferOutput<typeof UserSchema>
export type ClusterEntry = v.InferOutput<typeof ClusterSchema>
type ContextEntry = v.InferOutput<typeof ContextSchema>

/** Kubeconfigs put together: entries by name, and the files they came from, for messages. */
interface Kubeconfig {
  sources: string[]
  currentContext: string | undefined
  clusters: Map<string, ClusterEntry>
  users: Map<string, UserEntry>
  contexts: Map<string, ContextEntry>
}

/** Where the API server of one context is, and as whom to ask it. */
export interface Access {
  context: string
  /** What the kubeconfig calls the cluster of that context; none has one within a pod. */
  clusterName?: string
  /** The namespace that the context names, `default` where it names none. */
  namespace: string
  /** Its address, without a slash at the end. */
  server: string
  cluster: ClusterEntry
  user: UserEntry
  /** The proxy between us and the server. */
  proxy?: string | undefined
}

/** What is asked of the loader; see ConnectOptions. */
export interface KubeconfigChoice {
  kubeconfig?: string
  kubeconfigText?: string
  context?: string
  as?: string | undefined
  asGroups?: string[] | undefined
  env?: NodeJS.ProcessEnv
  /** The folder in which a pod finds its service account; where kubelets mount it where not given. */
  serviceAccount?: string
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Finds out which API server is meant: the file or text given, else the files of KUBECONFIG, else ~/.kube/config, else
 * the service account of the pod we run in. Throws a Failure in one line where none of them says it.
 */
export async function loadAccess(choice: KubeconfigChoice): Promise<Access> {
  const env = choice.env ?? process.env
  const parts = await readParts(choice, env)
  const access =
    parts.length > 0 ? chooseContext(mergeKubeconfigs(parts), choice.context) : await inClusterAccess(env, choice)
  if (access)
    return {
      ...access,
      user: impersonating(access.user, choice),
      proxy: proxyFor(access.server, access.cluster['proxy-url'], env),
    }
  throw failed(messages().connection.noKubeconfig(searched(env)))
}

/** As in kubectl, the flags take the place of what the kubeconfig has, each of its own. */
function impersonating(user: UserEntry, { as, asGroups }: KubeconfigChoice): UserEntry {
  const found = { ...user, ...(as === undefined ? {} : { as }), ...(asGroups ? { 'as-groups': asGroups } : {}) }
  if (found.as || !found['as-groups']?.length) return found
  throw failed(messages().connection.groupsWithoutUser(found['as-groups']))
}

/** The names of all contexts that could be chosen. */
export async function contextNames(choice: KubeconfigChoice): Promise<string[]> {
  return [...mergeKubeconfigs(await readParts(choice, choice.env ?? process.env)).contexts.keys()]
}

/**
 * Puts several kubeconfigs together as kubectl does: of entries of one name, and of current contexts, the first one is
 * taken whole (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 */
function mergeKubeconfigs(parts: Kubeconfig[]): Kubeconfig {
  const lastWins = [...parts].reverse()
  return {
    sources: parts.flatMap((part) => part.sources),
    currentContext: parts.map((part) => part.currentContext).find((context) => context !== undefined),
    clusters: new Map(lastWins.flatMap((part) => [...part.clusters])),
    users: new Map(lastWins.flatMap((part) => [...part.users])),
    contexts: new Map(lastWins.flatMap((part) => [...part.contexts])),
  }
}

/** Reads one kubeconfig. Files that it names relatively are meant from `folder`. Throws a Failure that names `source`. */
function parseKubeconfig(text: string, source: string, folder: string): Kubeconfig {
  const result = v.safeParse(KubeconfigSchema, readYaml(text, source))
  if (!result.success) {
    const [issue] = result.issues
    throw failed(messages().connection.notAKubeconfig(source, v.getDotPath(issue) ?? undefined, `${issue.expected}`))
  }
  const { output } = result
  return {
    sources: [source],
    currentContext: output['current-context'] || undefined,
    clusters: byName(output.clusters ?? [], (entry) => clusterFrom(folder, entry.cluster ?? {})),
    users: byName(output.users ?? [], (entry) => userFrom(folder, entry.user ?? {})),
    contexts: byName(output.contexts ?? [], (entry) => entry.context ?? {}),
  }
}

/** Follows a context, by name or the current one, to its server and user. */
function chooseContext(config: Kubeconfig, wanted?: string): Access {
  const where = config.sources.join(', ')
  const name = wanted ?? config.currentContext
  const says = messages().connection
  const contexts = names(config.contexts)
  if (name === undefined) throw failed(says.noCurrentContext(where, contexts))
  const context = config.contexts.get(name)
  if (!context) throw failed(says.noContext(name, where, contexts))
  const cluster = config.clusters.get(context.cluster ?? '')
  if (!cluster?.server) throw failed(says.noServer(name, where, context.cluster ?? '""', contexts))
  const user = context.user ? config.users.get(context.user) : {}
  if (!user) throw failed(says.noUser(name, where, context.user ?? '', contexts))
  return {
    context: name,
    ...(context.cluster ? { clusterName: context.cluster } : {}),
    namespace: context.namespace || 'default',
    server: serverOf(cluster.server, where),
    cluster,
    user,
  }
}

async function readParts(choice: KubeconfigChoice, env: NodeJS.ProcessEnv): Promise<Kubeconfig[]> {
  if (choice.kubeconfigText !== undefined) return [parseKubeconfig(choice.kubeconfigText, 'the kubeconfig', '.')]
  if (choice.kubeconfig !== undefined) return [await readKubeconfig(choice.kubeconfig)]
  const parts: Kubeconfig[] = []
  for (const file of searched(env)) {
    if (await exists(file)) parts.push(await readKubeconfig(file))
  }
  return parts
}

function searched(env: NodeJS.ProcessEnv): string[] {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '')
  return listed.length > 0 ? [...new Set(listed)] : [join(env.HOME || homedir(), '.kube', 'config')]
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw failed(messages().connection.unreadable(file, fileTrouble(error)), { cause: error })
  }
  return parseKubeconfig(text, file, dirname(resolve(file)))
}

/** Access as the service account of the pod that we run in; undefined where this is none. Throws a Failure where it has no token. */
async function inClusterAccess(env: NodeJS.ProcessEnv, choice: KubeconfigChoice): Promise<Access | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (!host || !port) return undefined
  const folder = choice.serviceAccount ?? SERVICE_ACCOUNT
  // kubelets write a new token into it before the old one expires, so it is read again and again
  const tokenFile = join(folder, 'token')
  const says = messages().connection
  if (!(await exists(tokenFile))) throw failed(says.noToken(tokenFile))
  if (choice.context !== undefined) throw failed(says.noContextInPod(choice.context))
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => 'default')
  return {
    context: 'in-cluster',
    namespace: namespace.trim(),
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    cluster: { 'certificate-authority': join(folder, 'ca.crt') },
    user: { tokenFile },
  }
}

function readYaml(text: string, source: string): unknown {
  const content = text.replace(/^\uFEFF/, '')
  if (/^\s*$/.test(content)) return {}
  try {
    return load(content) ?? {}
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number } }
    // What the parser quotes might be a token.
    const why = reason?.replace(/"[^"]*"/g, '"…"')
    throw failed(messages().connection.invalidYaml(`${source}${mark ? `:${mark.line + 1}` : ''}`, why))
  }
}

function serverOf(text: string, where: string): string {
  const address = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw failed(messages().connection.notHttp(where))
  }
  if (url.username || url.password) {
    throw failed(messages().connection.userInServer(where))
  }
  return address.replace(/\/+$/, '')
}

/** Data wins over a file, as in kubectl. */
function clusterFrom(folder: string, entry: ClusterEntry): ClusterEntry {
  return {
    ...entry,
    'certificate-authority': entry['certificate-authority-data'] ? null : from(folder, entry['certificate-authority']),
  }
}

function userFrom(folder: string, entry: UserEntry): UserEntry {
  return {
    ...entry,
    tokenFile: from(folder, entry.tokenFile),
    'client-certificate': entry['client-certificate-data'] ? null : from(folder, entry['client-certificate']),
    'client-key': entry['client-key-data'] ? null : from(folder, entry['client-key']),
    exec: entry.exec && { ...entry.exec, command: commandFrom(folder, entry.exec.command) },
  }
}

/** A bare word is looked up in PATH; anything with a slash is a path, from the kubeconfig's folder. */
function commandFrom(folder: string, command: string): string {
  return /[/\\]/.test(command) ? resolve(folder, command) : command
}

function from(folder: string, file: string | null | undefined): string | null | undefined {
  return file && !isAbsolute(file) ? join(folder, file) : file
}

function byName<E extends { name: string }, T>(entries: E[], value: (entry: E) => T): Map<string, T> {
  return new Map(entries.toReversed().map((entry) => [entry.name, value(entry)]))
}

function names(entries: Map<string, unknown>): string {
  return [...entries.keys()].toSorted().join(', ')
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
