import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { apiPath } from '../cluster/resource.ts'
import { pause } from '../cluster/signal.ts'
import { update } from '../cluster/update.ts'
import { canonicalJson } from '../domain/digest.ts'
import { Refusal } from '../domain/failure.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import { definitionOf, OWN_KINDS, type OwnKind, RECORD_KIND } from '../domain/own-kinds.ts'
import { worded, words } from '../words/trouble.ts'

/** Milliseconds until a new kind has to be served; it takes a server about one second. */
const SERVED = 60_000
/** Milliseconds between two looks. */
const LOOK = 100

/**
 * Makes sure that the kinds of juicify's own are served, and are what this juicify means by them: those that are missing
 * are defined, and waited for. Returns the names of the definitions that it made. Throws Refusal for a definition that
 * is not ours, and where one may not be made.
 */
export async function ensureDefinitions(cluster: Cluster): Promise<string[]> {
  const made = await Promise.all(OWN_KINDS.map((kind) => ensureDefinition(cluster, kind)))
  return made.flat()
}

async function ensureDefinition(cluster: Cluster, kind: OwnKind): Promise<string[]> {
  const wanted = definitionOf(kind)
  const there = await cluster.find<KubeObject>(refOf(wanted))
  if (there) mustBeOurs(there, wanted)
  else await define(cluster, wanted)
  if (!there || !isEstablished(there)) await served(cluster, kind, wanted)
  return there ? [] : [wanted.metadata.name]
}

async function define(cluster: Cluster, wanted: KubeObject): Promise<void> {
  try {
    const there = await update(cluster, refOf(wanted), (now) => (now ? undefined : { do: 'create', object: wanted }), {
      known: undefined,
    })
    if (there) mustBeOurs(there, wanted)
  } catch (error) {
    if (!isApiError(error, 403)) throw error
    const name = describeRef(refOf(wanted))
    throw new Refusal(...worded((say) => say.job.noDefinition(name, words(error, say).message), { cause: error }))
  }
}

/** The parts of a definition that decide who can write what. */
interface Spec {
  group?: string
  scope?: string
  names?: { kind?: string; plural?: string }
  conversion?: { strategy?: string }
  versions?: { name: string; served?: boolean; storage?: boolean; schema?: { openAPIV3Schema?: unknown } }[]
}

/** Another one may keep the records in namespaces, or have a webhook write them: nothing in it could be believed. */
function mustBeOurs(there: KubeObject, wanted: KubeObject): void {
  const [is, ours] = [there.spec as Spec, wanted.spec as Spec]
  const [version] = ours.versions ?? []
  const found = is.versions?.find(({ name }) => name === version?.name)
  const differs = (
    [
      ['spec.group', is.group, ours.group],
      ['spec.scope', is.scope, ours.scope],
      ['spec.names.kind', is.names?.kind, ours.names?.kind],
      ['spec.conversion.strategy', is.conversion?.strategy ?? 'None', 'None'],
      [`spec.versions[${version?.name}].served`, found?.served, true],
      [`spec.versions[${version?.name}].storage`, found?.storage, true],
      [`spec.versions[${version?.name}].schema`, found?.schema, version?.schema],
      ['metadata.deletionTimestamp', there.metadata.deletionTimestamp, undefined],
    ] as const
  ).find(([, was, should]) => canonicalJson(was ?? null) !== canonicalJson(should ?? null))
  if (!differs) return
  const [field, was, should] = differs
  const { name } = there.metadata
  throw new Refusal(
    ...worded((say) => {
      const [expected, found] = [should, was].map((value) => (value === undefined ? say.job.none() : inShort(value)))
      return say.job.otherDefinition(describeRef(refOf(there)), name, field, expected ?? '', found ?? '')
    }),
  )
}

function inShort(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function isEstablished({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some((condition) => condition.type === 'Established' && condition.status === 'True')
}

/** A definition is served a moment after it was accepted; names that another one has taken never are. */
async function served(cluster: Cluster, { plural }: OwnKind, definition: KubeObject): Promise<void> {
  const deadline = cluster.deadline(SERVED)
  try {
    while (!(await isServed(cluster, plural))) {
      if (deadline.signal.aborted) {
        const { name } = definition.metadata
        throw new Refusal(
          ...worded((say) => say.job.definitionNotServed(SERVED / 1000, describeRef(refOf(definition)), name)),
        )
      }
      await pause(LOOK, deadline.signal)
    }
  } finally {
    deadline.clear()
  }
}

async function isServed(cluster: Cluster, plural: string): Promise<boolean> {
  try {
    await cluster.raw('GET', `${apiPath(RECORD_KIND.apiVersion)}/${plural}?limit=1`)
    return true
  } catch (error) {
    if (isApiError(error, 404)) return false
    throw error
  }
}
