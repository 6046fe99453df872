import type { JobLayout, Mover } from '../domain/mover.ts'
import { assemble } from '../jobs/program.ts'
import attributes from './programs/attributes.sh'
import barrier from './programs/barrier.sh'
import bringMissing from './programs/bring-missing.sh'
import byListing from './programs/by-listing.sh'
import checkPlace from './programs/check-place.sh'
import compared from './programs/compared.sh'
import estimate from './programs/estimate.sh'
import listing from './programs/listing.sh'
import look from './programs/look.sh'
import makePlaces from './programs/make-places.sh'
import merge from './programs/merge.sh'
import mover from './programs/mover.sh'
import openFiles from './programs/open-files.sh'
import sample from './programs/sample.sh'
import split from './programs/split.sh'
import undoFsGroup from './programs/undo-fs-group.sh'
import unused from './programs/unused.sh'
import verifiedLibrary from './programs/verified.sh'
import verify from './programs/verify.sh'
import verifyAhead from './programs/verify-ahead.sh'

/** What any of them, a mover's too, may source. */
const LIBRARIES = {
  'attributes.sh': attributes,
  'barrier.sh': barrier,
  'by-listing.sh': byListing,
  'compared.sh': compared,
  'listing.sh': listing,
  'merge.sh': merge,
  'mover.sh': mover,
  'split.sh': split,
  'verified.sh': verifiedLibrary,
}

/*
 * What the containers of our Jobs run: constant texts. Whatever differs comes in the environment or, for a mover's
 * command line, as arguments. /source and /target are mounted, /scratch is scratch.
 *
 * A line that begins with `juicify` is for whoever reads the log (see jobs/log.ts and log.ts): `juicify progress …`,
 * `juicify result key=value …`, `juicify failed …`, and those of the single programs.
 */
export const ESTIMATE = assemble(estimate, LIBRARIES)
export const BRING_MISSING = assemble(bringMissing, LIBRARIES)
export const CHECK_PLACE = assemble(checkPlace, LIBRARIES)
export const LOOK = assemble(look, LIBRARIES)
export const MAKE_PLACES = assemble(makePlaces, LIBRARIES)
export const OPEN_FILES = assemble(openFiles, LIBRARIES)
export const SAMPLE = assemble(sample, LIBRARIES)
export const UNDO_FS_GROUP = assemble(undoFsGroup, LIBRARIES)
export const UNUSED = assemble(unused, LIBRARIES)
export const VERIFY = assemble(verify, LIBRARIES)
export const VERIFY_AHEAD = assemble(verifyAhead, LIBRARIES)

/** The program of a Job in which that mover works. */
export function programOf(mover: Mover, layout: JobLayout): string {
  return assemble(mover.program(layout), { ...LIBRARIES, ...mover.libraries })
}
