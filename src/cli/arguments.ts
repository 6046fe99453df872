import type { Argv } from 'yargs'
import { shellWord } from '../domain/shell.ts'
import { asList } from './declared-options.ts'

/** The flags that every command that talks to a cluster has, named as kubectl names them. */
export interface ClusterArguments {
  kubeconfig?: string
  context?: string
  sandbox?: string[]
  color?: boolean
  verbose?: boolean
}

/** A flag for files, any number of times. yargs does not take `-` for the value of one that it is told is an array. */
export const REPEATED_FILES = {
  type: 'string',
  requiresArg: true,
  coerce: asList,
} as const

export function clusterOptions<T>(yargs: Argv<T>): Argv<T & ClusterArguments> {
  return yargs.conflicts('sandbox', ['kubeconfig', 'context']).options({
    kubeconfig: { type: 'string', describe: 'path to the kubeconfig file to use', requiresArg: true },
    context: { type: 'string', describe: 'the kubeconfig context to use', requiresArg: true },
    sandbox: {
      ...REPEATED_FILES,
      describe:
        'work on an embedded cluster, loaded from the manifests in this folder or file, or - for standard input; may be repeated',
    },
    color: { type: 'boolean', describe: 'colours (default: on a terminal, unless NO_COLOR is set)' },
    verbose: { alias: 'v', type: 'boolean', describe: 'tell the causes of an error too' },
  }) as Argv<T & ClusterArguments>
}

/** What a plan is made from. */
export interface SelectionArguments {
  filename?: string
  namespace?: string[]
  allNamespaces?: boolean
  wholeGroups?: boolean
  dangerousSplit?: boolean
  copy?: 'copy' | 'none'
  sourceNodes?: string[]
  intoExisting?: boolean
  bringMissing?: boolean
  onConflict?: 'newest' | 'refuse' | 'keep-both'
  probe?: boolean
}

export function selectionOptions<T>(yargs: Argv<T>): Argv<T & SelectionArguments> {
  return yargs
    .options({
      filename: {
        alias: 'f',
        type: 'string',
        describe: 'the migration file (- for standard input)',
        requiresArg: true,
      },
      namespace: {
        alias: 'n',
        type: 'string',
        array: true,
        nargs: 1,
        describe: "only the volumes of this namespace's claims; may be repeated, takes globs",
      },
      'all-namespaces': { alias: 'A', type: 'boolean', describe: 'the volumes of all namespaces' },
      'whole-groups': { type: 'boolean', describe: 'take in the volumes that share a directory with a selected one' },
      'dangerous-split': {
        type: 'boolean',
        describe: 'move a part of a group all the same: its halves no longer see each other’s files',
      },
      copy: {
        choices: ['copy', 'none'] as const,
        describe: 'whether the data is copied, in place of what the migration says',
      },
      'source-nodes': {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'where host paths are: shared, or the name of a node; may be repeated',
      },
      'into-existing': {
        type: 'boolean',
        describe: 'copy over what is on the file system already: files of the same name are overwritten, others stay',
      },
      'bring-missing': {
        type: 'boolean',
        describe:
          'of a directory that has moved already, bring the files that the file system lacks; none is overwritten',
      },
      'on-conflict': {
        choices: ['newest', 'refuse', 'keep-both'] as const,
        describe: 'what becomes of a file that differs between nodes',
      },
      probe: {
        type: 'boolean',
        describe:
          'after the swap, write on one node and read on another (default: where the driver has two; --no-probe)',
      },
    })
    .conflicts('namespace', 'all-namespaces')
    .conflicts('whole-groups', 'dangerous-split') as unknown as Argv<T & SelectionArguments>
}

/** What is said when a plan is made: of a plan that is saved already it would change nothing. */
export const PLANNING_FLAGS = [
  'filename',
  'namespace',
  'all-namespaces',
  'whole-groups',
  'dangerous-split',
  'copy',
  'source-nodes',
  'into-existing',
  'bring-missing',
  'on-conflict',
  'probe',
]

/** The selection as it was given, for the commands that messages name. */
export function selectionFlags(argv: SelectionArguments): string {
  const {
    filename,
    namespace = [],
    allNamespaces,
    wholeGroups,
    dangerousSplit,
    copy,
    sourceNodes = [],
    intoExisting,
    bringMissing,
    onConflict,
    probe,
  } = argv
  const words = [
    ...(filename === undefined ? [] : ['-f', filename]),
    ...namespace.flatMap((name) => ['-n', name]),
    ...(allNamespaces ? ['-A'] : []),
    ...(wholeGroups ? ['--whole-groups'] : []),
    ...(dangerousSplit ? ['--dangerous-split'] : []),
    ...(copy ? ['--copy', copy] : []),
    ...sourceNodes.flatMap((name) => ['--source-nodes', name]),
    ...(intoExisting ? ['--into-existing'] : []),
    ...(bringMissing ? ['--bring-missing'] : []),
    ...(onConflict ? ['--on-conflict', onConflict] : []),
    ...(probe === false ? ['--no-probe'] : []),
  ]
  return words.map((word) => ` ${shellWord(word)}`).join('')
}
