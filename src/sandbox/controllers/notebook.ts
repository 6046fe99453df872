import { keyOf } from '../object.ts'
import type { Change } from '../store.ts'
import { type Controller, controllerKey, ownedBy, replicasOf, type Surroundings } from './controller.ts'

const NOTEBOOKS = 'notebooks.kubeflow.org'
const SETS = 'statefulsets.apps'
const STOPPED = 'kubeflow-resource-stopped'

/** Does of Kubeflow's controller what a rehearsal is about: keeps a Notebook's StatefulSet at 1, or at 0 while that one is stopped. */
export class Notebooks implements Controller {
  readonly name = 'notebook'
  readonly #api: Surroundings['api']

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object }: Change): string[] {
    if (type === 'DELETED') return []
    if (resource === NOTEBOOKS) return [keyOf(object)]
    return resource === SETS ? controllerKey(object, 'Notebook') : []
  }

  sync(key: string): void {
    const notebook = this.#api.store.get(NOTEBOOKS, key)
    const [set] = notebook ? ownedBy(this.#api, SETS, notebook) : []
    if (!notebook || !set || notebook.metadata.deletionTimestamp !== undefined) return
    const replicas = notebook.metadata.annotations?.[STOPPED] === undefined ? 1 : 0
    if (replicasOf(set) !== replicas) {
      const { namespace, name } = set.metadata
      this.#api.update(this.#api.kindOf(set), namespace, name, (now) => ({ ...now, spec: { ...now.spec, replicas } }))
    }
    this.#api.setStatus(notebook, { ...notebook.status, readyReplicas: Number(set.status?.readyReplicas ?? 0) })
  }
}
