import type { Plugin } from 'vitest/config'

/** A plugin of Vite's: a shell program that is imported is its text, as it is in the bundle. */
export const shellAsText: Plugin
