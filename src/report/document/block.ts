import type { Markup } from './markup.ts'

/** A part of a report; its texts are plain, and whoever sets them as HTML or Markdown makes sure that they stay so. */
export type Block =
  | { is: 'heading'; level: 2 | 3; text: string }
  | { is: 'paragraph'; text: string }
  | { is: 'list'; items: string[] }
  | { is: 'command'; text: string }
  | { is: 'facts'; facts: [name: string, value: string][] }
  | Table
  | { is: 'picture'; picture: Markup; title: string; table: Table }
  | { is: 'folded'; summary: string; blocks: Block[] }
  | { is: 'diff'; diff: string }

/** Rows under titles; a column whose cells are empty everywhere is left out. */
export interface Table {
  is: 'table'
  columns: string[]
  rows: string[][]
}

/** A report: a title, and what stands under it. */
export interface Document {
  title: string
  blocks: Block[]
}

export const heading = (text: string): Block => ({ is: 'heading', level: 2, text })
export const subheading = (text: string): Block => ({ is: 'heading', level: 3, text })
export const paragraph = (text: string): Block => ({ is: 'paragraph', text })

export function table(columns: string[], rows: string[][]): Table {
  const used = columns.flatMap((_, column) => (rows.some((row) => row[column]) ? [column] : []))
  const pick = (cells: string[]) => used.map((column) => cells[column] ?? '')
  return { is: 'table', columns: pick(columns), rows: rows.map(pick) }
}

/** What stands in a fold unless it is short. */
export function folded(summary: string, ...blocks: Block[]): Block {
  return { is: 'folded', summary, blocks }
}
