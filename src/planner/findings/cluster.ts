import { type Finding, finding } from '../../domain/finding.ts'
import type { ObjectRef } from '../../domain/object.ts'
import type { Unread } from '../../domain/survey.ts'
import { copiesData } from '../data.ts'
import type { Context } from './context.ts'

/** What concerns every group: the data, and the file system's driver and Secret. A block here holds all of them back. */
export function clusterFindings(context: Context): Finding[] {
  if (context.drafts.length === 0) return []
  const { survey, fileSystem } = context
  return [
    ...dataFindings(context),
    ...fileSystem.driver.findings(survey),
    ...(survey.unread ?? []).map(unreadFinding),
    ...(survey.missingForPods ?? []).map(missingForPods),
  ]
}

/** What may not be read is not taken for what is not there. */
function unreadFinding({ part, object }: Unread): Finding {
  const remedy = 'Have somebody make the plan who may read it; juicify rbac prints the roles.'
  switch (part) {
    case 'secret':
      return finding(
        'warn',
        'secret-unread',
        { object },
        'You may not read it: nobody can say whether pods can mount with it, nor whether the file system stands on a volume that would move. Nothing is done until somebody plans who may.',
        remedy,
      )
    case 'records':
      return finding(
        'warn',
        'unread',
        { object },
        'You may not read what earlier runs have begun there: a group of this plan may be under way, or through.',
        remedy,
      )
    case 'for-pods':
      return finding(
        'warn',
        'unread',
        { object },
        'You may not see whether it is there: juicify’s pods need it.',
        remedy,
      )
  }
}

/** The kubelet pulls with nothing but what is in the pod's own namespace. */
function missingForPods(object: ObjectRef): Finding {
  const { kind, namespace, name } = object
  const create =
    kind === 'Secret'
      ? `kubectl create secret docker-registry ${name} -n ${namespace} --docker-server=…`
      : `kubectl create serviceaccount ${name} -n ${namespace}`
  return finding(
    'block',
    'missing-for-pods',
    { object },
    `spec.copy names it for juicify’s pods, and it is not in their namespace ${namespace}.`,
    `Make it there (${create}), or take it out of spec.copy. juicify rbac | kubectl apply -f - makes the namespace.`,
  )
}

function dataFindings({ migration, fileSystem: { title, advice } }: Context): Finding[] {
  if (copiesData(migration)) return []
  return [
    finding(
      'warn',
      'data-stays',
      {},
      `The data is not copied: what is in the old directories stays there, and the volumes on ${title} show what is on ${title}.`,
      `Copy it yourself before, for example ${advice.copyByHand}, or go on with what ${title} holds.`,
    ),
  ]
}
