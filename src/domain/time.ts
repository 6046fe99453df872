/** `17:04:05`, by the clock of whoever reads it. */
export function timeOfDay(at: string | Date): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** `2026-11-26`, by the clock of whoever reads it. */
export function day(at: string | Date): string {
  return dateAndTime(at).slice(0, 10)
}

/** `2026-11-26 17:04`, by the clock of whoever reads it. */
export function dateAndTime(at: string | Date): string {
  // Sweden writes dates as ISO 8601 does
  return new Date(at).toLocaleString('sv').slice(0, 16)
}
