import { describeRef, type KubeObject } from '../domain/object.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { isRunning, type PodUse } from '../domain/workload.ts'
import { kindOf } from '../workloads/kinds.ts'
import { mountsAnywhere, type PodTemplate } from '../workloads/pod-spec.ts'

/** Something whose pods mount claims, or would: a running pod, or the object that pods are made from. */
export interface ClaimUser {
  /** As people read it: `Deployment infra/mysql`. */
  name: string
  namespace: string
  /** `namespace/claim` of what it mounts. */
  claims: string[]
  images: string[]
  /** The labels of its pods. */
  labels: Record<string, string>
  /** Only of pods. */
  pod?: PodUse
}

/**
 * All users of claims: controllers, also those that have no pods now, then running pods; each in the order of their
 * names, for the lists of a cluster come in any.
 */
export function claimUsers(survey: Survey): ClaimUser[] {
  const names = new Map<string, Set<string>>()
  for (const { metadata } of survey.claims) {
    const there = names.get(metadata.namespace) ?? new Set()
    names.set(metadata.namespace, there.add(metadata.name))
  }
  return [
    ...survey.controllers.map((object) => controllerAsUser(object, names)).sort(byName),
    ...survey.pods.filter(isRunning).map(podAsUser).sort(byName),
  ].filter(({ claims }) => claims.length > 0)
}

/** The users of each claim, by `namespace/claim`; controllers before their pods, for they are what people know. */
export function byClaim(users: ClaimUser[]): Map<string, ClaimUser[]> {
  const found = new Map<string, ClaimUser[]>()
  for (const user of users) {
    for (const claim of user.claims) {
      const there = found.get(claim)
      if (there) there.push(user)
      else found.set(claim, [user])
    }
  }
  return found
}

function podAsUser(pod: PodUse): ClaimUser {
  const { namespace, name, claims, images, labels } = pod
  return {
    name: describeRef({ kind: 'Pod', namespace, name }),
    namespace,
    claims: claims.map((claim) => `${namespace}/${claim}`),
    images,
    labels,
    pod,
  }
}

function controllerAsUser(object: KubeObject, names: Map<string, Set<string>>): ClaimUser {
  const { namespace = '' } = object.metadata
  const kind = kindOf(object)
  const mountsOf = kind?.mounts ?? mountsAnywhere
  const template = kind ? kind.template(object) : (object.spec as { template?: PodTemplate } | undefined)?.template
  return {
    name: describeRef({ ...object, ...object.metadata }),
    namespace,
    claims: mountsOf(object, names.get(namespace) ?? new Set()).map(({ claim }) => `${namespace}/${claim}`),
    images: [...imagesBelow(object.spec)],
    labels: template?.metadata?.labels ?? {},
  }
}

function byName(a: ClaimUser, b: ClaimUser): number {
  return compareText(a.name, b.name)
}

/** The images in any place of a spec: templates lie at other places in each kind. */
function* imagesBelow(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  const { containers, initContainers } = value as Record<string, unknown>
  for (const container of [containers, initContainers].flat()) {
    const image = (container as { image?: unknown } | undefined)?.image
    if (typeof image === 'string') yield image
  }
  for (const part of Object.values(value)) yield* imagesBelow(part)
}
