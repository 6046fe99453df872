import type { ObjectRef } from './object.ts'

/** The settings of a cube-studio that name directories of the nodes: absolute paths. */
export interface CubeStudioConfig {
  object: ObjectRef
  /** `WORKSPACE_HOST_PATH`: what it mounts as a host path for each NNI search. */
  workspace: string[]
  /** `ARCHIVES_HOST_PATH`. */
  archives: string[]
  /** `DELETE_OLD_DATA`: where it deletes old files each night, through its own mount. */
  deleted: string[]
}
