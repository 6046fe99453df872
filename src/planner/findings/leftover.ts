import type { Finding } from '../../domain/finding.ts'
import { matchesGlob } from '../../domain/text.ts'
import { directoryOf } from '../../domain/volume.ts'
import { isSpent } from '../candidate.ts'
import { isExcluded, isMatched } from '../selection.ts'
import { type Context, claimRef, finding, volumeRef } from './context.ts'

/** What is selected and cannot be planned: volumes that nobody can use any more, and claims whose volume is gone. */
export function leftoverFindings(context: Context): Finding[] {
  return [...spent(context), ...lost(context)]
}

function spent({ survey, migration }: Context): Finding[] {
  return survey.volumes
    .filter((pv) => isSpent(pv) && directoryOf(pv) !== undefined)
    .filter((pv) => isMatched(pv, migration) && !isExcluded(pv, migration))
    .map((pv) => {
      const { namespace, name } = pv.spec.claimRef ?? {}
      const was = name === undefined ? '' : ` Its claim was ${namespace}/${name}.`
      return pv.status?.phase === 'Failed'
        ? finding(
            'warn',
            'volume-failed',
            { object: volumeRef(pv) },
            `It is Failed${pv.status.message ? ` (${pv.status.message})` : ''}: nobody can use it, and it stays as it is.${was}`,
            'Delete it once its data is of no use to anybody.',
          )
        : finding(
            'warn',
            'volume-released',
            { object: volumeRef(pv) },
            `It is Released: nobody can use it any more, and it stays as it is.${was}`,
            `To move it, free it first: kubectl patch pv ${pv.metadata.name} --type json -p '[{"op":"remove","path":"/spec/claimRef"}]'`,
          )
    })
}

function lost({ survey, migration }: Context): Finding[] {
  const there = new Set(survey.volumes.map(({ metadata }) => metadata.name))
  const underWay = new Set(survey.records.flatMap(({ volumes }) => volumes))
  const { namespaces, volumes, exclude } = migration.select
  return survey.claims.flatMap(({ metadata, spec, status }) => {
    const name = spec.volumeName
    if (status?.phase !== 'Lost' || name === undefined || there.has(name) || underWay.has(name)) return []
    if (namespaces.length > 0 && !namespaces.some((glob) => matchesGlob(glob, metadata.namespace))) return []
    if (volumes.length > 0 && !volumes.some((glob) => matchesGlob(glob, name))) return []
    if (exclude.some((glob) => matchesGlob(glob, name))) return []
    return [
      finding(
        'block',
        'claim-lost',
        { object: claimRef(metadata.namespace, metadata.name) },
        `It is Lost: there is no PersistentVolume ${name} any more, and nothing says where its data was.`,
        `Create ${name} again as it was, on its old directory, and plan again; do not delete the claim.`,
      ),
    ]
  })
}
