import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { NAMESPACE } from '../domain/names.ts'
import { type Permission, SECRET, type Verb } from '../domain/permissions.ts'
import type { CheckFacts } from '../domain/readiness.ts'
import { objectsOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { oldDirectoriesIn } from '../planner/directory-users.ts'
import { cubeStudioConfig } from './cube-studio.ts'
import { directoryUsers } from './directory-users.ts'
import { permissionsOn } from './permissions.ts'
import { apiGroups } from './served.ts'
import { clusterIdentity, survey } from './survey.ts'

const QUESTIONS_AT_ONCE = 16

interface Question {
  permission: Pick<Permission, 'group' | 'resource' | 'where'> & { names?: readonly string[] }
  verb: Verb
}

/** Reads what `check` judges. Throws where the server cannot be asked at all. */
export async function checkFacts(cluster: Cluster, migration: Migration, signal?: AbortSignal): Promise<CheckFacts> {
  const fileSystem = fileSystemOf(migration.target)
  const [access, namespace] = await Promise.all([refusedAccess(cluster, fileSystem), ownNamespace(cluster, fileSystem)])
  const identity = await unlessForbidden(clusterIdentity(cluster), undefined)
  const [found, storageClasses, cubeStudio] = await Promise.all([
    unlessForbidden(survey(cluster, migration, signal ? { signal } : {}), undefined),
    unlessForbidden(objectsOf(cluster, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }), undefined),
    cubeStudioConfig(cluster),
  ])
  const moved = oldDirectoriesIn(found?.volumes ?? [])
  const users = moved.length > 0 ? (await directoryUsers(cluster, moved)).users : undefined
  return {
    identity: identity ?? { uid: '', version: await versionOf(cluster), title: cluster.title },
    migration,
    fileSystem,
    access,
    namespace,
    ...(found ? { survey: found } : {}),
    ...(storageClasses ? { storageClasses } : {}),
    ...(users ? { directoryUsers: users } : {}),
    ...(cubeStudio ? { cubeStudio } : {}),
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
  const served = new Set((await apiGroups(cluster)).map(({ name }) => name))
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
