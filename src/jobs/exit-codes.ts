import { WHERE_TO_REPORT } from '../domain/bug.ts'
import type { ExitCodes } from '../domain/exit-codes.ts'
import { NAMESPACE } from '../domain/names.ts'

/** The exit code of a program that found a file of people's where the file system shows one of its own. */
export const EXIT_HIDDEN = 76
/** The exit code of a program that gave up because one that works with it had failed. */
export const EXIT_PEER_FAILED = 68

const MAKE_ROOM = 'Make room on the file system, and resume: what is there stays and is not copied again.'
const RUN_AGAIN = `Resume. If it happens again this is a bug of juicify: report the log of the Job, and what juicify version prints, to ${WHERE_TO_REPORT}.`
const SEE_MOUNTS = 'See the mount pods and the driver of that node, and run the probe again.'

/**
 * Every code that a program of ours ends with (`*.sh`, `die` and `exit`), what it means and what to do. Those below 64 are
 * the tools' own, and their movers know them, and what more there is to say of ours. Which remedy is given is decided by
 * the code alone: what a program or a tool writes may hold the names of people's files.
 */
export const EXIT_CODES: ExitCodes = {
  65: {
    means: 'the nodes hold different versions of a file',
    remedy:
      'Make them equal on the nodes, or set spec.copy.onConflict to newest or keep-both, and resume. An entry that is a directory on one node and none on another has to be renamed by hand.',
  },
  66: {
    means: 'nothing arrived, although there is something to copy',
    remedy: 'See that the file system is mounted on that node, and can be written to. Resume tries again.',
  },
  67: {
    means: 'the place is not empty',
    remedy:
      'See whose it is, and choose another place in spec.paths. Where nobody needs what is there, move it away; --into-existing copies over files of the same name.',
  },
  [EXIT_PEER_FAILED]: { means: 'another Job of the same copy failed' },
  69: {
    means: 'both versions of a file could not be kept',
    remedy: 'See the log for the file that could not be written. Resume tries again.',
  },
  70: { means: 'the mover did not say what it copied', remedy: RUN_AGAIN },
  71: {
    means: 'the mover does not leave out what it is told to leave out',
    remedy: 'Set spec.copy.image to one that has a newer version of the mover, or spec.copy.mover to rsync.',
  },
  72: {
    means: 'owners, modes and times could not be set',
    remedy: 'See that the file system lets root change owners (no root squash). Resume tries again.',
  },
  73: {
    means: 'there is nothing to copy, and all that was copied before would be deleted',
    remedy:
      'See that what is copied from is mounted where the Job runs, and is what it should be. If it is empty by intention, move what is on the other side to where nothing is lost, and resume.',
  },
  74: {
    means: 'a side could not be read in whole',
    remedy:
      'See that what the log names can be read on that node: its disk, and the file system’s mount. Resume tries again.',
  },
  75: { means: 'the listings could not be put together', remedy: RUN_AGAIN },
  [EXIT_HIDDEN]: {
    means: 'a file of the file system’s own would hide one of the directory',
    remedy: 'Rename it on the node, and resume.',
  },
  77: { means: 'no space is left where it writes', remedy: MAKE_ROOM },
  78: { means: 'the quota is used up where it writes', remedy: MAKE_ROOM },
  79: {
    means: 'people have written to the place since they were moved to it',
    remedy:
      'Copy what is wanted of it somewhere else, or choose another place in spec.paths. --into-existing overwrites what people have written there with what the node has.',
  },
  81: { means: 'the volume cannot be written to', remedy: SEE_MOUNTS },
  82: { means: 'what was written on one node was not seen on another', remedy: SEE_MOUNTS },
  83: {
    means: 'its program is not the one that juicify wrote',
    remedy: `Somebody else can write ConfigMaps in the namespace ${NAMESPACE}, and has: kubectl get rolebindings -n ${NAMESPACE} shows who may. Take that away, delete the Job, and resume.`,
  },
  84: {
    means: 'links at the place could not be taken away',
    remedy: 'See that the file system can be written to on that node. Resume tries again.',
  },
  126: { means: 'the image has no sh that can be run', remedy: 'Set spec.copy.image to one that has a shell.' },
  127: {
    means: 'the image lacks a command that is needed',
    remedy: 'Set spec.copy.image to one that has it; the log names it.',
  },
  137: { means: 'it was killed' },
  143: { means: 'it was ended from outside' },
}
