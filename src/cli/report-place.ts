import type { ReportPlace } from '../report/document/report.ts'
import type { Session } from './session.ts'
import { VERSION } from './version.ts'

/** Which cluster a report is of, and that it is made now. */
export function reportPlace({ cluster, flags }: Pick<Session, 'cluster' | 'flags'>): ReportPlace {
  return { title: cluster.title, flags, at: new Date(), version: VERSION }
}
