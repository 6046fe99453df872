import type { Colors } from 'picocolors/types.js'
import stringWidth from 'string-width'
import { plain } from '../domain/text.ts'

/** How a text is to be set. Nothing here looks at the terminal itself. */
export interface Layout {
  /** The width to keep to. Only a single word or character that is wider than all of it goes beyond. */
  columns: number
  color: Colors
}

// Between the characters of these scripts a line may end; closing punctuation stays with what it closes.
const PIECES =
  /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]\p{Po}*|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]+/gu

/** The text in lines of at most that many columns, broken between words, and within those that are too long for a line. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  let width = 0
  let gap = ''
  for (const piece of text.trim().match(PIECES) ?? []) {
    if (/^\s/u.test(piece)) {
      gap = /^ +$/.test(piece) ? piece : ' '
      continue
    }
    for (const part of folded(plain(piece), columns)) {
      const wide = stringWidth(part)
      if (line !== '' && width + gap.length + wide <= columns) {
        line += gap + part
        width += gap.length + wide
      } else {
        if (line !== '') lines.push(line)
        line = part
        width = wide
      }
      gap = ''
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** Each line of the text with `first` before the first one and as many blanks before the others. */
export function hanging(first: string, text: string, columns: number): string[] {
  const indent = stringWidth(first)
  return wrapped(text, columns - indent).map((line, i) => (i === 0 ? first : ' '.repeat(indent)) + line)
}

function folded(word: string, columns: number): string[] {
  if (stringWidth(word) <= columns) return [word]
  const parts: string[] = []
  let part = ''
  for (const character of word) {
    if (part !== '' && stringWidth(part + character) > columns) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part]
}

const GAP = 2

/** How a table is set: the titles of its columns, how far in it stands, and how a cell is coloured. */
export interface TableOptions extends Layout {
  indent: number
  titles?: string[]
  paint?: (cell: string, column: number) => string
}

/**
 * Rows in columns that line up, as the lines of each row. Columns that are empty everywhere are left out. Where the
 * whole is wider than the terminal no cell is cut: there are no titles, and every row is stacked, its first cell on a
 * line of its own and the others below it.
 */
export function table(rows: string[][], options: TableOptions): { titles: string[]; rows: string[][] } {
  const { columns, indent, color, titles, paint = (cell: string) => cell } = options
  const cells = rows.map((row) => row.map(plain))
  const used = (cells[0] ?? []).map((_, column) => column).filter((column) => cells.some((row) => row[column]))
  const widths = used.map((column) =>
    Math.max(...[...cells, ...(titles ? [titles] : [])].map((row) => stringWidth(row[column] ?? ''))),
  )
  const total = widths.reduce((sum, width) => sum + width + GAP, indent - GAP)
  if (total > columns) return { titles: [], rows: cells.map((row) => stacked(row, used, { columns, indent, paint })) }

  const line = (row: string[], style: (cell: string, column: number) => string) =>
    ' '.repeat(indent) +
    used
      .map((column, i) => {
        const cell = row[column] ?? ''
        const padding = i === used.length - 1 ? 0 : (widths[i] ?? 0) + GAP - stringWidth(cell)
        return (cell === '' ? '' : style(cell, column)) + ' '.repeat(padding)
      })
      .join('')
      .trimEnd()
  return {
    titles: titles && rows.length > 0 ? [line(titles, color.dim)] : [],
    rows: cells.map((row) => [line(row, paint)]),
  }
}

type Stack = { columns: number; indent: number; paint: (cell: string, column: number) => string }

function stacked(row: string[], used: number[], { columns, indent, paint }: Stack): string[] {
  const lines: string[] = []
  let room = 0
  for (const [i, column] of used.entries()) {
    const cell = row[column] ?? ''
    if (cell === '') continue
    const width = stringWidth(cell)
    if (width + GAP <= room) {
      lines.push(`${lines.pop()}${' '.repeat(GAP)}${paint(cell, column)}`)
      room -= width + GAP
      continue
    }
    const left = indent + (i === 0 ? 0 : GAP)
    for (const part of wrapped(cell, columns - left)) {
      lines.push(' '.repeat(left) + paint(part, column))
      room = i === 0 ? 0 : columns - left - stringWidth(part)
    }
  }
  return lines
}
