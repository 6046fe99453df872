import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import { failed } from '../domain/failure.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import type { ExecCredential } from './exec.ts'
import type { Access, UserEntry } from './kubeconfig.ts'

/** What a request needs to be let in. */
export interface Login {
  agent: http.Agent
  headers: Record<string, string | string[]>
}

/** As Node names them; PEM texts. */
export interface TlsOptions {
  ca: string | undefined
  cert: string | undefined
  key: string | undefined
  rejectUnauthorized: boolean
  servername: string | undefined
}

/** Milliseconds for which a token file's content is believed; as long as client-go does. */
const TOKEN_FILE_AGE = 60_000
/** Milliseconds in which a login that failed, or was refused, is not tried anew: many requests are under way at once. */
const REFUSAL_AGE = 10_000
/** Milliseconds before its end in which a credential is no longer used. */
const EXPIRY_MARGIN = 30_000
/** Milliseconds after which an idle connection is not used again; below what servers keep them for (Node's: 5 s). */
const IDLE_CONNECTION = 4_000
const MAX_IDLE_CONNECTIONS = 64

/** Logs in as a kubeconfig says, keeps the login as long as it is good, and makes a new one when it is not. */
export class Credentials {
  readonly #access: Access
  #login: Promise<Login> | undefined
  /** What #login came to. */
  #current: Login | undefined
  #agent: http.Agent | undefined
  #goodUntil = Number.POSITIVE_INFINITY
  #renewedAt = Number.NEGATIVE_INFINITY

  constructor(access: Access) {
    this.#access = access
  }

  /** The login, made anew where it is about to expire. Throws a Failure where the kubeconfig's way in does not work. */
  login(): Promise<Login> {
    if (!this.#login || Date.now() > this.#goodUntil) this.#login = this.#keep(this.#make())
    return this.#login
  }

  /** The server refused `refused`: true where the next login may be a better one. */
  renew(refused: Login): boolean {
    const { exec, tokenFile, 'auth-provider': provider } = this.#access.user
    if (!exec && !tokenFile && !provider) return false
    // Of many requests that were refused with the same login, the first one to come makes the new one.
    if (this.#current !== refused) return true
    if (Date.now() - this.#renewedAt < REFUSAL_AGE) return false
    this.#renewedAt = Date.now()
    this.#current = undefined
    this.#login = undefined
    return true
  }

  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
    this.#login = undefined
  }

  async #keep(making: Promise<Login>): Promise<Login> {
    try {
      this.#current = await making
      return this.#current
    } catch (error) {
      this.#goodUntil = Date.now() + REFUSAL_AGE
      throw error
    }
  }

  async #make(): Promise<Login> {
    const { user, server, cluster } = this.#access
    this.#goodUntil = Number.POSITIVE_INFINITY
    const exec: ExecCredential = user.exec
      ? await (await import('./exec.ts')).runExecPlugin(user.exec, server, cluster)
      : {}
    if (exec.expires !== undefined) this.#goodUntil = exec.expires - EXPIRY_MARGIN
    if (user.tokenFile || user['auth-provider']) this.#goodUntil = Date.now() + TOKEN_FILE_AGE
    const headers = { ...(await authorization(user, exec)), ...impersonation(user) }
    // A login without a certificate of its own keeps the existing connections.
    if (this.#agent && exec.certificate === undefined && !user['auth-provider']) return { agent: this.#agent, headers }
    const made = await connectionsOf(this.#access, exec)
    const { agent } = made
    keepAlive(agent)
    this.#agent = agent
    return { agent, headers: { ...made.headers, ...headers } }
  }
}

async function authorization(user: UserEntry, exec: ExecCredential): Promise<Record<string, string>> {
  const given = exec.token ?? (user.tokenFile ? await tokenFrom(user.tokenFile) : user.token)
  // a block of YAML ends with a line break
  const token = given?.trim()
  if (token && !HEADER.test(token)) throw failed(messages().connection.token())
  if (token) return { authorization: `Bearer ${token}` }
  if (!user.username) return {}
  return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` }
}

async function tokenFrom(file: string): Promise<string> {
  return (await readCredentialFile(file, 'token')).trim()
}

function impersonation(user: UserEntry): Record<string, string | string[]> {
  const extra = Object.entries(user['as-user-extra'] ?? {})
  return {
    ...(user.as ? { 'impersonate-user': inHeader(user.as) } : {}),
    ...(user['as-uid'] ? { 'impersonate-uid': inHeader(user['as-uid']) } : {}),
    ...(user['as-groups']?.length ? { 'impersonate-group': user['as-groups'].map(inHeader) } : {}),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, (values ?? []).map(inHeader)]),
    ),
  }
}

/** What a header may hold: what can be seen of ASCII. */
const HEADER = /^[\x21-\x7e]+$/

/** The bytes of a name in UTF-8, as the API server reads them; Node takes each character of a header for a byte. */
function inHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/**
 * The connections to the server. Node's own agents will do for most; proxies and the old auth providers are left to
 * KubeConfig, which takes longer to load than all the rest of src/cluster.
 */
async function connectionsOf(access: Access, exec: ExecCredential): Promise<Login> {
  const { server, cluster, user, proxy } = access
  const tls: TlsOptions = {
    ca: await pem(cluster['certificate-authority-data'], cluster['certificate-authority'], 'certificate authority'),
    cert:
      exec.certificate ??
      (await pem(user['client-certificate-data'], user['client-certificate'], 'client certificate')),
    key: exec.key ?? (await pem(user['client-key-data'], user['client-key'], 'client key')),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    servername: cluster['tls-server-name'] ?? undefined,
  }
  const authProvider = user['auth-provider'] ?? undefined
  if (proxy && !URL.canParse(proxy)) {
    // it may hold a password
    throw failed(messages().connection.proxy())
  }
  if (proxy || authProvider) {
    const { loginWithKubeConfig } = await import('./kube-config-login.ts')
    try {
      return await loginWithKubeConfig({ server, proxyUrl: proxy, tls, authProvider })
    } catch (error) {
      if (!authProvider) throw error
      const why = (error as Error).message.trim().replaceAll(/\s*\n\s*/g, ' ')
      throw failed(messages().connection.authProvider(nameOf(authProvider), why), { cause: error })
    }
  }
  if (server.startsWith('http:')) return { agent: new http.Agent(), headers: {} }
  // Made once: left to the agent, every connection would read the certificates again.
  return { agent: new https.Agent({ ...tls, secureContext: contextOf(tls) }), headers: {} }
}

function nameOf(authProvider: unknown): string {
  return (authProvider as { name?: string }).name ?? ''
}

function contextOf(tls: TlsOptions): SecureContext {
  try {
    return createSecureContext(tls)
  } catch (error) {
    throw failed(messages().connection.certificates((error as Error).message), { cause: error })
  }
}

async function pem(
  data: string | null | undefined,
  file: string | null | undefined,
  what: string,
): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  return file ? readCredentialFile(file, what) : undefined
}

async function readCredentialFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw failed(messages().connection.unreadablePart(what, file, fileTrouble(error)), { cause: error })
  }
}

/** KubeConfig makes agents that close each connection after one request. */
function keepAlive(agent: http.Agent): void {
  Object.assign(agent, { keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, maxSockets: Number.POSITIVE_INFINITY })
  const { options } = agent as http.Agent & { options: http.AgentOptions }
  Object.assign(options, { keepAlive: true, timeout: IDLE_CONNECTION })
}
