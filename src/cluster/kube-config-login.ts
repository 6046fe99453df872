import http from 'node:http'
import type https from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Login, TlsOptions } from './credentials.ts'

/** What of a kubeconfig is left to KubeConfig: proxies, and the old auth providers (oidc, azure, gcp). */
export interface KubeConfigLogin {
  server: string
  proxyUrl: string | undefined
  authProvider: unknown
  tls: TlsOptions
}

const name = 'juicify'

/**
 * The connections to a server, and the headers of an auth provider. The only file that imports @kubernetes/client-node,
 * and to be imported only when it is needed: it takes long to load.
 */
export async function loginWithKubeConfig({ server, proxyUrl, authProvider, tls }: KubeConfigLogin): Promise<Login> {
  // KubeConfig has no plain http without this.
  const skipTLSVerify = !tls.rejectUnauthorized || server.startsWith('http:')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{ name, server, proxyUrl, tlsServerName: tls.servername, caData: base64(tls.ca), skipTLSVerify }],
    users: [{ name, authProvider, certData: base64(tls.cert), keyData: base64(tls.key) }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  })
  const options: https.RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  if (!(options.agent instanceof http.Agent)) throw new TypeError('KubeConfig made no agent')
  return { agent: options.agent, headers: { ...(options.headers as Login['headers'] | undefined) } }
}

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('base64')
}
