import { Refusal } from '../../domain/failure.ts'
import { API_VERSION } from '../../domain/migration.ts'
import { Reading, readMap, type Value } from '../../domain/reading.ts'
import { parseYaml } from '../../domain/yaml-tree.ts'
import type { Setup } from './setup.ts'

const KEYS = ['name', 'storage', 'bucket', 'className', 'secretRef', 'driver', 'resources', 'envs'] as const

/**
 * The answers in a file of kind `Setup`, as many as there are; it holds no secrets.
 * @throws Refusal that lists all that is wrong with it, each with its line
 */
export function readSetup(text: string, file: string): Partial<Setup> {
  const [node, ...others] = parseYaml(text, file)
  if (!node || others.length > 0) {
    throw new Refusal(`${file}: expected one document of kind Setup, found ${node ? others.length + 1 : 'none'}.`, {
      remedy: `It begins with "apiVersion: ${API_VERSION}" and "kind: Setup".`,
    })
  }
  const reading = new Reading(text, file)
  const setup = setupOf(reading.value(node, ''))
  if (reading.problems.length === 0) return setup
  throw new Refusal(reading.problems.join('\n'), {
    remedy: `Correct it; spec may have ${KEYS.join(', ')}. What is secret stays in the environment.`,
  })
}

function setupOf(value: Value): Partial<Setup> {
  const document = readMap(value, ['apiVersion', 'kind', 'metadata', 'spec'])
  document.required('apiVersion').oneOf([API_VERSION])
  document.required('kind').oneOf(['Setup'])
  const spec = readMap(document.required('spec'), KEYS)
  const text = (key: 'name' | 'storage' | 'bucket' | 'className' | 'driver') => {
    const given = spec.optional(key)?.filledText()
    return given === undefined ? {} : { [key]: given }
  }
  const secretRef = spec.optional('secretRef')
  const resources = spec.optional('resources')
  const envs = spec.optional('envs')
  return {
    ...text('name'),
    ...text('storage'),
    ...text('bucket'),
    ...text('className'),
    ...text('driver'),
    ...(secretRef ? { secretRef: nameAndNamespace(secretRef) } : {}),
    ...(resources ? { resources: limitsAndRequests(resources) } : {}),
    ...(envs ? { envs: envs.texts() } : {}),
  }
}

function nameAndNamespace(value: Value): Setup['secretRef'] {
  const map = readMap(value, ['namespace', 'name'])
  return { namespace: map.required('namespace').filledText(), name: map.required('name').filledText() }
}

function limitsAndRequests(value: Value): Setup['resources'] {
  const map = readMap(value, ['limits', 'requests'])
  return { limits: map.optional('limits')?.texts() ?? {}, requests: map.optional('requests')?.texts() ?? {} }
}
