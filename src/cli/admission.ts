import type { Cluster } from '../cluster/cluster.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import type { Workload } from '../domain/workload.ts'
import { type Admission, type Asking, askServer, denialIn } from '../engine/admission.ts'
import { type GroupRecord, readRecords } from '../engine/record.ts'
import { originOf } from '../engine/run.ts'
import { admissionText, uncertainText } from '../report/event-text.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { isEmbedded } from './running.ts'

/** What the server says of groups that are to be moved, or to be taken back, before anybody is asked. */
export interface ServerSays {
  /** A line or two for each thing that there is to know. */
  lines: string[]
  /** The groups of which the server would not create something, for whoever it is who asks. */
  denied: Set<string>
  /** Who asks may not create things at all: the rest is not known. */
  mayNot: boolean
}

/** Of the groups of a plan that nothing blocks. */
export function beforeApply(cluster: Cluster, plan: Plan): Promise<ServerSays> {
  const groups = plan.groups.filter(({ blocked }) => !blocked)
  return serverSays(cluster, groups, 'forward', (group) => ({ group, plan: originOf(plan), record: undefined }))
}

/** Of groups that are to be taken back, with what uses their volumes now. */
export function beforeRollback(
  cluster: Cluster,
  records: GroupRecord[],
  workloads: ReadonlyMap<string, Workload[]>,
  copyBack: boolean | undefined,
): Promise<ServerSays> {
  const asked = (record: GroupRecord) => {
    const { group, plan } = record.kept
    return { group: { ...group, workloads: workloads.get(group.name) ?? [] }, plan, record }
  }
  return serverSays(cluster, records, 'back', asked, copyBack)
}

async function serverSays<T>(
  cluster: Cluster,
  items: T[],
  way: 'forward' | 'back',
  asked: (item: T) => Pick<Asking, 'group' | 'plan' | 'record'>,
  copyBack?: boolean,
): Promise<ServerSays> {
  const rehearsal = await isEmbedded(cluster)
  const says: ServerSays = { lines: [], denied: new Set(), mayNot: false }
  for (const item of items) {
    const about = asked(item)
    const others = async () => (await readRecords(cluster)).filter(({ kept }) => kept.group.name !== about.group.name)
    const settings = { rehearsal, ...(copyBack === undefined ? {} : { copyBack }) }
    const admission = await askServer({ cluster, others, settings, ...about }, way)
    says.lines.push(...linesOf(about.group, admission))
    if (admission.denied.length > 0) says.denied.add(about.group.name)
    says.mayNot ||= admission.denied.some(({ by }) => by === 'rbac')
  }
  return says
}

function linesOf({ name }: PlannedGroup, admission: Admission): string[] {
  const denial = denialIn(admission)?.in(language())
  return [
    ...(denial
      ? [
          messages().denied(name, denial.message),
          ...(denial.remedy ? [`  ${messages().plan.try}${denial.remedy}`] : []),
        ]
      : []),
    ...admission.unasked.map(uncertainText),
    ...admission.changed.map(admissionText),
  ]
}
