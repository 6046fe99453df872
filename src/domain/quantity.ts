// Kubernetes' quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const SYNTAX = /^([+-]?)(\d+)?(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

interface Fraction {
  numerator: bigint
  denominator: bigint
}

/**
 * Compares two quantities, such as `1Gi` and `1.5e3M`, exactly: less than 0 where `a` is smaller, 0 where they are
 * the same amount, more than 0 where `a` is larger. Undefined where one of them is no quantity.
 */
export function compareQuantities(a: string, b: string): number | undefined {
  const left = parse(a)
  const right = parse(b)
  if (!left || !right) return undefined
  const difference = left.numerator * right.denominator - right.numerator * left.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function parse(text: string): Fraction | undefined {
  const match = SYNTAX.exec(text)
  const [, sign, whole = '', decimals = '', suffix = '', exponent = '0'] = match ?? []
  if (!match || whole + decimals === '') return undefined
  // The server refuses larger ones; a hostile 1e999999999 must not fill the memory here.
  if (Math.abs(Number(exponent)) > 100) return undefined
  const numerator = BigInt(whole + decimals) * (sign === '-' ? -1n : 1n)
  return scale({ numerator, denominator: 10n ** BigInt(decimals.length) }, suffix, Number(exponent))
}

function scale({ numerator, denominator }: Fraction, suffix: string, exponent: number): Fraction {
  const binary = BINARY[suffix]
  if (binary !== undefined) return { numerator: numerator << BigInt(binary), denominator }
  const power = DECIMAL[suffix] ?? exponent
  const factor = 10n ** BigInt(Math.abs(power))
  return power < 0 ? { numerator, denominator: denominator * factor } : { numerator: numerator * factor, denominator }
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** An amount of bytes in three digits: `0 B`, `117 MiB`, `1.5 GiB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${power > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${SIZES[power]}`
}

/** An amount of bytes in whole GiB, at least one, rounded up; undefined where it is no quantity, or none. */
export function gibibytes(text: string): number | undefined {
  const amount = parse(text)
  if (!amount || amount.numerator <= 0n) return undefined
  const { numerator, denominator } = amount
  const unit = denominator << 30n
  return Number((numerator + unit - 1n) / unit)
}
