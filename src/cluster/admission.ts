import { shortHash } from '../domain/digest.ts'
import type { KubeObject } from '../domain/object.ts'
import { compareQuantities } from '../domain/quantity.ts'
import type { Cluster } from './cluster.ts'
import { ApiError, isApiError } from './errors.ts'
import { pause } from './signal.ts'

/**
 * What a server says of an object that is to be created:
 * - `admitted`: it would be, as `as`, where it is told as what
 * - `denied`: it would not, with its words
 * - `unasked`: a webhook that it would have to ask takes no dry runs, so that nobody knows
 */
export type Verdict<T extends KubeObject = KubeObject> = { sent: T } & (
  | { verdict: 'admitted'; as?: T }
  | { verdict: 'denied' | 'unasked'; error: ApiError }
)

/** Attempts, and milliseconds between them, where a namespace is so new that it has no service account yet. */
const NEW_NAMESPACE = { tries: 20, pause: 500 }

/**
 * Asks the server whether it would create the object, and as what; nothing is created. The name may be taken, by the very
 * object whose place it is to take: then what admission makes of it is asked under another name, where that is wanted.
 * Throws what is no answer to that: a server that is away.
 */
export async function askToCreate<T extends KubeObject>(
  cluster: Cluster,
  sent: T,
  { asWhat = true }: { asWhat?: boolean } = {},
): Promise<Verdict<T>> {
  try {
    return { sent, verdict: 'admitted', as: await once(cluster, sent) }
  } catch (error) {
    // admission is asked before the name is looked at
    if (isApiError(error, 409))
      return { sent, verdict: 'admitted', ...(asWhat ? await underAnotherName(cluster, sent) : {}) }
    // what is not there yet (a namespace, a kind) can be asked nothing
    if (isApiError(error, 404)) return { sent, verdict: 'admitted' }
    if (!(error instanceof ApiError)) throw error
    if (/ does not support dry run/.test(error.message)) return { sent, verdict: 'unasked', error }
    if (error.deniedBy || error.status === 400 || error.status === 422) return { sent, verdict: 'denied', error }
    throw error
  }
}

async function underAnotherName<T extends KubeObject>(cluster: Cluster, sent: T): Promise<{ as?: T }> {
  const { name } = sent.metadata
  const other = `${name.slice(0, 40)}-${shortHash(name)}`.replace(/[^a-z0-9]+/g, '-')
  try {
    const as = await once(cluster, { ...sent, metadata: { ...sent.metadata, name: other } })
    return { as: { ...as, metadata: { ...as.metadata, name } } }
  } catch (error) {
    // what it would be under its own name is known to be admitted, and only not as what
    if (error instanceof ApiError) return {}
    throw error
  }
}

async function once<T extends KubeObject>(cluster: Cluster, object: T): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await cluster.wouldCreate(object)
    } catch (error) {
      const isNew = isApiError(error, 403) && error.message.includes('error looking up service account')
      if (!isNew || tries >= NEW_NAMESPACE.tries) throw error
      await pause(NEW_NAMESPACE.pause)
    }
  }
}

/** What is denied only because the object that it is to replace is still there, and counted: room for it comes when that goes. */
export function isOnlyCounted({ message }: ApiError): boolean {
  const amounts = / is forbidden: exceeded quota: [^,]+, requested: (.*), used: (.*), limited: (.*)$/.exec(message)
  if (!amounts) return false
  const [, , used = '', limited = ''] = amounts
  const limits = amountsIn(limited)
  return [...amountsIn(used)].every(([resource, amount]) => {
    const compared = compareQuantities(amount, limits.get(resource) ?? '')
    return compared !== undefined && compared <= 0
  })
}

/** `pods=5,requests.cpu=1500m` by its resources. */
function amountsIn(text: string): Map<string, string> {
  return new Map(
    text.split(',').map((each) => {
      const [resource = '', amount = ''] = each.split('=')
      return [resource, amount]
    }),
  )
}
