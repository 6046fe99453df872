import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecords } from '../../src/engine/record.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, type Story } from '../laboratory/story.ts'

/** Debian's; the pages are looked at where it is installed, and in CI. */
const CHROMIUM = '/usr/bin/chromium'

let story: Story
let place: Workplace
let state: string

/** Runs juicify with a state folder of its own; it has to end well. */
async function juicify(...words: string[]): Promise<string> {
  const child = place.run(...words)
  expect([await child.ended, child.output]).toEqual([0, expect.any(String)])
  return child.output
}

const inState = async (folder: string) => (await readdir(path.join(state, 'juicify', folder))).sort()

beforeAll(async () => {
  story = await begin(laboratory())
  place = await workplace(story.sandbox.kubeconfig, { 'lab.yaml': MIGRATION_FILE })
  state = path.join(place.folder, '.local', 'state')
})

afterAll(async () => {
  await place.remove()
  await story.close()
})

test('a saved plan, and the plan that was made last, can be reported before anything is done', async () => {
  await juicify('plan', '-f', 'lab.yaml', '--out', 'lab.plan.yaml')
  await juicify('report', 'lab.plan.yaml', '-o', 'saved.html')
  await juicify('report', '-o', 'last.html')
  const [saved, last] = await Promise.all(
    ['saved.html', 'last.html'].map((name) => readFile(path.join(place.folder, name), 'utf8')),
  )
  expect(saved).toContain('Change request: laboratory')
  expect(last).toContain('Change request: laboratory')
})

test('a report is what its file is called, and a format is taken for no file', async () => {
  await juicify('report', '--planned', '-o', 'planned.md')
  expect(await readFile(path.join(place.folder, 'planned.md'), 'utf8')).toMatch(/^# /)
  await juicify('report', '--planned', '--format', 'html', '-o', 'page.md')
  expect(await readFile(path.join(place.folder, 'page.md'), 'utf8')).toMatch(/^<!doctype html>/)
  const mistaken = place.run('report', '-o', 'markdown')
  expect(await mistaken.ended).toBe(1)
  expect(mistaken.output).toContain('--format markdown')
  expect(existsSync(path.join(place.folder, 'markdown'))).toBe(false)
})

test('the one in docs is what the README says of it', async () => {
  const root = path.resolve(import.meta.dirname, '../..')
  const fixture = path.join(root, 'fixtures/cube-studio-2026')
  const plan = ['-f', path.join(root, 'plans/cube-studio.yaml'), '--source-nodes', 'node1', '--sandbox', fixture]
  await juicify('report', ...plan, '-o', 'sample.html')
  const [made, there] = await Promise.all(
    [path.join(place.folder, 'sample.html'), path.join(root, 'docs/report.html')].map((file) => readFile(file, 'utf8')),
  )
  // when it was made, and the digest with that
  const lasting = (page = '') =>
    page
      .replaceAll(`${root}/`, '')
      .replace(/<dd>[^<]* by juicify [^<]*/, '<dd>')
      .replace(/sha256:[0-9a-f]{64}/, '')
  expect(lasting(there)).toBe(lasting(made))
})

test('apply writes what it tells to a log of its own, or to the one that is named, for nobody else to read', async () => {
  await juicify('apply', '-f', 'lab.yaml', '--yes', '--log', 'evening.log')
  const log = path.join(place.folder, 'evening.log')
  const text = await readFile(log, 'utf8')
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}\S+ {2}swap$/m)
  expect(text).toMatch(/Pod jupyter\/notebook-alice: ready again$/m)
  expect(text).toMatch(/2 groups|volumes?: /)
  expect((await stat(log)).mode & 0o777).toBe(0o600)
  const output = await juicify('rollback', '--yes')
  const [own = ''] = await inState('log')
  expect(own).toMatch(/-rollback-\d+\.log$/)
  expect(output).toContain(own)
  await juicify('apply', '-f', 'lab.yaml', '--yes')
})

test('a rehearsal leaves no log behind, unless it is named', async () => {
  const before = await inState('log')
  const fixture = path.resolve(import.meta.dirname, '../../fixtures/jupyter')
  await juicify('apply', '-n', 'jupyter', '--sandbox', fixture, '--yes', '--copy', 'none')
  expect(await inState('log')).toEqual(before)
  await juicify('apply', '-n', 'jupyter', '--sandbox', fixture, '--yes', '--copy', 'none', '--log', 'named.log')
  expect(await readFile(path.join(place.folder, 'named.log'), 'utf8')).toContain('jupyter')
})

test('a log that cannot be written is said before anything is done', async () => {
  const child = place.run('rollback', '--yes', '--log', 'no/such/folder/log')
  expect(await child.ended).toBe(1)
  expect(child.output).toContain('Cannot write the log no/such/folder/log')
  expect((await readRecords(story.cluster)).map(({ state }) => state.phase)).toEqual(['migrated', 'migrated'])
})

test('what was done is reported as long as the records are there', async () => {
  const output = await juicify('report', '--format', 'markdown')
  expect(output).toContain('Migration report: laboratory')
  expect(output).toMatch(/\| Pod jupyter\/notebook-alice \| .* \| \d+(\.\d)? m?s \|/)
  await juicify('report', '-o', 'done.html')
})

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })

  afterAll(() => browser.close())

  test.each(['last.html', 'done.html'])(
    '%s asks nobody for anything, breaks no rule, and its pictures have what they should',
    async (name) => {
      const page = await browser.newPage({ viewport: { width: 380, height: 800 }, colorScheme: 'dark' })
      const asked: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      page.on('console', (message) => complaints.push(message.text()))
      const url = pathToFileURL(path.join(place.folder, name)).href
      await page.goto(url)
      expect([asked, complaints]).toEqual([[url], []])
      expect(await page.locator('svg[role=img] circle').count()).toBe(2)
      // dark is dark, nothing is wider than a phone, and every text of a picture lies in it
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 23, 27)')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380)
      if (name === 'done.html') {
        expect(await page.locator('svg rect.down').count()).toBeGreaterThan(1)
        expect(await page.locator('svg rect.swap').count()).toBeGreaterThan(1)
      }
      expect(await page.getByRole('img').count()).toBe(await page.locator('svg').count())
      await page.emulateMedia({ media: 'print' })
      // on paper there is nobody to open a fold
      expect(await page.locator('details table').first().isVisible()).toBe(true)
      await page.close()
    },
  )
})

test('finish --forget writes the report before the records are gone, and says where', async () => {
  const output = await juicify('finish', '--forget', '--yes')
  const [report = ''] = (await inState('.')).filter((name) => name.endsWith('.html'))
  expect(output).toContain(report)
  expect(await readFile(path.join(state, 'juicify', report), 'utf8')).toContain('Migration report: laboratory')
  expect(await readRecords(story.cluster)).toEqual([])
})
