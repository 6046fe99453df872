/** True of a file or folder that belongs to this user, and that nobody else may write; root is not asked about. */
export function isOursAlone({ uid, mode }: { uid: number; mode: number }): boolean {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0)
}
