import type { Argv } from 'yargs'
import { Refusal } from '../domain/failure.ts'
import { shellWord } from '../domain/shell.ts'
import { matchesGlob, nearest } from '../domain/text.ts'
import type { BrokenRecord, GroupRecord } from '../engine/record.ts'

/** Which of the groups that have a record are meant. */
export interface GroupArguments {
  groups?: string[]
  namespace?: string[]
}

export function groupOptions<T>(yargs: Argv<T>): Argv<T & GroupArguments> {
  return yargs
    .positional('groups', {
      type: 'string',
      array: true,
      describe: 'the groups, as juicify status names them, or globs; all where none is named',
    })
    .option('namespace', {
      alias: 'n',
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'only groups that have a claim in this namespace',
    }) as unknown as Argv<T & GroupArguments>
}

/** The records that the operator means. Throws Refusal for a name, or a namespace, that none has. */
export function chosen(
  records: GroupRecord[],
  { groups = [], namespace }: GroupArguments,
  { broken, left }: { broken: BrokenRecord[]; left: string[] },
): GroupRecord[] {
  const names = records.map(({ kept }) => kept.group.name)
  for (const group of groups) {
    if (names.some((name) => matchesGlob(group, name))) continue
    const failure = broken.find((each) => matchesGlob(group, each.group))?.failure
    if (failure) throw failure
    const earlier = left.find((each) => matchesGlob(group, each))
    if (earlier !== undefined) {
      throw new Refusal(`The record of the group ${earlier} is one of juicify 0.1.0, and was not carried over.`, {
        remedy: 'Read it (juicify status -o yaml), then give --adopt-records.',
      })
    }
    const near = nearest(group, names)
    throw new Refusal(`No group ${group} has a record.${near ? ` Did you mean ${near}?` : ''}`, {
      remedy: 'juicify status lists them.',
    })
  }
  const lost = namespace?.find((glob) => records.length > 0 && !records.some((record) => isIn(record, glob)))
  if (lost !== undefined) {
    throw new Refusal(`No group that has a record has a claim in ${lost}.`, { remedy: 'juicify status lists them.' })
  }
  return records.filter((record) => {
    const named = groups.length === 0 || groups.some((glob) => matchesGlob(glob, record.kept.group.name))
    return named && (namespace === undefined || namespace.some((glob) => isIn(record, glob)))
  })
}

function isIn({ kept: { group } }: GroupRecord, namespace: string): boolean {
  return group.volumes.some(({ claim }) => claim && matchesGlob(namespace, claim.metadata.namespace))
}

/** The choice as it was given, for the commands that messages name. */
export function groupFlags({ groups = [], namespace = [] }: GroupArguments): string {
  return [...groups, ...namespace.flatMap((name) => ['-n', name])].map((word) => ` ${shellWord(word)}`).join('')
}
