const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}
const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki', '']
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/

/** What a Kubernetes quantity (`500Gi`, `1e3`, `100m`) stands for; NaN where it is none. */
export function quantityOf(quantity: unknown): number {
  const match = QUANTITY.exec(String(quantity ?? ''))
  if (!match) return Number.NaN
  return Number(`${match[1]}${match[2] ?? ''}`) * (SUFFIXES[match[3] ?? ''] ?? 1)
}

/** A quantity in the form in which the server keeps those of binary suffixes: `1024Mi` is kept as `1Gi`. Others stay. */
export function canonicalQuantity(quantity: string): string {
  if (!/i$/.test(quantity)) return quantity
  const value = quantityOf(quantity)
  if (!Number.isInteger(value) || value <= 0) return quantity
  const suffix = BINARY.find((candidate) => value % (SUFFIXES[candidate] ?? 1) === 0) ?? ''
  return `${value / (SUFFIXES[suffix] ?? 1)}${suffix}`
}
