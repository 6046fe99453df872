import type { Found, ValueWords } from '../domain/reading.ts'
import type { YamlWords } from '../domain/yaml-tree.ts'

function described(found: Found): string {
  if (!('text' in found)) return found.is === 'nothing' ? 'nothing' : `a ${found.is}`
  return found.is === 'string' ? JSON.stringify(found.text) : `the ${found.is} ${found.text}`
}

const orMeant = (near: string | undefined) => (near ? `; did you mean ${near}?` : '')

/** What is wrong within a migration or a file of answers, at one place of it. */
export const reading = {
  string: (found: Found, quoted?: string) =>
    `expected a string, found ${described(found)}${quoted === undefined ? '' : `; write "${quoted}"`}`,
  filledString: () => 'expected a string, found an empty one',
  boolean: (found: Found) => `expected true or false, found ${described(found)}`,
  positiveNumber: (found: Found) => `expected a number above 0, found ${described(found)}`,
  wholeNumber: (most: number, found: Found) => `expected a whole number from 1 to ${most}, found ${described(found)}`,
  oneOf: (allowed: readonly string[], found: Found, near?: string) =>
    `expected ${allowed.join(' or ')}, found ${described(found)}${orMeant(near)}`,
  list: (found: Found) => `expected a list, found ${described(found)}`,
  map: (found: Found) => `expected a map, found ${described(found)}`,
  missingKey: (key: string) => `missing required key ${key}`,
  unknownKey: (known: readonly string[], near?: string) =>
    `unknown key; ${near ? `did you mean ${near}?` : `known keys: ${known.join(', ')}`}`,
  stringAsKey: (found: Found) => `expected a string as key, found ${described(found)}`,
  forbiddenKey: (key: string) => `the key ${key} is not allowed`,
  duplicateKey: (key: string) => `duplicate key ${key}`,

  errors: (file: string, amount: number) => `${file}: ${amount} errors`,
  remedy: () => 'Correct it; plans/cube-studio.yaml is an example of a migration.',
  oneMigration: () => 'expected one Migration per file, found another',
  namespacesOrVolumes: () => 'expected namespaces or volumes, found neither; "*" selects all of them',
  labelSelector: (text: string) =>
    `expected a label selector, as app=web or tier in (a,b), found ${JSON.stringify(text)}`,
  secondRule: (what: string, first: string) => `a second rule for ${what}; the first is ${first}`,
  fromAndVolume: () => 'expected from or volume, found both',
  nodeWithoutFrom: () => 'expected only together with from; the node of a volume is known',
  fromOrVolume: () => 'expected from or volume, found neither',
  absolutePath: (text: string) => `expected an absolute path, found ${JSON.stringify(text)}`,
  pathWithoutParent: (text: string) => `expected a path without "..", found ${JSON.stringify(text)}`,
  absolutePathWithoutParent: (text: string) => `expected an absolute path without "..", found ${JSON.stringify(text)}`,
  relativePath: (text: string) => `expected a path relative to the file system's root, found ${JSON.stringify(text)}`,
  placeholder: (known: readonly string[], found: string) =>
    `expected ${known.map((name) => `{${name}}`).join(', ')} between braces, found {${found}}`,
  nodesOfData: () => 'expected the nodes that hold the data, or auto or shared, found an empty list',
  imageForRsync: () =>
    'expected image together with mover: rsync (an image with rsync that the nodes can pull), found none',
  objectName: (text: string) => `expected the name of an object (a-z, 0-9, "-" and "."), found ${JSON.stringify(text)}`,
  workload: () => 'expected namespace, name or labels, found none',
  oneMountOption: (text: string) => `expected one option without commas or spaces, found ${JSON.stringify(text)}`,
  driverOfKind: (driver: string, kind: string) =>
    `${driver} is the driver of the kind ${kind}; expected the settings of that kind`,
  tooLarge: (file: string, characters: number, most: number) =>
    `${file}: too large (${characters} characters, at most ${most})`,
  checkFile: () => 'Check that it is the right file; a migration has a few dozen lines.',
  invalidYaml: (place: string, why: string) => `${place}: invalid YAML: ${why}`,
  correctLine: () => 'Correct that line.',
  kindInLine: (kind: string | undefined, line: number) => `${kind ?? 'no kind'} in line ${line}`,
  noMigration: (file: string, found: readonly string[]) =>
    `${file}: expected a document of kind Migration, found ${found.length > 0 ? found.join(', ') : 'nothing'}`,
  startsWith: (version: string) => `A migration starts with "apiVersion: ${version}" and "kind: Migration".`,
  setupKind: (kinds: readonly string[], found: string | undefined) =>
    `expected as kind ${kinds.join(' or ')}, found ${JSON.stringify(found)}`,
  setupKindOfFlag: (kind: string, found: string | undefined) =>
    `expected as kind ${kind}, as --kind says, found ${JSON.stringify(found)}`,
  onlySubdir: (text: string) =>
    `expected {subdir} as the only word between braces, once, found ${JSON.stringify(text)}`,
  fileSystemName: (text: string) =>
    `expected the name of a file system (letters, digits and dashes), found ${JSON.stringify(text)}`,
  addresses: (text: string) => `expected address:port, several with commas between, found ${JSON.stringify(text)}`,
  clientLine: (text: string) =>
    `expected a line of the client's configuration, key=value, found ${JSON.stringify(text)}`,
  subdirOption: () => 'subdir comes from spec.paths; expected other options only',
} satisfies ValueWords & YamlWords & Record<string, (...data: never[]) => string>

/** An edition of it. */
export type ReadingWords = typeof reading
