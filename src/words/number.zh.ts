/** A number as people read it, with commas for thousands. */
export function number(amount: number): string {
  return amount.toLocaleString('en')
}
