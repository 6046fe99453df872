export type { Interference, SandboxRequest } from './http.ts'
export { LOG_ANNOTATION } from './router.ts'
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts'
export type { KubernetesVersion } from './versions.ts'
