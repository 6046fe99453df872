import { type Finding, finding } from '../../domain/finding.ts'
import { compareText, listed } from '../../domain/text.ts'
import { directoryOf, sourceOf } from '../../domain/volume.ts'
import { isReleased } from '../candidate.ts'
import { lostClaims, lostGroup } from '../lost.ts'
import { isExcluded, isMatched } from '../selection.ts'
import { type Context, claimRef, volumeRef } from './context.ts'

/**
 * What is selected and cannot be planned: volumes that nobody can use any more, those that are on no node's disk, and claims
 * whose volume is gone.
 */
export function leftoverFindings(context: Context): Finding[] {
  return [...spent(context), ...elsewhere(context), ...lost(context)]
}

function spent({ survey, migration }: Context): Finding[] {
  return survey.volumes
    .filter((pv) => isReleased(pv) && directoryOf(pv) !== undefined)
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

function elsewhere({ survey, migration, fileSystem }: Context): Finding[] {
  const selected = survey.volumes
    .filter((pv) => directoryOf(pv) === undefined && !fileSystem.volumes.holds(pv))
    .filter((pv) => isMatched(pv, migration) && !isExcluded(pv, migration))
  const sources = [...new Set(selected.map(sourceOf))].sort(compareText)
  return sources.map((source) => {
    const names = selected.filter((pv) => sourceOf(pv) === source).map(({ metadata }) => metadata.name)
    const [they, are, stay] = names.length === 1 ? ['It', 'is', 'stays as it is'] : ['They', 'are', 'stay as they are']
    return finding(
      'note',
      'not-on-a-disk',
      {},
      `${listed(names.sort(compareText))} (${source}): ${they} ${are} on no node's disk, and ${stay}.`,
      `Nothing; spec.select.exclude leaves them out of the plan.`,
    )
  })
}

function lost({ survey, migration }: Context): Finding[] {
  return lostClaims(survey, migration).map((claim) =>
    finding(
      'block',
      'claim-lost',
      { object: claimRef(claim.metadata.namespace, claim.metadata.name), group: lostGroup(claim) },
      `It is Lost: there is no PersistentVolume ${claim.spec.volumeName} any more, and nothing says where its data was.`,
      `Create ${claim.spec.volumeName} again as it was, on its old directory, and plan again; do not delete the claim.`,
    ),
  )
}
