import { type Finding, finding } from '../../domain/finding.ts'
import { copiesData } from '../data.ts'
import type { Context } from './context.ts'

/** What concerns every group: the data, and the file system's driver and Secret. A block here holds all of them back. */
export function clusterFindings(context: Context): Finding[] {
  if (context.drafts.length === 0) return []
  return [...dataFindings(context), ...context.fileSystem.driver.findings(context.survey)]
}

function dataFindings({ migration, fileSystem: { title, advice } }: Context): Finding[] {
  if (copiesData(migration)) return []
  return [
    finding(
      'warn',
      'data-stays',
      {},
      `The data is not copied: what is in the old directories stays there, and the volumes on ${title} show what is on ${title}.`,
      `Copy it yourself before, for example ${advice.copyByHand}, or go on with what ${title} holds.`,
    ),
  ]
}
