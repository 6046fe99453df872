import type { FileSystem } from '../domain/filesystem.ts'
import type { Survey } from '../domain/survey.ts'

/** What the driver is to know a volume by. */
export type HandleOf = (name: string) => string

/**
 * What the driver is to know each volume by: its name, where that can be a handle and no other volume has it; else one of
 * juicify's own, which no other volume has, or may get.
 */
export function handlesFor({ volumes }: Pick<Survey, 'volumes'>, fileSystem: FileSystem): HandleOf {
  const { handles } = fileSystem.volumes
  if (!handles) return (name) => name
  const names = new Set(volumes.map(({ metadata }) => metadata.name))
  const owners = new Map<string, Set<string>>()
  for (const { metadata, spec } of volumes) {
    if (spec.csi?.driver !== fileSystem.target.driver || spec.csi === undefined) continue
    const { volumeHandle } = spec.csi
    owners.set(volumeHandle, (owners.get(volumeHandle) ?? new Set()).add(metadata.name))
  }
  const isTaken = (handle: string, name: string) => [...(owners.get(handle) ?? [])].some((owner) => owner !== name)
  return (name) => {
    if (handles.problem(name) === undefined && !isTaken(name, name)) return name
    for (let attempt = 0; ; attempt++) {
      const handle = handles.another(name, attempt)
      if (!isTaken(handle, name) && !names.has(handle)) return handle
    }
  }
}
