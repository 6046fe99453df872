import { Refusal } from '../../domain/failure.ts'
import type { SecretRef, Target } from '../../domain/filesystem.ts'
import { readMap, type Value } from '../../domain/reading.ts'
import { readingWords } from '../../words/reading.ts'
import { worded } from '../../words/trouble.ts'
import { PLACEHOLDERS, placeholdersIn, tellsPlace } from './template.ts'

/** Where the source of a volume names Secrets, in the order in which a mount takes them. */
export const SECRETS = ['nodeStageSecretRef', 'nodePublishSecretRef', 'controllerPublishSecretRef'] as const

/** The part `csi` of a PersistentVolume, with words between braces that each volume fills in. */
export interface CsiTemplate extends Partial<Record<(typeof SECRETS)[number], SecretRef>> {
  readonly driver: string
  readonly volumeHandle: string
  readonly fsType?: string
  readonly volumeAttributes: Record<string, string>
}

/** What a migration says of a file system with any CSI driver. */
export interface CsiTarget extends Target {
  readonly kind: string
  readonly csi: CsiTemplate
  readonly mountOptions: string[]
}

/** Reads `spec.target`. */
export function readTarget(value: Value): CsiTarget {
  const map = readMap(value, ['kind', 'csi', 'mountOptions'])
  const part = map.required('csi')
  const csi = readMap(part, ['driver', 'volumeHandle', 'fsType', 'volumeAttributes', ...SECRETS])
  const handle = csi.optional('volumeHandle')
  const fsType = csi.optional('fsType')?.filledText()
  const secrets = SECRETS.flatMap((key) => {
    const secret = csi.optional(key)
    return secret ? [[key, secretRef(secret)] as const] : []
  })
  const target: CsiTarget = {
    kind: 'csi',
    csi: {
      driver: csi.required('driver').filledText(),
      volumeHandle: handle ? volumeHandle(handle) : '{name}',
      ...(fsType === undefined ? {} : { fsType }),
      volumeAttributes: attributes(csi.optional('volumeAttributes')),
      ...Object.fromEntries(secrets),
    },
    mountOptions: map.optional('mountOptions')?.list(mountOption) ?? [],
  }
  if (part.isMap() && !placesIn(target).some(tellsPlace)) {
    part.problem(
      'expected {subdir} in volumeAttributes or mountOptions, found it in none: all volumes would show one directory',
    )
  }
  return target
}

/** The texts that may tell a driver the directory: not the handle, by which it tells volumes apart. */
export function placesIn({ csi, mountOptions }: CsiTarget): string[] {
  return [...Object.values(csi.volumeAttributes), ...mountOptions]
}

function secretRef(value: Value): SecretRef {
  const map = readMap(value, ['name', 'namespace'])
  return { name: map.required('name').filledText(), namespace: map.required('namespace').filledText() }
}

/** Juicify has volumes of its own there too, which differ in name and claim alone. */
function volumeHandle(value: Value): string {
  const text = template(value)
  const has = (word: string) => placeholdersIn(text).includes(word)
  if (!has('name') && !(has('namespace') && has('claim')))
    value.problem(
      `expected {name}, or {namespace} and {claim}, in it, for no two volumes may share a handle; found ${JSON.stringify(text)}`,
    )
  return text
}

function attributes(value: Value | undefined): Record<string, string> {
  if (!value) return {}
  const texts = value.texts()
  for (const [key, text] of Object.entries(texts)) checkTemplate(value, text, `${key}: `)
  return texts
}

function mountOption(value: Value): string {
  const option = template(value)
  if (/[,\s]/.test(option)) value.problem(readingWords().oneMountOption(option))
  return option
}

function template(value: Value): string {
  const text = value.filledText()
  checkTemplate(value, text)
  return text
}

function checkTemplate(value: Value, text: string, at = ''): void {
  const known: readonly string[] = PLACEHOLDERS
  const words = placeholdersIn(text)
  const stranger = words.find((word) => !known.includes(word))
  if (stranger !== undefined) value.problem(`${at}${readingWords().placeholder(known, stranger)}`)
  // volumes that share a directory have to share its place, whatever they are called
  else if (at !== '' && tellsPlace(text) && words.length > 1) value.problem(`${at}${readingWords().onlySubdir(text)}`)
}

/** The settings of a plan or a record. Throws Refusal where something is missing: another version wrote it. */
export function settingsOf(target: Target): CsiTarget {
  if (isComplete(target)) return target
  throw new Refusal(...worded((say) => say.target.unknown('CSI', JSON.stringify(target))))
}

function isComplete(target: Partial<CsiTarget>): target is CsiTarget {
  const { csi, mountOptions } = target
  return (
    typeof csi?.driver === 'string' &&
    typeof csi.volumeHandle === 'string' &&
    typeof csi.volumeAttributes === 'object' &&
    Array.isArray(mountOptions)
  )
}
