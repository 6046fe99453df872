import type { KubeObject } from '../domain/object.ts'

/** What the operators of what runs once write into the status, as far as it says that the work has ended, well or badly. */
interface EndingStatus {
  phase?: string
  state?: { phase?: string }
  applicationState?: { state?: string }
  jobStatus?: string
  finishedAt?: string | null
  completionTime?: string | null
  conditions?: { type: string; status: string }[]
}
const ENDED = /^(Succeeded|Completed|Complete|Failed|Error|Aborted|Terminated|Stopped)$/i

/** True if the status of something that comes to an end says that it has: it will start no pods any more. */
export function hasEnded(object: KubeObject): boolean {
  const status = (object.status ?? {}) as EndingStatus
  const words = [status.phase, status.state?.phase, status.applicationState?.state, status.jobStatus]
  return (
    words.some((word) => word !== undefined && ENDED.test(word)) ||
    Boolean(status.finishedAt ?? status.completionTime) ||
    (status.conditions ?? []).some(({ type, status: now }) => now === 'True' && ENDED.test(type))
  )
}
