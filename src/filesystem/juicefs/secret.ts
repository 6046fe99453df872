import type { FileSystemSecret } from '../../domain/filesystem.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { SecretSurvey } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'

/** The keys that hold an address. */
const ADDRESSES = ['metaurl', 'bucket']
/**
 * What a Secret with these keys lacks: what no pod could mount it without, and without what a file system that is not
 * formatted would be made on a node. With a `token` it is the Enterprise or Cloud edition's, which keeps all else itself.
 */
export function lackingKeys(keys: readonly string[]): { required: string[]; wanted: string[] } {
  const [required, wanted] = keys.includes('token')
    ? [['name'], []]
    : [
        ['name', 'metaurl'],
        ['storage', 'bucket'],
      ]
  const lacks = (wished: string[]) => wished.filter((key) => !keys.includes(key))
  return { required: lacks(required), wanted: lacks(wanted) }
}

/** What may be known of the file system's Secret: its keys that are not blank, and the hosts of its addresses. */
export function secretSurvey(secret: KubeObject): SecretSurvey {
  const { data = {} } = secret as { data?: Record<string, string> }
  const value = (key: string) =>
    Buffer.from(data[key] ?? '', 'base64')
      .toString('utf8')
      .trim()
  return {
    namespace: secret.metadata.namespace ?? '',
    name: secret.metadata.name,
    keys: Object.keys(data)
      .filter((key) => value(key) !== '')
      .sort(compareText),
    ...(value('name') === '' ? {} : { fileSystem: value('name') }),
    endpoints: ADDRESSES.flatMap((key) => endpointsOf(value(key)).map((at) => ({ key, ...at }))),
  }
}

/**
 * The hosts and ports that an address of JuiceFS names: `redis://:password@host:6379/1`, several hosts joined by commas
 * (TiKV, etcd, Redis Sentinel), MySQL's `user:password@(host:3306)/db`, PostgreSQL's `user@/db?host=host`, a bucket's
 * `https://host/name`. No user, no password and no path comes out; nothing does of a file (`sqlite3://…`) or a plain path.
 */
export function endpointsOf(address: string): { host: string; port?: number }[] {
  const match = /^([a-z0-9+]+):\/\/(.*)$/is.exec(address)
  const [, scheme = '', rest = ''] = match ?? []
  if (!match || /^(sqlite3|badger|file|memkv)$/i.test(scheme)) return []
  // PostgreSQL's may have hosts, and a password, in its query: an @ in there parts nothing.
  const [, whole = rest, query = ''] = (/^postgres/i.test(scheme) && /^([^?]*\/[^?]*)\?(.*)$/s.exec(rest)) || []
  // The password may hold anything, an @ too: what counts comes after the last one, up to the path.
  const hosts = whole.slice(whole.lastIndexOf('@') + 1).replace(/^(tcp|unix)?\(([^)]*)\)/, '$2')
  return [...hosts.replace(/[/?#].*$/s, '').split(','), ...hostsIn(new URLSearchParams(query))].flatMap((text) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text.trim()) ?? []
    const host = bracketed ?? plain
    if (host === undefined) return []
    return [{ host: host.toLowerCase(), ...(port === undefined ? {} : { port: Number(port) }) }]
  })
}

/** The hosts of a query, each with its port where it has one; what begins with a slash is a socket of the machine. */
function hostsIn(query: URLSearchParams): string[] {
  const listOf = (key: string) => query.getAll(key).flatMap((text) => text.split(','))
  const ports = listOf('port')
  return listOf('host').flatMap((host, at) => {
    const port = ports[at] ?? ports[0]
    return host.startsWith('/') ? [] : [port === undefined ? host : `${host}:${port}`]
  })
}

/** What stands for a value of the Secret in a snapshot: of the addresses their hosts, which a plan follows. */
export function withoutSecret(key: string, value: string): string {
  const [, scheme] = /^([a-z0-9+]+):\/\//i.exec(value) ?? []
  if (!ADDRESSES.includes(key) || scheme === undefined) return 'hidden'
  const hosts = endpointsOf(value).map(
    ({ host, port }) => (host.includes(':') ? `[${host}]` : host) + (port === undefined ? '' : `:${port}`),
  )
  return `${scheme}://${hosts.join(',')}/hidden`
}

/** What of the Secret may be known, and shown. */
export const juicefsSecret: FileSystemSecret = { survey: secretSurvey, withoutSecret }
