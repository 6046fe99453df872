import { type Finding, finding } from '../../domain/finding.ts'
import type { Survey } from '../../domain/survey.ts'
import { driverFindings } from '../csi-driver.ts'
import { SEE_PODS } from './parts.ts'
import { lackingKeys } from './secret.ts'
import type { JuiceFSTarget } from './target.ts'

/** What a plan has to say of the driver and of the file system's Secret. */
export function findingsOn({ driver, secretRef }: JuiceFSTarget, survey: Survey): Finding[] {
  const remedies = {
    install: 'Install juicefs-csi-driver, or give its name in spec.target.driver.',
    complete: `See ${SEE_PODS}, or keep the pods off those nodes.`,
  }
  return [...driverFindings(survey, driver, remedies), ...secretFindings(secretRef, survey)]
}

function secretFindings({ name, namespace }: JuiceFSTarget['secretRef'], { secret, unread }: Survey): Finding[] {
  if (unread?.some(({ part }) => part === 'secret')) return []
  const object = { apiVersion: 'v1', kind: 'Secret', namespace, name }
  if (!secret) {
    return [
      finding(
        'block',
        'secret-missing',
        { object },
        'The Secret of the file system is not there: no pod could mount what is moved.',
        'Create it with name, metaurl, storage, bucket and keys, or name another in spec.target.secretRef.',
      ),
    ]
  }
  const { required, wanted } = lackingKeys(secret.keys)
  return [
    ...(required.length > 0
      ? [
          finding(
            'block',
            'secret-incomplete',
            { object },
            `It lacks ${required.join(' and ')}: no pod could mount what is moved.`,
            'Add what is missing.',
          ),
        ]
      : []),
    ...(wanted.length > 0
      ? [
          finding(
            'warn',
            'secret-incomplete',
            { object },
            `It lacks ${wanted.join(' and ')}: if the file system is not formatted yet, the first mount formats it on the node's own disk.`,
            'Add them, or see with juicefs status that it is formatted.',
          ),
        ]
      : []),
  ]
}
