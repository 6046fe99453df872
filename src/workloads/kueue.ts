import type { KubeObject } from '../domain/object.ts'

const QUEUE = 'kueue.x-k8s.io/queue-name'

/**
 * The queue of Kueue that an object waits in, or was started from; undefined where it is in none. Kueue says by the object's
 * `suspend` when it runs: who suspends it has it started again, and what is suspended may be started at any time.
 * https://kueue.sigs.k8s.io/docs/tasks/run/jobs/
 */
export function queueOf({ metadata: { labels = {}, annotations = {} } }: KubeObject): string | undefined {
  // an annotation before Kueue 0.5
  return labels[QUEUE] ?? annotations[QUEUE]
}
