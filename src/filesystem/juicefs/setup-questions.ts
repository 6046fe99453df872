import { Refusal } from '../../domain/failure.ts'
import { readMap, type Value } from '../../domain/reading.ts'
import type { FileSystemSetup, SetupFiles, SetupQuestion, SetupTold } from '../../domain/setup.ts'
import { toYaml } from '../../domain/yaml.ts'
import type { SetupWords } from '../../words/setup.en.ts'
import { setupWords } from '../../words/setup.ts'
import { fstabText, mountProblems, mountScript, mountUnit, type NodeMount, passwordText } from './node-mount.ts'
import { juicefsSecret } from './secret.ts'
import {
  formatScript,
  helmValues,
  type Setup,
  type SetupSecrets,
  secretManifest,
  secretNameFor,
  setupProblems,
  storageClassManifest,
} from './setup.ts'
import { CLASS_NAME, DRIVER } from './target.ts'

const NAMESPACE = 'kube-system'
/** As the seed has them. */
const RESOURCES = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } }

/** All of it, at the place of the examples of JuiceFS' documentation. */
const MOUNT = { path: '/jfs', subdir: '' }

function question(
  key: keyof SetupWords['juicefs']['questions'],
  how: Pick<SetupQuestion, 'isRequired' | 'environment'>,
): SetupQuestion {
  return { key, says: () => setupWords().juicefs.questions[key], ...how }
}

/** What `juicify setup` asks for JuiceFS, and what it makes of the answers. */
export const juicefsSetup: FileSystemSetup = {
  examples: () => [['--name team-fs --storage minio --bucket http://10.0.0.1:9000/data', setupWords().juicefs.example]],
  questions: [
    question('name', { isRequired: true }),
    question('storage', { isRequired: true }),
    question('bucket', { isRequired: true }),
    question('metaurl', { isRequired: true, environment: 'JUICIFY_METAURL' }),
    question('access-key', { isRequired: false, environment: 'JUICIFY_ACCESS_KEY' }),
    question('secret-key', { isRequired: false, environment: 'JUICIFY_SECRET_KEY' }),
  ],
  defaults: { className: CLASS_NAME, secretRef: { namespace: NAMESPACE, name: secretNameFor(CLASS_NAME) } },
  parts: [
    { name: 'format', file: 'format.sh', isSecret: false, isProgram: true },
    { name: 'secret', file: 'secret.yaml', isSecret: true },
    { name: 'storageclass', file: 'storageclass.yaml', isSecret: false },
    { name: 'values', file: 'values.yaml', isSecret: true },
    { name: 'mount', file: 'mount.sh', isSecret: false, isProgram: true },
    { name: 'unit', file: 'juicefs-mount.service', isSecret: false },
    { name: 'fstab', file: 'fstab', isSecret: false },
    { name: 'password', file: 'mount.env', isSecret: true },
  ],
  secret: juicefsSecret,
  read: readSettings,
  write,
}

type Settings = Partial<Omit<Setup, 'name' | 'storage' | 'bucket'>> & { mount?: NodeMount } & Record<string, unknown>

const KEYS = ['kind', 'name', 'storage', 'bucket', 'className', 'secretRef', 'driver', 'resources', 'envs', 'mount']

function readSettings(value: Value): Settings {
  const spec = readMap(value, KEYS)
  const text = (key: string) => {
    const given = spec.optional(key)?.filledText()
    return given === undefined ? {} : { [key]: given }
  }
  const secretRef = spec.optional('secretRef')
  const resources = spec.optional('resources')
  const envs = spec.optional('envs')
  const mount = spec.optional('mount')
  return {
    ...text('name'),
    ...text('storage'),
    ...text('bucket'),
    ...text('className'),
    ...text('driver'),
    ...(secretRef ? { secretRef: nameAndNamespace(secretRef) } : {}),
    ...(resources ? { resources: limitsAndRequests(resources) } : {}),
    ...(envs ? { envs: envs.texts() } : {}),
    ...(mount ? { mount: nodeMount(mount) } : {}),
  }
}

function nameAndNamespace(value: Value): Setup['secretRef'] {
  const map = readMap(value, ['namespace', 'name'])
  return { namespace: map.required('namespace').filledText(), name: map.required('name').filledText() }
}

function nodeMount(value: Value): NodeMount {
  const map = readMap(value, ['path', 'subdir'])
  return {
    path: map.optional('path')?.filledText() ?? MOUNT.path,
    subdir: map.optional('subdir')?.text() ?? MOUNT.subdir,
  }
}

function limitsAndRequests(value: Value): Setup['resources'] {
  const map = readMap(value, ['limits', 'requests'])
  return { limits: map.optional('limits')?.texts() ?? {}, requests: map.optional('requests')?.texts() ?? {} }
}

function write({ answers, settings, ...flags }: SetupTold): SetupFiles {
  const file = settings as Settings
  const className = flags.className ?? file.className ?? CLASS_NAME
  const setup: Setup = {
    name: answers.name ?? '',
    storage: answers.storage ?? '',
    bucket: answers.bucket ?? '',
    className,
    secretRef: flags.secretRef ?? file.secretRef ?? { namespace: NAMESPACE, name: secretNameFor(className) },
    driver: file.driver ?? DRIVER,
    resources: file.resources ?? RESOURCES,
    envs: file.envs ?? {},
  }
  const secrets: SetupSecrets = {
    metaurl: answers.metaurl ?? '',
    ...(answers['access-key'] ? { accessKey: answers['access-key'] } : {}),
    ...(answers['secret-key'] ? { secretKey: answers['secret-key'] } : {}),
  }
  const mounted = { name: setup.name, mount: file.mount ?? MOUNT }
  const problems = [...setupProblems(setup, secrets), ...mountProblems(mounted.mount)]
  if (problems.length > 0) throw new Refusal(problems.join(' '), { remedy: setupWords().juicefs.wrong.remedy })
  return {
    contents: {
      format: formatScript(setup, secrets),
      secret: toYaml(secretManifest(setup, secrets)),
      storageclass: toYaml(storageClassManifest(setup)),
      values: toYaml(helmValues(setup, secrets)),
      mount: mountScript(mounted, secrets),
      unit: mountUnit(mounted, secrets),
      fstab: fstabText(mounted, secrets),
      password: passwordText(secrets),
    },
    next: (pathOf) =>
      setupWords().juicefs.next({
        namespace: setup.secretRef.namespace,
        values: pathOf('values.yaml'),
        secret: pathOf('secret.yaml'),
        storageClass: pathOf('storageclass.yaml'),
        mount: mounted.mount.path,
      }),
  }
}
