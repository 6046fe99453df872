import type { Argv } from 'yargs'
import { Refusal } from '../domain/failure.ts'
import { parseLabelSelector } from '../domain/selector.ts'
import { shellWord } from '../domain/shell.ts'
import { asList } from './declared-options.ts'
import { requestTimeout } from './flag-values.ts'

/** The flags that every command that talks to a cluster has, named as kubectl names them. */
export interface ClusterArguments {
  kubeconfig?: string
  context?: string
  as?: string
  asGroup?: string[]
  requestTimeout?: number
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
  return yargs.conflicts('sandbox', ['kubeconfig', 'context', 'as', 'as-group']).options({
    kubeconfig: { type: 'string', describe: 'path to the kubeconfig file to use', requiresArg: true },
    context: { type: 'string', describe: 'the kubeconfig context to use', requiresArg: true },
    as: { type: 'string', describe: 'the user to impersonate', requiresArg: true },
    'as-group': { type: 'string', array: true, nargs: 1, describe: 'a group to impersonate; may be repeated' },
    'request-timeout': {
      type: 'string',
      describe: 'how long to wait for one answer of the API server (default: 30s; 0: no limit)',
      requiresArg: true,
      coerce: requestTimeout('request-timeout'),
    },
    sandbox: {
      ...REPEATED_FILES,
      describe:
        'use an embedded cluster, loaded from the manifests in this folder or file (- for standard input); may be repeated',
    },
    color: { type: 'boolean', describe: 'use colours (default: on a terminal, unless NO_COLOR is set)' },
    verbose: { alias: 'v', type: 'boolean', describe: 'also print the underlying causes of an error' },
  }) as Argv<T & ClusterArguments>
}

function selectorText(given: string): string {
  // twice is told where flags are counted
  if (Array.isArray(given) || parseLabelSelector(given)) return given
  throw new Refusal(`invalid --selector "${given}": must be a label selector`, {
    remedy: "Write it as -l app=web, -l 'tier in (a,b)' or -l '!old'.",
  })
}

/** As kubectl has it. */
export const SELECTOR = {
  alias: 'l',
  type: 'string',
  requiresArg: true,
  describe: 'only volumes with these labels, or of claims with them: key=value, key!=value, key in (a,b), key, !key',
  coerce: selectorText,
} as const

/** For the commands that use juicify's namespace. */
export interface TrustArguments {
  trustNamespace?: boolean
}

export const TRUST_OPTION = {
  'trust-namespace': {
    type: 'boolean',
    describe: 'use the namespace juicify although others than administrators have been given rights there',
  },
} as const

/** What a plan is made from. */
export interface SelectionArguments extends TrustArguments {
  filename?: string | undefined
  namespace?: string[]
  allNamespaces?: boolean
  selector?: string
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
        describe: 'only volumes whose claims are in this namespace; may be repeated, takes globs',
      },
      'all-namespaces': { alias: 'A', type: 'boolean', describe: 'volumes of all namespaces' },
      selector: SELECTOR,
      'whole-groups': {
        type: 'boolean',
        describe: 'also select the volumes that share a directory with a selected one',
      },
      'dangerous-split': {
        type: 'boolean',
        describe: 'migrate only a part of a group; the two parts then no longer see each other’s files',
      },
      copy: {
        choices: ['copy', 'none'] as const,
        describe: 'whether to copy the data; overrides the migration',
      },
      'source-nodes': {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'the node whose disk holds the data, or "shared" if every node sees the same files; may be repeated',
      },
      'into-existing': {
        type: 'boolean',
        describe: 'allow a target that is not empty: files of the same name are OVERWRITTEN, others stay',
      },
      'bring-missing': {
        type: 'boolean',
        describe:
          'for a directory that was migrated before, copy the files that the file system lacks; overwrites none',
      },
      ...TRUST_OPTION,
      'on-conflict': {
        choices: ['newest', 'refuse', 'keep-both'] as const,
        describe: 'what to do with a file that differs between nodes',
      },
      probe: {
        type: 'boolean',
        describe:
          'after the swap, write on one node and read on another (default: if the driver runs on two; --no-probe skips it)',
      },
    })
    .conflicts('namespace', 'all-namespaces')
    .conflicts('whole-groups', 'dangerous-split') as unknown as Argv<T & SelectionArguments>
}

/** The same for commands that make no plan, after the flags of the cluster. */
export function trustFlag({ trustNamespace }: TrustArguments): string {
  return trustNamespace ? ' --trust-namespace' : ''
}

/** What is said when a plan is made: of a plan that is saved already it would change nothing. */
export const PLANNING_FLAGS = [
  'filename',
  'namespace',
  'all-namespaces',
  'selector',
  'whole-groups',
  'dangerous-split',
  'copy',
  'source-nodes',
  'into-existing',
  'bring-missing',
  'trust-namespace',
  'on-conflict',
  'probe',
]

/** The selection as it was given, for the commands that messages name. */
export function selectionFlags(argv: SelectionArguments): string {
  const {
    filename,
    namespace = [],
    allNamespaces,
    selector,
    wholeGroups,
    dangerousSplit,
    copy,
    sourceNodes = [],
    intoExisting,
    bringMissing,
    trustNamespace,
    onConflict,
    probe,
  } = argv
  const words = [
    ...(filename === undefined ? [] : ['-f', filename]),
    ...namespace.flatMap((name) => ['-n', name]),
    ...(allNamespaces ? ['-A'] : []),
    ...(selector === undefined ? [] : ['-l', selector]),
    ...(wholeGroups ? ['--whole-groups'] : []),
    ...(dangerousSplit ? ['--dangerous-split'] : []),
    ...(copy ? ['--copy', copy] : []),
    ...sourceNodes.flatMap((name) => ['--source-nodes', name]),
    ...(intoExisting ? ['--into-existing'] : []),
    ...(bringMissing ? ['--bring-missing'] : []),
    ...(trustNamespace ? ['--trust-namespace'] : []),
    ...(onConflict ? ['--on-conflict', onConflict] : []),
    ...(probe === false ? ['--no-probe'] : []),
  ]
  return words.map((word) => ` ${shellWord(word)}`).join('')
}
