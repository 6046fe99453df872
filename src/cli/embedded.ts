import { Refusal } from '../domain/failure.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { type Sandbox, startSandbox } from '../sandbox/index.ts'
import { readManifests } from './manifests.ts'
import { say } from './terminal.ts'

export interface EmbeddedOptions {
  /** The port on 127.0.0.1; any that is free where not given. */
  port?: number | undefined
  /** The Kubernetes that it is to be like, in place of what the manifests say. */
  kubernetesVersion?: string | undefined
}

/**
 * Starts an embedded cluster with the manifests of a folder or file, like the Kubernetes that they were taken of, and says
 * so where it can be like the nearest one only. Throws Refusal where one is not acceptable, or the version is none.
 */
export async function startEmbedded(place: string, { port, ...asked }: EmbeddedOptions = {}): Promise<Sandbox> {
  const objects = await readManifests(place)
  const kubernetesVersion = asked.kubernetesVersion ?? versionOf(objects)
  const given = Object.entries({ port, kubernetesVersion }).filter(([, value]) => value !== undefined)
  try {
    const sandbox = await startSandbox({ objects, ...Object.fromEntries(given) })
    const { served, insteadOf } = sandbox.kubernetes
    if (insteadOf !== undefined)
      say(`The embedded cluster is like Kubernetes ${served}, which is the nearest that it knows to ${insteadOf}.`)
    return sandbox
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // what is wrong with a manifest has a number, as its answer over HTTP would
    if (port !== undefined && typeof code === 'string') {
      throw new Refusal(`The port ${port} of 127.0.0.1 cannot be had: ${(cause as Error).message}`, {
        remedy: 'Name another one with --port, or none for any that is free.',
        cause,
      })
    }
    throw new Refusal(`The manifests in ${place} cannot be loaded: ${(cause as Error).message}`, {
      remedy: 'A cluster would refuse them too: mend them, and run the command again.',
      cause,
    })
  }
}

/** The version that a snapshot says its cluster was of; undefined in other manifests. */
function versionOf(objects: unknown[]): string | undefined {
  const system = (objects as Partial<KubeObject>[]).find(
    (object) => object?.kind === 'Namespace' && object.metadata?.name === 'kube-system',
  )
  return system?.metadata?.annotations?.[ANNOTATION.kubernetesVersion]
}
