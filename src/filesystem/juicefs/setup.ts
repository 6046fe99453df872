import type { KubeObject } from '../../domain/object.ts'
import { shellWord } from '../../domain/shell.ts'
import { setupWords } from '../../words/setup.ts'

/** A file system on JuiceFS and how a cluster comes to it, as far as it is no secret. */
export interface Setup {
  /** The file system's name. */
  name: string
  /** The kind of object store, as `juicefs format --storage` takes it. */
  storage: string
  bucket: string
  /** The StorageClass. */
  className: string
  secretRef: { namespace: string; name: string }
  driver: string
  /** Of every mount pod. */
  resources: { limits: Record<string, string>; requests: Record<string, string> }
  /** Environment variables of the mount pods, as `TZ`. */
  envs: Record<string, string>
}

/** What is told to nobody but JuiceFS. */
export interface SetupSecrets {
  /** The address of the metadata engine, its password included. */
  metaurl: string
  accessKey?: string
  secretKey?: string
}

/** As the Helm chart of juicefs-csi-driver names the Secret of a class. */
export function secretNameFor(className: string): string {
  return `${className}-secret`
}

/** All that is wrong with the answers, each in a sentence that tells no secret. */
export function setupProblems(setup: Setup, { metaurl, accessKey, secretKey }: SetupSecrets): string[] {
  const { name, storage, bucket, className, secretRef } = setup
  const { scheme, rest, query } = partsOf(metaurl)
  const says = setupWords().juicefs.wrong
  const problems = [
    // https://juicefs.com/docs/community/command_reference#format
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name) ? undefined : says.name(name),
    storage === 'file' ? says.storageFile : undefined,
    storage === '' ? says.noStorage : undefined,
    bucket === '' ? says.noBucket : undefined,
    bucket.includes('@') ? says.keysInBucket : undefined,
    scheme === undefined
      ? says.noScheme
      : LOCAL.has(scheme)
        ? says.localEngine(scheme)
        : // of redis://:password a part would pass for the address
          /^(:|$)/.test(rest)
          ? says.noHost
          : undefined,
    /\p{Cc}/u.test(metaurl) ? says.controlCharacter : undefined,
    /pass/i.test(query) ? says.passwordInQuery : undefined,
    (accessKey === undefined) === (secretKey === undefined) ? undefined : says.oneKey,
    secretRef.name === secretNameFor(className) ? undefined : says.secretName(secretNameFor(className), className),
  ]
  return problems.filter((problem) => problem !== undefined)
}

/** Metadata engines that are a file or the memory of one machine. */
const LOCAL = new Set(['sqlite3', 'badger', 'memkv', 'file'])

/** An address in its parts; the password may hold anything, an @ too, so that the last one counts. */
function partsOf(metaurl: string): { scheme?: string; user: string; password?: string; rest: string; query: string } {
  const [, scheme, all = ''] = /^([a-z][a-z0-9+]*):\/\/(.*)$/is.exec(metaurl) ?? []
  const at = all.lastIndexOf('@')
  const [user = '', ...password] = all.slice(0, Math.max(at, 0)).split(':')
  const rest = all.slice(at + 1)
  return {
    ...(scheme === undefined ? {} : { scheme: scheme.toLowerCase() }),
    user,
    ...(password.length > 0 ? { password: password.join(':') } : {}),
    rest,
    query: rest.includes('?') ? rest.slice(rest.indexOf('?')) : '',
  }
}

/** The address without its password, which JuiceFS then takes from META_PASSWORD, whether there was one, and which. */
export function publicAddress(metaurl: string): { address: string; hasPassword: boolean; password?: string } {
  const { scheme = '', user, password, rest } = partsOf(metaurl)
  return {
    address: `${scheme}://${user === '' ? '' : `${user}@`}${rest}`,
    hasPassword: Boolean(password),
    ...(password ? { password } : {}),
  }
}

/**
 * A shell script with the `juicefs format` line. What is secret it has from the environment, by the names that JuiceFS
 * itself reads, so that no list of processes shows it: https://juicefs.com/docs/community/command_reference#format
 */
export function formatScript({ name, storage, bucket }: Setup, secrets: SetupSecrets): string {
  const { address, hasPassword } = publicAddress(secrets.metaurl)
  const variables = [
    ...(hasPassword ? ['META_PASSWORD'] : []),
    ...(secrets.accessKey === undefined ? [] : ['ACCESS_KEY', 'SECRET_KEY']),
  ]
  return [
    '#!/bin/sh',
    '# Creates the file system. Run it once, on a machine with juicefs.',
    ...(variables.length > 0
      ? [
          `# Needs ${variables.join(', ')} in its environment: nothing secret is on its command line.`,
          ...variables.map((variable) => `: "\${${variable}:?is not set}"`),
          `export ${variables.join(' ')}`,
        ]
      : []),
    'exec juicefs format \\',
    `    --storage ${shellWord(storage)} \\`,
    `    --bucket ${shellWord(bucket)} \\`,
    `    ${shellWord(address)} \\`,
    `    ${shellWord(name)}`,
    '',
  ].join('\n')
}

/** The Secret that mounts need: https://juicefs.com/docs/csi/guide/pv/#volume-credentials */
export function secretManifest({ name, storage, bucket, secretRef, envs }: Setup, secrets: SetupSecrets): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretRef.name, namespace: secretRef.namespace },
    type: 'Opaque',
    stringData: {
      name,
      metaurl: secrets.metaurl,
      storage,
      bucket,
      ...(secrets.accessKey === undefined ? {} : { 'access-key': secrets.accessKey }),
      ...(secrets.secretKey === undefined ? {} : { 'secret-key': secrets.secretKey }),
      ...(Object.keys(envs).length > 0 ? { envs: JSON.stringify(envs) } : {}),
    },
  }
}

/** The StorageClass, as the Helm chart makes it of `helmValues`. */
export function storageClassManifest({ className, secretRef, driver, resources }: Setup): KubeObject {
  const { limits, requests } = resources
  const amounts = Object.entries({ limit: limits, request: requests }).flatMap(([what, of]) =>
    Object.entries(of).map(([resource, amount]) => [`juicefs/mount-${resource}-${what}`, amount]),
  )
  const secret = (use: string) => ({
    [`csi.storage.k8s.io/${use}-secret-name`]: secretRef.name,
    [`csi.storage.k8s.io/${use}-secret-namespace`]: secretRef.namespace,
  })
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: className },
    provisioner: driver,
    parameters: { ...secret('provisioner'), ...secret('node-publish'), ...Object.fromEntries(amounts) },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
  }
}

/** values.yaml for the chart juicefs-csi-driver, which makes Secret and class of it. */
export function helmValues({ name, storage, bucket, className, resources, envs }: Setup, secrets: SetupSecrets) {
  return {
    storageClasses: [
      {
        name: className,
        enabled: true,
        reclaimPolicy: 'Retain',
        backend: {
          name,
          metaurl: secrets.metaurl,
          storage,
          ...(secrets.accessKey === undefined ? {} : { accessKey: secrets.accessKey }),
          ...(secrets.secretKey === undefined ? {} : { secretKey: secrets.secretKey }),
          bucket,
          ...(Object.keys(envs).length > 0 ? { envs: JSON.stringify(envs) } : {}),
        },
        mountPod: { resources },
      },
    ],
  }
}
