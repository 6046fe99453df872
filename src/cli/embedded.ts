import { refused } from '../domain/failure.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { compareText } from '../domain/text.ts'
import { type LeftOut, type Sandbox, startSandbox } from '../sandbox/index.ts'
import { messages } from '../words/messages.ts'
import { type Manifests, readManifests } from './manifests.ts'
import { say } from './terminal.ts'

/** Max lines printed per section; the rest is counted. */
const SHOWN = 10

export interface EmbeddedOptions {
  /** The port on 127.0.0.1; any that is free where not given. */
  port?: number | undefined
  /** The Kubernetes that it is to be like, in place of what the manifests say. */
  kubernetesVersion?: string | undefined
}

/** What an embedded cluster is called, which is nobody's but its manifests'; it stands in plans, the same in every language. */
export function embeddedTitle(places: readonly string[]): string {
  return `embedded cluster of ${places.map((place) => (place === '-' ? 'standard input' : place)).join(', ')}`
}

/**
 * Starts an embedded cluster with the manifests of folders and files (`-` is standard input), like the Kubernetes that they
 * were taken of. Says what of them it leaves out, and where it can be like the nearest version only.
 * Throws Refusal where a file that was named itself has a manifest that a cluster would refuse, or the version is none.
 */
export async function startEmbedded(
  places: readonly string[],
  { port, ...asked }: EmbeddedOptions = {},
): Promise<Sandbox> {
  const manifests = await readManifests(places)
  const { objects } = manifests
  const kubernetesVersion = asked.kubernetesVersion ?? versionOf(objects)
  const given = Object.entries({ port, kubernetesVersion }).filter(([, value]) => value !== undefined)
  const leftOut: LeftOut[] = []
  const sandbox = await started(
    { objects, title: embeddedTitle(places), onLeftOut: (left) => leftOut.push(left), ...Object.fromEntries(given) },
    places,
    port,
  )
  try {
    refuseMistakes(leftOut, manifests)
  } catch (error) {
    await sandbox.close()
    throw error
  }
  for (const line of tellLeftOut(leftOut, manifests)) say(line)
  const { served, insteadOf } = sandbox.kubernetes
  if (insteadOf !== undefined) say(messages().embedded.like(served, insteadOf))
  return sandbox
}

async function started(
  options: Parameters<typeof startSandbox>[0],
  places: readonly string[],
  port: number | undefined,
): Promise<Sandbox> {
  try {
    return await startSandbox(options)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // what is wrong with a manifest has a number, as its answer over HTTP would
    const { refusal } = messages()
    const why = (cause as Error).message
    if (port !== undefined && typeof code === 'string') throw refused(refusal.portTaken(port, why), { cause })
    throw refused(refusal.notLoaded([...places], why), { cause })
  }
}

/** What is wrong in a file that was named itself is an error; a folder may hold what a cluster does not take. */
function refuseMistakes(leftOut: LeftOut[], { places }: Manifests): void {
  const mistakes = leftOut.filter(({ manifest, why }) => why !== 'unknown-kind' && places.get(manifest)?.named)
  if (mistakes.length === 0) return
  const lines = mistakes.map((left) => shownMistake(left, places))
  const list = lines.length === 1 ? ` ${lines[0]}` : `\n${indented(lines).join('\n')}`
  throw refused(messages().refusal.manifestsRejected(lines.length, list))
}

/** In a few lines, what the embedded cluster does without. */
function tellLeftOut(leftOut: LeftOut[], { places, unreadable }: Manifests): string[] {
  const unknown = leftOut.filter(({ why }) => why === 'unknown-kind').map(({ kind = '' }) => kind)
  const kinds = [...new Set(unknown)].sort(compareText)
  const refused = leftOut.filter(({ why }) => why === 'refused').map((left) => shownMistake(left, places))
  const noObjects = leftOut.filter(({ why }) => why === 'no-object').map(({ manifest }) => placeOf(manifest, places))
  const counted = kinds.map((kind) => `${unknown.filter((each) => each === kind).length} ${kind}`)
  const says = messages().embedded
  const section = (head: (number: number) => string, lines: string[]) =>
    lines.length === 0 ? [] : [head(lines.length), ...indented(lines)]
  return [
    ...(unknown.length === 0 ? [] : [says.unknownKinds(unknown.length, counted)]),
    ...section(says.rejected, refused),
    ...section(says.noObjects, noObjects),
    ...section(says.unreadable, unreadable),
  ]
}

function indented(lines: string[]): string[] {
  const more = lines.length - SHOWN
  const shown = more > 1 ? [...lines.slice(0, SHOWN), messages().embedded.more(more)] : lines
  return shown.map((line) => `  ${line}`)
}

function shownMistake({ manifest, message }: LeftOut, places: Manifests['places']): string {
  return `${placeOf(manifest, places)}: ${message}`
}

function placeOf(manifest: unknown, places: Manifests['places']): string {
  return places.get(manifest)?.at ?? messages().embedded.aManifest
}

/** The version that a snapshot says its cluster was of; undefined in other manifests. */
function versionOf(objects: unknown[]): string | undefined {
  const system = (objects as Partial<KubeObject>[]).find(
    (object) => object?.kind === 'Namespace' && object.metadata?.name === 'kube-system',
  )
  return system?.metadata?.annotations?.[ANNOTATION.kubernetesVersion]
}
