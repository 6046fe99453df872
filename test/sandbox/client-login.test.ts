import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ConnectOptions, connect } from '../../src/cluster/connect.ts'
import { Failure } from '../../src/domain/failure.ts'
import {
  answer,
  type KubeconfigParts,
  kubeconfigFor,
  type Reply,
  type StandIn,
  standIn,
  statusBody,
} from './client-server.ts'

let folder: string
const closing: (() => unknown)[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'login-'))
  const openssl = (command: string) => execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' })
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  for (const ca of ['ca', 'other-ca'])
    openssl(`req -x509 ${key} -keyout ${ca}.key -out ${ca}.crt -subj /CN=${ca} -days 2`)
  writeFileSync(join(folder, 'server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:cluster.test')
  for (const [name, ext] of [
    ['server', '-extfile server.ext'],
    ['client', ''],
  ] as const) {
    openssl(`req ${key} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`)
    openssl(`x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out ${name}.crt ${ext}`.trim())
  }
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const file = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(file(name))
const base64 = (name: string) => read(name).toString('base64')

async function serve(reply: Reply, tls = false): Promise<StandIn> {
  const options = {
    key: read('server.key'),
    cert: read('server.crt'),
    ca: read('ca.crt'),
    requestCert: true,
    rejectUnauthorized: false,
  }
  const server = await standIn(reply, tls ? options : undefined)
  closing.push(server.close)
  return server
}

async function ask(server: string, parts: KubeconfigParts, options: ConnectOptions = {}, times = 1): Promise<void> {
  const cluster = await connect({ kubeconfigText: kubeconfigFor(server, parts), ...options })
  closing.push(() => cluster.close())
  for (let i = 0; i < times; i++) await cluster.raw('GET', '/version')
}

/** The first requests are under way together; one more comes after them. */
async function askAtOnce(server: string, parts: KubeconfigParts): Promise<void> {
  const cluster = await connect({ kubeconfigText: kubeconfigFor(server, parts) })
  closing.push(() => cluster.close())
  await Promise.allSettled(Array.from({ length: 8 }, () => cluster.raw('GET', '/version')))
  await cluster.raw('GET', '/version')
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.catch((thrown: unknown) => thrown)
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${String(error)}`)
  expect(error.message).not.toContain('\n')
  expect(error.remedy).toBeTruthy()
  return error
}

const ok: Reply = (_, response) => answer(response, 200, {})

/** A login command that writes down each of its runs, and hands out the token `token-N` on the Nth. */
function plugin(status = ''): { exec: Record<string, unknown>; runs: () => string[] } {
  const log = join(mkdtempSync(join(folder, 'exec-')), 'log')
  writeFileSync(log, '')
  const script = `echo "$KUBERNETES_EXEC_INFO" >>"$LOG"; n=$(wc -l <"$LOG"); printf '{"status":{"token":"token-%d"${status}}}' "$n"`
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', script],
    env: [{ name: 'LOG', value: log }],
    interactiveMode: 'Never',
  }
  return { exec, runs: () => readFileSync(log, 'utf8').trim().split('\n').filter(Boolean) }
}

test('a login command runs once for many requests, and is told what it is asked for', async () => {
  const server = await serve(ok)
  const { exec, runs } = plugin()
  await ask(server.url, { user: { exec: { ...exec, provideClusterInfo: true } } }, {}, 3)
  expect(runs()).toHaveLength(1)
  expect(JSON.parse(runs()[0] ?? '')).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: server.url } },
  })
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer token-1'))
})

test('a login command runs once even when many requests start at once', async () => {
  const server = await serve(ok)
  const { exec, runs } = plugin()
  await askAtOnce(server.url, { user: { exec } })
  expect(runs()).toHaveLength(1)
})

test('a login command runs again when its token is about to expire', async () => {
  const server = await serve(ok)
  const soon = plugin(`,"expirationTimestamp":"${new Date(Date.now() + 5000).toISOString()}"`)
  await ask(server.url, { user: { exec: soon.exec } }, {}, 2)
  expect(soon.runs()).toHaveLength(2)
  const late = plugin(`,"expirationTimestamp":"${new Date(Date.now() + 3_600_000).toISOString()}"`)
  await ask(server.url, { user: { exec: late.exec } }, {}, 2)
  expect(late.runs()).toHaveLength(1)
})

test('a login command runs again when the server no longer takes its token, and once only', async () => {
  const server = await serve(({ headers }, response) => {
    if (headers.authorization === 'Bearer token-2') answer(response, 200, {})
    else answer(response, 401, statusBody(401, 'Unauthorized'))
  })
  const good = plugin()
  await ask(server.url, { user: { exec: good.exec } })
  expect(good.runs()).toHaveLength(2)
  const refused = await serve((_, response) => answer(response, 401, statusBody(401, 'Unauthorized')))
  const bad = plugin()
  expect((await failureOf(ask(refused.url, { user: { exec: bad.exec } }))).remedy).toContain('log in again')
  expect(bad.runs()).toHaveLength(2)
})

test('many requests that are refused at once run a login command once more, and a failing one once', async () => {
  const refusing = await serve((_, response) => answer(response, 401, statusBody(401, 'Unauthorized')))
  const refused = plugin()
  await failureOf(askAtOnce(refusing.url, { user: { exec: refused.exec } }))
  expect(refused.runs()).toHaveLength(2)
  const command = `echo >> ${file('failed')}; exit 1`
  await failureOf(askAtOnce(refusing.url, { user: { exec: { command: 'sh', args: ['-c', command] } } }))
  expect(read('failed').toString()).toBe('\n')
})

test('a login command’s certificate is used', async () => {
  let subject: unknown
  const server = await serve((_, response) => {
    subject = (response.socket as TLSSocket).getPeerCertificate().subject?.CN
    answer(response, 200, {})
  }, true)
  const credential = {
    status: { clientCertificateData: read('client.crt').toString(), clientKeyData: read('client.key').toString() },
  }
  writeFileSync(file('credential.json'), JSON.stringify(credential))
  await ask(server.url, {
    user: { exec: { command: 'cat', args: [file('credential.json')] } },
    cluster: { 'certificate-authority': file('ca.crt') },
  })
  expect(subject).toBe('client')
})

test('a login command that is missing, fails or says nothing is named, with its hint', async () => {
  const with_ = (exec: Record<string, unknown>) => failureOf(ask('http://127.0.0.1:1', { user: { exec } }))
  const missing = await with_({ command: 'no-such-login', installHint: 'install it\nfrom there' })
  expect(missing.message).toContain('no-such-login is not installed')
  expect(missing.remedy).toBe('install it from there')
  expect((await with_({ command: 'sh', args: ['-c', 'exit 3'] })).message).toContain('failed with exit code 3')
  expect((await with_({ command: 'echo', args: ['hush'] })).message).toMatch(
    /returned neither a token nor a certificate$/,
  )
})

test('a token that ends with a line break, as a block of YAML does, is the token', async () => {
  const server = await serve((_, response) => answer(response, 200, {}))
  await ask(server.url, { user: { token: 'abc\n' } })
  expect(server.seen[0]?.headers.authorization).toBe('Bearer abc')
})

test('a token that cannot be one is told, and not repeated', async () => {
  const failure = await failureOf(ask('http://127.0.0.1:1', { user: { token: 'of\ntwo lines' } }))
  expect(failure.message).toMatch(/token of the kubeconfig has line breaks/)
  expect(failure.message).not.toContain('two')
})

test('an auth provider that fails is told with what it says', async () => {
  const config = { 'cmd-path': file('no-such-command'), 'cmd-args': 'token' }
  const failure = await failureOf(ask('http://127.0.0.1:1', { user: { 'auth-provider': { name: 'gcp', config } } }))
  expect(failure.message).toMatch(/auth provider gcp of the kubeconfig: .*no-such-command/)
  expect(failure.remedy).toContain('exec plugins')
})

test('a user in whichever script is impersonated', async () => {
  const server = await serve((_, response) => answer(response, 200, {}))
  await ask(server.url, { user: { as: '王伟' } })
  const sent = server.seen[0]?.headers['impersonate-user'] as string
  expect(Buffer.from(sent, 'latin1').toString('utf8')).toBe('王伟')
})

test('a token file is read again when the server no longer takes what was in it', async () => {
  writeFileSync(file('token'), 'old\n')
  const server = await serve(({ headers }, response, nth) => {
    const wanted = nth < 1 ? 'Bearer old' : 'Bearer new'
    if (nth === 0) writeFileSync(file('token'), 'new\n')
    if (headers.authorization === wanted) answer(response, 200, {})
    else answer(response, 401, statusBody(401, 'Unauthorized'))
  })
  await ask(server.url, { user: { tokenFile: file('token'), token: 'ignored' } }, {}, 2)
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new'])
})

test('in a pod the API server is asked over TLS as its service account, whose token kubelets renew', async () => {
  writeFileSync(file('token'), 'first\n')
  writeFileSync(file('namespace'), 'juicify\n')
  const server = await serve(({ headers }, response, nth) => {
    if (nth === 0) writeFileSync(file('token'), 'renewed\n')
    if (headers.authorization === (nth < 1 ? 'Bearer first' : 'Bearer renewed')) answer(response, 200, {})
    else answer(response, 401, statusBody(401, 'Unauthorized'))
  }, true)
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) }
  const cluster = await connect({ env, serviceAccount: folder })
  closing.push(() => cluster.close())
  expect(cluster).toMatchObject({ context: 'in-cluster', namespace: 'juicify' })
  for (let i = 0; i < 2; i++) await cluster.raw('GET', '/version')
  expect(server.seen.map(({ headers }) => headers.authorization?.slice(7))).toEqual(['first', 'first', 'renewed'])
})

test('whom to act as is said in full: user, uid, groups and extras', async () => {
  const server = await serve(ok)
  await ask(server.url, {
    user: {
      token: 't',
      as: 'jane',
      'as-uid': '7',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'example.com/x': ['1', '2'] },
    },
  })
  expect(server.seen[0]?.headers).toMatchObject({
    authorization: 'Bearer t',
    'impersonate-user': 'jane',
    'impersonate-uid': '7',
    'impersonate-group': 'a, b',
    'impersonate-extra-example.com%2fx': '1, 2',
  })
})

test('a user name and its password are sent as such', async () => {
  const server = await serve(ok)
  await ask(server.url, { user: { username: 'jane', password: 'pass:word' } })
  expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('jane:pass:word').toString('base64')}`)
})

test.each(['data', 'files'])('a client certificate is sent from %s', async (form) => {
  let subject: unknown
  const server = await serve((_, response) => {
    subject = (response.socket as TLSSocket).getPeerCertificate().subject?.CN
    answer(response, 200, {})
  }, true)
  const parts =
    form === 'data'
      ? {
          user: { 'client-certificate-data': base64('client.crt'), 'client-key-data': base64('client.key') },
          cluster: { 'certificate-authority-data': base64('ca.crt') },
        }
      : {
          user: { 'client-certificate': file('client.crt'), 'client-key': file('client.key') },
          cluster: { 'certificate-authority': file('ca.crt') },
        }
  await ask(server.url, parts)
  expect(subject).toBe('client')
})

test('a certificate of another authority is refused at once, and not where the kubeconfig says so', async () => {
  const server = await serve(ok, true)
  const failure = await failureOf(ask(server.url, { cluster: { 'certificate-authority': file('other-ca.crt') } }))
  expect(failure.message).toContain('is not signed by the certificate authority in the kubeconfig')
  expect(server.seen).toHaveLength(0)
  await ask(server.url, { cluster: { 'insecure-skip-tls-verify': true } })
})

test('a certificate for another name is refused, and taken with tls-server-name', async () => {
  const server = await serve(ok, true)
  const cluster = { 'certificate-authority': file('ca.crt') }
  const url = server.url.replace('127.0.0.1', 'localhost')
  expect((await failureOf(ask(url, { cluster }))).message).toContain('is not valid for that name')
  await ask(url, { cluster: { ...cluster, 'tls-server-name': 'cluster.test' } })
})

test('https to a server that speaks http is told', async () => {
  const server = await serve(ok)
  expect((await failureOf(ask(server.url.replace('http:', 'https:'), {}))).message).toContain('no TLS connection')
})

test('certificates and a proxy that are none are told as what they are', async () => {
  const nonsense = Buffer.from('nonsense').toString('base64')
  const user = { 'client-certificate-data': nonsense, 'client-key-data': nonsense }
  expect((await failureOf(ask('https://127.0.0.1:1', { user }))).message).toContain('the certificates or the key')
  const cluster = { 'proxy-url': '::::' }
  expect((await failureOf(ask('https://127.0.0.1:1', { cluster }))).message).toContain('is not a valid URL')
})

test('a credential file that is missing is named', async () => {
  const failure = await failureOf(ask('http://127.0.0.1:1', { user: { tokenFile: file('nowhere') } }))
  expect(failure.message).toContain(`cannot read the token file ${file('nowhere')}`)
})

/** A proxy that connects whatever it is asked for to `port`, and writes down what that was. */
async function proxy(port: number, status = 200): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = http.createServer()
  const open = new Set<net.Socket>()
  server.on('connect', (request, client: net.Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    open.add(client)
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const target = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    client.on('error', () => target.destroy())
    target.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.unshift(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { url: `http://me:hush@127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('HTTPS_PROXY leads to the server, over one connection, and NO_PROXY past it', async () => {
  const server = await serve(ok, true)
  const { url, asked } = await proxy(server.port)
  const cluster = { 'certificate-authority': file('ca.crt') }
  await ask('https://cluster.test:6443', { cluster }, { env: { HTTPS_PROXY: url } }, 2)
  expect(asked).toEqual([`cluster.test:6443 Basic ${Buffer.from('me:hush').toString('base64')}`])
  const env = { HTTPS_PROXY: url, NO_PROXY: 'cluster.test' }
  await failureOf(ask('https://cluster.test:6443', { cluster }, { env }))
  expect(asked).toHaveLength(1)
})

test('the kubeconfig’s proxy-url leads to the server, for http too', async () => {
  const secure = await serve(ok, true)
  const one = await proxy(secure.port)
  await ask('https://cluster.test', { cluster: { 'certificate-authority': file('ca.crt'), 'proxy-url': one.url } })
  const plain = await serve(ok)
  const two = await proxy(plain.port)
  await ask('http://cluster.test', { cluster: { 'proxy-url': two.url } })
  expect([one.asked.length, two.asked.length]).toEqual([1, 1])
})

test('a proxy that refuses is told, without its password', async () => {
  const { url } = await proxy(1, 407)
  const failure = await failureOf(ask('https://cluster.test', { cluster: { 'proxy-url': url } }))
  expect(failure.message).toContain('the proxy answered 407')
  expect(`${failure.message}${failure.remedy}`).not.toContain('hush')
})
