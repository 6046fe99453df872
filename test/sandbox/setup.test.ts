import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { load } from 'js-yaml'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { run } from '../../src/cli/commands/setup.ts'
import { refuseOthersFlags } from '../../src/cli/setup-answers.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { setupKinds } from '../../src/filesystem/registry.ts'
import { juicefs } from '../laboratory/manifests.ts'
import { begin } from '../laboratory/story.ts'

const ENV = {
  JUICIFY_METAURL: 'redis://:planted@pass:word@192.0.2.1:6379/1',
  JUICIFY_ACCESS_KEY: 'planted-access',
  JUICIFY_SECRET_KEY: "planted-'secret",
}
const FLAGS = {
  name: 'team-fs',
  storage: 'minio',
  bucket: 'http://192.0.2.2:9000/data',
  metaurlEnv: 'JUICIFY_METAURL',
  accessKeyEnv: 'JUICIFY_ACCESS_KEY',
  secretKeyEnv: 'JUICIFY_SECRET_KEY',
}

let folder: string
let told: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'setup-'))
  for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value)
  told = ''
  const tell = ((text: string, done?: () => void) => {
    told += text
    done?.()
    return true
  }) as typeof process.stdout.write
  vi.spyOn(process.stdout, 'write').mockImplementation(tell)
  vi.spyOn(process.stderr, 'write').mockImplementation(tell)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const at = (file: string) => path.join(folder, 'out', file)
const setup = (more: Partial<Parameters<typeof run>[0]> = {}) =>
  run({ ...FLAGS, out: path.join(folder, 'out'), ...more })
const yaml = (file: string) =>
  load(readFileSync(at(file), 'utf8')) as KubeObject & Record<string, Record<string, unknown>>

describe('juicify setup', () => {
  test('writes the seed’s Helm values, Secret and class', async () => {
    await setup()
    expect(yaml('values.yaml')).toEqual({
      storageClasses: [
        {
          name: 'juicefs-sc',
          enabled: true,
          reclaimPolicy: 'Retain',
          backend: {
            name: 'team-fs',
            metaurl: ENV.JUICIFY_METAURL,
            storage: 'minio',
            accessKey: 'planted-access',
            secretKey: "planted-'secret",
            bucket: 'http://192.0.2.2:9000/data',
          },
          mountPod: { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } } },
        },
      ],
    })
    expect(yaml('secret.yaml')).toMatchObject({
      metadata: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
      stringData: { name: 'team-fs', metaurl: ENV.JUICIFY_METAURL, 'secret-key': "planted-'secret" },
    })
    expect(yaml('storageclass.yaml')).toMatchObject({
      metadata: { name: 'juicefs-sc' },
      provisioner: 'csi.juicefs.com',
      reclaimPolicy: 'Retain',
      parameters: { 'csi.storage.k8s.io/node-publish-secret-name': 'juicefs-sc-secret' },
    })
  })

  test('lets nobody else read what holds secrets, and says none of them', async () => {
    await setup()
    for (const file of ['secret.yaml', 'values.yaml', 'mount.env']) expect(statSync(at(file)).mode & 0o777).toBe(0o600)
    for (const file of ['format.sh', 'storageclass.yaml', 'mount.sh', 'juicefs-mount.service', 'fstab'])
      expect(readFileSync(at(file), 'utf8')).not.toMatch(/planted|pass:word/)
    expect(told).not.toMatch(/planted|pass:word/)
  })

  test('formats with the passwords in the environment, where no list of processes shows them', async () => {
    await setup()
    const fake = path.join(folder, 'juicefs')
    writeFileSync(fake, '#!/bin/sh\nprintf "%s\\n" "$@" "$META_PASSWORD" "$ACCESS_KEY" "$SECRET_KEY"\n')
    chmodSync(fake, 0o755)
    const env = { PATH: `${folder}:${process.env.PATH}`, META_PASSWORD: 'm', ACCESS_KEY: 'a', SECRET_KEY: 's' }
    const lines = execFileSync('sh', [at('format.sh')], { env, encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(lines).toEqual([
      'format',
      '--storage',
      'minio',
      '--bucket',
      'http://192.0.2.2:9000/data',
      'redis://192.0.2.1:6379/1',
      'team-fs',
      'm',
      'a',
      's',
    ])
    const without = { PATH: env.PATH }
    expect(() => execFileSync('sh', [at('format.sh')], { env: without, stdio: 'pipe' })).toThrow(/META_PASSWORD/)
  })

  test('writes over nothing unless told to, and then keeps the secrets from others all the same', async () => {
    await setup({ output: undefined })
    rmSync(at('format.sh'))
    chmodSync(at('secret.yaml'), 0o644)
    await expect(setup()).rejects.toThrow('already exists')
    expect(() => statSync(at('format.sh'))).toThrow()
    await setup({ force: true })
    expect(statSync(at('secret.yaml')).mode & 0o777).toBe(0o600)
  })

  test('takes no flag that another file system asks for', () => {
    const [known] = setupKinds()
    const says = () => ({ what: 'the address', question: 'Address' })
    const question = { key: 'mds-addr', says, isRequired: true }
    const curve = { kind: 'curvefs', setup: { ...known.setup, questions: [question] } }
    const refused = (argv: object, kind: typeof known) => () => refuseOthersFlags({ ...argv }, kind, [known, curve])
    expect(refused({ mdsAddr: '192.0.2.1' }, known)).toThrow('--mds-addr does not apply to juicefs')
    expect(refused({ metaurlEnv: 'X' }, curve)).toThrow('--metaurl-env does not apply to curvefs')
    expect(refused({ mdsAddr: '192.0.2.1' }, curve)).not.toThrow()
  })

  test('takes the answers from a file, and the flags before it', async () => {
    const file = path.join(folder, 'setup.yaml')
    writeFileSync(
      file,
      `apiVersion: juicify.dev/v1alpha1
kind: Setup
spec:
  name: from-file
  storage: s3
  bucket: https://bucket.example.com
  className: team
  envs: {TZ: Asia/Shanghai}
`,
    )
    const { name: _, storage: __, bucket: ___, ...rest } = FLAGS
    await run({ ...rest, name: 'from-flag', filename: file, out: path.join(folder, 'out') })
    expect(yaml('secret.yaml')).toMatchObject({
      metadata: { name: 'team-secret' },
      stringData: { name: 'from-flag', storage: 's3', envs: '{"TZ":"Asia/Shanghai"}' },
    })
  })

  test('refuses a file with an unknown key, and a secret in it, by the line', async () => {
    const file = path.join(folder, 'setup.yaml')
    writeFileSync(file, 'apiVersion: juicify.dev/v1alpha1\nkind: Setup\nspec:\n  bukket: x\n')
    await expect(setup({ filename: file })).rejects.toThrow(
      /setup\.yaml:4: spec\.bukket: unknown key; did you mean bucket/,
    )
  })

  test('reads secrets from a file, one of digits only too', async () => {
    const file = path.join(folder, 'secrets.yaml')
    writeFileSync(file, 'metaurl: redis://:x@h/1\naccess-key: admin\nsecret-key: 007123\n', { mode: 0o600 })
    await setup({ secretsFile: file })
    expect(yaml('secret.yaml').stringData).toMatchObject({ 'secret-key': '007123' })
  })

  test('says of a broken file of secrets nothing that is in it', async () => {
    for (const text of ['metaurl: [planted\n  x', '- planted', 'metaulr: planted', 'metaurl: {planted: x}']) {
      const file = path.join(folder, 'secrets.yaml')
      writeFileSync(file, text, { mode: 0o600 })
      const error = await setup({ secretsFile: file }).then(String, String)
      expect(error).toContain('secrets.yaml')
      expect(error).not.toContain('planted')
    }
  })

  test.each([
    ['sqlite3:///tmp/x.db', 'is a file on one node'],
    ['192.0.2.1:6379', 'must start with a scheme'],
    ['postgres://u@h/db?password=planted', 'must be before the @'],
    ['redis://:planted', 'has no host'],
  ])('refuses the metadata engine %s', async (metaurl, why) => {
    vi.stubEnv('JUICIFY_METAURL', metaurl)
    const error = await setup().then(String, String)
    expect(error).toContain(why)
    expect(error).not.toContain('planted')
  })

  test('without a terminal, names what is missing and how to give it', async () => {
    vi.stubEnv('JUICIFY_METAURL', '')
    await expect(setup({ bucket: undefined })).rejects.toMatchObject({
      message: 'Missing: bucket, metaurl.',
      remedy: expect.stringContaining('JUICIFY_METAURL'),
    })
  })

  test('shows what a cluster has, the values hidden', async () => {
    const annotated = juicefs().map((object) => {
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"x":"planted"}}' }
      return object.kind === 'Secret' ? { ...object, metadata: { ...object.metadata, annotations } } : object
    })
    await setup()
    const { sandbox, close } = await begin([...annotated, yaml('storageclass.yaml')])
    const kubeconfig = path.join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, sandbox.kubeconfig)
    told = ''
    await setup({ existing: true, kubeconfig })
    await close()
    expect(told).toContain('metaurl: <hidden>')
    expect(told).toContain('# metaurl: at 192.0.2.1:6379')
    expect(told).toContain('provisioner: csi.juicefs.com')
    expect(told).not.toMatch(/planted/)
  })
})
