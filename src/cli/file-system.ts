import type { Argv } from 'yargs'
import { Refusal } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
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
      describe: 'the migration file that names driver and Secret (- for standard input)',
      requiresArg: true,
    },
    secret: {
      type: 'string',
      describe: 'the Secret of the file system, NAMESPACE/NAME (default: the one that the migration names)',
      requiresArg: true,
    },
  }) as Argv<T & FileSystemArguments>
}

/** The file system that the flags name; the one of cube-studio's migration where they name none. Throws Refusal. */
export async function fileSystemFrom({ filename, secret }: FileSystemArguments): Promise<FileSystem> {
  const fileSystem = fileSystemOf((await migrationOf({ filename })).target)
  if (secret === undefined) return fileSystem
  const named = namespacedName('secret', secret)
  if (fileSystem.withSecret) return fileSystemOf(fileSystem.withSecret(named))
  throw new Refusal(`${fileSystem.title} takes no Secret, and --secret names ${secret}.`, {
    remedy: 'Leave --secret out.',
  })
}

/** Reads `NAMESPACE/NAME` as a flag has it. Throws Refusal. */
export function namespacedName(flag: string, text: string): { namespace: string; name: string } {
  const [namespace, name, ...more] = text.split('/')
  if (namespace && name && more.length === 0) return { namespace, name }
  throw new Refusal(`--${flag} should be NAMESPACE/NAME, and is ${text}.`, {
    remedy: `Write it as kube-system/${name || text}.`,
  })
}
