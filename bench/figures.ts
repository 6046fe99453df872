/** A figure as it came out of several rounds. */
export interface Figure {
  /** What was measured, and how: `juicify apply`. */
  name: string
  unit: string
  rounds: number[]
  /** What it was measured on, or what is to be known of it. */
  note?: string
}

export interface Section {
  title: string
  figures: Figure[]
  /** Why there is nothing to show. */
  skipped?: string
  /** It is a failure that there is not. */
  failed?: boolean
}

/** Adds what a round gave to the figure of that name. */
export function note(figures: Map<string, Figure>, name: string, value: number, unit = 'ms', more?: string): void {
  const figure = figures.get(name) ?? { name, unit, rounds: [], ...(more ? { note: more } : {}) }
  figure.rounds.push(value)
  figures.set(name, figure)
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/**
 * The median of each round's ratio: what holds although the machine gets faster and slower.
 * @param goal what it should be, as `≤ 1`
 */
export function ratio(name: string, a: Figure, b: Figure, goal?: string): Figure {
  const rounds = a.rounds.flatMap((value, round) => {
    const other = b.rounds[round]
    return other ? [value / other] : []
  })
  return { name, unit: '×', rounds, note: goal ? `round by round; should be ${goal}` : 'round by round' }
}

/** A section as a table in Markdown. */
export function tableOf({ title, figures, skipped }: Section): string {
  const rows = figures.map(({ name, unit, rounds, note = '' }) =>
    [
      name,
      shown(median(rounds)),
      `${shown(Math.min(...rounds))}–${shown(Math.max(...rounds))}`,
      unit,
      rounds.length,
      note,
    ].join(' | '),
  )
  const table =
    rows.length > 0
      ? ['| what | median | spread | unit | n | |', '|---|---|---|---|---|---|', ...rows.map((row) => `| ${row} |`)]
      : []
  return [`## ${title}`, ...(skipped ? [`Skipped: ${skipped}`] : []), ...table, ''].join('\n')
}

function shown(value: number): string {
  if (value === 0) return '0'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2)
}
