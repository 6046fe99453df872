import type { Cluster } from '../../src/cluster/cluster.ts'
import { isApiError } from '../../src/cluster/errors.ts'
import { LABEL } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { LOG_ANNOTATION } from '../../src/sandbox/index.ts'

type Pod = KubeObject & { status?: { phase?: string } }

/** How a program ended that failed, and what it has written. */
export interface Failed {
  exitCode: number
  log: string
}

/**
 * Ends the pods of juicify's Jobs in a sandbox, where nothing runs, each with what its program would tell.
 * @param told what the pod of a stage's Job writes, asked once for each; with its exit code, or undefined, where it fails; null where it is at work for ever
 * @param probes what the pods of a probe write, where they are ended too
 * @param namespace where the Jobs are
 * @returns what ends it
 */
export function endJobPods(
  cluster: Cluster,
  told: (stage: string, pod: KubeObject) => string | Failed | undefined | null,
  probes?: string,
  namespace = 'juicify',
): () => Promise<void> {
  const stop = new AbortController()
  // the log is written while it runs still, which is a change of the pod too
  const ended = new Set<string | undefined>()
  const following = (async () => {
    const kind = { apiVersion: 'v1', kind: 'Pod' }
    for await (const { type, object } of cluster.watch<Pod>(kind, { namespace, signal: stop.signal })) {
      const stage = object.metadata.labels?.[LABEL.stage]
      const isProbe = probes !== undefined && object.metadata.name.startsWith('juicify-probe-')
      if (type === 'DELETED' || (stage === undefined && !isProbe) || object.status?.phase !== 'Running') continue
      if (ended.has(object.metadata.uid)) continue
      ended.add(object.metadata.uid)
      const log = stage === undefined ? probes : told(stage, object)
      if (log !== null) await endPod(cluster, object, log).catch(unlessGone)
    }
  })()
  return async () => {
    stop.abort()
    await following
  }
}

/** What programs tell of which a stage needs no more than that they have done it; each look sees a directory of its own. */
export function programsTell(told: Readonly<Record<string, string>>): (stage: string) => string {
  let looks = 0
  return (stage) => {
    if (stage !== 'look') return told[stage] ?? 'juicify result empty=yes\n'
    looks += 1
    return `juicify at 0 1:${looks}\njuicify mount 8:${looks} ext4 / /dev/sda1 .\njuicify result ats=1 mounts=1\n`
  }
}

/** Ends a pod of a Job, with what its program has told; one of which that is undefined has failed. */
export async function endPod(
  cluster: Cluster,
  { metadata }: KubeObject,
  told: string | Failed | undefined,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace: metadata.namespace ?? '' }
  const { exitCode, log } = typeof told === 'string' ? { exitCode: 0, log: told } : (told ?? { exitCode: 74, log: '' })
  const terminated = { exitCode }
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
  const status = { phase, containerStatuses: [{ name: 'copy', state: { terminated } }] }
  await cluster.patch(ref, { type: 'merge', body: { metadata: { annotations: { [LOG_ANNOTATION]: log } } } })
  await cluster.patch(ref, { type: 'merge', body: { status } }, { subresource: 'status' })
}

/** Whoever looked at it has removed it meanwhile. */
function unlessGone(error: unknown): void {
  if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
}
