import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadAccess } from '../../../src/cluster/kubeconfig.ts'
import { Failure } from '../../../src/domain/failure.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
})

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

function config(server: string, options: { current?: string; token?: string; namespace?: string } = {}): string {
  const { current, token = 'secret', namespace } = options
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${server}"}}]
users: [{name: u, user: {token: ${token}}}]
contexts: [{name: ctx, context: {cluster: c, user: u${namespace ? `, namespace: ${namespace}` : ''}}}]
${current ? `current-context: ${current}` : ''}
`
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.catch((thrown: unknown) => thrown)
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${String(error)}`)
  expect(error.message).not.toContain('\n')
  expect(error.message).not.toContain('secret')
  expect(error.remedy).toBeTruthy()
  return error
}

test('of several files in KUBECONFIG the first to name a thing wins, and missing ones are skipped', async () => {
  const one = await file('one', config('https://one', { token: 'first' }))
  const two = await file('two', `${config('https://two', { current: 'ctx', namespace: 'two' })}`)
  const env = { KUBECONFIG: [join(folder, 'missing'), one, '', two].join(delimiter) }
  const access = await loadAccess({ env })
  expect(access).toMatchObject({
    server: 'https://one',
    context: 'ctx',
    namespace: 'default',
    user: { token: 'first' },
  })
})

test('--kubeconfig goes before KUBECONFIG, and KUBECONFIG before ~/.kube/config', async () => {
  const given = await file('given', config('https://given', { current: 'ctx' }))
  const listed = await file('listed', config('https://listed', { current: 'ctx' }))
  expect((await loadAccess({ kubeconfig: given, env: { KUBECONFIG: listed } })).server).toBe('https://given')
  expect((await loadAccess({ env: { KUBECONFIG: listed, HOME: folder } })).server).toBe('https://listed')
})

test('--context chooses another context than the current one', async () => {
  const text = `${config('https://c', { current: 'ctx' })}`.replace(
    'contexts: [',
    'contexts: [{name: other, context: {cluster: c, user: u, namespace: n}}, ',
  )
  expect(await loadAccess({ kubeconfigText: text, context: 'other' })).toMatchObject({
    context: 'other',
    namespace: 'n',
  })
})

test('--as and --as-group take the place of what the kubeconfig has, each of its own', async () => {
  const given = await file(
    'as',
    config('https://as', { current: 'ctx' }).replace('token: secret', 'as: kept, as-groups: [kept]'),
  )
  expect((await loadAccess({ kubeconfig: given })).user).toMatchObject({ as: 'kept', 'as-groups': ['kept'] })
  const { user } = await loadAccess({ kubeconfig: given, as: 'jane', asGroups: ['a', 'b'] })
  expect(user).toMatchObject({ as: 'jane', 'as-groups': ['a', 'b'] })
})

test('files that a kubeconfig names are looked for beside it', async () => {
  const path = await file(
    'relative',
    `clusters: [{name: c, cluster: {server: https://c/, certificate-authority: ca.crt}}]
users: [{name: u, user: {client-certificate: u.crt, client-key: /abs/u.key, tokenFile: token, exec: {command: ./login}}}]
contexts: [{name: ctx, context: {cluster: c, user: u}}]
current-context: ctx`,
  )
  const { server, cluster, user } = await loadAccess({ kubeconfig: path })
  expect(server).toBe('https://c')
  expect(cluster['certificate-authority']).toBe(join(folder, 'ca.crt'))
  expect(user).toMatchObject({
    'client-certificate': join(folder, 'u.crt'),
    'client-key': '/abs/u.key',
    tokenFile: join(folder, 'token'),
    exec: { command: join(folder, 'login') },
  })
})

test('a kubeconfig with Windows line ends and a byte-order mark is read', async () => {
  const text = `\uFEFF${config('https://c', { current: 'ctx' }).replaceAll('\n', '\r\n')}`
  expect((await loadAccess({ kubeconfigText: text })).server).toBe('https://c')
})

test('a server without a scheme is http, as for kubectl', async () => {
  expect((await loadAccess({ kubeconfigText: config('localhost:8080', { current: 'ctx' }) })).server).toBe(
    'http://localhost:8080',
  )
})

test('no kubeconfig at all is told with where it was looked for', async () => {
  const failure = await failureOf(loadAccess({ env: { HOME: folder } }))
  expect(failure.message).toContain(join(folder, '.kube', 'config'))
})

test('a kubeconfig that is not there is named', async () => {
  const failure = await failureOf(loadAccess({ kubeconfig: join(folder, 'nowhere') }))
  expect(failure.message).toContain(`${join(folder, 'nowhere')}: no such file`)
})

test('broken YAML is told with its line, and quotes nothing', async () => {
  const path = await file('broken', 'users:\n- name: u\n  user: {token: *secret}\n')
  expect((await failureOf(loadAccess({ kubeconfig: path }))).message).toContain(`${path}:3 is not valid YAML`)
})

test('a value of the wrong type is told with its place', async () => {
  const text = 'users:\n- name: u\n  user: {token: [secret]}\n'
  expect((await failureOf(loadAccess({ kubeconfigText: text }))).message).toContain(
    'users.0.user.token should be string',
  )
})

test('a context that is not there is told with those that are', async () => {
  const failure = await failureOf(loadAccess({ kubeconfigText: config('https://c'), context: 'prod' }))
  expect(failure.message).toContain('context prod does not exist')
  expect(failure.remedy).toContain('ctx')
})

test('a kubeconfig without a current context asks for one', async () => {
  expect((await failureOf(loadAccess({ kubeconfigText: config('https://c') }))).remedy).toContain('--context: ctx')
})

test('a kubeconfig without any context is told as one', async () => {
  const { message, remedy } = await failureOf(loadAccess({ kubeconfigText: 'apiVersion: v1\nkind: Config\n' }))
  expect(message).toContain('has no current-context')
  expect(remedy).toContain('no contexts at all')
})

test('a context whose cluster or user is missing is told', async () => {
  const noCluster = config('https://c', { current: 'ctx' }).replace('name: c,', 'name: d,')
  expect((await failureOf(loadAccess({ kubeconfigText: noCluster }))).message).toContain('refers to the cluster c')
  const noUser = config('https://c', { current: 'ctx' }).replace('name: u,', 'name: v,')
  expect((await failureOf(loadAccess({ kubeconfigText: noUser }))).message).toContain('refers to the user u')
})

test('a password in the server’s address is refused, and not repeated', async () => {
  await failureOf(loadAccess({ kubeconfigText: config('https://me:secret@c', { current: 'ctx' }) }))
})

test('in a pod without a kubeconfig its service account is used, in its own namespace', async () => {
  const serviceAccount = await mkdtemp(join(folder, 'pod-'))
  await writeFile(join(serviceAccount, 'token'), 'secret')
  await writeFile(join(serviceAccount, 'namespace'), 'juicify\n')
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  expect(await loadAccess({ env, serviceAccount })).toMatchObject({
    context: 'in-cluster',
    namespace: 'juicify',
    server: 'https://[fd00::1]:443',
    cluster: { 'certificate-authority': join(serviceAccount, 'ca.crt') },
    user: { tokenFile: join(serviceAccount, 'token') },
  })
  expect((await failureOf(loadAccess({ env, serviceAccount, context: 'prod' }))).message).toContain('context prod')
  const given = await file('beside', config('https://given', { current: 'ctx' }))
  expect((await loadAccess({ env: { ...env, KUBECONFIG: given }, serviceAccount })).server).toBe('https://given')
})

test('a pod that gets no token is told so, and what to set', async () => {
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const failure = await failureOf(loadAccess({ env, serviceAccount: join(folder, 'nowhere') }))
  expect(failure.message).toContain(`${join(folder, 'nowhere', 'token')} does not exist`)
  expect(failure.remedy).toContain('automountServiceAccountToken')
})
