import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { refusedValue } from '../../../src/cli/flag-values.ts'
import { notifier, notifyOptions } from '../../../src/cli/notify.ts'
import { formatOfHost } from '../../../src/report/notification.ts'

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A webhook of the test's own; returns its address, and what it was sent. */
async function webhook(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const got: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      got.push(body)
      answer(response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=planted-token`), got }
}

const BEGUN = { type: 'begun' as const, verb: 'apply', groups: ['workspace-1'] }

test.each([
  ['json', (body: object) => expect(body).toMatchObject({ type: 'begun', groups: ['workspace-1'], cluster: 'lab' })],
  ['slack', (body: object) => expect(body).toEqual({ text: expect.stringContaining('apply of 1 group has begun') })],
  [
    'dingtalk',
    (body: object) =>
      expect(body).toMatchObject({ msgtype: 'text', text: { content: expect.stringContaining('juicify on lab') } }),
  ],
  [
    'wecom',
    (body: object) =>
      expect(body).toMatchObject({ msgtype: 'text', text: { content: expect.stringContaining('juicify on lab') } }),
  ],
] as const)('a message has the form of %s', async (notifyFormat, holds) => {
  const { url, got } = await webhook((response) => response.end('{"errcode":0}'))
  const said: string[] = []
  const { tell, settled } = notifier({ notify: url, notifyFormat }, 'lab', (text) => said.push(text))
  tell(BEGUN)
  await settled()
  expect(got).toHaveLength(1)
  holds(JSON.parse(got[0] ?? '') as object)
  expect(said).toEqual([])
})

test.each([
  ['oapi.dingtalk.com', 'dingtalk'],
  ['qyapi.weixin.qq.com', 'wecom'],
  ['hooks.slack.com', 'slack'],
  ['example.org', 'json'],
])('%s is known to take %s', (host, format) => {
  expect(formatOfHost(host)).toBe(format)
})

test('what is not taken is said once, without the token, and is not sent again', async () => {
  const { url, got } = await webhook((response) => response.writeHead(500).end('planted-token'))
  const said: string[] = []
  const { tell, settled } = notifier({ notify: url }, 'lab', (text) => said.push(text))
  tell(BEGUN)
  tell(BEGUN)
  await settled()
  expect(got).toHaveLength(2)
  expect(said).toEqual([`The notification to ${url.host} was not delivered: it answered 500. The run is not affected.`])
})

test('a message goes where it was told to, and to no place that the answer names', async () => {
  const elsewhere = await webhook((response) => response.end())
  const { url } = await webhook((response) => response.writeHead(307, { location: elsewhere.url.href }).end())
  const said: string[] = []
  const { tell, settled } = notifier({ notify: url }, 'lab', (text) => said.push(text))
  tell(BEGUN)
  await settled()
  expect(elsewhere.got).toEqual([])
  expect(said.join()).toContain('it answered 307')
})

test('an address that is none is refused without being repeated', () => {
  for (const text of ['planted-token', 'ftp://x/planted-token', 'https://user:planted-token@x/']) {
    const { message = '' } = refusedValue({ notify: notifyOptions().notify.coerce(text) }) ?? {}
    expect(message).toMatch(/invalid --notify: must be an http or https URL/)
    expect(message).not.toContain('planted-token')
  }
})
