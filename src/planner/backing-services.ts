import type { KubeObject } from '../domain/object.ts'
import { selectsLabels } from '../domain/selector.ts'
import type { Survey } from '../domain/survey.ts'
import { unsuitable } from './software.ts'
import type { ClaimUser } from './users.ts'

/** What the file system keeps its own data in. */
export interface BackingService {
  /** The Secret's key that leads there. */
  key: string
  /** As people read it: `Deployment infra/minio`. */
  user: string
}

interface Service extends KubeObject {
  spec?: {
    type?: string
    selector?: Record<string, string>
    clusterIP?: string
    clusterIPs?: string[]
    externalIPs?: string[]
    externalName?: string
    ports?: { port?: number; nodePort?: number }[]
  }
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}

interface Node extends KubeObject {
  status?: { addresses?: { address: string }[] }
}

/**
 * The claims that the file system itself depends on, as `namespace/claim`: its Secret's addresses are followed, through Services
 * and nodes, to the pods that answer there.
 */
export function backingServices(survey: Survey, users: ClaimUser[]): Map<string, BackingService> {
  const resolver = new Resolver(survey, users)
  const found = new Map<string, BackingService>()
  for (const { key, host, port } of survey.secret?.endpoints ?? []) {
    for (const user of resolver.answering(host, port)) {
      for (const claim of user.claims) if (!found.has(claim)) found.set(claim, { key, user: user.name })
    }
  }
  return found
}

class Resolver {
  private readonly services: Service[]
  private readonly nodes: Node[]
  private readonly users: ClaimUser[]
  private readonly namespace: string

  constructor(survey: Survey, users: ClaimUser[]) {
    this.services = survey.services as Service[]
    this.nodes = survey.nodes as Node[]
    this.users = users
    this.namespace = survey.secret?.namespace ?? ''
  }

  /** Who answers at that address; nobody where it lies outside of the cluster. */
  answering(host: string, port: number | undefined, depth = 0): ClaimUser[] {
    // An ExternalName may name another one; names that go in a circle must not go on for ever.
    if (depth > 3) return []
    const services = this.services.filter((service) => this.isAt(service, host, port))
    return [
      ...services.flatMap((service) => this.behind(service, port, depth)),
      ...this.users.filter(({ pod }) => pod?.podIP === host),
      ...this.onNode(host, port),
    ]
  }

  private isAt({ metadata, spec = {}, status }: Service, host: string, port: number | undefined): boolean {
    const { namespace = '', name } = metadata
    const ingress = status?.loadBalancer?.ingress?.flatMap(({ ip, hostname }) => [ip, hostname]) ?? []
    const addresses = [spec.clusterIP, ...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? []), ...ingress]
    const onNodes = spec.ports?.some(({ nodePort }) => nodePort !== undefined && nodePort === port) ?? false
    return addresses.includes(host) || this.isName(host, name, namespace) || (onNodes && this.nodesAt(host).length > 0)
  }

  /** `name.namespace`, with or without a pod's name before and `.svc` and the cluster's domain after it; `name` beside the Secret. */
  private isName(host: string, name: string, namespace: string): boolean {
    const parts = host.replace(/\.svc(\..*)?$/, '').split('.')
    if (parts.length === 1) return host === name && namespace === this.namespace
    return parts.length <= 3 && parts.at(-2) === name && parts.at(-1) === namespace
  }

  private behind({ metadata, spec = {} }: Service, port: number | undefined, depth: number): ClaimUser[] {
    if (spec.type === 'ExternalName') return this.answering(spec.externalName ?? '', port, depth + 1)
    const { selector: matchLabels = {} } = spec
    // a Service without a selector has its addresses from elsewhere
    if (Object.keys(matchLabels).length === 0) return []
    return this.users.filter(
      ({ namespace, labels }) => namespace === metadata.namespace && selectsLabels({ matchLabels }, labels),
    )
  }

  /** Pods that listen on the node itself; one that does not say where is taken for it if it is of that kind of software. */
  private onNode(host: string, port: number | undefined): ClaimUser[] {
    const names = new Set(this.nodesAt(host).map(({ metadata }) => metadata.name))
    return this.users.filter(({ pod }) => {
      if (!pod?.node || !names.has(pod.node)) return false
      if (pod.hostPorts) return port !== undefined && pod.hostPorts.includes(port)
      return pod.hostNetwork && pod.images.some(unsuitable)
    })
  }

  private nodesAt(host: string): Node[] {
    return this.nodes.filter(
      ({ metadata, status }) => metadata.name === host || status?.addresses?.some(({ address }) => address === host),
    )
  }
}
