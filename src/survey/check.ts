import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import type { JuiceFSTarget } from '../domain/migration.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { DRIVER_CONFIG, PERMISSIONS, type Permission, SECRET, type Verb } from '../domain/permissions.ts'
import type { CheckFacts } from '../domain/readiness.ts'
import { clusterIdentity, survey } from './survey.ts'

const QUESTIONS_AT_ONCE = 16

interface Question {
  permission: Pick<Permission, 'group' | 'resource' | 'where'> & { names?: readonly string[] }
  verb: Verb
}

/** Reads what `check` judges. Throws where the server cannot be asked at all. */
export async function checkFacts(cluster: Cluster, target: JuiceFSTarget, signal?: AbortSignal): Promise<CheckFacts> {
  const [access, namespace] = await Promise.all([refusedAccess(cluster, target), ownNamespace(cluster, target)])
  const identity = await allowed(clusterIdentity(cluster))
  const [found, driverPods, driverControllers, driverConfig, storageClasses] = await Promise.all([
    allowed(survey(cluster, { target }, signal ? { signal } : {})),
    allowed(labelled(cluster, 'v1', 'Pod', 'app=juicefs-csi-node')),
    allowed(labelled(cluster, 'apps/v1', 'StatefulSet', 'app=juicefs-csi-controller')),
    allowed(
      cluster.find<KubeObject>({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: target.secretRef.namespace,
        name: DRIVER_CONFIG,
      }),
    ),
    allowed(labelled(cluster, 'storage.k8s.io/v1', 'StorageClass')),
  ])
  return {
    identity: identity ?? { uid: '', version: await versionOf(cluster) },
    server: cluster.server,
    target,
    access,
    namespace,
    ...(found ? { survey: found } : {}),
    ...(driverPods ? { driverPods } : {}),
    ...(driverControllers ? { driverControllers } : {}),
    ...(driverConfig ? { driverConfig } : {}),
    ...(storageClasses ? { storageClasses } : {}),
  }
}

async function ownNamespace(cluster: Cluster, target: JuiceFSTarget): Promise<CheckFacts['namespace']> {
  if (await allowed(cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }))) return 'there'
  const permission = { group: '', resource: 'namespaces', where: 'cluster', names: [NAMESPACE] } as const
  return (await mayI(cluster, target, { permission, verb: 'create' })) ? 'to create' : 'missing'
}

async function labelled(cluster: Cluster, apiVersion: string, kind: string, labelSelector?: string) {
  return (await cluster.list<KubeObject>({ apiVersion, kind }, labelSelector ? { labelSelector } : {})).items
}

async function versionOf(cluster: Cluster): Promise<string> {
  const { gitVersion } = (await cluster.raw('GET', '/version')) as { gitVersion?: string }
  return gitVersion ?? 'of unknown version'
}

/** The answer, or undefined where we may not have it. */
async function allowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isApiError(error, 403)) return undefined
    throw error
  }
}

/** Asks the server about every verb of the list; about custom resources only where their API group is served. */
async function refusedAccess(cluster: Cluster, target: JuiceFSTarget): Promise<CheckFacts['access']> {
  const { groups = [] } = (await cluster.raw('GET', '/apis')) as { groups?: { name: string }[] }
  const served = new Set(groups.map(({ name }) => name))
  const questions = PERMISSIONS.filter(({ need, group }) => need !== 'operators' || served.has(group)).flatMap(
    (permission) => permission.verbs.map((verb) => ({ permission, verb })),
  )
  const limit = pLimit(QUESTIONS_AT_ONCE)
  const answers = await Promise.all(
    questions.map((question) => limit(async () => ((await mayI(cluster, target, question)) ? [] : [question]))),
  )
  return { asked: questions.length, refused: answers.flat() }
}

async function mayI(cluster: Cluster, target: JuiceFSTarget, { permission, verb }: Question): Promise<boolean> {
  const { group, resource, where, names = [undefined] } = permission
  const [plural, subresource] = resource.split('/')
  const namespaces = { cluster: undefined, juicify: NAMESPACE, secret: target.secretRef.namespace }
  const answers = await Promise.all(
    names.map(async (name) => {
      const resourceAttributes = {
        verb,
        group,
        resource: plural,
        subresource,
        namespace: namespaces[where],
        name: name === SECRET ? target.secretRef.name : name,
      }
      const review = (await cluster.raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      })) as { status?: { allowed?: boolean } }
      return review.status?.allowed === true
    }),
  )
  return answers.every((answer) => answer)
}
