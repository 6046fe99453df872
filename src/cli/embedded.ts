import { Refusal } from '../domain/failure.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { readManifests } from './manifests.ts'

/** Starts an embedded cluster with the manifests of a folder or file. Throws Refusal where one is not acceptable. */
export async function startEmbedded(place: string, port?: number): Promise<Sandbox> {
  const objects = await readManifests(place)
  try {
    return await startSandbox({ objects, ...(port === undefined ? {} : { port }) })
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
