import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { ExitCode } from '../domain/failure.ts'
import type { KubeObject } from '../domain/object.ts'
import { RECORD_KIND } from '../domain/own-kinds.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { helpWords } from '../words/help.ts'
import { overviewWords } from '../words/overview.ts'
import { COMMANDS, commandName, END_OF_FLAGS, HELP, TAKES_ANOTHER } from './commands.ts'
import { type Candidate, type Line, readLine, shownCandidates } from './completion.ts'
import { declaredOptions, type Flag, NOTHING_DECLARED } from './declared-options.ts'
import { inPackage } from './package-files.ts'
import { withCluster } from './session.ts'
import { print } from './terminal.ts'
import { STANDARD_INPUT } from './text-file.ts'

/** What a shell does beside showing the candidates, as cobra numbers it: complete files, or not. */
const FILES_TOO = ':0'
const NO_FILES = ':4'

/** A shell waits for it: a cluster that does not answer by then is not asked any longer. */
const PATIENCE = 1_500

/**
 * Completes the last of the words on standard output: `juicify __complete apply --na`. The lines are those of cobra's
 * __complete, which kubectl (from 1.26 on) asks of a plugin's kubectl_complete-juicify. It never fails, and says nothing.
 */
export async function complete(words: string[]): Promise<ExitCode> {
  try {
    const [asked, inPod] = wordsAsked(words)
    const command = COMMANDS.find((each) => commandName(each) === asked[0])
    const { flags, choices } =
      command && asked.length > 1 ? declaredOptions((await command.load()).options) : NOTHING_DECLARED
    const line = readLine(asked, () => flags)
    const { candidates, files } =
      inPod && line.wanted.of === 'command'
        ? only(ofCommands((await import('./job-words.ts')).POD_COMMANDS))
        : await candidatesFor(line, flags, choices)
    await print([...shownCandidates(candidates, line), files ? FILES_TOO : NO_FILES].join('\n'))
  } catch {
    await print(NO_FILES)
  }
  return ExitCode.done
}

/** The words of the command that is meant, after `help` or in a Job's pod, and whether it is that one's. */
function wordsAsked(words: string[]): [asked: string[], inPod: boolean] {
  if (words[0] === HELP && words.length > 1) return [words.slice(1), false]
  const end = words.indexOf(END_OF_FLAGS)
  // a word that is typed still may become a flag
  if (words[0] === TAKES_ANOTHER && end > 0 && end < words.length - 1) return [words.slice(end + 1), true]
  return [words, false]
}

function ofCommands(names: readonly string[]): Candidate[] {
  return COMMANDS.map(commandName)
    .filter((name) => names.includes(name))
    .map((word) => ({ word, describe: overviewWords().commands[word] }))
}

interface Found {
  candidates: Candidate[]
  files: boolean
}

async function candidatesFor(line: Line, flags: Flag[], choices: readonly string[]): Promise<Found> {
  const { wanted, command } = line
  switch (wanted.of) {
    case 'command':
      return only([...ofCommands(COMMANDS.map(commandName)), { word: HELP, describe: helpWords().helpCommand }])
    case 'flag':
      return only(flags.map(({ name, describe }) => ({ word: `--${name}`, ...(describe ? { describe } : {}) })))
    case 'value':
      return valuesOf(wanted.flag, line)
    case 'positional':
      return positionalsOf(command ?? '', wanted.given, line, choices)
    case 'nothing':
      return only([])
  }
}

function only(candidates: Candidate[]): Found {
  return { candidates, files: false }
}

async function valuesOf(flag: Flag, line: Line): Promise<Found> {
  if (flag.choices) return only(flag.choices.map((word) => ({ word })))
  switch (flag.name) {
    case 'namespace':
      return only(await ask(line, namespaces))
    case 'volume':
      return only(await ask(line, migratedVolumes))
    case 'node':
      return only(await ask(line, (cluster) => names(cluster, 'v1', 'Node')))
    case 'source-nodes':
      return only([{ word: 'shared' }, ...(await ask(line, (cluster) => names(cluster, 'v1', 'Node')))])
    case 'class':
      return only(await ask(line, (cluster) => names(cluster, 'storage.k8s.io/v1', 'StorageClass')))
    case 'context':
      return only(await contexts(line))
    case 'filename':
      return { candidates: await migrations(), files: true }
    case 'kubeconfig':
    case 'sandbox':
    case 'from':
    case 'out':
    case 'secrets-file':
      return { candidates: [], files: true }
    default:
      return only([])
  }
}

async function positionalsOf(command: string, given: string[], line: Line, choices: readonly string[]): Promise<Found> {
  const usage = COMMANDS.find((each) => commandName(each) === command)?.usage ?? ''
  if (usage.includes('[groups..]')) {
    const groups = await ask(line, groupsUnderWay)
    return only(groups.filter(({ word }) => !given.includes(word)))
  }
  if (/\[file\]|<folder>/.test(usage) && given.length === 0) return { candidates: [], files: true }
  return only(given.length === 0 ? choices.map((word) => ({ word })) : [])
}

/** Asks the cluster that the flags on the line name. */
function ask({ flags }: Line, question: (cluster: Cluster) => Promise<Candidate[]>): Promise<Candidate[]> {
  const [kubeconfig, context] = [flags.kubeconfig?.at(-1), flags.context?.at(-1)]
  // what is typed at the prompt is not standard input
  if (flags.sandbox?.includes(STANDARD_INPUT)) return Promise.resolve([])
  const limits = { requestTimeout: PATIENCE, retryTimeout: PATIENCE }
  return withCluster(
    {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(flags.sandbox ? { sandbox: flags.sandbox } : {}),
    },
    ({ cluster }) => question(cluster),
    limits,
  )
}

async function volumes(cluster: Cluster): Promise<PersistentVolume[]> {
  return (await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })).items
}

/** Those that have claims on volumes, which everybody with the roles of juicify rbac may see. */
async function namespaces(cluster: Cluster): Promise<Candidate[]> {
  const found = (await volumes(cluster)).flatMap(({ spec }) => spec.claimRef?.namespace ?? [])
  return [...new Set(found)].sort(compareText).map((word) => ({ word }))
}

async function migratedVolumes(cluster: Cluster): Promise<Candidate[]> {
  const found = (await volumes(cluster)).filter(({ spec }) => spec.csi !== undefined)
  return found.map(({ metadata, spec }) => ({
    word: metadata.name,
    ...(spec.claimRef ? { describe: `${spec.claimRef.namespace}/${spec.claimRef.name}` } : {}),
  }))
}

async function names(cluster: Cluster, apiVersion: string, kind: string): Promise<Candidate[]> {
  return (await cluster.list<KubeObject>({ apiVersion, kind })).items.map(({ metadata }) => ({ word: metadata.name }))
}

async function groupsUnderWay(cluster: Cluster): Promise<Candidate[]> {
  const { items } = await cluster.list<KubeObject & { state?: { phase?: string } }>(RECORD_KIND)
  return items.flatMap(({ metadata, state }) =>
    state?.phase === undefined ? [] : [{ word: metadata.name, describe: state.phase }],
  )
}

/** The migrations in plans/ here; where there are none, those that come with the package. */
async function migrations(): Promise<Candidate[]> {
  for (const folder of ['plans', inPackage('plans')]) {
    const files = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name))
    if (files.length > 0) return files.sort(compareText).map((name) => ({ word: path.join(folder, name) }))
  }
  return []
}

async function contexts({ flags }: Line): Promise<Candidate[]> {
  const { contextNames } = await import('../cluster/kubeconfig.ts')
  return (await contextNames({ kubeconfig: flags.kubeconfig?.at(-1) })).map((word) => ({ word }))
}
