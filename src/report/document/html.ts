import { createHash } from 'node:crypto'
import { html as diffAsHtml } from 'diff2html'
import { language } from '../../words/language.ts'
import { messages } from '../../words/messages.ts'
import type { Block, Document, Table } from './block.ts'
import { element, Markup } from './markup.ts'
import { STYLE } from './page-style.ts'

/** Of more changed objects than these a diff is set as plain text: coloured, each takes ten times the room. */
const MOST_COLOURED = 100

/** A report as one HTML file that takes nothing from anywhere, and in which nothing can run. */
export function htmlPage({ title, blocks }: Document): string {
  const coloured = countDiffs(blocks) <= MOST_COLOURED
  const digest = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`
  const page = element(
    'html',
    { lang: language() === 'zh' ? 'zh-CN' : 'en' },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('meta', { name: 'color-scheme', content: 'light dark' }),
      element('meta', { name: 'referrer', content: 'no-referrer' }),
      element('title', {}, title),
      element('style', {}, Markup.trusted(STYLE)),
    ),
    element(
      'body',
      {},
      element('main', {}, element('h1', {}, title), ...blocks.map((block) => blockAsHtml(block, coloured))),
    ),
  )
  return `<!doctype html>\n${page.source}\n`
}

function countDiffs(blocks: Block[]): number {
  return blocks.reduce(
    (sum, block) => sum + (block.is === 'diff' ? 1 : block.is === 'folded' ? countDiffs(block.blocks) : 0),
    0,
  )
}

function blockAsHtml(block: Block, coloured: boolean): Markup {
  switch (block.is) {
    case 'heading':
      return element(`h${block.level}`, {}, block.text)
    case 'paragraph':
      return element('p', {}, block.text)
    case 'list':
      return element('ul', {}, ...block.items.map((item) => element('li', {}, item)))
    case 'command':
      return element('pre', { class: 'command' }, element('code', {}, block.text))
    case 'facts':
      return element(
        'dl',
        {},
        ...block.facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
      )
    case 'table':
      return tableAsHtml(block)
    case 'picture':
      return element(
        'figure',
        {},
        block.picture,
        foldAsHtml(messages().report.asTable(block.title), [tableAsHtml(block.table)]),
      )
    case 'folded':
      return foldAsHtml(
        block.summary,
        block.blocks.map((each) => blockAsHtml(each, coloured)),
      )
    case 'diff':
      return coloured ? colouredDiff(block.diff) : element('pre', { class: 'diff' }, block.diff)
  }
}

function foldAsHtml(summary: string, content: Markup[]): Markup {
  return element('details', {}, element('summary', {}, summary), ...content)
}

function tableAsHtml({ columns, rows }: Table): Markup {
  const head = element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column)))
  // on a narrow screen each cell stands under the other, with its title before it
  const body = rows.map((row) =>
    element('tr', {}, ...row.map((cell, i) => element('td', { 'data-title': columns[i] }, cell))),
  )
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body))
}

/** The lines alone: of what diff2html puts around them, nothing does anything without a script. */
const TEMPLATES = {
  'generic-wrapper': '{{{content}}}',
  'line-by-line-file-diff': '<div class="diff"><table class="lines"><tbody>{{{diffs}}}</tbody></table></div>',
  'generic-line':
    '<tr class="{{type}}"><td class="sign">{{{prefix}}}</td><td>{{#content}}{{{content}}}{{/content}}</td></tr>',
  'generic-block-header': '<tr class="place"><td class="sign"></td><td>{{blockHeader}}</td></tr>',
}

function colouredDiff(diff: string): Markup {
  const set = diffAsHtml(diff, {
    drawFileList: false,
    outputFormat: 'line-by-line',
    matching: 'lines',
    rawTemplates: TEMPLATES,
  })
  return Markup.trusted(set)
}
