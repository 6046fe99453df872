/** An environment variable of a container. */
export type Variable = { name: string; value: string } | { name: string; valueFrom: unknown }

/** A volume of a pod, and where it is mounted. */
export interface Mount {
  name: string
  mountPath: string
  /** Where it comes from: `{ emptyDir: {} }`. */
  source: Record<string, unknown>
  readOnly?: boolean
}

/** What a pod of juicify's is to do, and where. */
export interface PodWork {
  /** The container's name. */
  name: string
  node: string
  image: string
  /** What the shell runs, and its arguments. */
  program: string
  args?: string[]
  env: Variable[]
  mounts: Mount[]
  resources?: unknown
  /** Seconds that it has to end when it is told to. */
  gracePeriod: number
  /** Seconds after which it is ended. */
  deadline?: number
}

/** The spec of a pod of juicify's. */
export interface PodSpec {
  containers: { env: Variable[]; [field: string]: unknown }[]
  [field: string]: unknown
}

/** The spec of a pod that runs a program once, as root, on one node. */
export function podSpec(work: PodWork): PodSpec {
  const { node, mounts } = work
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: work.gracePeriod,
    ...(work.deadline === undefined ? {} : { activeDeadlineSeconds: work.deadline }),
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
        command: ['sh', '-c', work.program, 'juicify', ...(work.args ?? [])],
        env: work.env,
        ...(work.resources ? { resources: work.resources } : {}),
        // Whoever owns a file, root reads it and gives it its owner back.
        securityContext: { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
        volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
          name,
          mountPath,
          ...(readOnly === undefined ? {} : { readOnly }),
        })),
      },
    ],
    volumes: mounts.map(({ name, source }) => ({ name, ...source })),
  }
}
