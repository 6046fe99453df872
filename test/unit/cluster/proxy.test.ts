import { expect, test } from 'vitest'
import { proxyFor } from '../../../src/cluster/proxy.ts'

const server = 'https://api.example.com:6443'
const HTTPS_PROXY = 'http://proxy:3128'

test('the kubeconfig’s own proxy goes before the environment’s', () => {
  expect(proxyFor(server, 'socks5://other:1080', { HTTPS_PROXY, NO_PROXY: '*' })).toBe('socks5://other:1080')
})

test('https goes over HTTPS_PROXY, http over HTTP_PROXY, in either case of letters', () => {
  expect(proxyFor(server, undefined, { HTTPS_PROXY, HTTP_PROXY: 'http://plain' })).toBe(HTTPS_PROXY)
  expect(proxyFor('http://api.example.com', undefined, { HTTPS_PROXY, http_proxy: 'http://plain' })).toBe(
    'http://plain',
  )
  expect(proxyFor(server, undefined, { https_proxy: 'proxy:3128' })).toBe('http://proxy:3128')
  expect(proxyFor(server, undefined, {})).toBeUndefined()
})

test.each([
  ['*', true],
  ['api.example.com', true],
  ['API.Example.COM', true],
  ['example.com', true],
  ['.example.com', true],
  ['*.example.com', true],
  ['api.example.com:6443', true],
  ['api.example.com:443', false],
  ['ample.com', false],
  ['.api.example.com', false],
  ['other.org, example.com', true],
  ['', false],
])('NO_PROXY=%s keeps api.example.com off the proxy: %s', (list, direct) => {
  expect(proxyFor(server, undefined, { HTTPS_PROXY, NO_PROXY: list }) === undefined).toBe(direct)
})

test.each([
  ['10.0.0.0/8', true],
  ['10.1.2.3', true],
  ['10.1.2.0/30', true],
  ['192.168.0.0/16', false],
  ['nonsense/8', false],
])('NO_PROXY=%s keeps 10.1.2.3 off the proxy: %s', (list, direct) => {
  expect(proxyFor('https://10.1.2.3', undefined, { HTTPS_PROXY, no_proxy: list }) === undefined).toBe(direct)
})

test('loopback is never asked through a proxy', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    expect(proxyFor(`https://${host}:6443`, undefined, { HTTPS_PROXY })).toBeUndefined()
  }
})
