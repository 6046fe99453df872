import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { NAMESPACE } from '../domain/names.ts'
import { type Permission, SECRET, type Verb } from '../domain/permissions.ts'
import type { CheckFacts } from '../domain/readiness.ts'
import { objectsOf } from '../filesystem/objects.ts'
import { permissionsOn } from './permissions.ts'
import { clusterIdentity, survey } from './survey.ts'

const QUESTIONS_AT_ONCE = 16

interface Question {
  permission: Pick<Permission, 'group' | 'resource' | 'where'> & { names?: readonly string[] }
  verb: Verb
}

/** Reads what `check` judges. Throws where the server cannot be asked at all. */
export async function checkFacts(cluster: Cluster, fileSystem: FileSystem, signal?: AbortSignal): Promise<CheckFacts> {
  const [access, namespace] = await Promise.all([refusedAccess(cluster, fileSystem), ownNamespace(cluster, fileSystem)])
  const identity = await unlessForbidden(clusterIdentity(cluster), undefined)
  const { target, driver } = fileSystem
  const [found, parts, storageClasses] = await Promise.all([
    unlessForbidden(survey(cluster, { target }, signal ? { signal } : {}), undefined),
    Promise.all(driver.parts.map(async (query) => unlessForbidden(objectsOf(cluster, query), []))),
    unlessForbidden(objectsOf(cluster, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }), undefined),
  ])
  return {
    identity: identity ?? { uid: '', version: await versionOf(cluster) },
    server: cluster.server,
    fileSystem,
    access,
    namespace,
    parts: parts.flat(),
    ...(found ? { survey: found } : {}),
    ...(storageClasses ? { storageClasses } : {}),
  }
}

async function ownNamespace(cluster: Cluster, fileSystem: FileSystem): Promise<CheckFacts['namespace']> {
  const there = cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE })
  if (await unlessForbidden(there, undefined)) return 'there'
  const permission = { group: '', resource: 'namespaces', where: 'cluster', names: [NAMESPACE] } as const
  return (await mayI(cluster, fileSystem, { permission, verb: 'create' })) ? 'to create' : 'missing'
}

async function versionOf(cluster: Cluster): Promise<string> {
  const { gitVersion } = (await cluster.raw('GET', '/version')) as { gitVersion?: string }
  return gitVersion ?? 'of unknown version'
}

/** Asks the server about every verb of the list; about custom resources only where their API group is served. */
async function refusedAccess(cluster: Cluster, fileSystem: FileSystem): Promise<CheckFacts['access']> {
  const { groups = [] } = (await cluster.raw('GET', '/apis')) as { groups?: { name: string }[] }
  const served = new Set(groups.map(({ name }) => name))
  const questions = permissionsOn(fileSystem)
    .filter(({ need, group }) => need !== 'operators' || served.has(group))
    .flatMap((permission) => permission.verbs.map((verb) => ({ permission, verb })))
  const limit = pLimit(QUESTIONS_AT_ONCE)
  const answers = await Promise.all(
    questions.map((question) => limit(async () => ((await mayI(cluster, fileSystem, question)) ? [] : [question]))),
  )
  return { asked: questions.length, refused: answers.flat() }
}

async function mayI(cluster: Cluster, { secretRef }: FileSystem, { permission, verb }: Question): Promise<boolean> {
  const { group, resource, where, names = [undefined] } = permission
  const [plural, subresource] = resource.split('/')
  const namespaces = { cluster: undefined, juicify: NAMESPACE, secret: secretRef?.namespace }
  const answers = await Promise.all(
    names.map(async (name) => {
      const resourceAttributes = {
        verb,
        group,
        resource: plural,
        subresource,
        namespace: namespaces[where],
        name: name === SECRET ? secretRef?.name : name,
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
