import type { Argv } from 'yargs'
import { refused } from '../domain/failure.ts'
import { parseLabelSelector } from '../domain/selector.ts'
import { shellWord } from '../domain/shell.ts'
import { helpWords } from '../words/help.ts'
import { messages } from '../words/messages.ts'
import { asList } from './declared-options.ts'
import { handedOn, requestTimeout } from './flag-values.ts'

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
  const says = helpWords().cluster
  return yargs.conflicts('sandbox', ['kubeconfig', 'context', 'as', 'as-group']).options({
    kubeconfig: { type: 'string', describe: says.kubeconfig, requiresArg: true },
    context: { type: 'string', describe: says.context, requiresArg: true },
    as: { type: 'string', describe: says.as, requiresArg: true },
    'as-group': { type: 'string', array: true, nargs: 1, describe: says.asGroup },
    'request-timeout': {
      type: 'string',
      describe: says.requestTimeout,
      requiresArg: true,
      coerce: requestTimeout('request-timeout'),
    },
    sandbox: {
      ...REPEATED_FILES,
      describe: says.sandbox,
    },
    color: { type: 'boolean', describe: says.color },
    verbose: { alias: 'v', type: 'boolean', describe: says.verbose },
  }) as Argv<T & ClusterArguments>
}

function selectorText(given: string): string {
  // twice is told where flags are counted
  if (Array.isArray(given) || parseLabelSelector(given)) return given
  throw refused(messages().refusal.invalid('selector', given, { is: 'selector' }))
}

/** As kubectl has it. */
export function selectorOption(describe = helpWords().selector) {
  return { alias: 'l', type: 'string', requiresArg: true, describe, coerce: handedOn(selectorText) } as const
}

/** For the commands that use juicify's namespace. */
export interface TrustArguments {
  trustNamespace?: boolean
}

export function trustOption() {
  return { 'trust-namespace': { type: 'boolean', describe: helpWords().trustNamespace } } as const
}

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
  const says = helpWords().selection
  return yargs
    .options({
      filename: {
        alias: 'f',
        type: 'string',
        describe: says.filename,
        requiresArg: true,
      },
      namespace: {
        alias: 'n',
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.namespace,
      },
      'all-namespaces': { alias: 'A', type: 'boolean', describe: says.allNamespaces },
      selector: selectorOption(),
      'whole-groups': {
        type: 'boolean',
        describe: says.wholeGroups,
      },
      'dangerous-split': {
        type: 'boolean',
        describe: says.dangerousSplit,
      },
      copy: {
        choices: ['copy', 'none'] as const,
        describe: says.copy,
      },
      'source-nodes': {
        type: 'string',
        array: true,
        nargs: 1,
        describe: says.sourceNodes,
      },
      'into-existing': {
        type: 'boolean',
        describe: says.intoExisting,
      },
      'bring-missing': {
        type: 'boolean',
        describe: says.bringMissing,
      },
      ...trustOption(),
      'on-conflict': {
        choices: ['newest', 'refuse', 'keep-both'] as const,
        describe: says.onConflict,
      },
      probe: {
        type: 'boolean',
        describe: says.probe,
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
