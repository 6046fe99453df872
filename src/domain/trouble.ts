import type { InLanguage } from './failure.ts'

/** What keeps a pod from starting. */
export interface Trouble {
  why: string
  /** The next thing to do, where there is more than to look at the pod. */
  remedy?: string
  /** The same in other languages, where it is in words of ours. */
  in?: InLanguage
  /** It cannot get better by itself: to wait for it is of no use. */
  lasting: boolean
  /** The directory on the node that it is to mount is not there, or is none. */
  absent?: true
}

/** What a file system's driver makes of the words with which it could not mount; undefined where it knows them not. */
export type MountTrouble = (words: string) => Trouble | undefined
