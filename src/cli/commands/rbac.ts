import type { Argv } from 'yargs'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import { ROLES, type Role } from '../../domain/permissions.ts'
import { roles, rolesYaml, type Subject } from '../../report/rbac.ts'
import { permissionsForCustom, permissionsOn } from '../../survey/permissions.ts'
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

export const options = (yargs: Argv) =>
  fileSystemOptions(yargs)
    .options({
      role: {
        choices: ROLES,
        default: 'operator' as const,
        describe: 'viewer plans and looks, copier copies ahead of time and probes besides, operator migrates',
      },
      user: { type: 'string', array: true, nargs: 1, describe: 'bind the roles to this user; may be repeated' },
      group: { type: 'string', array: true, nargs: 1, describe: 'bind them to this group; may be repeated' },
      serviceaccount: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'bind them to this service account, NAMESPACE/NAME; may be repeated',
      },
      custom: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'custom resources that use volumes and have a scale, as notebooks.kubeflow.org; may be repeated',
      },
      output: { alias: 'o', choices: ['yaml', 'json'] as const, default: 'yaml' as const, describe: 'the format' },
    })
    .example('$0 rbac --user alice | kubectl apply -f -', 'grant alice what a migration needs')
    .example('$0 rbac --role viewer --group team', 'let a team plan and look, and change nothing')
    .example('$0 rbac --serviceaccount tools/juicify -o json', 'for programs')

export async function run(argv: Arguments): Promise<ExitCode> {
  const fileSystem = await fileSystemFrom(argv)
  const custom = (argv.custom ?? []).flatMap((resource) => permissionsForCustom(customResource(resource)))
  const subjects = subjectsOf(argv)
  const objects = roles([...permissionsOn(fileSystem), ...custom], fileSystem.secretRef, subjects, argv.role)
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

function customResource(text: string): string {
  if (/^[a-z0-9]+\.[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text)) return text
  throw new Refusal(`--custom should be a plural and its API group, and is ${text}.`, {
    remedy: 'Write it as notebooks.kubeflow.org; kubectl api-resources -o name lists them.',
  })
}
