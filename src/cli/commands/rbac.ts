import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { ROLES, type Role } from '../../domain/permissions.ts'
import { roles, rolesYaml, type Subject } from '../../report/rbac.ts'
import { permissionsOn } from '../../survey/permissions.ts'
import { helpWords } from '../../words/help.ts'
import { customOption, permissionsOnCustom } from '../custom-resources.ts'
import { type FileSystemArguments, fileSystemFrom, fileSystemOptions, namespacedName } from '../file-system.ts'
import { print } from '../terminal.ts'

interface Arguments extends FileSystemArguments {
  user?: string[]
  group?: string[]
  serviceaccount?: string[]
  custom?: string[]
  role: Role
  output: 'yaml' | 'json'
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.rbac
  return fileSystemOptions(yargs)
    .options({
      role: {
        choices: ROLES,
        default: 'operator' as const,
        describe: says.role,
      },
      user: { type: 'string', array: true, nargs: 1, describe: says.user },
      group: { type: 'string', array: true, nargs: 1, describe: says.group },
      serviceaccount: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.serviceaccount,
      },
      custom: customOption(),
      output: { alias: 'o', choices: ['yaml', 'json'] as const, default: 'yaml' as const, describe: help.outputFormat },
    })
    .example('$0 rbac --user alice | kubectl apply -f -', says.examples.user)
    .example('$0 rbac --role viewer --group team', says.examples.group)
    .example('$0 rbac --serviceaccount tools/juicify -o json', says.examples.account)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const fileSystem = await fileSystemFrom(argv)
  const subjects = subjectsOf(argv)
  const objects = roles(
    [...permissionsOn(fileSystem), ...permissionsOnCustom(argv.custom)],
    fileSystem.secretRef,
    subjects,
    argv.role,
  )
  await print(
    argv.output === 'json'
      ? JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)
      : rolesYaml(objects, { bound: subjects.length > 0, role: argv.role }),
  )
  return ExitCode.done
}

function subjectsOf({ user = [], group = [], serviceaccount = [] }: Arguments): Subject[] {
  return [
    ...user.map((name) => ({ kind: 'User' as const, name })),
    ...group.map((name) => ({ kind: 'Group' as const, name })),
    ...serviceaccount.map((text) => ({
      kind: 'ServiceAccount' as const,
      ...namespacedName('serviceaccount', text),
    })),
  ]
}
