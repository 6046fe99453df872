import type { Metafile } from 'esbuild'

/** Bundles an entry into a folder, with the licences of what went into it. */
export function bundle(options?: { outdir?: string }): Promise<Metafile>
