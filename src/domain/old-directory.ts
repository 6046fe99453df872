/** A directory of nodes whose volumes are on the file system now. */
export interface OldDirectory {
  directory: string
  /** The nodes that hold it; absent where the path is meant on all of them. */
  nodes?: string[]
  /** What lies below it, and has not moved. */
  staying: string[]
}

/** A process that has something of an old directory open. */
export interface OpenFile {
  pid: number
  /** Of its pod, where it is in one; of a static pod, what the kubelet calls it. */
  podUid?: string
  /** Its pod, as people read it, where the cluster knows it. */
  pod?: string
  /** Its name, as the kernel has it. */
  command: string
  /** A file or directory that it has opened; the directory that it is in; its root; its program; what it has mapped. */
  how: 'fd' | 'cwd' | 'root' | 'exe' | 'map'
  /** Relative to the old directory; `.` for that itself. */
  path: string
}

/** What a Job has found of an old directory on one of its nodes. */
export interface DirectoryLook {
  directory: string
  node: string
  /** From when on changes count, RFC 3339: when its volumes were swapped. */
  since: string
  /** What was found; absent where it could not be looked at. */
  found?: {
    /** How many entries were made, changed or taken away since. */
    changed: number
    /** The first of them, relative to the directory. */
    examples: string[]
    /** Processes that have something of it open; absent where nobody was asked to look. */
    open?: OpenFile[]
  }
  /** It is not there any more, or is no directory. */
  gone?: true
  /** Why it could not be looked at. */
  failure?: string
}

/** An object that names a path at, above or below an old directory, past every volume that has moved. */
export interface DirectoryUser {
  /** As people read it: `Deployment infra/neo4j`. */
  user: string
  /** The path that it names. */
  path: string
  /** The old directory. */
  directory: string
  /** The node that it is on, where only that one counts. */
  node?: string
  /** False where it sees the directory from above, and cannot write to it: a monitoring agent that mounts a node's root. */
  uses: boolean
}
