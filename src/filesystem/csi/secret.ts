import type { FileSystemSecret } from '../../domain/filesystem.ts'
import { compareText } from '../../domain/text.ts'

/** Of a Secret whose keys only its driver understands: their names alone. */
export const opaqueSecret: FileSystemSecret = {
  survey: ({ metadata, data }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    keys: Object.entries((data ?? {}) as Record<string, string>)
      .filter(([, value]) => value !== '')
      .map(([key]) => key)
      .sort(compareText),
    endpoints: [],
  }),
  withoutSecret: () => 'hidden',
}
