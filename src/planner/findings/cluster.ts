import { moverOf } from '../../copy/movers.ts'
import type { Finding } from '../../domain/finding.ts'
import { isReady } from '../../domain/node.ts'
import type { ObjectRef } from '../../domain/object.ts'
import type { Judgement } from '../../domain/readiness.ts'
import type { Grant, Survey, Unread } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import { finding } from '../../words/finding.ts'
import { copiesData } from '../data.ts'
import type { Context, Draft } from './context.ts'

type Judged = Pick<Context, 'survey' | 'migration' | 'fileSystem'> & { options?: Context['options'] }

/** What concerns every group: the data, and what all of them depend on. A block here blocks all of them, or those of a claim. */
export function clusterFindings(context: Context): Finding[] {
  const { drafts } = context
  if (drafts.length === 0) return []
  const copying = drafts.some(({ group }) => group.copies.length > 0)
  const judged = judgements(context, copying).flatMap(({ findings }) => findings)
  return [...dataFindings(context), ...judged.flatMap((found) => ofItsGroup(found, drafts))]
}

/** What is found of a claim concerns the group that moves it, and nobody where none does. */
function ofItsGroup(found: Finding, drafts: Draft[]): Finding[] {
  const { object } = found
  if (object?.kind !== 'PersistentVolumeClaim') return [found]
  const moves = drafts.find(({ moving }) =>
    moving.some(({ claim }) => claim?.metadata.namespace === object.namespace && claim?.metadata.name === object.name),
  )
  return moves ? [{ ...found, group: moves.name }] : []
}

/**
 * What plans and `check` say of what all groups depend on: the same, so that neither calls ready what the other blocks.
 * @param copying whether Jobs are to copy something
 */
export function judgements({ survey, migration, fileSystem, options }: Judged, copying: boolean): Judgement[] {
  const { unread = [], missingForPods = [], grants = [] } = survey
  const trusted = options?.trustNamespace === true
  const unreadOf = (part: Unread['part']) => unread.filter((each) => each.part === part).map(unreadFinding)
  return [
    ...fileSystem.driver.judge(survey),
    { subject: 'mount-options', findings: unreadOf('driver-settings') },
    ...(copying ? [moverJudgement({ survey, migration, fileSystem })] : []),
    { subject: 'nodes', findings: nodeFindings(survey) },
    { subject: 'records', findings: unreadOf('records') },
    {
      subject: 'pods',
      findings: [
        ...[...unreadOf('for-pods'), ...unreadOf('bindings')],
        ...missingForPods.map(missingForPod),
        ...grants.map((grant) => sharedNamespace(grant, trusted)),
      ],
    },
  ]
}

/** What may not be read is not taken for what is not there. */
function unreadFinding({ part, object }: Unread): Finding {
  return finding('warn', 'unread', { object }, { part })
}

/** The kubelet pulls with nothing but what is in the pod's own namespace. */
function missingForPod(object: ObjectRef): Finding {
  const { kind, namespace, name } = object
  const command =
    kind === 'Secret'
      ? `kubectl create secret docker-registry ${name} -n ${namespace} --docker-server=…`
      : `kubectl create serviceaccount ${name} -n ${namespace}`
  return finding('block', 'missing-for-pods', { object }, { namespace, command })
}

/** Without an image that has the mover there is nothing to copy with. */
function moverJudgement({ survey, migration: { copy }, fileSystem }: Judged): Judgement {
  const mover = moverOf(copy, fileSystem)
  const own = fileSystem.movers.includes(mover)
  const image = copy.image ?? (own ? survey.image : undefined)
  const problem = image === undefined ? undefined : mover.imageProblem?.(image)
  const { title } = mover
  if (image !== undefined && problem === undefined)
    return { subject: 'mover', findings: [], well: { is: 'mover', title, image } }
  const removable = !own && fileSystem.movers.length > 0
  const found =
    image !== undefined && problem !== undefined
      ? finding('block', 'mover-too-old', {}, { title, found: image, problem, image: mover.image, removable })
      : finding(
          'block',
          'mover-missing',
          {},
          { title, own, unknown: fileSystem.image.unknown, image: mover.image, removable },
        )
  return { subject: 'mover', findings: [found] }
}

function nodeFindings({ nodes }: Survey): Finding[] {
  const unready = nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name)
  if (unready.length === 0) return []
  return [finding('warn', 'nodes-not-ready', {}, { nodes: unready.sort(compareText) })]
}

/** Whoever may change pods there, or only get into them, has everybody's directories. */
function sharedNamespace({ binding, role, subjects }: Grant, trusted: boolean): Finding {
  return finding(trusted ? 'warn' : 'block', 'namespace-shared', { object: binding }, { subjects, role, trusted })
}

function dataFindings({ migration, fileSystem: { title, advice } }: Context): Finding[] {
  if (copiesData(migration)) return []
  return [finding('warn', 'data-stays', {}, { title, tool: advice.copyByHand })]
}
