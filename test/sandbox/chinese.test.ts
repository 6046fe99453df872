import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Failure } from '../../src/domain/failure.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Event } from '../../src/engine/events.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply } from '../../src/engine/run.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import { speak } from '../../src/words/language.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { inResident } from '../laboratory/resident.ts'
import { begin, planOf, told } from '../laboratory/story.ts'

const inPackage = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const PLANNED = ['-f', inPackage('plans/jupyter.yaml'), '--sandbox', inPackage('fixtures/jupyter')]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'juicify-chinese-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function juicify(words: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1', ...environment }
  const run = inResident(inject('juicify'), { words, folder, env })
  return { status: await run.ended, stdout: run.stdout, stderr: run.stderr }
}

const HAN = /\p{Script=Han}/u

test('who has a Chinese environment reads the plan, its findings, the events and the summary in Chinese', async () => {
  const { stdout, stderr, status } = await juicify(['apply', ...PLANNED, '--yes'], { LANG: 'zh_CN.UTF-8' })
  const said = stdout + stderr
  expect(said).toContain('待迁移：2 个卷')
  expect(said).toContain('! 警告 data-stays\n  不复制数据')
  expect(said).toMatch(/jupyter-kubeflow-archives：已替换，PVC 未绑定/)
  expect(said).toContain('2 个卷：2 个已迁移')
  // every line that is not the name of an object, a place or a step
  const english = said.split('\n').filter((line) => /^[A-Z!·✗] ?[a-z]+ [a-z]+ [a-z]+/.test(line) && !HAN.test(line))
  expect(english).toEqual([])
  expect(status).toBe(0)
})

test('--lang is stronger than the environment, and what it does not know is refused', async () => {
  expect((await juicify(['plan', ...PLANNED, '--lang', 'en'], { LC_ALL: 'zh_CN' })).stdout).not.toMatch(HAN)
  expect((await juicify(['plan', ...PLANNED, '--lang', 'zh'], { LC_ALL: 'C' })).stdout).toMatch(HAN)
  expect((await juicify(['plan', ...PLANNED, '--lang', 'de'])).stderr).toContain(
    'invalid --lang "de": must be one of en, zh',
  )
})

test('programs read the same in every language', async () => {
  const plan = async (language: string) =>
    (await juicify(['plan', ...PLANNED, '-o', 'json', '--lang', language])).stdout
  expect(await plan('zh')).toBe(await plan('en'))
  const { stdout } = await juicify(['apply', ...PLANNED, '--yes', '-o', 'json', '--lang', 'zh'])
  expect(stdout.split('\n').filter((line) => HAN.test(line))).toEqual([])
})

test('a report is Chinese from its title to the way back', async () => {
  const { stdout } = await juicify(['report', ...PLANNED, '--format', 'markdown', '--lang', 'zh'])
  const headings = stdout.split('\n').filter((line) => /^##? /.test(line))
  expect(headings.length).toBeGreaterThan(4)
  expect(headings.filter((line) => !HAN.test(line))).toEqual([])
  expect((await juicify(['report', ...PLANNED, '--lang', 'zh', '-o', 'r.html'])).stderr).toContain('报告在 r.html')
})

test('what check finds is Chinese in every line, and for programs what it is in English', async () => {
  const place = PLANNED.slice(2)
  const { stdout, status } = await juicify(['check', ...place], { LANG: 'zh_CN.UTF-8' })
  const lines = stdout.split('\n').filter((line) => line !== '')
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.filter((line) => !HAN.test(line))).toEqual([])
  expect(stdout).toContain('✓ RBAC：所需的')
  expect(lines.at(-1)).toMatch(/^(不)?具备迁移条件/)
  const program = (language: string) => juicify(['check', ...place, '-o', 'json', '--lang', language])
  expect(await program('zh')).toEqual({ ...(await program('en')), status })
})

test('help is Chinese: of juicify, and of each command', async () => {
  // answered before anything is loaded
  const env = { HOME: folder, LANG: 'zh_CN.UTF-8' }
  const overview = execFileSync(process.execPath, [inject('juicify'), '--help'], { env, encoding: 'utf8' }).split('\n')
  expect(overview.length).toBeGreaterThan(20)
  expect(overview.filter((line) => line !== '' && !HAN.test(line))).toEqual([])
  expect((await juicify(['--help', '--lang', 'zh'])).stdout).toMatch(/juicify plan +显示将要做什么/)
  const { stdout } = await juicify(['help', 'plan', '--lang', 'zh'])
  expect(stdout).toMatch(/--into-existing +允许目标非空：同名文件会被【覆盖】/)
  expect(stdout).toMatch(/--estimate .*\[布尔\]/)
  expect((await juicify(['help', 'plan', '--lang', 'en'], { LANG: 'zh_CN.UTF-8' })).stdout).not.toMatch(HAN)
  expect((await juicify(['__complete', 'plan', '--est'], { LC_ALL: 'zh_CN' })).stdout).toMatch(
    /^--estimate\t.*数据需要复制/,
  )
})

test('what is wrong with a command line is said in Chinese, with what to try', async () => {
  const said = async (...words: string[]) => (await juicify(words, { LANG: 'zh_CN.UTF-8' })).stderr
  expect(await said('plann')).toBe(
    '错误：未知的命令 "plann"。是否想输入 plan？\n  建议：juicify --help 列出所有命令；juicify help COMMAND 列出某个命令的参数。\n',
  )
  expect(await said('apply', '--concurrency', 'abc')).toBe(
    '错误：--concurrency 的值 "abc" 无效：必须是不小于 1 的整数\n  建议：可以试试 --concurrency 4。\n',
  )
  expect(await said('rbac', '-f', 'nosuch.yaml')).toBe(
    '错误：无法读取迁移文件 nosuch.yaml：文件或文件夹不存在。\n  建议：给出一个可读文件的路径。\n',
  )
  expect(await said('plan', '-A')).toMatch(
    /^错误：没有找到 kubeconfig：.*\n {2}建议：用 --kubeconfig FILE 或 KUBECONFIG 设置/,
  )
  const place = PLANNED.slice(2)
  expect(await said('plan', '-n', 'nosuch', ...place)).toMatch(/^错误：--namespace：.*没有.*\n {2}建议：/)
  expect(await said('apply', inPackage('plans/jupyter.yaml'), ...place)).toMatch(
    /应为 Plan，但找到的是 Migration\n.*-f /,
  )
  expect(await said('setup')).toMatch(
    /^错误：缺少：name、storage、bucket、metaurl。\n {2}建议：请给出 --name.*元数据引擎的地址/,
  )
})

test('an error says in Chinese what is wrong and what to try', async () => {
  const { stderr } = await juicify(['rollback', 'nosuch', ...PLANNED.slice(2), '--lang', 'zh'])
  expect(stderr).toBe('错误：没有找到组 nosuch 的记录。\n  建议：juicify status 列出所有组。\n')
})

test('a run that fails says so in Chinese to people, and keeps it in English for programs, kubectl and other people', async () => {
  const objects = [
    ...(smallLaboratory() as KubeObject[]).map((object) =>
      object.kind === 'Pod' ? { ...object, metadata: { ...object.metadata, finalizers: ['gone.dev/hold'] } } : object,
    ),
  ]
  const story = await begin(objects)
  try {
    const { cluster } = story
    const events: Event[] = []
    const { options } = told(cluster, { emit: (event) => events.push(event) })
    const settings = { ...options.settings, stopTimeout: 300 }
    const [result] = await apply(await planOf(cluster), { ...options, settings })
    const inEnglish = /^timed out after 0 s waiting for the pods that use .*held by the finalizer gone\.dev\/hold/
    expect(result?.message).toMatch(inEnglish)
    expect(result?.in?.('zh').message).toMatch(
      /^等待使用 .* 的 Pod 结束，0 s 后超时：.*被 finalizer gone\.dev\/hold 阻止/,
    )
    expect(result?.in?.('zh').remedy).toMatch(/^请让 finalizer gone\.dev\/hold 的所有者移除它；.*kubectl patch pod/)
    speak('zh')
    const ended = events.filter(({ type }) => type === 'group-ended' || type === 'waiting-for-pods')
    for (const event of ended) {
      expect(eventTexts(event).map(({ text }) => text)).toEqual([
        expect.stringMatching(/(?:失败：等待使用|^正在等待) /),
      ])
      expect(JSON.stringify(event)).not.toMatch(HAN)
    }
    expect(ended.length).toBeGreaterThan(1)
    const [record] = await readRecords(cluster)
    expect(record?.state.failure).toMatch(/^stop: timed out after/)
    expect(JSON.stringify(record)).not.toMatch(HAN)
  } finally {
    speak('en')
    await story.close()
  }
})

test('what the server refuses is quoted, and what to do about it is Chinese', async () => {
  const story = await begin(smallLaboratory(), {
    onRequest: ({ method, path }) =>
      method === 'GET' && path.includes('/persistentvolumes')
        ? { answer: { status: 403, reason: 'Forbidden', message: 'User "lin" cannot list persistentvolumes' } }
        : undefined,
  })
  try {
    const refused = await planOf(story.cluster).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Failure)
    const { message, remedy } = (refused as Failure).in('zh')
    expect(message).toBe('无法执行 list PersistentVolume objects：User "lin" cannot list persistentvolumes')
    expect(remedy).toBe('请让有权限的人授予该权限：`juicify rbac` 会打印 juicify 需要的角色。')
    expect((refused as Failure).message).toBe(
      'cannot list PersistentVolume objects: User "lin" cannot list persistentvolumes',
    )
  } finally {
    await story.close()
  }
})
