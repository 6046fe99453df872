import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import { quotasOf } from '../../domain/quota.ts'
import { finding } from '../../words/finding.ts'
import type { Context, Draft } from './context.ts'
import { volumeRef } from './context.ts'

const GIB = 2 ** 30

/** What is to be said of the limits that directories are to get: that one cannot be set, or is too small for what is there. */
export function quotaFindings({ drafts, fileSystem, survey }: Context): Finding[] {
  const { quotas, secretRef } = fileSystem
  if (!quotas) return []
  const problem = survey.secret && quotas.problem(survey.secret)
  if (problem !== undefined && secretRef) {
    const object = { apiVersion: 'v1', kind: 'Secret', ...secretRef }
    return drafts.map(({ name }) => finding('block', 'quota-impossible', { group: name, object }, { problem }))
  }
  return drafts.flatMap((draft) => [...ofRoot(draft, quotas.ofRoot), ...tooSmall(draft)])
}

function ofRoot({ name, group }: Draft, remedy: string): Finding[] {
  return group.volumes
    .filter(({ subdir }) => subdir === '')
    .map(({ before }) => {
      const object = volumeRef(before)
      const data = { name: describeRef(object), remedy }
      return finding('note', 'quota-impossible', { group: name, object }, data)
    })
}

/** What a directory holds is known of those that are measured, each in whole; of several nodes at least what the fullest has. */
function tooSmall({ name, group }: Draft): Finding[] {
  const quotas = new Map(quotasOf(group).map((quota) => [quota.subdir, quota]))
  return group.copies.flatMap(({ directory, subdir, measured }) => {
    const quota = quotas.get(subdir)
    if (!quota || !measured || 'failure' in measured) return []
    const least = Math.max(0, ...measured.nodes.map(({ space }) => space))
    if (least < quota.gib * GIB) return []
    return [
      finding(
        'block',
        'quota-too-small',
        { group: name },
        { directory, bytes: least, gib: quota.gib, volumes: quota.volumes.length },
      ),
    ]
  })
}
