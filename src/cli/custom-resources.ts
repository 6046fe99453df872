import { refused } from '../domain/failure.ts'
import type { Permission } from '../domain/permissions.ts'
import { permissionsForCustom } from '../survey/permissions.ts'
import { helpWords } from '../words/help.ts'
import { messages } from '../words/messages.ts'

/** For the commands that print roles. */
export function customOption() {
  return { type: 'string', array: true, nargs: 1, describe: helpWords().custom } as const
}

/** What is needed besides for the resources that --custom names. Throws Refusal of what is no name of one. */
export function permissionsOnCustom(resources: readonly string[] = []): Permission[] {
  return resources.flatMap((resource) => permissionsForCustom(customResource(resource)))
}

function customResource(text: string): string {
  if (/^[a-z0-9]+\.[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text)) return text
  throw refused(messages().refusal.invalid('custom', text, { is: 'resource' }))
}
