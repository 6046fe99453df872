import { NAMESPACE } from '../domain/names.ts'
import type { LeftBehind } from '../engine/left-behind.ts'
import { messages } from '../words/messages.ts'

/** What stays, why, and what removes it; a line each. None where nothing stays. */
export function leftBehindLines({ namespace, jobs, definitions, others, copied }: LeftBehind): string[] {
  if (!namespace && definitions.length === 0) return []
  const says = messages().leftBehind
  const places = copied === undefined ? [says.unknownCopies] : copied.length === 0 ? [] : [says.copies(copied)]
  return [
    says.head,
    ...(namespace ? [says.namespace(NAMESPACE, jobs)] : []),
    ...(definitions.length > 0 ? [says.definitions(definitions)] : []),
    ...places,
    says.remove,
    ...(definitions.length > 0 ? [`  kubectl delete crd ${definitions.join(' ')}`] : []),
    ...(namespace && others.length === 0 ? [`  kubectl delete namespace ${NAMESPACE}`] : []),
    ...(namespace && others.length > 0 ? [says.shared(NAMESPACE, others)] : []),
    says.roles,
  ]
}
