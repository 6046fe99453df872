import { NAMESPACE } from '../domain/names.ts'
import { size } from '../domain/quantity.ts'
import type { Event, EventOf } from '../engine/events.ts'
import { age, awayTime, count, listOf, timeOfDay } from './amounts.ts'
import { progressText } from './progress.ts'

/** What an event says to people: a sentence or two, of which some are warnings. */
export interface EventText {
  text: string
  isWarning?: boolean
}

/** An event in words; none for what says nothing to people. Each of them is to be a line of its own. */
export function eventTexts(event: Event): EventText[] {
  switch (event.type) {
    case 'run-started':
      return told(`${event.verb}: ${count(event.groups.length, 'group')}`)
    case 'kinds-defined':
      return told(`Defined the kinds of juicify’s records: CustomResourceDefinition ${event.definitions.join(', ')}`)
    case 'group-started':
      return told(`${count(event.volumes.length, 'volume')}: ${event.steps.join(' → ')}`)
    case 'group-ended':
      return told(`${event.outcome.replace('-', ' ')}${event.message ? `: ${event.message}` : ''}`)
    case 'step-started':
      return told(`${event.undo ? 'undo ' : ''}${event.step}`)
    case 'step-ended':
      return event.outcome === 'done-already' ? told(`${event.step}: done already`) : []
    case 'volume-away':
      return []
    case 'volume-put-back':
      return warned(`${event.volume}: put back as it was`)
    case 'volume-moved':
      return told(
        `${event.volume}: in place${event.awayMs === undefined ? '' : `, away for ${awayTime(event.awayMs)}`}`,
      )
    case 'progress':
      return told(
        `${event.directory} on ${event.node}${event.part ? `, part ${event.part}` : ''}: ${progressText([event])}`,
      )
    case 'copied':
      return copiedTexts(event)
    case 'verified':
      return verifiedTexts(event)
    case 'join-compared':
      return joinComparedTexts(event)
    case 'missing-brought':
      return [
        ...told(
          `${event.directory} on ${event.node}: ${count(event.brought, 'missing entry', 'missing entries')} brought`,
        ),
        ...(event.left > 0
          ? warned(`${event.directory} on ${event.node}: ${count(event.left, 'entry', 'entries')} could not be brought`)
          : []),
      ]
    case 'copy-stalled':
      return warned(
        `${event.directory} on ${event.node}: no progress for ${count(event.minutes, 'minute')}; see kubectl logs -n ${NAMESPACE} ${event.pod}. It is waited for still: Ctrl-C leaves it at work, and juicify resume finds it.`,
      )
    case 'not-rehearsed':
      return warned(notRehearsed(event))
    case 'probe-started':
    case 'probed':
    case 'probe-leftover-removed':
    case 'probe-directory-left':
      return probeTexts(event)
    case 'waiting-for-pods':
      return told(event.message)
    case 'waiting-for-mounts':
      return told(
        `Waiting until ${listOf(event.pods, 'pod')} ${event.pods.length === 1 ? 'has' : 'have'} ended: the driver still mounts the volumes that are to go.`,
      )
    case 'used-meanwhile':
      return warned(`In use in between, by ${listOf(event.pods.map(whose), 'pod')}.`)
    case 'workload-left':
    case 'version-not-renewed':
      return warned(event.message)
    case 'workload-held':
      return warned(
        `${event.workload} is left stopped: the group ${event.heldBy} needs it to be, and starts it when it is done.`,
      )
    case 'workload-restarted':
      return told(`${event.workload}: ${restartedText(event.downMs)}`)
    case 'marks-kept':
      return warned(
        `${event.keys.join(', ')} of PersistentVolume ${event.volume} ${event.keys.length === 1 ? 'was' : 'were'} changed since the migration; the original gets ${event.keys.length === 1 ? 'it' : 'them'} too.`,
      )
    case 'lease-held':
      return told(`${event.holder} holds the lease; looking whether that run is alive`)
    case 'server-away':
      return warned(
        `the API server does not answer since ${timeOfDay(event.since)}; waiting for it, until ${timeOfDay(event.until)}`,
      )
    case 'server-back':
      return told(`the API server answers again, after ${age(event.awayMs)}; going on`)
  }
}

/** How a workload that was not stopped came through. */
export function restartedText(downMs: number): string {
  return `pod by pod, ${downMs === 0 ? '0 s' : awayTime(downMs)} down`
}

function told(text: string): EventText[] {
  return [{ text }]
}

function warned(text: string): EventText[] {
  return [{ text, isWarning: true }]
}

function copiedTexts({ directory, back, ...event }: EventOf<'copied'>): EventText[] {
  const amounts = [
    `${count(event.files, 'file')} copied${back ? ' back' : ''}`,
    ...(event.bytes === undefined ? [] : [size(event.bytes)]),
    ...(event.deleted ? [`${count(event.deleted, 'entry', 'entries')} deleted`] : []),
  ]
  const more = event.conflictCount - event.conflicts.length
  const { attributesLost: lost } = event
  return [
    ...told(`${directory}: ${amounts.join(', ')}`),
    ...conflictTexts(directory, event.conflicts),
    ...(more > 0
      ? warned(`${directory}: ${count(more, 'more file')} ${more === 1 ? 'differs' : 'differ'} between nodes`)
      : []),
    ...(lost > 0 ? warned(`${directory}: the target has no room for ${count(lost, 'extended attribute')}`) : []),
  ]
}

function verifiedTexts({ directory, ...event }: EventOf<'verified'>): EventText[] {
  if (!event.equal) {
    const { missing, changed, extra } = event
    const goingOn = event.attempt === 1 ? ': copying what differs once more' : ''
    return warned(
      `${directory} and its copy differ (${missing} missing, ${changed} different, ${extra} too many)${goingOn}`,
    )
  }
  const { files, directories, links } = event.source
  const kinds = [count(files, 'file'), count(directories, 'directory', 'directories'), count(links, 'link')]
  return [
    ...told(`${directory}: equal in ${[...kinds, size(event.source.bytes)].join(', ')}`),
    // all others were told by the copy, which does not see these
    ...conflictTexts(
      directory,
      event.conflicts.filter(({ differsIn }) => differsIn === 'content'),
    ),
    ...notCarriedTexts(directory, event.notCarried),
  ]
}

function joinComparedTexts({ directory, node, missing, older, examples }: EventOf<'join-compared'>): EventText[] {
  const where = `${directory} on ${node}`
  if (missing + older === 0) return told(`${where}: the file system lacks nothing of it, and has nothing older`)
  const some = examples.map(({ path, what }) => (what === 'missing' ? path : `${path} (older)`)).join(', ')
  return warned(
    `${where} has ${count(missing, 'entry', 'entries')} that the file system lacks, and ${count(older, 'entry', 'entries')} that it has older; they stay where they are: ${some}${missing + older > examples.length ? ', …' : ''}`,
  )
}

function conflictTexts(directory: string, conflicts: EventOf<'copied'>['conflicts']): EventText[] {
  return conflicts.flatMap(({ path, taken, left, differsIn }) =>
    warned(`${directory}/${path} differs in ${differsIn}: taken from ${taken}, not from ${left}`),
  )
}

function notCarriedTexts(
  directory: string,
  { count: amount, examples }: EventOf<'verified'>['notCarried'],
): EventText[] {
  if (amount === 0) return []
  const shown = examples.map(({ path, kind }) => `${path} (${kind})`).join(', ')
  const does = amount === 1 ? 'does' : 'do'
  return warned(
    `${directory}: ${count(amount, 'entry', 'entries')} ${does} not come along, or not in whole: ${shown}${amount > examples.length ? ', …' : ''}`,
  )
}

function notRehearsed({ step, back }: EventOf<'not-rehearsed'>): string {
  if (step === 'probe') return 'probe is not shown by a rehearsal: in the embedded cluster no pod really runs.'
  return `${back ? 'the copy back' : step} is not shown by a rehearsal: the embedded cluster has no data.`
}

function probeTexts(
  event: EventOf<'probe-started' | 'probed' | 'probe-leftover-removed' | 'probe-directory-left'>,
): EventText[] {
  switch (event.type) {
    case 'probe-started':
      return told(`a pod on each of ${event.nodes.join(', ')}`)
    case 'probed': {
      const seen = event.readers.map(({ node, roundTripMs }) => `${node} after ${awayTime(roundTripMs)}`)
      return told(`${event.volume}: written on ${event.writer}, answered by ${seen.join(', ')}`)
    }
    case 'probe-leftover-removed':
      return told(`removing what a probe that was killed has left (${event.probe})`)
    case 'probe-directory-left':
      return warned(
        `the provisioner did not dispose of ${event.volume}: its directory on the file system is left, empty`,
      )
  }
}

function whose({ pod, owner, madeBy }: EventOf<'used-meanwhile'>['pods'][number]): string {
  if (owner) return `${pod} of ${owner}`
  return madeBy === undefined ? pod : `${pod}, made by ${madeBy}`
}
