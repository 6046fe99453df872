import { size } from '../domain/quantity.ts'
import { dateAndTime } from '../domain/time.ts'
import type { GroupRecord } from '../engine/record.ts'
import { type WayBack, wayBackOf } from '../engine/way-back.ts'
import { messages } from '../words/messages.ts'
import { span } from './amounts.ts'

/** The cells of a table's row on a rollback that is not over: since when, downtime, what was copied back, what stays. */
export function wayBackCells(back: WayBack): [since: string, down: string, copied: string, stays: string] {
  const says = messages().wayBack
  return [dateAndTime(new Date(back.from)), downWords(back), copiedWords(back), staysWords(back) || says.nothing]
}

/** The same as lines; none where a group is not being rolled back. */
export function wayBackLines(record: GroupRecord): string[] {
  const back = wayBackOf(record)
  if (!back) return []
  const says = messages().wayBack
  const [since, down, copied, stays] = wayBackCells(back)
  return [
    says.since(since),
    ...(down === '' ? [] : [says.down(down)]),
    ...(copied === '' ? [] : [says.copied(copied)]),
    says.stays(stays),
  ]
}

/** The longest of those that are over; of those that go on `status` tells apart. */
function downWords({ downtimes }: WayBack): string {
  const over = downtimes.flatMap(({ workload, from, until }) =>
    until === undefined ? [] : [{ workload, ms: until - from }],
  )
  const [longest] = over.sort((a, b) => b.ms - a.ms)
  return longest ? messages().wayBack.stoppedFor(longest.workload, span(longest.ms)) : ''
}

function copiedWords({ copiedBack }: WayBack): string {
  return copiedBack
    .map(({ directory, files, bytes }) =>
      messages().wayBack.copiedTo(messages().files(files), bytes === undefined ? undefined : size(bytes), directory),
    )
    .join('; ')
}

function staysWords({ staying }: WayBack): string {
  return staying.map(({ subdir, what }) => messages().wayBack.staying(what, subdir === '' ? '/' : subdir)).join('; ')
}
