import http from 'node:http'
import type https from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Login } from './credentials.ts'

/** What of a kubeconfig is left to KubeConfig: TLS, proxies, and the old auth providers (oidc, azure, gcp). */
export interface KubeConfigLogin {
  server: string
  proxyUrl: string | undefined
  /** PEM texts, these three. */
  ca: string | undefined
  certificate: string | undefined
  key: string | undefined
  skipTLSVerify: boolean
  tlsServerName: string | undefined
  authProvider: unknown
}

/**
 * The connections to a server, and the headers of an auth provider. The only file that imports @kubernetes/client-node,
 * and to be imported only when it is needed: it takes long to load.
 */
export async function loginWithKubeConfig(login: KubeConfigLogin): Promise<Login> {
  const { server, proxyUrl, tlsServerName, authProvider } = login
  const config = new KubeConfig()
  config.loadFromOptions({
    // KubeConfig has no plain http without this.
    clusters: [
      {
        name,
        server,
        proxyUrl,
        tlsServerName,
        caData: base64(login.ca),
        skipTLSVerify: login.skipTLSVerify || server.startsWith('http:'),
      },
    ],
    users: [{ name, authProvider, certData: base64(login.certificate), keyData: base64(login.key) }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  })
  const options: https.RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  if (!(options.agent instanceof http.Agent)) throw new TypeError('KubeConfig made no agent')
  return { agent: options.agent, headers: { ...(options.headers as Login['headers'] | undefined) } }
}

const name = 'juicify'

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('base64')
}
