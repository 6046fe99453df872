import type { CopySettings } from '../domain/migration.ts'
import loader from './loader.sh'
import { PROGRAM_KEY, sha256Of } from './program.ts'

/** An environment variable of a container. */
export type Variable = { name: string; value: string } | { name: string; valueFrom: unknown }

/** A volume of a pod, and where it is mounted. */
export interface Mount {
  name: string
  mountPath: string
  /** Where it comes from: `{ emptyDir: {} }`. */
  source: Record<string, unknown>
  readOnly?: boolean
  /** What of the volume is mounted; a kubelet makes that directory where it is missing. All of it where not given. */
  subPath?: string
}

/** With what the image is pulled, and as whom the pod runs: objects of juicify's namespace. */
export type PodSettings = Pick<CopySettings, 'imagePullSecrets' | 'serviceAccountName'>

/** What a pod of juicify's is to do, and where. */
export interface PodWork {
  /** The container's name. */
  name: string
  node: string
  image: string
  /** What the shell runs, its arguments, and the ConfigMap of juicify's namespace that brings it. */
  program: string
  configMap: string
  args?: string[]
  env: Variable[]
  mounts: Mount[]
  resources?: unknown
  /** What the migration says of every pod of ours. */
  settings?: PodSettings
  /** It sees the processes of its node, and what they have open: for that it needs all of root's powers. */
  seesProcesses?: boolean
  /** Seconds that it has to end when it is told to. */
  gracePeriod: number
  /** Seconds after which it is ended. */
  deadline?: number
}

/** What the program of a pod of ours is called in its command: by that its container is known among others. */
export const PROGRAM_NAME = 'juicify'

/** What a copier needs of root's powers: to read and write everybody's files, and to give them their owners, modes and capabilities. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP']

/** The spec of a pod of juicify's. */
export interface PodSpec {
  containers: Record<string, unknown>[]
  [field: string]: unknown
}

/** What every pod of ours has besides: its program, and the only place on its own disk that it can write to. */
function mountsOf({ configMap, mounts }: PodWork): Mount[] {
  const program = { configMap: { name: configMap, items: [{ key: PROGRAM_KEY, path: PROGRAM_KEY }] } }
  return [
    { name: 'program', mountPath: '/program', source: program, readOnly: true },
    { name: 'scratch', mountPath: '/scratch', source: { emptyDir: {} } },
    ...mounts,
  ]
}

/**
 * The spec of a pod that runs a program once, as root, on one node. It has /scratch to itself, and can write to nothing else
 * of its own; it has no token, and no more of root's powers than a copier needs.
 */
export function podSpec(work: PodWork): PodSpec {
  const { node, settings: { imagePullSecrets, serviceAccountName } = {} } = work
  const mounts = mountsOf(work)
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: work.gracePeriod,
    ...(work.seesProcesses ? { hostPID: true } : {}),
    ...(work.deadline === undefined ? {} : { activeDeadlineSeconds: work.deadline }),
    ...(imagePullSecrets ? { imagePullSecrets } : {}),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    // whoever it runs as, nothing in it speaks to the API server
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // As a DaemonSet does it: a node's name need not be its hostname label. The scheduler still says why it cannot be.
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
        },
      },
    },
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: work.name,
        image: work.image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', loader, PROGRAM_NAME, sha256Of(work.program), ...(work.args ?? [])],
        env: [...work.env, ...['HOME', 'TMPDIR'].map((name) => ({ name, value: '/scratch' }))],
        ...(work.resources ? { resources: work.resources } : {}),
        securityContext: {
          // Whoever owns a file, root reads it and gives it its owner back.
          runAsUser: 0,
          runAsGroup: 0,
          runAsNonRoot: false,
          readOnlyRootFilesystem: true,
          ...(work.seesProcesses
            ? // a capability alone would do for the kernel, and not for AppArmor and SELinux, which keep containers apart
              { privileged: true }
            : {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: CAPABILITIES },
                seccompProfile: { type: 'RuntimeDefault' },
              }),
        },
        volumeMounts: mounts.map(({ name, mountPath, readOnly, subPath }) => ({
          name,
          mountPath,
          ...(readOnly === undefined ? {} : { readOnly }),
          ...(subPath === undefined ? {} : { subPath }),
        })),
      },
    ],
    volumes: mounts.map(({ name, source }) => ({ name, ...source })),
  }
}
