import type { FileSystemSecret, SecretRef } from './filesystem.ts'
import type { Value } from './reading.ts'

/** What `juicify setup` asks and writes for a file system. */
export interface FileSystemSetup {
  /** Command lines after `juicify setup`, and what they are for, as its help shows them. */
  examples(): readonly (readonly [options: string, what: string])[]
  /** What it has to be told, in the order in which people are asked. */
  readonly questions: readonly SetupQuestion[]
  /** What the StorageClass and its Secret are called where nobody says otherwise. */
  readonly defaults: { className: string; secretRef: SecretRef }
  /** The files that it writes. */
  readonly parts: readonly SetupPart[]
  /** How the Secret that is there already is shown. */
  readonly secret: FileSystemSecret
  /**
   * Reads `spec` of a file of kind Setup: answers to what is no secret, and settings of its own, as many as there are.
   * Notes all that is wrong with it, each at its line.
   */
  read(spec: Value): SetupSettings
  /**
   * What the parts hold, by their names, and what people do with them.
   * @throws Refusal that names all that is wrong with what was told, and tells no secret
   */
  write(told: SetupTold): SetupFiles
}

/** Something that it has to be told. */
export interface SetupQuestion {
  /** As its flag and a file name it: `bucket`. */
  readonly key: string
  /** For its flag's help, `the address of the bucket`, and as it is asked on a terminal: in the language of the moment. */
  readonly says: () => { what: string; question: string }
  readonly isRequired: boolean
  /** Of a secret: the environment variable that holds it, where no other is named. It has no flag that takes it. */
  readonly environment?: string
}

/** A file that it writes. */
export interface SetupPart {
  /** As `-o` names it. */
  readonly name: string
  readonly file: string
  /** Its owner's to read, and nobody else's. */
  readonly isSecret: boolean
  /** A program that people run. */
  readonly isProgram?: boolean
}

/** What a file of kind Setup says: the answers in it are texts by the questions' keys. */
export interface SetupSettings {
  readonly [setting: string]: unknown
}

/** All that it was told. */
export interface SetupTold {
  /** By the questions' keys; none where nothing was answered. */
  readonly answers: Readonly<Record<string, string>>
  readonly className?: string
  readonly secretRef?: SecretRef
  /** What the file says, besides the answers. */
  readonly settings: SetupSettings
}

export interface SetupFiles {
  /** By the names of the parts. */
  readonly contents: Readonly<Record<string, string>>
  /** What people do with the files: lines. */
  next(pathOf: (file: string) => string): string[]
}
