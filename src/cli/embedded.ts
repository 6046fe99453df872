import { Refusal } from '../domain/failure.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { compareText } from '../domain/text.ts'
import { count } from '../report/amounts.ts'
import { type LeftOut, type Sandbox, startSandbox } from '../sandbox/index.ts'
import { type Manifests, readManifests } from './manifests.ts'
import { say } from './terminal.ts'

/** So many lines of one sort say enough; how many more there are is said then. */
const SHOWN = 10

export interface EmbeddedOptions {
  /** The port on 127.0.0.1; any that is free where not given. */
  port?: number | undefined
  /** The Kubernetes that it is to be like, in place of what the manifests say. */
  kubernetesVersion?: string | undefined
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
    { objects, onLeftOut: (left) => leftOut.push(left), ...Object.fromEntries(given) },
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
  if (insteadOf !== undefined)
    say(`The embedded cluster is like Kubernetes ${served}, which is the nearest that it knows to ${insteadOf}.`)
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
    if (port !== undefined && typeof code === 'string') {
      throw new Refusal(`The port ${port} of 127.0.0.1 cannot be had: ${(cause as Error).message}`, {
        remedy: 'Name another one with --port, or none for any that is free.',
        cause,
      })
    }
    throw new Refusal(`The manifests in ${places.join(', ')} cannot be loaded: ${(cause as Error).message}`, {
      remedy: 'Mend them, and run the command again.',
      cause,
    })
  }
}

/** What is wrong in a file that was named itself is an error; a folder may hold what a cluster does not take. */
function refuseMistakes(leftOut: LeftOut[], { places }: Manifests): void {
  const mistakes = leftOut.filter(({ manifest, why }) => why !== 'unknown-kind' && places.get(manifest)?.named)
  if (mistakes.length === 0) return
  const lines = mistakes.map((left) => shownMistake(left, places))
  const list = lines.length === 1 ? ` ${lines[0]}` : `\n${indented(lines).join('\n')}`
  throw new Refusal(`${count(lines.length, 'manifest')} cannot be loaded:${list}`, {
    remedy: 'A cluster would refuse this too: mend it, and run the command again.',
  })
}

/** In a few lines, what the embedded cluster does without. */
function tellLeftOut(leftOut: LeftOut[], { places, unreadable }: Manifests): string[] {
  const unknown = leftOut.filter(({ why }) => why === 'unknown-kind').map(({ kind = '' }) => kind)
  const kinds = [...new Set(unknown)].sort(compareText)
  const refused = leftOut.filter(({ why }) => why === 'refused').map((left) => shownMistake(left, places))
  const noObjects = leftOut.filter(({ why }) => why === 'no-object').map(({ manifest }) => placeOf(manifest, places))
  const counted = kinds.map((kind) => `${unknown.filter((each) => each === kind).length} ${kind}`)
  const section = (number: number, what: string, lines: string[]) =>
    number === 0 ? [] : [`The embedded cluster leaves out ${what}:`, ...indented(lines)]
  return [
    ...(unknown.length === 0
      ? []
      : [
          `The embedded cluster leaves out ${count(unknown.length, 'object')} of kinds that it does not know: ${counted.join(', ')}.`,
        ]),
    ...section(refused.length, `${count(refused.length, 'manifest')} that a cluster would refuse`, refused),
    ...section(
      noObjects.length,
      `${count(noObjects.length, 'text')} that ${noObjects.length === 1 ? 'is' : 'are'} no Kubernetes object`,
      noObjects,
    ),
    ...section(unreadable.length, `${count(unreadable.length, 'file')} that cannot be read as manifests`, unreadable),
  ]
}

function indented(lines: string[]): string[] {
  const more = lines.length - SHOWN
  const shown = more > 1 ? [...lines.slice(0, SHOWN), `and ${more} more`] : lines
  return shown.map((line) => `  ${line}`)
}

function shownMistake({ manifest, message }: LeftOut, places: Manifests['places']): string {
  return `${placeOf(manifest, places)}: ${message}`
}

function placeOf(manifest: unknown, places: Manifests['places']): string {
  return places.get(manifest)?.at ?? 'a manifest'
}

/** The version that a snapshot says its cluster was of; undefined in other manifests. */
function versionOf(objects: unknown[]): string | undefined {
  const system = (objects as Partial<KubeObject>[]).find(
    (object) => object?.kind === 'Namespace' && object.metadata?.name === 'kube-system',
  )
  return system?.metadata?.annotations?.[ANNOTATION.kubernetesVersion]
}
