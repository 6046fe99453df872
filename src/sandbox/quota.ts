import type { Api } from './api.ts'
import { forbidden, type StatusError } from './errors.ts'
import { type ApiObject, at, fields, items } from './object.ts'
import { canonicalQuantity, quantityOf } from './quantity.ts'

/** Amounts by the names of a quota's resources: `pods`, `requests.storage`. */
export type Amounts = Record<string, number>

const QUOTAS = 'resourcequotas'
const COMPUTE = ['cpu', 'memory']

/** A quota that holds only for some pods is kept, and holds for none. */
const isScoped = ({ spec }: ApiObject): boolean => items(spec?.scopes).length > 0 || spec?.scopeSelector !== undefined

/** The quotas of a namespace that hold for all that is in it. */
export function quotasIn(api: Api, namespace: string): ApiObject[] {
  return api.store.list(QUOTAS).filter((quota) => quota.metadata.namespace === namespace && !isScoped(quota))
}

/**
 * Why a quota of its namespace forbids a new object; undefined where none does. A quota holds once its status says what is
 * used: that is written by a controller, and told by what it counts.
 */
export function quotaRefusal(api: Api, resource: string, object: ApiObject): StatusError | undefined {
  const { namespace, name } = object.metadata
  if (namespace === undefined) return undefined
  const asked = usageOf(resource, object)
  for (const quota of quotasIn(api, namespace)) {
    const hard = fields(at(quota, 'status', 'hard'))
    const counted = Object.keys(hard).filter((key) => key in asked)
    const subject = { kind: resource, name }
    const missing = resource === 'pods' ? missingOf(object, Object.keys(hard), api.rules.quotaNamesContainers) : ''
    if (missing) return forbidden(subject, `failed quota: ${quota.metadata.name}: must specify ${missing}`)
    const used = usedIn(api, namespace, counted)
    const over = counted
      .filter((key) => (asked[key] ?? 0) > 0 && (used[key] ?? 0) + (asked[key] ?? 0) > quantityOf(hard[key]))
      .sort()
    if (over.length === 0) continue
    const told = (amounts: Record<string, unknown>) => over.map((key) => `${key}=${String(amounts[key])}`).join(',')
    const parts = [`requested: ${told(textsOf(asked))}`, `used: ${told(textsOf(used))}`, `limited: ${told(hard)}`]
    return forbidden(subject, `exceeded quota: ${quota.metadata.name}, ${parts.join(', ')}`)
  }
  return undefined
}

/** What of a quota is used, as its status says it. */
export function usedOf(api: Api, quota: ApiObject): Record<string, string> {
  const names = Object.keys(fields(quota.spec?.hard))
  return textsOf(usedIn(api, quota.metadata.namespace ?? '', names))
}

function usedIn(api: Api, namespace: string, names: string[]): Amounts {
  const used: Amounts = Object.fromEntries(names.map((name) => [name, 0]))
  if (names.length === 0) return used
  for (const resource of new Set(names.flatMap(resourcesOf))) {
    for (const object of api.store.list(resource)) {
      if (object.metadata.namespace !== namespace) continue
      for (const [name, amount] of Object.entries(usageOf(resource, object)))
        if (used[name] !== undefined) used[name] += amount
    }
  }
  return used
}

/** In which resource of the API what a quota limits is counted. */
function resourcesOf(name: string): string[] {
  if (name.startsWith('count/')) return [name.slice('count/'.length)]
  if (name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes('.storageclass.'))
    return ['persistentvolumeclaims']
  if (['configmaps', 'secrets', 'services', 'replicationcontrollers', QUOTAS].includes(name)) return [name]
  return ['pods']
}

/** What an object counts for in quotas. */
function usageOf(resource: string, object: ApiObject): Amounts {
  const counted = { [`count/${resource}`]: 1 }
  if (resource === 'pods') return { ...counted, ...usageOfPod(object) }
  if (resource === 'persistentvolumeclaims') return { ...counted, ...usageOfClaim(object) }
  return resource.includes('.') ? counted : { ...counted, [resource]: 1 }
}

function usageOfClaim({ metadata, spec }: ApiObject): Amounts {
  const storage = quantityOf(at(spec, 'resources', 'requests', 'storage') ?? 0)
  const annotated = metadata.annotations?.['volume.beta.kubernetes.io/storage-class']
  const name = String(annotated ?? spec?.storageClassName ?? '')
  const all = { persistentvolumeclaims: 1, 'requests.storage': storage }
  if (!name) return all
  const ofClass = Object.entries(all).map(([key, amount]) => [`${name}.storageclass.storage.k8s.io/${key}`, amount])
  return { ...all, ...Object.fromEntries(ofClass) }
}

/** A pod whose containers have ended counts as an object only. */
function usageOfPod({ spec, status }: ApiObject): Amounts {
  if (['Succeeded', 'Failed'].includes(String(status?.phase))) return {}
  const containers = items(spec?.containers)
  const sum = (of: 'requests' | 'limits', name: string) =>
    containers.reduce((all: number, container) => all + quantityOf(at(container, 'resources', of, name) ?? 0), 0)
  const amounts: Amounts = { pods: 1 }
  for (const name of COMPUTE) {
    amounts[name] = sum('requests', name)
    amounts[`requests.${name}`] = sum('requests', name)
    amounts[`limits.${name}`] = sum('limits', name)
  }
  return amounts
}

/** What a quota limits and a container does not say of itself, as the server words it; empty where there is nothing. */
function missingOf({ spec }: ApiObject, limited: string[], namesContainers: boolean): string {
  const required = limited.filter((key) => COMPUTE.includes(key.replace(/^(?:requests|limits)\./, ''))).sort()
  const lacking = required.flatMap((key) => {
    const [of, name] = key.startsWith('limits.')
      ? ['limits', key.slice(7)]
      : ['requests', key.replace(/^requests\./, '')]
    const containers = items(spec?.containers).filter(
      (container) => at(container, 'resources', String(of), String(name)) === undefined,
    )
    const names = containers.map((container) => String(at(container, 'name'))).sort()
    return names.length > 0 ? [{ key, names }] : []
  })
  return namesContainers
    ? lacking.map(({ key, names }) => `${key} for: ${names.join(',')}`).join('; ')
    : lacking.map(({ key }) => key).join(',')
}

function textsOf(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, quantityText(name, amount)]))
}

function quantityText(name: string, amount: number): string {
  if (/(?:^|\.)cpu$/.test(name)) return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`
  return amount > 0 && amount % 1024 === 0 ? canonicalQuantity(`${amount / 1024}Ki`) : String(amount)
}
