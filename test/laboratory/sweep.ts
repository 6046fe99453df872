/** Every case of a sweep is tried with JUICIFY_TEST_EVERY=1, as CI does; else every thirteenth, so that npm test takes a few minutes. */
export const EVERY = process.env.JUICIFY_TEST_EVERY === '1'

/** How far apart the cases are that are tried: prime, so that what only every second, ninth or eleventh case does is among them. */
export const STRIDE = EVERY ? 1 : 13

/** Whether a sweep tries its case of that index, counted from 0. */
export function isTried(index: number): boolean {
  return index % STRIDE === 0
}
