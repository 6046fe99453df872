import type { Argv } from 'yargs'
import { refused } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { helpWords } from '../words/help.ts'
import { messages } from '../words/messages.ts'
import { migrationOf } from './planning.ts'

/** Which file system is meant, for the commands that need no plan. */
export interface FileSystemArguments {
  filename?: string
  secret?: string
}

export function fileSystemOptions<T>(yargs: Argv<T>): Argv<T & FileSystemArguments> {
  const says = helpWords().fileSystem
  return yargs.options({
    filename: {
      alias: 'f',
      type: 'string',
      describe: says.filename,
      requiresArg: true,
    },
    secret: {
      type: 'string',
      describe: says.secret,
      requiresArg: true,
    },
  }) as Argv<T & FileSystemArguments>
}

/** The file system that the flags name; the one of cube-studio's migration where they name none. Throws Refusal. */
export async function fileSystemFrom(argv: FileSystemArguments): Promise<FileSystem> {
  return fileSystemOf((await migrationFrom(argv)).target)
}

/** The migration that the flags name, onto the file system that they name; cube-studio's where they name none. Throws Refusal. */
export async function migrationFrom({ filename, secret }: FileSystemArguments): Promise<Migration> {
  return ontoSecret(await migrationOf({ filename }), secret)
}

/** The migration onto the file system of the Secret that --secret names, where it does. Throws Refusal. */
export function ontoSecret(migration: Migration, secret: string | undefined): Migration {
  if (secret === undefined) return migration
  const fileSystem = fileSystemOf(migration.target)
  const named = namespacedName('secret', secret)
  if (fileSystem.withSecret) return { ...migration, target: fileSystem.withSecret(named) }
  throw refused(messages().refusal.noSecretUsed(fileSystem.title, secret))
}

/** Reads `NAMESPACE/NAME` as a flag has it. Throws Refusal. */
export function namespacedName(flag: string, text: string): { namespace: string; name: string } {
  const [namespace, name, ...more] = text.split('/')
  if (namespace && name && more.length === 0) return { namespace, name }
  throw refused(messages().refusal.invalid(flag, text, { is: 'namespaced-name', name: name || text }))
}
