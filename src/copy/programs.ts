import { assemble } from '../jobs/program.ts'
import attributes from './programs/attributes.sh'
import barrier from './programs/barrier.sh'
import checkPlace from './programs/check-place.sh'
import estimate from './programs/estimate.sh'
import juicefsWhole from './programs/juicefs.sh'
import juicefsMover from './programs/juicefs-mover.sh'
import juicefsPart from './programs/juicefs-part.sh'
import listing from './programs/listing.sh'
import merge from './programs/merge.sh'
import mover from './programs/mover.sh'
import rsyncWhole from './programs/rsync.sh'
import rsyncMerged from './programs/rsync-merged.sh'
import rsyncMover from './programs/rsync-mover.sh'
import rsyncPart from './programs/rsync-part.sh'
import split from './programs/split.sh'
import verify from './programs/verify.sh'

const LIBRARIES = {
  'attributes.sh': attributes,
  'barrier.sh': barrier,
  'juicefs-mover.sh': juicefsMover,
  'listing.sh': listing,
  'merge.sh': merge,
  'mover.sh': mover,
  'rsync-mover.sh': rsyncMover,
  'split.sh': split,
}

/*
 * What the containers of our Jobs run: constant texts. Whatever differs comes in the environment or, for a mover's
 * command line, as arguments. /source and /target are mounted, /scratch is scratch.
 *
 * A line that begins with `juicify` is for whoever reads the log (see jobs/log.ts and log.ts): `juicify progress …`,
 * `juicify result key=value …`, `juicify failed …`, and those of the single programs.
 */
export const ESTIMATE = assemble(estimate, LIBRARIES)
export const CHECK_PLACE = assemble(checkPlace, LIBRARIES)
export const VERIFY = assemble(verify, LIBRARIES)
export const RSYNC = assemble(rsyncWhole, LIBRARIES)
export const RSYNC_MERGED = assemble(rsyncMerged, LIBRARIES)
export const RSYNC_PART = assemble(rsyncPart, LIBRARIES)
export const JUICEFS = assemble(juicefsWhole, LIBRARIES)
export const JUICEFS_PART = assemble(juicefsPart, LIBRARIES)
