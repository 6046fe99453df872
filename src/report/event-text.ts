import type { InLanguage } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import { size } from '../domain/quantity.ts'
import { timeOfDay } from '../domain/time.ts'
import type { Event, EventOf } from '../engine/events.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { age, span } from './amounts.ts'
import { progressText } from './progress.ts'

/** What an event says to people: a sentence or two, of which some are warnings. */
export interface EventText {
  text: string
  isWarning?: boolean
}

/** An event in words; none for what says nothing to people. Each of them is to be a line of its own. */
export function eventTexts(event: Event): EventText[] {
  const { event: says } = messages()
  switch (event.type) {
    case 'run-started':
      return told(says.runStarted(event.verb, event.groups.length))
    case 'kinds-defined':
      return told(says.kindsDefined(event.definitions))
    case 'group-started':
      return told(says.groupStarted(event.volumes.length, event.steps.join(' → ')))
    case 'group-ended':
      return told(endedText(event))
    case 'step-started':
      return told(event.undo ? messages().undo(event.step) : event.step)
    case 'step-ended':
      return event.outcome === 'done-already' ? told(says.alreadyDone(event.step)) : []
    case 'admission-changes':
      return told(admissionText(event))
    case 'admission-unasked':
      return warned(uncertainText(event))
    case 'volume-away':
      return []
    case 'volume-put-back':
      return warned(says.putBack(event.volume))
    case 'volume-moved':
      return told(says.swapped(event.volume, event.awayMs === undefined ? undefined : span(event.awayMs)))
    case 'progress':
      return told(says.progress(event.directory, event.node, event.part, progressText([event])))
    case 'copied':
      return copiedTexts(event)
    case 'verified-ahead':
      return told(says.verifiedAhead(event.directory, event.files, event.of, size(event.bytes)))
    case 'verified':
      return verifiedTexts(event)
    case 'join-compared':
      return joinComparedTexts(event)
    case 'missing-brought':
      return [
        ...told(says.missingBrought(event.directory, event.node, event.brought)),
        ...(event.left > 0 ? warned(says.missingLeft(event.directory, event.node, event.left)) : []),
      ]
    case 'job-trouble':
      return warned(says.on(event.directory, event.node, withRemedy(event)))
    case 'start-trouble':
      return warned(says.doesNotStart(event.object, withRemedy(event)))
    case 'mounts-seen':
      return told(says.mountsSeen(event.seen.length, event.unseen))
    case 'copy-stalled':
      return warned(
        says.stalled(
          event.directory,
          event.node,
          age(event.seconds * 1000),
          `kubectl logs -n ${NAMESPACE} ${event.pod}`,
        ),
      )
    case 'places-made':
      return told(says.placesMade(event.made))
    case 'quota-set':
      return told(says.quotaSet(event.subdir, event.size.replaceAll('_', ' '), event.used.replaceAll('_', ' ')))
    case 'quota-removed':
      return told(says.quotaRemoved(event.subdir))
    case 'quota-left':
      return warned(quotaLeftText(event))
    case 'not-rehearsed':
      return warned(notRehearsed(event))
    case 'probe-started':
    case 'probed':
    case 'probe-leftover-removed':
    case 'probe-directory-left':
      return probeTexts(event)
    case 'waiting-for-pods':
      return told(messageOf(event))
    case 'waiting-for-mounts':
      return told(says.waitingForMounts(event.pods))
    case 'used-meanwhile':
      return warned(says.usedMeanwhile(event.pods.map(whose)))
    case 'workload-left':
    case 'workload-started-again':
    case 'version-not-renewed':
      return warned(messageOf(event))
    case 'workload-held':
      return warned(says.held(event.workload, event.heldBy))
    case 'workload-stopped':
      return told(says.stopped(event.workload))
    case 'workload-started':
      return told(says.started(event.workload))
    case 'workload-restarted':
      return told(messages().of(event.workload, restartedText(event.downMs)))
    case 'marks-kept':
      return warned(says.marksKept(event.keys, event.volume))
    case 'object-events-denied':
      return warned(says.objectEventsDenied(event.message))
    case 'lease-held':
      return told(says.leaseHeld(event.holder))
    case 'server-away':
      return warned(says.serverAway(timeOfDay(event.since), timeOfDay(event.until)))
    case 'server-back':
      return told(says.serverBack(age(event.awayMs)))
  }
}

/** What an event says in words of ours, to people. */
function messageOf(event: { message: string; in?: InLanguage | undefined }): string {
  return event.in?.(language()).message ?? event.message
}

function quotaLeftText({ subdir, why, ...event }: EventOf<'quota-left'>): string {
  const { message, remedy } = event.in?.(language()) ?? { message: why, remedy: event.remedy }
  return messages().event.quotaLeft(subdir, message, remedy ?? '')
}

/** How a group ended, and why. */
export function endedText(event: EventOf<'group-ended'>): string {
  const { message } = event.in?.(language()) ?? event
  const { state, event: says } = messages()
  return says.ended(state(event.outcome), message || undefined)
}

/** What to do about a group that has ended otherwise than was wanted, where there is something to do. */
export function remedyText(event: Event): string | undefined {
  return event.type === 'group-ended' ? (event.in?.(language()) ?? event).remedy : undefined
}

/** How a workload that was not stopped came through. */
export function restartedText(downMs: number): string {
  const { summary } = messages()
  return downMs === 0 ? summary.noDowntime : summary.down(span(downMs))
}

/** What hinders something, and what to do about it, as the cluster's own words were understood. */
function withRemedy({ why, ...event }: { why: string; remedy?: string; in?: InLanguage | undefined }): string {
  const { message, remedy } = event.in?.(language()) ?? { message: why, remedy: event.remedy }
  return `${message}${remedy ? `  ${remedy}` : ''}`
}

function told(text: string): EventText[] {
  return [{ text }]
}

function warned(text: string): EventText[] {
  return [{ text, isWarning: true }]
}

function copiedTexts({ directory, back, ...event }: EventOf<'copied'>): EventText[] {
  const says = messages().event
  const bytes = event.bytes === undefined ? undefined : size(event.bytes)
  const more = event.conflictCount - event.conflicts.length
  const { attributesLost: lost } = event
  return [
    ...told(says.copied(directory, event.files, bytes, back, event.deleted ?? 0)),
    ...conflictTexts(directory, event.conflicts),
    ...(more > 0 ? warned(says.moreConflicts(directory, more)) : []),
    ...(lost > 0 ? warned(says.attributesLost(directory, lost)) : []),
  ]
}

function verifiedTexts({ directory, ...event }: EventOf<'verified'>): EventText[] {
  const say = messages()
  if (!event.equal) {
    const { missing, changed, extra } = event
    return warned(say.event.differ(directory, missing, changed, extra, event.attempt === 1))
  }
  const { files, directories, links } = event.source
  const kinds = [say.files(files), say.directories(directories), say.links(links)]
  return [
    ...told(say.event.verified(directory, [...kinds, size(event.source.bytes)])),
    // all others were told by the copy, which does not see these
    ...conflictTexts(
      directory,
      event.conflicts.filter(({ differsIn }) => differsIn === 'content'),
    ),
    ...notCarriedTexts(directory, event.notCarried),
  ]
}

function joinComparedTexts({ directory, node, missing, older, examples }: EventOf<'join-compared'>): EventText[] {
  const says = messages().event
  if (missing + older === 0) return told(says.joinedWhole(directory, node))
  const some = examples.map(({ path, what }) => (what === 'missing' ? path : says.older(path))).join(', ')
  const more = missing + older > examples.length
  return warned(says.joined({ directory, node, missing, older, examples: some, more }))
}

function conflictTexts(directory: string, conflicts: EventOf<'copied'>['conflicts']): EventText[] {
  return conflicts.flatMap(({ path, taken, left, differsIn }) =>
    warned(messages().event.conflict(`${directory}/${path}`, differsIn, taken, left)),
  )
}

function notCarriedTexts(
  directory: string,
  { count: amount, examples }: EventOf<'verified'>['notCarried'],
): EventText[] {
  if (amount === 0) return []
  const shown = examples.map(({ path, kind }) => `${path} (${kind})`).join(', ')
  return warned(messages().event.notCarried(directory, amount, shown, amount > examples.length))
}

function notRehearsed({ step, back }: EventOf<'not-rehearsed'>): string {
  const says = messages().event
  return step === 'probe' ? says.probeSkipped : says.copySkipped(step, back === true)
}

function probeTexts(
  event: EventOf<'probe-started' | 'probed' | 'probe-leftover-removed' | 'probe-directory-left'>,
): EventText[] {
  const says = messages().event
  switch (event.type) {
    case 'probe-started':
      return told(says.probeStarted(event.nodes))
    case 'probed': {
      const readers = event.readers.map(({ node, roundTripMs }) => ({ node, span: span(roundTripMs) }))
      return told(says.probed(event.volume, event.writer, readers))
    }
    case 'probe-leftover-removed':
      return told(says.probeLeftover(event.probe))
    case 'probe-directory-left':
      return warned(says.probeDirectory(event.volume))
  }
}

function whose({ pod, owner, madeBy }: EventOf<'used-meanwhile'>['pods'][number]): string {
  const says = messages().event
  if (owner) return says.podOf(pod, owner)
  return madeBy === undefined ? pod : says.podBy(pod, madeBy)
}

/** What policies make of an object: `PersistentVolume data, by the cluster’s policies: spec.mountOptions …`. */
export function admissionText({ object, changes }: Pick<EventOf<'admission-changes'>, 'object' | 'changes'>): string {
  return messages().event.admitted(object, changes)
}

/** Of an object that nobody knows of whether it may be created. */
export function uncertainText({ object, message }: Pick<EventOf<'admission-unasked'>, 'object' | 'message'>): string {
  return messages().event.uncertain(object, message)
}
