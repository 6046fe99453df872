import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { complete } from '../../src/cli/complete.ts'
import { COMPLETION_SCRIPTS } from '../../src/cli/completion-scripts.ts'
import { applyAll, begin, planOf, type Story } from '../laboratory/story.ts'

let story: Story
let folder: string
let kubeconfig: string
beforeAll(async () => {
  story = await begin()
  await applyAll(story.cluster, await planOf(story.cluster))
  folder = mkdtempSync(path.join(tmpdir(), 'completion-'))
  kubeconfig = path.join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, story.sandbox.kubeconfig)
})
afterAll(async () => {
  await story.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => vi.restoreAllMocks())

/** What a shell is told: the candidates without their descriptions, and the directive last. */
async function told(...words: string[]): Promise<string[]> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(((chunk: string, done?: () => void) => {
    text += chunk
    done?.()
    return true
  }) as typeof process.stdout.write)
  await complete(words)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
}

const at = () => ['--kubeconfig', kubeconfig]

describe('completion', () => {
  test('of commands', async () => {
    expect(await told('ro')).toEqual(['rollback', ':4'])
    expect(await told('')).toContain('apply')
  })

  test('of what help is asked for', async () => {
    expect(await told('he')).toEqual(['help', ':4'])
    expect(await told('help', 'ro')).toEqual(['rollback', ':4'])
  })

  test('of flags, those of that command', async () => {
    expect(await told('plan', '--whole')).toEqual(['--whole-groups', ':4'])
    expect(await told('version', '--')).toEqual(['--help', '--lang', '--output', '--licenses', ':4'])
  })

  test('of the command of a Job, of those that a pod can run, and of its flags', async () => {
    expect(await told('job', '--image', 'x', '--', 'a')).toEqual(['apply', ':4'])
    expect(await told('job', '--', '')).not.toContain('setup')
    expect(await told('job', '--', 'apply', '--whole')).toEqual(['--whole-groups', ':4'])
    expect(await told('job', '--image', 'x', '--')).toContain('--image-pull-secret')
    expect(await told('job', '--', 'plan', ...at(), '-n', 'pipe')).toEqual(['pipeline', ':4'])
  })

  test('of values that a flag has to choose from, however the shell tears the word apart', async () => {
    expect(await told('version', '-o', 'j')).toEqual(['json', ':4'])
    expect(await told('version', '--output=j')).toEqual(['--output=json', ':4'])
    expect(await told('version', '--output', '=', 'j')).toEqual(['json', ':4'])
    expect(await told('version', '--output', '=')).toEqual(['text', 'json', ':4'])
  })

  test('of namespaces, volumes, groups, nodes and contexts, from the cluster that the line names', async () => {
    expect(await told('apply', ...at(), '-n', '')).toEqual(['jupyter', 'pipeline', ':4'])
    expect(await told('apply', ...at(), '--namespace=j')).toEqual(['--namespace=jupyter', ':4'])
    expect(await told('probe', ...at(), '--volume', 'jupyter-w')).toEqual(['jupyter-workspace', ':4'])
    expect(await told('probe', `--kubeconfig=${kubeconfig}`, '--node', '')).toEqual(['node1', 'node2', ':4'])
    expect(await told('plan', ...at(), '--source-nodes', '')).toEqual(['shared', 'node1', 'node2', ':4'])
    expect(await told('plan', ...at(), '--context', '')).toEqual(['sandbox', ':4'])
    const groups = await told('rollback', ...at(), '')
    expect(groups).toEqual([expect.stringMatching(/^archives-/), expect.stringMatching(/^workspace-/), ':4'])
    expect(await told('rollback', ...at(), groups[0] ?? '', '')).toEqual([groups[1], ':4'])
  })

  test('of migrations, and other files beside them', async () => {
    expect(await told('plan', '-f', 'plans/j')).toEqual(['plans/jupyter.yaml', ':0'])
    expect(await told('apply', '')).toEqual([':0'])
  })

  test('of a cluster that is not there is nothing, and no error', async () => {
    expect(await told('apply', '--kubeconfig', '/nowhere', '-n', '')).toEqual([':4'])
    expect(await told('nonsense', '')).toEqual([':4'])
  })
})

describe('the script for bash', () => {
  /** What bash would offer for the words, the last one being completed, where juicify answers so. */
  function offered(words: string[], answer: string): string[] {
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const script = `${COMPLETION_SCRIPTS.bash}
juicify() { printf '%s\\n' "$*" >'${folder}/asked'; printf '${answer}'; }
cd '${folder}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
_juicify; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
  }

  test('asks for what stands up to the cursor, and offers the candidates without their descriptions', () => {
    expect(offered(['juicify', 'apply', '-n', ''], 'jupyter\\tone\\npipeline\\n:4\\n')).toEqual(['jupyter', 'pipeline'])
    expect(execFileSync('cat', [path.join(folder, 'asked')], { encoding: 'utf8' })).toBe('__complete apply -n \n')
  })

  test('offers files too where it is told to', () => {
    writeFileSync(path.join(folder, 'friday.yaml'), '')
    expect(offered(['juicify', 'apply', 'fri'], ':0\\n')).toEqual(['friday.yaml'])
    expect(offered(['juicify', 'apply', 'fri'], ':4\\n')).toEqual([])
  })
})
