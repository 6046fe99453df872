import { type ApiObject, type Fields, items } from './object.ts'

/** The versions of Kubernetes whose rules the sandbox keeps, tried on real servers of them by `test/contract`. */
export type KubernetesVersion = '1.20' | '1.37'

/** What is served where nothing says which version is meant. */
export const DEFAULT_VERSION: KubernetesVersion = '1.20'

/** What is served in its place where manifests hold what it would drop. */
export const NEWER_VERSION: KubernetesVersion = '1.37'

const COMMON = { gitCommit: 'sandbox', gitTreeState: 'clean', compiler: 'gc', platform: 'linux/amd64' }

/** What `/version` answers. Its build part says what it is: a client can know that there are no nodes and no data here. */
const RELEASES: Readonly<Record<KubernetesVersion, Fields & { major: string; minor: string; gitVersion: string }>> = {
  '1.20': {
    major: '1',
    minor: '20',
    gitVersion: 'v1.20.2+sandbox',
    buildDate: '2021-01-13T13:20:00Z',
    goVersion: 'go1.15.5',
    ...COMMON,
  },
  '1.37': {
    major: '1',
    minor: '37',
    gitVersion: 'v1.37.2+sandbox',
    buildDate: '2026-09-09T00:00:00Z',
    goVersion: 'go1.26.0',
    ...COMMON,
  },
}

interface Difference<T> {
  /** The minor version that has `after` by default; where that is not known of an earlier one, 37. */
  since: number
  before: T
  after: T
}

const differs = <T>(since: number, before: T, after: T): Difference<T> => ({ since, before, after })

/** All in which the versions differ. Nothing else in the sandbox asks which version it is. */
const DIFFERENCES = {
  /** The versions in which kinds are served, the stored one first; those that are not here are served in one, always. */
  servedVersions: differs<Readonly<Record<string, readonly string[]>>>(
    25,
    {
      'cronjobs.batch': ['v1beta1'],
      'endpointslices.discovery.k8s.io': ['v1beta1'],
      'poddisruptionbudgets.policy': ['v1beta1'],
    },
    {
      'cronjobs.batch': ['v1'],
      'endpointslices.discovery.k8s.io': ['v1'],
      'poddisruptionbudgets.policy': ['v1'],
    },
  ),
  /** Kinds that count the changes of their spec, besides those that always do. */
  countingKinds: differs<readonly string[]>(35, [], ['Pod', 'Job', 'CronJob']),
  /** The label with which a namespace says its name. */
  namespaceLabel: differs<string | undefined>(21, undefined, 'kubernetes.io/metadata.name'),
  /** How a pod gets its service account's token: from a Secret that was made for the account, or made for the pod alone. */
  tokenVolume: differs<'secret' | 'projected'>(21, 'secret', 'projected'),
  accessModes: differs<readonly string[]>(
    27,
    ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'],
    ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
  ),
  /** What a Job's spec gets where it says nothing. */
  jobDefaults: differs<Fields>(
    22,
    {},
    {
      completionMode: 'NonIndexed',
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      suspend: false,
    },
  ),
  /** Fields that the server does not know and drops, by kind. */
  unknownFields: differs<Readonly<Record<string, readonly string[]>>>(
    27,
    {
      Job: ['completionMode', 'podReplacementPolicy', 'suspend'],
      StatefulSet: ['ordinals', 'persistentVolumeClaimRetentionPolicy'],
    },
    {},
  ),
  /** The prefix of the labels that a Job's pods are known by, beside those without a prefix. */
  jobLabelPrefix: differs<string | undefined>(27, undefined, 'batch.kubernetes.io/'),
  /** Held on a Job's pods until the Job has counted their end. */
  jobPodFinalizer: differs<string | undefined>(26, undefined, 'batch.kubernetes.io/job-tracking'),
  /** What a Job's status always has. */
  jobStatus: differs<Fields>(26, {}, { ready: 0, terminating: 0, uncountedTerminatedPods: {} }),
  /** Conditions that come before the one that says that a Job is over. */
  jobEndings: differs<Readonly<Record<'Complete' | 'Failed', Fields | undefined>>>(
    31,
    { Complete: undefined, Failed: undefined },
    { Complete: { type: 'SuccessCriteriaMet' }, Failed: { type: 'FailureTarget' } },
  ),
  /** Why a Job is complete, where its condition says so. */
  jobCompletion: differs<Fields>(
    31,
    {},
    { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' },
  ),
  /** A pod whose containers have ended is in a final phase before it is gone, and stays so while a finalizer holds it. */
  endedPodsAreFinal: differs(27, false, true),
  /** What becomes of a StatefulSet's claims where it says nothing; undefined where they always stay. */
  claimRetention: differs<Fields | undefined>(27, undefined, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  rollingStatefulSet: differs<Fields>(37, { partition: 0 }, { maxUnavailable: 1, partition: 0 }),
  /** The label with which a StatefulSet's pod says which one it is. */
  ordinalLabel: differs<string | undefined>(28, undefined, 'apps.kubernetes.io/pod-index'),
  /** A StatefulSet's status says how many pods are available, 0 included. */
  statefulSetsCountAvailable: differs(22, false, true),
  /** What may be changed of a StatefulSet, and how a change of anything else is refused. */
  statefulSetChanges: differs<{ free: readonly string[]; refusal: string | undefined }>(
    37,
    {
      free: ['replicas', 'template', 'updateStrategy'],
      refusal:
        "updates to statefulset spec for fields other than 'replicas', 'template', and 'updateStrategy' are forbidden",
    },
    {
      free: [
        'replicas',
        'template',
        'updateStrategy',
        'persistentVolumeClaimRetentionPolicy',
        'minReadySeconds',
        'revisionHistoryLimit',
        'ordinals',
      ],
      refusal: undefined,
    },
  ),
  /** Whether each mount of a StatefulSet's template must have its volume; it may be of one of the claims' templates. */
  statefulSetMountsAreChecked: differs(37, false, true),
  /** Volumes say when they came into their phase. */
  volumesTellTransition: differs(29, false, true),
  /** Claims say whether a pod uses them. */
  claimsTellUse: differs(37, false, true),
  /** What may be changed of a claim that is bound, and how a change of anything else is refused. */
  claimChanges: differs<{ free: readonly string[]; refusal: string }>(
    34,
    {
      free: ['resources'],
      refusal: 'spec is immutable after creation except resources.requests for bound claims',
    },
    {
      free: ['resources', 'volumeAttributesClassName'],
      refusal:
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    },
  ),
  /** Below what a bound claim may not shrink: what it asks for, or what it has. */
  claimFloor: differs<{ of: 'spec' | 'status'; refusal: string }>(
    34,
    { of: 'spec', refusal: 'field can not be less than previous value' },
    { of: 'status', refusal: 'field can not be less than status.capacity' },
  ),
  /** Whether a quota that pods must say something for names the containers that do not. */
  quotaNamesContainers: differs(37, false, true),
  /** How the lack of a version is written. */
  noVersion: differs(37, '0x0', '0'),
  /** Namespaces say by a label what their pods may be allowed (PodSecurity). */
  podSecurity: differs(23, false, true),
}

/** What holds in one version. */
export type Rules = {
  readonly [Name in keyof typeof DIFFERENCES]: (typeof DIFFERENCES)[Name] extends Difference<infer T> ? T : never
} & { readonly version: KubernetesVersion; readonly release: (typeof RELEASES)[KubernetesVersion] }

/** The rules of a version. */
export function rulesOf(version: KubernetesVersion): Rules {
  const minor = Number(RELEASES[version].minor)
  const rules = Object.entries(DIFFERENCES).map(([name, { since, before, after }]) => [
    name,
    minor < since ? before : after,
  ])
  return { ...Object.fromEntries(rules), version, release: RELEASES[version] } as Rules
}

/** All versions that a kind is served in by any Kubernetes that the sandbox knows; undefined where they do not differ. */
export function everyVersionOf(resource: string): readonly string[] | undefined {
  const { before, after } = DIFFERENCES.servedVersions
  const versions = [...(after[resource] ?? []), ...(before[resource] ?? [])]
  return versions.length ? versions : undefined
}

/** True if an object of Kubernetes' own says what only the newer of the two versions takes: the older refuses it, or drops it without a word. */
export function isOfNewer({ apiVersion, kind, spec }: ApiObject): boolean {
  const { before, after } = DIFFERENCES.accessModes
  const modes = apiVersion === 'v1' ? items(spec?.accessModes) : []
  if (after.some((mode) => modes.includes(mode) && !before.includes(mode))) return true
  const own = apiVersion.startsWith('apps/') || apiVersion.startsWith('batch/')
  return own && (DIFFERENCES.unknownFields.before[kind] ?? []).some((field) => spec?.[field] !== undefined)
}

/**
 * The version that the sandbox serves for a cluster of a version (`1.24`, `v1.28.3+k3s1`): of the two that it knows the
 * nearer one, which is the one with which that version has more rules in common. Undefined where the text is no version.
 */
export function nearestVersion(text: string): { served: KubernetesVersion; exact: boolean } | undefined {
  const [, major, digits] = /^v?(\d+)\.(\d+)(?!\d)/.exec(text) ?? []
  if (major !== '1' || digits === undefined) return undefined
  const minor = Number(digits)
  const sinces = Object.values(DIFFERENCES).map(({ since }) => since)
  const served = 2 * sinces.filter((since) => since <= minor).length < sinces.length ? '1.20' : '1.37'
  return { served, exact: RELEASES[served].minor === digits }
}
