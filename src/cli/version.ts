declare const JUICIFY_VERSION: string | undefined

/** The version in package.json, put in when the command is bundled. */
export const VERSION = typeof JUICIFY_VERSION === 'string' ? JUICIFY_VERSION : 'development'

/** What `juicify version` prints. */
export function versionText(): string {
  return `juicify ${VERSION} (node ${process.version}, ${process.platform}/${process.arch})`
}
