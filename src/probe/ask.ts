import type { Cluster } from '../cluster/cluster.ts'
import { Failure } from '../domain/failure.ts'
import { type CheckFacts, line, type ReadinessLine } from '../domain/readiness.ts'
import { checkWords } from '../words/check.ts'
import type { Language } from '../words/language.ts'
import { probe, probeImage, probeNodes } from './probe.ts'

/** Milliseconds for the pod to start: its driver may try for a while before it says that nothing answers. */
const TIMEOUT = 60_000

/**
 * Asks the file system itself, by a pod of juicify's own that mounts it and writes a word: whether its password is right, it
 * can be reached, has room, and is the one that its Secret names. All that it needs goes again.
 */
export async function askFileSystem(
  cluster: Cluster,
  { fileSystem, migration: { copy }, survey }: CheckFacts,
  signal: AbortSignal,
  language: Language = 'en',
): Promise<ReadinessLine> {
  const says = checkWords(language)
  try {
    const [node] = await probeNodes(cluster, fileSystem.driver)
    if (node === undefined) return line('file-system', 'problem', says.noNodeMounts(fileSystem.driver.see))
    const { name, empty, full } = await probe(
      { root: true },
      {
        cluster,
        fileSystem,
        image: copy.image ?? (await probeImage(cluster, fileSystem)),
        settings: copy,
        nodes: [node],
        timeout: TIMEOUT,
        emit: () => undefined,
        signal,
      },
    )
    return judged(
      { title: fileSystem.title, node, empty, full, ...(name === undefined ? {} : { name }) },
      survey?.secret,
      language,
    )
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    const { message, remedy } = error.in(language)
    return line('file-system', 'problem', says.askFailed(fileSystem.title, message, remedy))
  }
}

/** Pure: what an answer is worth. */
export function judged(
  answer: { title: string; node: string; name?: string; empty: boolean; full: boolean },
  secret: { fileSystem?: string } | undefined,
  language: Language = 'en',
): ReadinessLine {
  const { title, name, empty, full } = answer
  const says = checkWords(language)
  if (name !== undefined && secret?.fileSystem !== undefined && secret.fileSystem !== name)
    return line('file-system', 'problem', says.otherName(title, name, secret.fileSystem))
  if (full) return line('file-system', 'problem', says.full(answer))
  if (empty) return line('file-system', 'note', says.empty(answer))
  return line('file-system', 'ok', says.writable(answer))
}
