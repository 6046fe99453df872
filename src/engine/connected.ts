/**
 * Puts together what has a key in common, directly or through others; the order stays. Used for the groups that share a
 * workload: it is stopped once for all of them, and started when all of them are moved.
 */
export function connected<T>(items: T[], keysOf: (item: T) => string[]): T[][] {
  const unitOf = new Map<string, T[]>()
  const all = new Set<T[]>()
  for (const item of items) {
    const touching = new Set(
      keysOf(item).flatMap((key) => {
        const unit = unitOf.get(key)
        return unit ? [unit] : []
      }),
    )
    const unit = [...[...touching].flat(), item]
    for (const old of touching) all.delete(old)
    all.add(unit)
    for (const member of unit) for (const key of keysOf(member)) unitOf.set(key, unit)
  }
  return [...all]
}
