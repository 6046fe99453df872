import { scaleTime } from 'd3-scale'
import { timeOfDay } from '../../domain/time.ts'
import { messages } from '../../words/messages.ts'
import { span } from '../amounts.ts'
import { element, type Markup } from './markup.ts'

/** What stands over a bar of the timeline, and the pieces of the bar. */
export interface Lane {
  name: string
  pieces: { class: string; from: number; until: number; words: string }[]
}

/** Lanes that a picture has at most; the table has all of them. */
const MOST_LANES = 60
const LANE = 36
const TOP = 26

/**
 * Lanes one under the other over the same time.
 * @param words what it shows, for who cannot see it
 */
export function timelinePicture(
  lanes: Lane[],
  { id, title, words }: { id: string; title: string; words: string },
): Markup {
  const shown = lanes.slice(0, MOST_LANES)
  const hidden = lanes.length - shown.length
  const times = lanes.flatMap(({ pieces }) => pieces.flatMap(({ from, until }) => [from, until]))
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const x = scaleTime([new Date(first), new Date(Math.max(last, first + 1))], [0, 100])
  const height = TOP + shown.length * LANE + (hidden > 0 ? 22 : 4)
  return element(
    'svg',
    { role: 'img', height, 'aria-labelledby': `${id}-title ${id}-words` },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-words` }, words),
    ...x.ticks(4).flatMap((tick) => [
      element('line', { class: 'axis', x1: percent(x(tick)), x2: percent(x(tick)), y1: 18, y2: height }),
      // at the right edge it would be cut
      ...(x(tick) < 88 ? [element('text', { class: 'faint', x: percent(x(tick)), y: 13 }, timeOfDay(tick))] : []),
    ]),
    ...shown.map(({ name, pieces }, index) => {
      const y = TOP + index * LANE
      return element(
        'g',
        {},
        element('text', { x: 0, y: y + 11 }, name),
        ...pieces.map((piece) => {
          const from = x(new Date(piece.from))
          const width = Math.max(0.4, x(new Date(piece.until)) - from)
          return element(
            'rect',
            { class: piece.class, x: percent(Math.min(from, 99.6)), width: percent(width), y: y + 16, height: 12 },
            element('title', {}, `${piece.words}: ${span(piece.until - piece.from)}`),
          )
        }),
      )
    }),
    ...(hidden > 0 ? [element('text', { class: 'faint', x: 0, y: height - 6 }, messages().report.more(hidden))] : []),
  )
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`
}
