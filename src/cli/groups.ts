import type { Argv } from 'yargs'
import { refused } from '../domain/failure.ts'
import { haveLabels } from '../domain/selector.ts'
import { shellWord } from '../domain/shell.ts'
import { matchesGlob, nearest } from '../domain/text.ts'
import type { BrokenRecord, GroupRecord } from '../engine/record.ts'
import { helpWords } from '../words/help.ts'
import { messages } from '../words/messages.ts'
import { selectorOption } from './arguments.ts'

/** Which of the groups that have a record are meant. */
export interface GroupArguments {
  groups?: string[]
  namespace?: string[]
  selector?: string
}

export function groupOptions<T>(yargs: Argv<T>): Argv<T & GroupArguments> {
  const says = helpWords().groups
  return yargs
    .positional('groups', {
      type: 'string',
      array: true,
      describe: says.groups,
    })
    .options({
      namespace: {
        alias: 'n',
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.namespace,
      },
      selector: selectorOption(says.selector),
    }) as unknown as Argv<T & GroupArguments>
}

/** The records that the operator means. Throws Refusal for a name, or a namespace, that none has. */
export function chosen(
  records: GroupRecord[],
  { groups = [], namespace, selector }: GroupArguments,
  { broken, left }: { broken: BrokenRecord[]; left: string[] },
): GroupRecord[] {
  const names = records.map(({ kept }) => kept.group.name)
  for (const group of groups) {
    if (names.some((name) => matchesGlob(group, name))) continue
    const failure = broken.find((each) => matchesGlob(group, each.group))?.failure
    if (failure) throw failure
    const earlier = left.find((each) => matchesGlob(group, each))
    if (earlier !== undefined) {
      throw refused(messages().refusal.notConverted(earlier))
    }
    throw refused(messages().refusal.noGroup(group, nearest(group, names)))
  }
  const lost = namespace?.find((glob) => records.length > 0 && !records.some((record) => isIn(record, glob)))
  if (lost !== undefined) {
    throw refused(messages().refusal.noGroupIn(lost))
  }
  if (selector !== undefined && records.length > 0 && !records.some((record) => hasLabels(record, selector))) {
    throw refused(messages().refusal.noGroupWith(selector))
  }
  return records.filter((record) => {
    const named = groups.length === 0 || groups.some((glob) => matchesGlob(glob, record.kept.group.name))
    const labelled = selector === undefined || hasLabels(record, selector)
    return named && labelled && (namespace === undefined || namespace.some((glob) => isIn(record, glob)))
  })
}

function isIn({ kept: { group } }: GroupRecord, namespace: string): boolean {
  return group.volumes.some(({ claim }) => claim && matchesGlob(namespace, claim.metadata.namespace))
}

function hasLabels({ kept: { group } }: GroupRecord, selector: string): boolean {
  return group.volumes.some(({ before, claim }) =>
    haveLabels([before.metadata.labels, claim?.metadata.labels], selector),
  )
}

/** The choice as it was given, for the commands that messages name. */
export function groupFlags({ groups = [], namespace = [], selector }: GroupArguments): string {
  const labels = selector === undefined ? [] : ['-l', selector]
  return [...groups, ...namespace.flatMap((name) => ['-n', name]), ...labels]
    .map((word) => ` ${shellWord(word)}`)
    .join('')
}
