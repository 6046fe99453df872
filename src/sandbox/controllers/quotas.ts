import type { Api } from '../api.ts'
import { keyOf } from '../object.ts'
import { quotasIn, usedOf } from '../quota.ts'
import type { Change } from '../store.ts'
import type { Controller, Surroundings } from './controller.ts'

const QUOTAS = 'resourcequotas'

/** Says of each ResourceQuota what is used of it; from then on it holds. */
export class Quotas implements Controller {
  readonly name = 'quotas'
  readonly #api: Api

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object }: Change): string[] {
    if (resource === QUOTAS) return type === 'DELETED' ? [] : [keyOf(object)]
    if (object.metadata.namespace === undefined || this.#api.store.list(QUOTAS).length === 0) return []
    return quotasIn(this.#api, object.metadata.namespace).map(keyOf)
  }

  sync(key: string): void {
    const quota = this.#api.store.get(QUOTAS, key)
    if (!quota || quota.metadata.deletionTimestamp !== undefined) return
    this.#api.setStatus(quota, { hard: quota.spec?.hard ?? {}, used: usedOf(this.#api, quota) })
  }
}
