import { below, normalise } from '../domain/directory.ts'
import { Refusal } from '../domain/failure.ts'
import type { Target } from '../domain/filesystem.ts'
import type { CopySettings } from '../domain/migration.ts'
import type { Contents, Place } from '../domain/plan.ts'

/** One top directory of a group, and where it is to go. */
export interface CopyRequest {
  /** The group's name, a DNS-1123 label: the Jobs carry it. */
  group: string
  /** The directory on the nodes, normalised. */
  directory: string
  /** Where it goes on the file system, relative; empty for the root. */
  subdir: string
  /** The nodes that hold it; several are merged. One is enough where the path is shared. */
  nodes: string[]
  /** The node of each Job that takes a part of it, where it is split; all of them see the same directory. */
  parts?: string[]
  /** Directories below `directory` that are left out, absolute and normalised. */
  staying: string[]
  target: Target
  settings: CopySettings
}

/** `warm` while the directory is in use; `catch-up` after that: what changed, and what was deleted. */
export type Pass = 'warm' | 'catch-up'

export interface CopyOptions {
  /** Ends the waiting. The Jobs go on in the cluster, and the next call finds them. */
  signal?: AbortSignal
  onProgress?: (progress: CopyProgress) => void
  /** Told each time that a Job whose pod runs has not got further for long. It is waited for still. */
  onStandstill?: (standstill: Standstill) => void
}

export interface Standstill {
  node: string
  /** The name of its pod, in juicify's namespace. */
  pod: string
  minutes: number
}

/** How far the Job on a node is, in its mover's own words; what it does not say is absent. */
export interface CopyProgress {
  node: string
  /** `2 of 4`, where the directory is split. */
  part?: string
  /** Bytes moved so far in this pass. */
  bytes?: number
  /** Files moved so far in this pass. */
  files?: number
  percent?: number
  /** Bytes a second. */
  rate?: number
  /** Seconds left, as the mover guesses. */
  left?: number
}

/** A path as people read it: bytes that are no printable text are written `\xNN`, a backslash `\\`. */
export type PrintedPath = string

export interface CopyResult {
  pass: Pass
  /** Files, bytes and deletions of this pass; juicefs sync does not tell bytes and deletions. */
  copied: number
  bytes?: number
  deleted?: number
  /** Files that differed between nodes, and which one was taken; the first 1,000. */
  conflicts: Conflict[]
  /** How many files differed between nodes. */
  conflictCount: number
  /** How many extended attributes or ACLs the target had no room for. */
  attributesLost: number
}

export interface Conflict {
  path: PrintedPath
  /** The node whose file was taken. */
  taken: string
  /** The node whose file was not, or was kept beside with the node's name. */
  left: string
  differsIn: 'type' | 'size' | 'time' | 'content' | 'target'
}

export interface VerifyResult {
  /** Nothing is missing, different or too much. */
  equal: boolean
  /** Entries of the source that the target lacks. */
  missing: number
  changed: number
  /** Entries of the target that the source lacks; no fault where the target was not empty to begin with. */
  extra: number
  /** The first twenty, by path. */
  differences: Difference[]
  source: Contents
  target: Contents
  /** What no mover can carry: how many sockets, FIFOs and devices, and the first twenty. */
  left: { count: number; examples: { path: PrintedPath; kind: string }[] }
  /** Files that differed between nodes. */
  conflicts: Conflict[]
  conflictCount: number
}

export interface Difference {
  path: PrintedPath
  what: 'missing' | 'extra' | ('type' | 'mode' | 'owner' | 'time' | 'size' | 'content' | 'target')[]
}

/** What a place held at a moment when nobody wrote to it. */
export interface Holdings {
  /** Of every entry's path, type, owner and mode, and of what are no directories the times, sizes and link targets. */
  digest: string
  /** When the entry that was changed last was changed, in seconds, by the file system's clock. */
  newest: number
}

export interface Estimate extends Contents {
  node: string
  /** What it takes on JuiceFS: every entry whole blocks of 4 KiB. */
  space: number
  place: Place
  /** The largest directories on top, at most 100; `.` for the files beside them. */
  tops: (Contents & { path: PrintedPath })[]
  left: { count: number; examples: { path: PrintedPath; kind: string }[] }
}

/** The paths to leave out, relative to the directory. Throws a Refusal for one that no pattern can hold. */
export function leftOut(request: Pick<CopyRequest, 'directory' | 'staying' | 'subdir'>): string[] {
  const relative = request.staying.map((path) => {
    const part = below(normalise(path), request.directory)
    if (!part) throw new Refusal(`${path} cannot be left out of the copy: it is not below ${request.directory}`)
    return part
  })
  // Where juicify keeps the listings of a merge: at the root of the file system.
  if (request.subdir === '') relative.push(WORK_SUBDIR)
  for (const path of [request.directory, ...relative]) {
    if (/\p{Cc}/u.test(path))
      throw new Refusal(`${JSON.stringify(path)} cannot be copied: it holds a control character`)
  }
  return relative
}

/** The directory on the file system where the Jobs of several nodes leave their listings for each other. */
export const WORK_SUBDIR = '.juicify'
