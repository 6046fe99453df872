import { spawn } from 'node:child_process'
import { Failure } from '../domain/failure.ts'
import { type Wording, worded } from '../words/trouble.ts'
import type { ClusterEntry, ExecEntry } from './kubeconfig.ts'

/** What an exec plugin hands out. */
export interface ExecCredential {
  token?: string
  /** PEM texts. */
  certificate?: string
  key?: string
  /** Milliseconds since 1970; undefined where it stays good until the server says otherwise. */
  expires?: number
}

/** Milliseconds that a plugin has: somebody may have to log in with a browser. */
const LONGEST_LOGIN = 300_000

const DEFAULT_API_VERSION = 'client.authentication.k8s.io/v1'

/**
 * Runs a kubeconfig's exec plugin once and reads its ExecCredential
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). Its stderr
 * goes to ours, for what it may have to ask of the person at the terminal. Throws a Failure.
 */
export async function runExecPlugin(exec: ExecEntry, server: string, cluster: ClusterEntry): Promise<ExecCredential> {
  const output = await stdoutOf(exec, execInfo(exec, server, cluster))
  let status: Record<string, unknown> | undefined
  try {
    status = (JSON.parse(output) as { status?: Record<string, unknown> }).status
  } catch {
    // A message of JSON.parse would quote the credential.
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status ?? {}
  if (typeof token !== 'string' && typeof clientCertificateData !== 'string') {
    throw failure(exec, (say) => say.server.loginEmpty())
  }
  return {
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof clientCertificateData === 'string' ? { certificate: clientCertificateData } : {}),
    ...(typeof clientKeyData === 'string' ? { key: clientKeyData } : {}),
    ...(typeof expirationTimestamp === 'string' ? { expires: Date.parse(expirationTimestamp) } : {}),
  }
}

function stdoutOf(exec: ExecEntry, info: string): Promise<string> {
  const given = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  return new Promise((resolve, reject) => {
    const child = spawn(exec.command, exec.args ?? [], {
      env: { ...process.env, ...given, KUBERNETES_EXEC_INFO: info },
      stdio: [isInteractive(exec) ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    })
    const chunks: Buffer[] = []
    const late = setTimeout(() => {
      child.kill()
      // what it has started may hold it open
      child.stdout?.destroy()
      reject(failure(exec, (say) => say.server.loginTimedOut(LONGEST_LOGIN / 60_000)))
    }, LONGEST_LOGIN)
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late)
      reject(
        failure(
          exec,
          (say) => (error.code === 'ENOENT' ? say.server.loginMissing() : say.server.loginNotRun(error.code ?? '')),
          error,
        ),
      )
    })
    child.on('close', (code, signal) => {
      clearTimeout(late)
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'))
      else
        reject(
          failure(exec, (say) => (code === null ? say.server.loginKilled(signal ?? '') : say.server.loginFailed(code))),
        )
    })
  })
}

function execInfo(exec: ExecEntry, server: string, cluster: ClusterEntry): string {
  const about = {
    server,
    'tls-server-name': cluster['tls-server-name'] ?? undefined,
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
    'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
    'proxy-url': cluster['proxy-url'] ?? undefined,
  }
  return JSON.stringify({
    apiVersion: exec.apiVersion ?? DEFAULT_API_VERSION,
    kind: 'ExecCredential',
    spec: { interactive: isInteractive(exec), ...(exec.provideClusterInfo ? { cluster: about } : {}) },
  })
}

function isInteractive(exec: ExecEntry): boolean {
  return exec.interactiveMode !== 'Never' && process.stdin.isTTY === true
}

function failure(exec: ExecEntry, how: Wording, cause?: unknown): Failure {
  const hint = exec.installHint?.trim().split('\n').join(' ')
  return new Failure(...worded((say) => say.server.login(exec.command, how(say), hint), { cause }))
}
