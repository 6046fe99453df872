import { WHERE_TO_REPORT } from '../domain/bug.ts'
import type { ExitCodes } from '../domain/exit-codes.ts'
import { NAMESPACE } from '../domain/names.ts'

/** The exit code of a program that found a file of people's where the file system shows one of its own. */
export const EXIT_HIDDEN = 76
/** The exit code of a program that gave up because one that works with it had failed. */
export const EXIT_PEER_FAILED = 68

const MAKE_ROOM =
  'Raise the limit of the file system, or delete what nobody needs there, then run juicify resume: what is already copied is not copied again.'
const RUN_AGAIN = `Run juicify resume. If it happens again, this is a bug in juicify: send the log of the Job and the output of juicify version to ${WHERE_TO_REPORT}.`
const SEE_MOUNTS = 'Check the mount pods and the driver on that node, then run the probe again.'

/**
 * Every code that a program of ours ends with (`*.sh`, `die` and `exit`), what it means and what to do. Those below 64 are
 * the tools' own, and their movers know them, and what more there is to say of ours. Which remedy is given is decided by
 * the code alone: what a program or a tool writes may hold the names of people's files.
 */
export const EXIT_CODES: ExitCodes = {
  65: {
    means: 'the nodes hold different versions of a file',
    remedy:
      'Nothing was merged. Set spec.copy.onConflict to keep-both, or to newest, in the migration, and make a new plan after juicify rollback. Or have the owners of these files make them the same on all nodes, where one is a directory and another is not in any case, then run juicify resume.',
  },
  66: {
    means: 'nothing was copied, although there is something to copy',
    remedy: 'Check that the file system is mounted and writable on that node. juicify resume tries again.',
  },
  67: {
    means: 'the target is not empty',
    remedy:
      'Find out whose it is, and choose another place in spec.paths. If nobody needs it, move it away; --into-existing overwrites files of the same name.',
  },
  [EXIT_PEER_FAILED]: { means: 'another Job of the same copy failed' },
  69: {
    means: 'keeping both versions of a file failed',
    remedy: 'The log names the file that could not be written. juicify resume tries again.',
  },
  70: { means: 'the mover did not report what it copied', remedy: RUN_AGAIN },
  71: {
    means: 'the mover ignores its exclude options',
    remedy: 'Set spec.copy.image to an image with a newer version of the mover, or spec.copy.mover to rsync.',
  },
  72: {
    means: 'owners, modes and times could not be set',
    remedy: 'Check that the file system lets root change owners (no root squash). juicify resume tries again.',
  },
  73: {
    means: 'the source is empty, so everything copied before would be deleted',
    remedy:
      'Check that the source is mounted on the node of the Job and is the right one. If it is empty on purpose, move the data on the target to a safe place, then run juicify resume.',
  },
  74: {
    means: 'source or target could not be read completely',
    remedy:
      'Check that what the log names is readable on that node: its disk, and the file system’s mount. juicify resume tries again.',
  },
  75: { means: 'merging the file lists failed', remedy: RUN_AGAIN },
  [EXIT_HIDDEN]: {
    means: 'a reserved file name of the file system is used in the directory',
    remedy: 'Have its owner rename that file on the node, then run juicify resume.',
  },
  77: { means: 'no space left on the target, or its quota is reached', remedy: MAKE_ROOM },
  78: { means: 'disk quota exceeded on the target', remedy: MAKE_ROOM },
  79: {
    means: 'users have written to the target since the migration',
    remedy:
      'Copy what is needed of it somewhere else, or choose another place in spec.paths. --into-existing overwrites what users have written there with the node’s files.',
  },
  80: {
    means: 'the directory of a volume could not be created',
    remedy:
      'Create it on the file system by hand, or check that root may (no root squash) and that nothing else is in its place. juicify resume tries again.',
  },
  81: { means: 'the volume is not writable', remedy: SEE_MOUNTS },
  82: { means: 'a write on one node did not become visible on another', remedy: SEE_MOUNTS },
  83: {
    means: 'its program is not the one juicify created',
    remedy: `Somebody else has changed a ConfigMap in namespace ${NAMESPACE}: kubectl get rolebindings -n ${NAMESPACE} shows who may. Revoke that, delete the Job, then run juicify resume.`,
  },
  84: {
    means: 'symbolic links on the target could not be removed',
    remedy: 'Check that the file system is writable on that node. juicify resume tries again.',
  },
  85: {
    means: 'not one file could be copied as a sample',
    remedy:
      'Check that the file system is mounted and writable on that node. Nothing but the forecast needs the sample.',
  },
  86: {
    means: 'the file system could not be asked for its quotas',
    remedy:
      'Check that pods on that node reach the address in the Secret, which alone is used here and nothing else of it. Take quota out of spec.target to migrate without. juicify resume tries again.',
  },
  87: {
    means: 'the target holds what is older than the note that it is a copy',
    remedy:
      'Find out whose it is. Where a copy of juicify’s is older than its record (juicify 0.1.0 wrote no note on one that can be proved), or nobody needs what is there, move it away on the file system, and run the same command again: all of it is copied anew. Correct the clock of that node where it is wrong. Or juicify rollback, and choose another place in spec.paths.',
  },
  126: { means: 'the image has no executable sh', remedy: 'Set spec.copy.image to an image with a shell.' },
  127: {
    means: 'the image lacks a required command',
    remedy: 'Set spec.copy.image to an image that has it; the log names it.',
  },
  137: { means: 'it was killed' },
  143: { means: 'it was terminated from outside' },
}
