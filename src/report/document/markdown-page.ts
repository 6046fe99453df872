import { fenced, text } from '../markdown.ts'
import type { Block, Document, Table } from './block.ts'

/** A report as Markdown: what its pictures show stands in the tables behind them. */
export function markdownPage({ title, blocks }: Document): string {
  return `${[`# ${text(title)}`, ...blocks.map(blockAsMarkdown)].join('\n\n')}\n`
}

function blockAsMarkdown(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${text(block.text)}`
    case 'paragraph':
      return text(block.text)
    case 'list':
      return block.items.map((item) => `- ${text(item)}`).join('\n')
    case 'command':
      return fenced('sh', `${block.text}\n`)
    case 'facts':
      return block.facts.map(([name, value]) => `- **${text(name)}**: ${text(value)}`).join('\n')
    case 'table':
      return tableAsMarkdown(block)
    case 'picture':
      return tableAsMarkdown(block.table)
    case 'folded':
      return [`**${text(block.summary)}**`, ...block.blocks.map(blockAsMarkdown)].join('\n\n')
    case 'diff':
      return fenced('diff', block.diff)
  }
}

function tableAsMarkdown({ columns, rows }: Table): string {
  const lines = [columns.map(text), columns.map(() => '---'), ...rows.map((row) => row.map(text))]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
