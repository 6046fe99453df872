/** Whether an option of a mount lets nobody write to it: https://juicefs.com/docs/community/command_reference/#mount */
export function isReadOnly(option: string): boolean {
  return /^(ro|read-only)(=|$)/.test(option)
}

/**
 * Whether an option of a mount has blocks wait on the node's disk before they go to the object store. Until they are there,
 * only that mount can read them, all others get an I/O error; and a mount that ends leaves them on its node until the next
 * one there: https://juicefs.com/docs/community/guide/cache/#client-write-cache
 */
export function isWriteback(option: string): boolean {
  return /^writeback(=|$)/.test(option)
}
