import type { MovedAmounts } from '../domain/mover.ts'
import type { Contents, Place } from '../domain/plan.ts'
import type { PrintedPath } from '../jobs/log.ts'

/** What a copy, or a copy back, has done. */
export interface CopyResult extends MovedAmounts {
  /** Files that differed between nodes, and which one was taken; the first 1,000. */
  conflicts: Conflict[]
  /** How many files differed between nodes. */
  conflictCount: number
  /** How many extended attributes or ACLs the target had no room for. */
  attributesLost: number
}

/** A file that differed between two nodes. */
export interface Conflict {
  path: PrintedPath
  /** The node whose file was taken. */
  taken: string
  /** The node whose file was not, or was kept beside with the node's name. */
  left: string
  differsIn: 'type' | 'size' | 'time' | 'content' | 'target'
}

/** How a directory and its copy compare. */
export interface VerifyResult {
  /** Nothing is missing, different or too much. */
  equal: boolean
  /** How many entries of the source the target lacks. */
  missing: number
  /** How many entries both have, and not alike. */
  changed: number
  /** How many entries of the target the source lacks; no fault where the target was not empty to begin with. */
  extra: number
  /** The first twenty, by path. */
  differences: Difference[]
  source: Contents
  target: Contents
  /** What no mover can carry: how many sockets, FIFOs and devices, and the first twenty. */
  left: NotCarried
  /** Files that differed between nodes. */
  conflicts: Conflict[]
  conflictCount: number
}

/** What a verification found equal while the directory was in use, and has left for the next one. */
export interface VerifiedAhead {
  /** Files that are equal by content, of how many the directory has. */
  files: number
  of: number
  /** Bytes of those that are equal. */
  bytes: number
  /** The SHA-256 of what it has left: nothing else is believed. */
  digest: string
}

/** What a directory has that the place to which it has moved lacks, or has older. */
export interface Lacking {
  /** How many entries the place lacks. */
  missing: number
  /** How many it has older, or of another kind. */
  older: number
  /** The first twenty of both. */
  examples: Difference[]
}

/** What was brought to a place without touching what was there. */
export interface Brought {
  /** How many entries. */
  brought: number
  /** How many could not be: what is on their way at the place is no directory, or they can be carried by nobody. */
  left: number
}

/** An entry that the two sides do not have alike. */
export interface Difference {
  path: PrintedPath
  what: 'missing' | 'extra' | ('type' | 'mode' | 'owner' | 'time' | 'size' | 'content' | 'target')[]
}

/** What a place held at a moment when nobody wrote to it. */
export interface Fingerprint {
  /** Of every entry's path, type, owner and mode, and of what are no directories the times, sizes and link targets. */
  digest: string
  /** When the entry that was changed last was changed, in seconds, by the file system's clock. */
  newest: number
}

/** What is in a directory on one of its nodes, and at its place on the file system. */
export interface Estimate extends Contents {
  node: string
  /** Bytes that it takes on the file system, where every entry is charged in whole blocks. */
  space: number
  place: Place
  /** The largest directories on top, at most 100; `.` for the files beside them. */
  tops: (Contents & { path: PrintedPath })[]
  left: NotCarried
}

/** What one node's kernel says of a directory: which one it is, whatever path has led there. */
export interface Sight {
  /** As it is spelled. */
  directory: string
  /** Device and inode; absent of what is mounted below the source, which nobody has entered. */
  id?: string
  /** The file system that it is in, and its path there. */
  device?: string
  path?: string
}

/** What the Job on a node has seen of a task's directory. */
export interface Look {
  node: string
  /** The directory itself, those of the volumes in it, and what is mounted below it. */
  sights: Sight[]
  /** Directories of volumes that a link leads to, and that link. */
  links: { directory: string; link: PrintedPath }[]
}

/** A mount at the source of a Job or below it, as the kernel tells it. */
export interface SourceMount {
  device: string
  type: string
  /** The path in that file system. */
  root: string
  /** What was mounted: a device, or a server and a path. */
  from: string
  /** Where, relative to the source; `.` for that itself. */
  where: string
}

/** How fast some files of a directory were copied, one after the other. */
export interface SampleResult {
  files: number
  bytes: number
  /** Seconds that it took. */
  seconds: number
  /** Entries a second that were listed on the file system afterwards; 0 where they were too few to tell. */
  listed: number
}

/** What has become of a directory since a moment. */
export interface ChangedSince {
  /** How many entries were made, changed or taken away. */
  changed: number
  /** The file system is mounted there, over the directory, of which nothing can be seen. */
  covered: boolean
  /** The first of them. */
  examples: PrintedPath[]
  /** What the node's clock said when it was begun to look, in seconds since 1970. */
  now: number
}

/** What no mover can carry, or the mover does not: how many entries, and the first twenty with what they are. */
export interface NotCarried {
  count: number
  examples: { path: PrintedPath; kind: string }[]
}
