/** The version of every file that juicify reads and writes. */
export const API_VERSION = 'juicify.dev/v1alpha1'

/** What the operator wants: a file in `plans/`, read, checked, and with its defaults filled in. */
export interface Migration {
  name: string
  select: {
    /** Namespaces of the claims, as globs; none means all. */
    namespaces: string[]
    /** Names of PersistentVolumes, as globs; none means all. A volume must match both. */
    volumes: string[]
    /** Names of PersistentVolumes, as globs, that stay whatever else selects them. */
    exclude: string[]
  }
  /** Where each directory goes; the longest matching `from` wins. */
  paths: PathRule[]
  target: JuiceFSTarget
  source: {
    /** Where a host path's data is: found out (`auto`), the same on every node (`shared`), or on these nodes. */
    nodes: 'auto' | 'shared' | string[]
  }
  copy: CopySettings
  quiesce: QuiesceSettings
}

export interface PathRule {
  /** An absolute directory on the nodes. */
  from: string
  /** The subdir of the file system that takes its place, relative; empty for the root. */
  to: string
}

export interface JuiceFSTarget {
  /** The CSI driver's name; it can be renamed at installation. */
  driver: string
  secretRef: { name: string; namespace: string }
  volumeAttributes: Record<string, string>
  /** Mount options besides `subdir`. */
  mountOptions: string[]
}

export interface CopySettings {
  /** `copy` moves the data; `none` says that it is there already, or is not wanted. */
  mode: 'copy' | 'none'
}

export interface QuiesceSettings {
  /** What becomes of unfinished work that cannot be stopped and started again (Jobs before 1.21, Argo, Volcano, …). */
  unfinished: 'wait' | 'refuse' | 'delete'
  /** Workloads that only read: not stopped, their volume is swapped under them and they are restarted one by one. */
  rolling: WorkloadSelector[]
}

/** All that is given must match; globs in names. */
export interface WorkloadSelector {
  namespace?: string
  name?: string
  labels?: Record<string, string>
}
