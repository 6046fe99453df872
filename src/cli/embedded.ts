import { Refusal } from '../domain/failure.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { readManifests } from './manifests.ts'

/** Starts an embedded cluster with the manifests of a folder or file. Throws Refusal where one is not acceptable. */
export async function startEmbedded(place: string, port?: number): Promise<Sandbox> {
  const objects = await readManifests(place)
  try {
    return await startSandbox({ objects, ...(port === undefined ? {} : { port }) })
  } catch (cause) {
    throw new Refusal(`The manifests in ${place} cannot be loaded: ${(cause as Error).message}`, {
      remedy: 'A cluster would refuse them too: mend them, and run the command again.',
      cause,
    })
  }
}
