import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { Wording } from '../words/trouble.ts'

/** An API server, as the rest of juicify sees it: objects in and out as the JSON they are. */
export interface Cluster {
  /** The server's address, for messages. */
  readonly server: string

  /** Which cluster it is, for people: `lab (https://10.0.0.1:6443)`, the context, the cluster's name where that is another, and the server. */
  readonly title: string

  /** One object; where `ref` has a uid, that very one. Throws ApiError 404 where it is not there. */
  get<T extends KubeObject>(ref: ObjectRef): Promise<T>

  /** The same, or undefined where it, its namespace or its kind is not there. */
  find<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined>

  /** All objects of a kind, read in pages; each item carries its apiVersion and kind. Undefined kinds list as empty. */
  list<T extends KubeObject>(kind: Kind, options?: ListOptions): Promise<ListResult<T>>

  /** Creates the object as given. Throws ApiError 409 `AlreadyExists` where its name is taken. Returns what is now there. */
  create<T extends KubeObject>(object: T): Promise<T>

  /**
   * What `create` would make of it, with what the server and its admission add (`dryRun=All`); nothing is made, and
   * nothing asks for the lease. Throws the ApiError with which it would be refused, and one of status 400 where a
   * webhook that is to be asked takes no dry runs.
   */
  wouldCreate<T extends KubeObject>(object: T): Promise<T>

  /** Replaces the object; its metadata.resourceVersion, where given, must be the current one (else ApiError 409). */
  replace<T extends KubeObject>(object: T): Promise<T>

  /** Changes a part of the object; put metadata.resourceVersion or uid into a merge patch, or a `test` into a JSON patch, to be sure which version it meets. */
  patch<T extends KubeObject>(ref: ObjectRef, patch: Patch, options?: { subresource?: string }): Promise<T>

  /** Deletes that very object: where `ref.uid` is given the server refuses another one of that name (ApiError 409). Gone already is no error. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>

  /** Reads a part of an object that has a form of its own: `scale`, or a pod's `log` (as text). */
  subresource(ref: ObjectRef, name: string, query?: Record<string, string>): Promise<string>

  /**
   * What happens to objects of a kind, from now on or from `resourceVersion`. It goes on over closed connections, 410
   * (the objects are listed again and told as events) and bookmarks, until `signal` ends it.
   */
  watch<T extends KubeObject>(kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent<T>>

  /** Waits until `done` says true of the object as it is (undefined while it does not exist), by watch, and returns it as it was then. Throws DeadlineError. */
  waitFor<T extends KubeObject>(
    ref: ObjectRef,
    done: (object: T | undefined) => boolean,
    options: WaitOptions,
  ): Promise<T | undefined>

  /**
   * A time that is over after the given milliseconds, for waiting for something that others do: time in which the server
   * was away, and nobody could do it, does not count where that is known. The caller clears it.
   */
  deadline(milliseconds: number): Deadline

  /**
   * False while the server says that it is not ready: one that has just started may take a custom resource for unknown,
   * and what is allowed for forbidden. True where it does not tell.
   */
  isReady(): Promise<boolean>

  /** Any other path of the API server: `/version`, a SelfSubjectAccessReview. */
  raw(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>

  /** Closes its connections. */
  close(): void
}

export interface Deadline {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal
  clear(): void
}

/** A kind of object: `{apiVersion: 'v1', kind: 'Pod'}`. */
export interface Kind {
  apiVersion: string
  kind: string
}

export interface ListOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Called with every page as it comes, so that a large list need not be held in whole; the result has no items then. */
  onPage?: (items: KubeObject[]) => void
  signal?: AbortSignal
}

export interface ListResult<T> {
  items: T[]
  /** The version to watch from. */
  resourceVersion: string
}

export type Patch =
  | { type: 'merge'; body: unknown }
  | { type: 'json'; body: JsonPatchOperation[] }
  | { type: 'strategic'; body: unknown }

export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }

export interface DeleteOptions {
  /** It is deleted only as it was in this version, else ApiError 409. */
  resourceVersion?: string | undefined
  /** What becomes of what it owns; the server's default where not given. */
  propagation?: 'Foreground' | 'Background' | 'Orphan'
  /** For pods; 0 with care. */
  gracePeriodSeconds?: number
}

export interface WatchOptions {
  namespace?: string
  name?: string
  labelSelector?: string
  /** From now on where not given. */
  resourceVersion?: string
  /** The objects as they were at `resourceVersion`, so that their deletions can be told even after a 410. */
  known?: KubeObject[]
  signal: AbortSignal
}

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: T
}

export interface WaitOptions {
  /** Milliseconds from now. */
  timeout: number
  /** Told in the DeadlineError: what was waited for; a text where it is the same in every language. */
  what: string | Wording
  signal?: AbortSignal
}
