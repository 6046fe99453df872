import type { Argv } from 'yargs'
import { Refusal } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { migrationOf } from './planning.ts'

/** Which file system is meant, for the commands that need no plan. */
export interface FileSystemArguments {
  filename?: string
  secret?: string
}

export function fileSystemOptions<T>(yargs: Argv<T>): Argv<T & FileSystemArguments> {
  return yargs.options({
    filename: {
      alias: 'f',
      type: 'string',
      describe: 'the migration file that names the driver and the Secret (- for standard input)',
      requiresArg: true,
    },
    secret: {
      type: 'string',
      describe: 'the Secret of the file system, NAMESPACE/NAME (default: the one in the migration)',
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
  throw new Refusal(`${fileSystem.title} uses no Secret, but --secret names ${secret}.`, {
    remedy: 'Remove --secret.',
  })
}

/** Reads `NAMESPACE/NAME` as a flag has it. Throws Refusal. */
export function namespacedName(flag: string, text: string): { namespace: string; name: string } {
  const [namespace, name, ...more] = text.split('/')
  if (namespace && name && more.length === 0) return { namespace, name }
  throw new Refusal(`invalid --${flag} "${text}": must be NAMESPACE/NAME`, {
    remedy: `Write it as kube-system/${name || text}.`,
  })
}
