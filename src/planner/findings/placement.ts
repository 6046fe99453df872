import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import type { Workload } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { kindOf } from '../../workloads/kinds.ts'
import { objectOf, podsOf } from '../lookup.ts'
import { mayRunOn } from '../placement.ts'
import type { Context, Draft } from './context.ts'

/** What uses a group and can run nowhere but on nodes without the driver: it would be stopped, and not come back. */
export function placementFindings(context: Context): Finding[] {
  const { survey, fileSystem, drafts } = context
  const able = fileSystem.driver.nodesWith(survey)
  // where it is on no node at all, that is said of all groups
  if (able.size === 0 || survey.nodes.every(({ metadata }) => able.has(metadata.name))) return []
  return drafts.flatMap(({ name, group }) =>
    group.workloads.flatMap((workload) => {
      const nodes = nodesOf(workload, survey)
      const unable = nodes.filter((node) => !able.has(node))
      const isEverywhere = workload.ref.kind === 'DaemonSet'
      if (workload.stopped || unable.length === 0 || (!isEverywhere && unable.length < nodes.length)) return []
      return [notWhereNeeded(workload, unable, name, context)]
    }),
  )
}

function notWhereNeeded({ ref }: Workload, nodes: string[], group: Draft['name'], { fileSystem }: Context): Finding {
  const { uid: _, ...object } = ref
  return finding(
    'block',
    'driver-not-where-needed',
    { object, group },
    { nodes, everywhere: ref.kind === 'DaemonSet', driver: fileSystem.driver.title, name: describeRef(object) },
  )
}

/** Where the pods of a workload may run, by its template, or by the pods that it has; in order. */
function nodesOf(workload: Workload, survey: Survey): string[] {
  const object = objectOf(workload.ref, survey)
  const spec = object && kindOf(object)?.template(object)?.spec
  const found = spec
    ? survey.nodes.filter((node) => mayRunOn(spec, node)).map(({ metadata }) => metadata.name)
    : podsOf(workload, survey).flatMap(({ node, scheduling = {} }) => [
        // where it is it may be, whoever has put it there
        ...(node === undefined ? [] : [node]),
        ...survey.nodes.filter((each) => mayRunOn(scheduling, each)).map(({ metadata }) => metadata.name),
      ])
  return [...new Set(found)].sort(compareText)
}
