import type { Api } from './api.ts'
import { type Cause, forbidden, invalidField, type StatusError } from './errors.ts'
import { type ApiObject, at, type Fields, fields, items } from './object.ts'

const ENFORCE = 'pod-security.kubernetes.io/enforce'
const LEVELS = ['privileged', 'baseline', 'restricted']

/** What a namespace's labels would be refused for. */
export function podSecurityCauses({ metadata }: ApiObject): Cause[] {
  const level = metadata.labels?.[ENFORCE]
  if (level === undefined || LEVELS.includes(level)) return []
  return [invalidField(`metadata.labels[${ENFORCE}]`, level, `must be one of ${LEVELS.join(', ')}`)]
}

/** Why the namespace's level forbids a new pod; undefined where it does not. */
export function podSecurityRefusal(api: Api, pod: ApiObject): StatusError | undefined {
  const { namespace = '', name } = pod.metadata
  const level = api.store.get('namespaces', namespace)?.metadata.labels?.[ENFORCE]
  const checks = level === 'baseline' ? BASELINE : level === 'restricted' ? RESTRICTED : []
  const spec = fields(pod.spec)
  const found = checks.flatMap((check) => check(spec) ?? [])
  if (found.length === 0) return undefined
  return forbidden({ kind: 'pods', name }, `violates PodSecurity "${level}:latest": ${found.join(', ')}`)
}

/** Says in what a pod's spec breaks one of the rules. */
type Check = (spec: Fields) => string | undefined

const containersOf = (spec: Fields): Fields[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((name) => items(spec[name]).map(fields))

const security = (object: Fields): Fields => fields(object.securityContext)

const quoted = (names: unknown[]): string => names.map((name) => JSON.stringify(name)).join(', ')

const named = (word: string, names: unknown[]): string => `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`

const containersThat = (spec: Fields, test: (container: Fields) => boolean): string | undefined => {
  const names = containersOf(spec)
    .filter(test)
    .map(({ name }) => name)
  return names.length ? named('container', names) : undefined
}

const hostPathVolumes: Check = (spec) => {
  const names = items(spec.volumes)
    .map(fields)
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => name)
  return names.length ? `hostPath volumes (${named('volume', names)})` : undefined
}

const HOST_NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC']

const hostNamespaces: Check = (spec) => {
  const used = HOST_NAMESPACES.filter((name) => spec[name] === true).map((name) => `${name}=true`)
  return used.length ? `host namespaces (${used.join(', ')})` : undefined
}

const hostPorts: Check = (spec) => {
  const portsOf = (container: Fields) => items(container.ports).flatMap((port) => at(port, 'hostPort') || [])
  const who = containersThat(spec, (container) => portsOf(container).length > 0)
  if (who === undefined) return undefined
  const ports = [...new Set(containersOf(spec).flatMap(portsOf))].map(Number).sort((a, b) => a - b)
  const few = ports.length === 1
  return `hostPort (${who} ${who.startsWith('containers') ? 'use' : 'uses'} hostPort${few ? '' : 's'} ${ports.join(', ')})`
}

const privileged: Check = (spec) => {
  const who = containersThat(spec, (container) => security(container).privileged === true)
  return who && `privileged (${who} must not set securityContext.privileged=true)`
}

/** What a container has anyway may be added to it. */
const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const capabilitiesOf = (container: Fields, which: 'add' | 'drop'): string[] =>
  items(at(security(container), 'capabilities', which)).map(String)

const addedCapabilities: Check = (spec) => {
  const added = (container: Fields) =>
    capabilitiesOf(container, 'add').filter((name) => !DEFAULT_CAPABILITIES.includes(name))
  const who = containersThat(spec, (container) => added(container).length > 0)
  if (who === undefined) return undefined
  const names = [...new Set(containersOf(spec).flatMap(added))].sort()
  return `non-default capabilities (${who} must not include ${quoted(names)} in securityContext.capabilities.add)`
}

const privilegeEscalation: Check = (spec) => {
  const who = containersThat(spec, (container) => security(container).allowPrivilegeEscalation !== false)
  return who && `allowPrivilegeEscalation != false (${who} must set securityContext.allowPrivilegeEscalation=false)`
}

const keptCapabilities: Check = (spec) => {
  const kept = containersThat(spec, (container) => !capabilitiesOf(container, 'drop').includes('ALL'))
  const added = (container: Fields) => capabilitiesOf(container, 'add').filter((name) => name !== 'NET_BIND_SERVICE')
  const adding = containersThat(spec, (container) => added(container).length > 0)
  const names = [...new Set(containersOf(spec).flatMap(added))].sort()
  const found = [
    ...(kept ? [`${kept} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding ? [`${adding} must not include ${quoted(names)} in securityContext.capabilities.add`] : []),
  ]
  return found.length ? `unrestricted capabilities (${found.join('; ')})` : undefined
}

const FREE_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

const restrictedVolumes: Check = (spec) => {
  const typeOf = (volume: Fields) => Object.keys(volume).find((key) => key !== 'name' && !FREE_VOLUMES.includes(key))
  const bad = items(spec.volumes)
    .map(fields)
    .filter((volume) => typeOf(volume) !== undefined)
  if (bad.length === 0) return undefined
  const types = [...new Set(bad.map(typeOf))].sort()
  const volumes = named(
    'volume',
    bad.map(({ name }) => name),
  )
  return `restricted volume types (${volumes} ${bad.length === 1 ? 'uses' : 'use'} restricted volume type${types.length === 1 ? '' : 's'} ${quoted(types)})`
}

const rootUsers: Check = (spec) => {
  const whole = security(spec).runAsNonRoot
  const who = containersThat(spec, (container) => (security(container).runAsNonRoot ?? whole) !== true)
  return who && `runAsNonRoot != true (pod or ${who} must set securityContext.runAsNonRoot=true)`
}

const seccomp: Check = (spec) => {
  const typeOf = (object: Fields) => at(security(object), 'seccompProfile', 'type')
  const who = containersThat(
    spec,
    (container) => !['RuntimeDefault', 'Localhost'].includes(String(typeOf(container) ?? typeOf(spec))),
  )
  return (
    who &&
    `seccompProfile (pod or ${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`
  )
}

const BASELINE: Check[] = [addedCapabilities, hostNamespaces, hostPathVolumes, hostPorts, privileged]
const RESTRICTED: Check[] = [
  privilegeEscalation,
  keptCapabilities,
  hostNamespaces,
  hostPorts,
  privileged,
  restrictedVolumes,
  rootUsers,
  seccomp,
]
