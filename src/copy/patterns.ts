/** A path as a pattern of rsync's or find's that matches nothing else. */
export function literal(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&')
}
