import type { Argv } from 'yargs'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { readAllRecords } from '../../engine/record.ts'
import type { Document } from '../../report/document/block.ts'
import { planReport, recordsReport } from '../../report/document/report.ts'
import { clusterIdentity } from '../../survey/survey.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import {
  type ClusterArguments,
  clusterOptions,
  PLANNING_FLAGS,
  type SelectionArguments,
  selectionOptions,
} from '../arguments.ts'
import { lastPlan } from '../last-plan.ts'
import { planFromFile, planFromFlags, planOrMigration, selects } from '../planning.ts'
import { sayBroken, unlessHeldBack } from '../records.ts'
import { REPORT_FORMATS, type ReportFormat, reportFormat, reportText } from '../report-format.ts'
import { reportPlace } from '../report-place.ts'
import { type Session, withCluster } from '../session.ts'
import { logFolder } from '../state-folder.ts'
import { print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

interface Arguments extends ClusterArguments, SelectionArguments {
  file?: string
  planned?: boolean
  format?: ReportFormat
  output?: string
}

export function options(yargs: Argv) {
  const says = helpWords().report
  return selectionOptions(clusterOptions(yargs))
    .positional('file', {
      type: 'string',
      describe: says.file,
    })
    .options({
      planned: { type: 'boolean', describe: says.planned },
      format: {
        choices: REPORT_FORMATS,
        describe: says.format,
      },
      output: { alias: 'o', type: 'string', requiresArg: true, describe: says.output },
    })
    .conflicts('file', [...PLANNING_FLAGS, 'planned'])
    .conflicts('planned', PLANNING_FLAGS)
    .example('$0 report -o done.html', says.examples.done)
    .example('$0 report friday.plan.yaml -o friday.html', says.examples.saved)
    .example('$0 report --planned --format markdown', says.examples.planned)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const { output } = argv
  const named = REPORT_FORMATS.find((format) => format === output)
  if (named) throw refused(messages().refusal.formatAsFile(named))
  if (reportFormat(output, argv.format) === 'html' && output === undefined && process.stdout.isTTY)
    throw refused(messages().refusal.htmlOnTerminal())
  return withCluster(argv, async (session) => {
    const { records, broken } = await readAllRecords(session.cluster)
    sayBroken(broken)
    const plan = await planToReport(argv, session, records.length > 0)
    const place = reportPlace(session)
    const document = plan ? planReport(plan, place) : recordsReport(records, place)
    await deliver(document, argv)
    return unlessHeldBack(ExitCode.done, { broken, left: [] })
  })
}

/** The plan that is meant; none where it is what has been done. */
async function planToReport(argv: Arguments, { cluster }: Session, isDone: boolean): Promise<Plan | undefined> {
  if (argv.file !== undefined) return planFromFile(argv.file)
  const { filename } = argv
  const given = filename === undefined ? undefined : await planOrMigration({ ...argv, filename })
  if (given && 'plan' in given) return given.plan
  if (selects(argv)) return planFromFlags(cluster, argv, given)
  if (isDone && !argv.planned) return undefined
  const last = await lastPlan((await clusterIdentity(cluster)).uid)
  if (last) {
    // who has just rolled back asks for something else
    if (!argv.planned) say(messages().noRecordSoPlan(last.metadata.name, messages().status.nothingKept(logFolder())))
    return last
  }
  const kept = messages().status.nothingKept(logFolder())
  const { message, remedy } = messages().refusal.nothingToReport(argv.planned ?? false)
  throw refused({ message, remedy: `${remedy} ${kept}` })
}

async function deliver(document: Document, { format, output }: Arguments): Promise<void> {
  const text = await reportText(document, reportFormat(output, format))
  if (output === undefined) return void (await print(text))
  await writeText(output, text, {}, '--output')
  say(messages().reportIs(output))
}
