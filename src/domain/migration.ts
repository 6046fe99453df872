import type { Target } from './filesystem.ts'

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
    /** Labels of the volume, or of its claim, as `kubectl -l` takes them; all where not given. */
    labels?: string
  }
  /** Where each directory goes; a rule for a volume comes first, then the longest matching `from` wins. */
  paths: PathRule[]
  /** Onto which file system; what else is in it only that file system's own folder reads. */
  target: Target
  source: {
    /** Where a host path's data is: found out (`auto`), the same on every node (`shared`), or on these nodes. */
    nodes: 'auto' | 'shared' | string[]
  }
  copy: CopySettings
  probe?: ProbeSettings
  quiesce: QuiesceSettings
}

/** A rule has either `from` or `volume`. */
export interface PathRule {
  /** An absolute directory on the nodes. */
  from?: string
  /** The one node whose directory that is; where not given, the directory of any node. */
  node?: string
  /** The name of a PersistentVolume, as a glob: where it goes, whatever its directory is. */
  volume?: string
  /**
   * The subdir of the file system that takes its place, relative; empty for the root. `{node}`, `{namespace}`, `{claim}` and
   * `{volume}` stand for what the volume has.
   */
  to: string
}

export interface CopySettings {
  /** `copy` moves the data; `none` says that it is there already, or is not wanted. */
  mode: 'copy' | 'none'
  /** What moves it: a mover of the file system's own, or `rsync`; where not given, the first of its own. */
  mover?: string
  /** The image of the Jobs: has the mover, sh, find, awk, od and sha256sum. Where not given, what the file system is mounted with, for its own mover; `rsync` needs one. */
  image?: string
  /** Of juicify's namespace: with which the nodes pull the image, and as whom the pods run. Neither where not given. */
  imagePullSecrets?: { name: string }[]
  serviceAccountName?: string
  /** Of each Job's container; requests of 100m and 128Mi and no limits where not given. */
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  /** MiB a second for each Job; no limit where not given. */
  bandwidth?: number
  /** How many Jobs share the work of one top directory; 1 where not given. */
  parallel?: number
  /** `content` (where not given) reads all of it on both sides; `metadata` for the hurried. */
  verify?: 'content' | 'metadata'
  /** Of a file that differs between nodes the newest is taken where not given; `keep-both` keeps the other beside it. */
  onConflict?: 'newest' | 'refuse' | 'keep-both'
  /** Copy onto a target that is not empty, and delete nothing there; false where not given. */
  intoExisting?: boolean
  /** Of a directory that has moved already: bring the files that its place lacks, and overwrite none; false where not given. */
  bringMissing?: boolean
}

/** After the swap: whether what is written on one node is seen on another. */
export interface ProbeSettings {
  /** `auto` (where not given): where the driver runs on two nodes, and an image with a shell is known. */
  mode?: 'auto' | 'none'
  /** An image with sh; that of `copy`, or of the mount pods, where not given. */
  image?: string
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
