import { shortHash } from '../domain/digest.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { type Role, roleName } from '../domain/permissions.ts'
import { shellWord } from '../domain/shell.ts'
import { plain } from '../domain/text.ts'
import { toYaml } from '../domain/yaml.ts'
import { worthOf } from './rbac.ts'

/** What a Job is to run in the cluster: a command of juicify's, as one of its roles. */
export interface JobRequest {
  name: string
  /** The words after `juicify`, with the file's path as the pod has it. */
  args: string[]
  /** Those of the words that nobody has typed. */
  added: string[]
  role: Role
  image: string
  imagePullSecrets: string[]
  /** The plan or migration that it names. */
  file?: JobFile
  /** Where its messages go: whoever has the address may write there, so it is in a Secret. */
  notify?: string
  /** As a CronJob has it; once where it is absent. */
  schedule?: string
  /** The version in which the cluster has CronJobs. */
  cronJobVersion: 'batch/v1' | 'batch/v1beta1'
}

export interface JobFile {
  /** As a key of a ConfigMap may be called. */
  name: string
  text: string
}

/** Where a pod finds the file. */
export const FILES = '/etc/juicify'

/** What of an address stands among the words: the pod's own variable. */
export const NOTIFY_VARIABLE = 'JUICIFY_NOTIFY'
const NOTIFY_FLAG = '--notify'

/** Most bytes that the API server takes in a ConfigMap. */
export const MOST_BYTES = 1 << 20

/** Most bytes of annotations: `kubectl apply` keeps the whole object in one, unless the server does the applying. */
const MOST_ANNOTATION_BYTES = 1 << 18

/** Pods of a Job that may fail, or be evicted, until it is given up. */
const MOST_FAILURES = 6

/** Seconds that a pod has to bring a run to a safe point, with its volumes bound. */
const GRACE = 120

/** Of no image's own users: all that counts is that it is not root. */
const USER = 65_532

/** Under this name a role's service account is bound, beside whoever else has been given the role. */
export function bindingName(role: Role): string {
  return `${roleName(role)}-job`
}

/** What the role is given to, and the Job or CronJob with what its pod reads. They come after the role itself. */
export function jobManifests(request: JobRequest): KubeObject[] {
  const { role, file, notify } = request
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: roleName(role), namespace: NAMESPACE },
      // the pod asks for its token itself
      automountServiceAccountToken: false,
    },
    ...(file ? [configMap(request.name, file)] : []),
    ...(notify === undefined ? [] : [notifySecret(request.name, notify)]),
    request.schedule === undefined ? job(request) : cronJob(request, request.schedule),
  ]
}

/** The manifests as a file for `kubectl apply`, with what they do. */
export function jobYaml(request: JobRequest, objects: KubeObject[]): string {
  return `${commentOf(request)}${objects.map((object) => toYaml(object)).join('---\n')}`
}

function commentOf(request: JobRequest): string {
  const { name, added, schedule, file, role } = request
  const kind = schedule === undefined ? 'Job' : 'CronJob'
  const large = file && Buffer.byteLength(JSON.stringify(file.text)) > MOST_ANNOTATION_BYTES - 4096
  const command = ['juicify', ...request.args].map(shellWord).join(' ')
  const lines = [
    `The ${kind} ${NAMESPACE}/${name} runs: ${command}`,
    ...(added.length > 0
      ? [`juicify job has added ${added.join(' ')}: nobody is there to answer or to try again.`]
      : []),
    large
      ? 'Apply it with kubectl apply --server-side -f -: for kubectl apply alone the plan is too large.'
      : 'Apply it with kubectl apply -f -.',
    ...(schedule === undefined
      ? [
          `Follow it: kubectl logs -n ${NAMESPACE} -f job/${name}. To run it once more, delete it first: kubectl delete job -n ${NAMESPACE} ${name}.`,
        ]
      : [`Start it now: kubectl create job -n ${NAMESPACE} --from=cronjob/${name} ${name}-now.`]),
    `A pod that is evicted or fails is followed by another one, ${MOST_FAILURES} times at most, which runs the same command and so resumes.`,
    'After a pod that was killed the next one first waits until its lease has expired (15 s).',
    `When you are done: kubectl delete serviceaccount -n ${NAMESPACE} ${roleName(role)}. Until then whoever may create pods in namespace ${NAMESPACE} can use it.`,
  ]
  return `${lines.map((line) => `# ${plain(line)}\n`).join('')}${worthOf(role)}`
}

function labelsOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'juicify', 'app.kubernetes.io/instance': name }
}

function configMapName(name: string, file: JobFile): string {
  return `${name}-${shortHash(`${file.name}\n${file.text}`)}`
}

/** Named by its content and immutable, so that a Job keeps the file it was made for. */
function configMap(name: string, file: JobFile): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMapName(name, file), namespace: NAMESPACE, labels: labelsOf(name) },
    immutable: true,
    data: { [file.name]: file.text },
  }
}

function notifySecret(name: string, address: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-notify`, namespace: NAMESPACE, labels: labelsOf(name) },
    stringData: { address },
  }
}

function job(request: JobRequest): KubeObject {
  const metadata = { name: request.name, namespace: NAMESPACE, labels: labelsOf(request.name) }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: jobSpec(request) }
}

function cronJob(request: JobRequest, schedule: string): KubeObject {
  const labels = labelsOf(request.name)
  return {
    apiVersion: request.cronJobVersion,
    kind: 'CronJob',
    metadata: { name: request.name, namespace: NAMESPACE, labels },
    spec: {
      schedule,
      // the lease lets one run at a time change anything
      concurrencyPolicy: 'Forbid',
      jobTemplate: { metadata: { labels }, spec: jobSpec(request) },
    },
  }
}

function jobSpec(request: JobRequest): object {
  return {
    backoffLimit: MOST_FAILURES,
    template: {
      metadata: {
        labels: labelsOf(request.name),
        // a node is not worth an interruption
        annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
      },
      spec: podSpec(request),
    },
  }
}

function podSpec({ name, args, role, image, imagePullSecrets, file, notify }: JobRequest): object {
  const mounts = [
    ...(file ? [{ name: 'files', mountPath: FILES, readOnly: true }] : []),
    { name: 'tmp', mountPath: '/tmp' },
  ]
  const address = { secretKeyRef: { name: `${name}-notify`, key: 'address' } }
  return {
    serviceAccountName: roleName(role),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    // each try has a pod and a log of its own
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: GRACE,
    ...(imagePullSecrets.length > 0 ? { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) } : {}),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'juicify',
        image,
        imagePullPolicy: 'IfNotPresent',
        args: args.map(asArgument),
        ...(notify === undefined ? {} : { env: [{ name: NOTIFY_VARIABLE, valueFrom: address }] }),
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: mounts,
      },
    ],
    volumes: [
      ...(file ? [{ name: 'files', configMap: { name: configMapName(name, file) } }] : []),
      { name: 'tmp', emptyDir: {} },
    ],
  }
}

/** The word where Kubernetes would put a variable in place of `$(…)`, which nobody but us has meant: as the value of its flag. */
function asArgument(word: string, at: number, words: string[]): string {
  const address = `$(${NOTIFY_VARIABLE})`
  const isOurs = word === `${NOTIFY_FLAG}=${address}` || (word === address && words[at - 1] === NOTIFY_FLAG)
  return isOurs ? word : word.replaceAll('$(', '$$$$(')
}
