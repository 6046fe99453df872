declare const JUICIFY_VERSION: string | undefined

/** The version in package.json, put in when the command is bundled. */
export const VERSION = typeof JUICIFY_VERSION === 'string' ? JUICIFY_VERSION : 'development'
