import { expect, test } from 'vitest'
import { readCommandLine } from '../../../src/cli/command-line.ts'
import { wordsInPod } from '../../../src/cli/job-words.ts'
import { Failure } from '../../../src/domain/failure.ts'

async function inPod(...words: string[]) {
  const line = await readCommandLine(words)
  if (!line) throw new Error('help was asked for')
  return wordsInPod(words, line)
}

async function refusal(...words: string[]): Promise<string> {
  const error = await inPod(...words).catch((thrown: unknown) => thrown)
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${String(error)}`)
  expect(error.remedy).toBeTruthy()
  return error.message
}

test.each([
  [['plan', '-A'], 'viewer'],
  [['status'], 'viewer'],
  [['report', '--format', 'markdown'], 'viewer'],
  [['finish'], 'copier'],
  [['plan', '-A', '--estimate'], 'copier'],
  [['copy', '-n', 'jupyter'], 'copier'],
  [['apply', '-A'], 'operator'],
  [['rollback', '-n', 'jupyter'], 'operator'],
])('%s in a Job gets the least role that it needs', async (words, role) => {
  expect((await inPod(...words)).role).toBe(role)
})

test('a pod is told yes, and to wait for the pod before it, where that was not said', async () => {
  expect((await inPod('resume')).args).toEqual(['resume', '--yes', '--wait', '10m'])
  expect(await inPod('apply', '-yA', '--wait=5s')).toMatchObject({ args: ['apply', '-yA', '--wait=5s'], added: [] })
  expect((await inPod('plan', '-A')).args).toEqual(['plan', '-A'])
  // without --forget it changes nothing, and asks nothing
  expect((await inPod('finish', '--open-files')).args).toEqual(['finish', '--open-files'])
})

test.each([
  [
    ['plan', '-f', 'lab/friday.yaml'],
    ['plan', '-f', '/etc/juicify/friday.yaml'],
  ],
  [
    ['plan', '-f=lab/friday.yaml'],
    ['plan', '-f=/etc/juicify/friday.yaml'],
  ],
  [
    ['plan', '--filename=lab/friday.yaml'],
    ['plan', '--filename=/etc/juicify/friday.yaml'],
  ],
  [
    ['diff', 'my plan.yaml'],
    ['diff', '/etc/juicify/my-plan.yaml'],
  ],
  [
    ['plan', '-f', '-'],
    ['plan', '-f', '/etc/juicify/stdin.yaml'],
  ],
])('of %s the pod gets the file where it has it', async (words, args) => {
  expect((await inPod(...words)).args).toEqual(args)
})

test('the address of a webhook is not among the words of a pod', async () => {
  const { args, notify } = await inPod('apply', '-yA', '--wait=0s', '--notify', 'https://chat.lab/hook?key=hush')
  expect(args).toEqual(['apply', '-yA', '--wait=0s', '--notify', '$(JUICIFY_NOTIFY)'])
  expect(notify).toBe('https://chat.lab/hook?key=hush')
})

test('what would fail in a pod, or wait for somebody there, is refused', async () => {
  expect(await refusal('snapshot')).toMatch(/snapshot cannot run in a Job: its output would be in the pod’s log/)
  expect(await refusal('manifests', '.')).toMatch(/manifests cannot run in a Job: it works on files of your machine/)
  expect(await refusal('version')).toMatch(/version cannot run in a Job: it does nothing in the cluster/)
  expect(await refusal('finish', '--forget')).toMatch(
    /--forget cannot be used in a Job: the report .* would be deleted/,
  )
  expect(await refusal('report', '-o', 'done.html')).toMatch(/--output cannot be used in a Job: .* goes to its log/)
  expect(await refusal('report', '--planned')).toMatch(/--planned cannot be used in a Job/)
  expect(await refusal('apply')).toMatch(/the last plan is kept on this machine only/)
  expect(await refusal('apply', '-A', '-i')).toMatch(/--interactive cannot be used in a Job/)
  expect(await refusal('apply', '-A', '--context', 'prod')).toMatch(/--context cannot be used in a Job/)
  expect(await refusal('status', '--watch')).toMatch(/--watch cannot be used in a Job/)
  expect(await refusal('plan', '-A', '--out', 'plan.yaml')).toMatch(/--out cannot be used in a Job/)
  expect(await refusal('plan', '-n', 'friday', '-f', 'friday')).toMatch(/friday is in the command more than once/)
})
