/** A volume on a node's disk; `spec` is added to its spec. */
export const volume = (name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, ...metadata },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    storageClassName: '',
    hostPath: { path: `/data/${name}` },
    ...spec,
  },
})

/** A claim; `spec` is added to its spec. */
export const claim = (name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, ...metadata },
  spec: { accessModes: ['ReadWriteMany'], storageClassName: '', resources: { requests: { storage: '1Gi' } }, ...spec },
})

/** What a pod needs to run on the test cluster's nodes, with these claims mounted. */
export const podSpec = (claims: string[] = [], spec: Record<string, unknown> = {}) => ({
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'main',
      image: 'local/pause:1',
      imagePullPolicy: 'Never',
      volumeMounts: claims.map((name) => ({ name, mountPath: `/${name}` })),
    },
  ],
  volumes: claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  ...spec,
})

export const pod = (
  name: string,
  claims: string[] = [],
  spec: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: podSpec(claims, spec),
})

/** A workload of the group apps, with pods labelled `app: <name>`. */
export const workload = (
  kind: string,
  name: string,
  spec: Record<string, unknown> = {},
  pods: Record<string, unknown> = {},
) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec([], pods) },
    ...spec,
  },
})
