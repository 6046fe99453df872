import type { Finding } from '../../domain/finding.ts'
import { compareText } from '../../domain/text.ts'
import { directoryOf, type PersistentVolume, sourceOf } from '../../domain/volume.ts'
import { finding } from '../../words/finding.ts'
import { isReleased } from '../candidate.ts'
import { claimNamed } from '../lookup.ts'
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
  // one that waits for this very volume, or for any, may still get it
  const anotherOf = ({ metadata, spec: { claimRef } }: PersistentVolume) => {
    const another = claimNamed(survey, claimRef?.namespace, claimRef?.name)?.spec.volumeName
    return another === undefined || another === '' || another === metadata.name ? {} : { another }
  }
  return survey.volumes
    .filter((pv) => isReleased(pv) && directoryOf(pv) !== undefined)
    .filter((pv) => isMatched(pv, migration, survey) && !isExcluded(pv, migration))
    .map((pv) => {
      // only a volume that had one is Released or Failed
      const { namespace, name } = pv.spec.claimRef ?? {}
      const claim = `${namespace}/${name}`
      return pv.status?.phase === 'Failed'
        ? finding('warn', 'volume-failed', { object: volumeRef(pv) }, { message: pv.status.message, claim })
        : finding(
            'warn',
            'volume-released',
            { object: volumeRef(pv) },
            { volume: pv.metadata.name, claim, ...anotherOf(pv) },
          )
    })
}

function elsewhere({ survey, migration, fileSystem }: Context): Finding[] {
  const selected = survey.volumes
    .filter((pv) => directoryOf(pv) === undefined && !fileSystem.volumes.holds(pv))
    .filter((pv) => isMatched(pv, migration, survey) && !isExcluded(pv, migration))
  const sources = [...new Set(selected.map(sourceOf))].sort(compareText)
  return sources.map((source) => {
    const names = selected.filter((pv) => sourceOf(pv) === source).map(({ metadata }) => metadata.name)
    return finding('note', 'not-on-a-disk', {}, { volumes: names.sort(compareText), source })
  })
}

function lost({ survey, migration }: Context): Finding[] {
  return lostClaims(survey, migration).map((claim) =>
    finding(
      'block',
      'claim-lost',
      { object: claimRef(claim.metadata.namespace, claim.metadata.name), group: lostGroup(claim) },
      { volume: String(claim.spec.volumeName), there: false },
    ),
  )
}
