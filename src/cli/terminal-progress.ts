import { Separator, select } from '@inquirer/prompts'
import { ListrInquirerPromptAdapter } from '@listr2/prompt-adapter-inquirer'
import { type DefaultRenderer, Listr, type ListrTaskWrapper, PRESET_TIMER, type SimpleRenderer } from 'listr2'
import stringWidth from 'string-width'
import { plain } from '../domain/text.ts'
import type { Event, GroupOutcome } from '../engine/events.ts'
import type { StepDecision, StepQuestion } from '../engine/group-runner.ts'
import { span } from '../report/amounts.ts'
import { bar, Evening } from '../report/evening.ts'
import { eventTexts } from '../report/event-text.ts'
import { hanging, type Layout } from '../report/layout.ts'
import { progressText } from '../report/progress.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { eventLine } from './event-line.ts'
import type { ProgressDisplay } from './progress.ts'
import { isUnanswered, say, untilEndOfInput } from './terminal.ts'

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>

/** A group on the screen: its task while it is shown, and what ends it. */
interface Row {
  task: Promise<Task>
  end: (outcome: GroupOutcome, message?: string) => void
  moved: number
  over: boolean
  volumes: number
  step: string
  /** What each Job of this step has told last. */
  progress: Map<string, Extract<Event, { type: 'progress' }>>
}

/**
 * The groups of a run as a list that changes in place. The work itself is not listr2's: it only shows events, so that
 * the same ones can be shown elsewhere, and a run does not depend on how it is shown.
 */
export function terminalProgress(layout: Layout): ProgressDisplay {
  const rows = new Map<string, Row>()
  const evening = new Evening()
  let whole: Whole | undefined
  const list = new Listr<unknown, 'default', 'simple'>([], {
    concurrent: true,
    exitOnError: false,
    // its own handler would leave with 127 and without a word
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, formatOutput: 'wrap' },
  })
  let running: Promise<unknown> | undefined
  const show = (groups: string[]) => {
    if (groups.length > 0) whole ??= addWhole(list, evening)
    for (const group of groups) if (!rows.has(group)) rows.set(group, addRow(list, group))
    if (groups.length > 0) running ??= list.run()
  }
  let fault: unknown
  const change = (row: Row, event: Event) => {
    // what goes wrong in the showing must not end the process while things are stopped; it is thrown at the end
    update(row, event, layout, evening).catch((error: unknown) => {
      fault ??= error
    })
  }
  // what concerns all of them, as a server that is away: before the list is there as a line, and then in each row
  const tellAll = (event: Event) => {
    if (running) for (const row of rows.values()) change(row, event)
    else for (const line of eventLine(event, new Date(), layout)) say(line)
  }
  return {
    emit(event) {
      evening.note(event, Date.now())
      if (event.type === 'run-started') show(event.groups)
      if (!('group' in event) && event.type !== 'run-started') return tellAll(event)
      const row = 'group' in event && event.group ? rows.get(event.group) : undefined
      if (row) change(row, event)
      whole?.update()
    },
    async ask(question, signal) {
      const row = rows.get(question.group.name)
      return row ? askAt(await row.task, question, layout, signal) : 'do'
    },
    async close() {
      for (const row of rows.values()) row.end('skipped')
      whole?.end()
      await running
      const thrown = fault
      fault = undefined
      if (thrown !== undefined) throw thrown
    },
  }
}

/** The whole run on the screen: how far it is, and what stands still. */
interface Whole {
  update(): void
  end(): void
}

function addWhole(list: Listr<unknown, 'default', 'simple'>, evening: Evening): Whole {
  const ended = deferred<void>()
  let shown: Task | undefined
  const update = () => {
    if (!shown) return
    const now = Date.now()
    shown.title = evening.head(now)
    const standing = plain(evening.standing(now))
    // what was said of it last must not stay when everything runs again
    if (standing !== '' || shown.output) shown.output = standing === '' ? messages().progress.nothingStopped : standing
  }
  list.add({
    title: evening.head(Date.now()),
    task: async (_, task) => {
      shown = task as unknown as Task
      // no event comes while something stands still and is waited for
      const ticking = setInterval(update, 1_000)
      await ended.promise
      clearInterval(ticking)
      task.title = evening.head(Date.now())
    },
    rendererOptions: { persistentOutput: false, outputBar: 1 },
  })
  return { update, end: () => ended.resolve() }
}

function addRow(list: Listr<unknown, 'default', 'simple'>, group: string): Row {
  const shown = deferred<Task>()
  const ended = deferred<{ outcome: GroupOutcome; message?: string }>()
  list.add({
    title: group,
    task: async (_, task) => {
      shown.resolve(task as unknown as Task)
      const { outcome, message } = await ended.promise
      task.title = `${group}  ${messages().state(outcome)}`
      if (outcome === 'failed') throw new Error(message ?? outcome)
      // without a message, which would stand in place of the group's name
      if (outcome === 'skipped' || outcome === 'blocked' || outcome === 'interrupted') task.skip()
    },
    rendererOptions: { persistentOutput: true, outputBar: 4 },
  })
  return {
    task: shown.promise,
    end: (outcome, message) => ended.resolve({ outcome, ...(message ? { message } : {}) }),
    moved: 0,
    over: false,
    volumes: 0,
    step: '',
    progress: new Map(),
  }
}

async function update(row: Row, event: Event, { color }: Layout, evening: Evening): Promise<void> {
  const task = await row.task
  switch (event.type) {
    case 'group-started':
      row.volumes = event.volumes.length
      break
    case 'step-started':
      row.step = event.undo ? messages().undo(event.step) : event.step
      row.progress.clear()
      break
    case 'progress':
      row.progress.set([event.directory, event.node, event.part].join('\0'), event)
      break
    case 'step-ended':
      row.progress.clear()
      break
    case 'volume-moved':
      row.moved++
      if (event.awayMs !== undefined)
        task.output = `${event.volume}: ${messages().summary.unboundFor(span(event.awayMs))}`
      break
    case 'group-ended':
      row.over = true
      return row.end(event.outcome, event.in?.(language()).message ?? event.message)
    default:
      if (!row.over)
        for (const text of eventTexts(event)) task.output = plain(`${text.isWarning ? '! ' : ''}${text.text}`)
      return
  }
  const all = row.volumes > 0 ? messages().volumes(row.volumes) : ''
  const volumes = row.moved > 0 ? messages().progress.of(row.moved, all) : all
  const progress = row.progress.size > 0 ? `  ${progressText([...row.progress.values()])}` : ''
  const share = 'group' in event && event.group ? evening.shareOf(event.group) : undefined
  if ('group' in event)
    task.title = `${event.group}  ${share === undefined ? '' : `${bar(share)}  `}${color.cyan(row.step)}${volumes ? `  ${color.dim(volumes)}` : ''}${progress}`
}

/** listr2 cancels the last prompt of a task that is skipped, also long after its answer, and shows it as done then. */
class Prompt extends ListrInquirerPromptAdapter {
  override cancel(): void {}
}

/** After the one that changes nothing: Enter alone must do nothing. */
function decisions(): Record<'forward' | 'otherwise', { name: string; value: StepDecision }[]> {
  const says = messages().question
  return {
    forward: [
      { name: says.do, value: 'do' },
      { name: says.all, value: 'all' },
    ],
    otherwise: [
      { name: says.skip, value: 'skip' },
      { name: says.rollBackGroup, value: 'roll-back' },
      { name: says.stop, value: 'stop' },
    ],
  }
}

/** Lines of the screen that the choices take, and some of the list around them. */
const LINES_OF_A_QUESTION = 14

/** Asks until there is an answer other than to show something; Ctrl-C and Ctrl-D at the prompt are `stop here`. */
async function askAt(task: Task, question: StepQuestion, layout: Layout, signal: AbortSignal): Promise<StepDecision> {
  const { objectDiff } = await import('../report/diff.ts')
  const diffs = question.group.volumes.map(({ name, before, after }) =>
    objectDiff(before, after, `PersistentVolume/${name}`, layout),
  )
  const pages = pagesOf(diffs.join('\n'), (process.stdout.rows ?? 24) - LINES_OF_A_QUESTION, layout.columns)
  let shown = wordsOf(question, layout)
  for (let page = 0; ; page = (page + 1) % pages.length) {
    const says = messages().question
    const { forward, otherwise } = decisions()
    const show = says.show(page + 1, pages.length)
    try {
      const config = {
        message: `${shown}\n${says.step(question.group.name, question.step)}`,
        choices: [{ name: show, value: 'show' as const }, ...forward, new Separator(), ...otherwise],
        loop: false,
      }
      const prompt = task.prompt(Prompt)
      const answer = await untilEndOfInput(
        (ended) => prompt.run(select<StepDecision | 'show'>, config, { signal: ended }),
        signal,
      )
      if (answer !== 'show') return answer
      shown = pages[page] ?? ''
    } catch (error) {
      if (isUnanswered(error)) return 'stop'
      throw error
    }
  }
}

/** What the step will do, to which objects, and how it is undone. */
function wordsOf({ step, title, objects, undo }: StepQuestion, { columns }: Layout): string {
  const says = messages().question
  return [
    ...hanging('', says.stepTitle(step, title), columns),
    ...objects.flatMap((object) => hanging('  ', plain(object), columns)),
    ...hanging(says.undoIs, says.stepUndo(step, undo), columns),
  ].join('\n')
}

/** A text in pieces that fit on a screen; on it a long line takes several. */
function pagesOf(text: string, rows: number, columns: number): string[] {
  const pages: string[][] = [[]]
  let left = Math.max(rows, 5)
  for (const line of text.trimEnd().split('\n')) {
    const height = Math.max(1, Math.ceil(stringWidth(line) / columns))
    if (height > left && pages.at(-1)?.length) {
      pages.push([])
      left = Math.max(rows, 5)
    }
    pages.at(-1)?.push(line)
    left -= height
  }
  return pages.map((lines) => lines.join('\n').trim())
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
