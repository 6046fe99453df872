import { Refusal } from '../domain/failure.ts'
import type { Permission } from '../domain/permissions.ts'
import { permissionsForCustom } from '../survey/permissions.ts'

/** For the commands that print roles. */
export const CUSTOM_OPTION = {
  type: 'string',
  array: true,
  nargs: 1,
  describe:
    'custom resources that use volumes and have a scale subresource, such as notebooks.kubeflow.org; may be repeated',
} as const

/** What is needed besides for the resources that --custom names. Throws Refusal of what is no name of one. */
export function permissionsOnCustom(resources: readonly string[] = []): Permission[] {
  return resources.flatMap((resource) => permissionsForCustom(customResource(resource)))
}

function customResource(text: string): string {
  if (/^[a-z0-9]+\.[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text)) return text
  throw new Refusal(`invalid --custom "${text}": must be the plural name of a resource and its API group`, {
    remedy: 'Write it as notebooks.kubeflow.org; kubectl api-resources -o name lists them.',
  })
}
