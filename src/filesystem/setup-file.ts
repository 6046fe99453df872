import { Refusal, refused } from '../domain/failure.ts'
import { API_VERSION } from '../domain/migration.ts'
import { Reading, readMap } from '../domain/reading.ts'
import type { SetupSettings } from '../domain/setup.ts'
import { parseYaml } from '../domain/yaml-tree.ts'
import { readingWords } from '../words/reading.ts'
import { setupWords } from '../words/setup.ts'
import { kindNames, type SetupKind, setupKindOf, setupKinds } from './registry.ts'

/**
 * What a file of kind `Setup` says of a file system; it holds no secrets.
 * @param kind the file system, where it is named beside the file
 * @throws Refusal that lists all that is wrong with it, each with its line
 */
export function readSetupFile(
  text: string,
  file: string,
  kind?: string,
): { setupKind: SetupKind; settings: SetupSettings } {
  const [node, ...others] = parseYaml(text, file, readingWords())
  const says = setupWords().file
  if (!node || others.length > 0) throw refused(says.oneDocument(file, node ? others.length + 1 : 0, API_VERSION))
  const reading = new Reading(text, file, readingWords())
  const document = readMap(reading.value(node, ''), ['apiVersion', 'kind', 'metadata', 'spec'])
  document.required('apiVersion').oneOf([API_VERSION])
  document.required('kind').oneOf(['Setup'])
  const spec = document.required('spec')
  const named = spec.textAt('kind') ?? kind
  const setupKind = named === undefined || kindNames().includes(named) ? setupKindOf(named) : undefined
  const [known, ...more] = setupKinds()
  const names = [known, ...more].map((each) => each.kind)
  if (!setupKind) spec.problem(readingWords().setupKind(names, named))
  if (kind !== undefined && named !== kind) spec.problem(readingWords().setupKindOfFlag(kind, named))
  const settings = (setupKind ?? known).setup.read(spec)
  if (reading.problems.length === 0) return { setupKind: setupKind ?? known, settings }
  throw new Refusal(reading.problems.join('\n'), { remedy: says.remedy })
}
