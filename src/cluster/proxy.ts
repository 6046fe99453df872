import { BlockList, isIPv6 } from 'node:net'

/**
 * The proxy for a server: the kubeconfig's own, else HTTPS_PROXY or HTTP_PROXY (in either case) unless NO_PROXY names
 * the host. As Go's http.ProxyFromEnvironment reads them, which kubectl uses: loopback is never proxied.
 */
export function proxyFor(
  server: string,
  configured: string | null | undefined,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (configured) return configured
  const url = new URL(server)
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (!proxy || bypasses(url, env.NO_PROXY || env.no_proxy || '')) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function bypasses(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(host, port, entry))
}

function matches(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inRange(host, entry)
  const [, name = entry, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (onlyPort !== undefined && onlyPort !== port && !name.includes(':')) return false
  const domain = name.replace(/^\*?\./, '')
  return (host === domain && !/^\*?\./.test(name)) || host.endsWith(`.${domain}`)
}

function inRange(host: string, range: string): boolean {
  const [address = '', bits = ''] = range.split('/')
  const list = new BlockList()
  try {
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
    return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
  } catch {
    return false
  }
}
