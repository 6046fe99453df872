import type { Document } from '../report/document/block.ts'

export const REPORT_FORMATS = ['html', 'markdown'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** In which format a report is written: as it was asked for, else by the ending of its file, else as HTML. */
export function reportFormat(file = '', asked?: ReportFormat): ReportFormat {
  return asked ?? (/\.(md|markdown)$/i.test(file) ? 'markdown' : 'html')
}

/** A report as the text of its file. */
export async function reportText(document: Document, format: ReportFormat): Promise<string> {
  if (format === 'html') return (await import('../report/document/html.ts')).htmlPage(document)
  return (await import('../report/document/markdown-page.ts')).markdownPage(document)
}
