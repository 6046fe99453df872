import type { SecretRef } from '../../domain/filesystem.ts'
import type { Judgement } from '../../domain/readiness.ts'
import type { Survey } from '../../domain/survey.ts'
import { finding } from '../../words/finding.ts'
import { judgeDriver, unreadSecret } from '../csi-driver.ts'

/** What plans and `check` have to say of the driver, and of the Secret where the template names one. */
export function judgeTemplate(driver: string, secretRef: SecretRef | undefined, survey: Survey): Judgement[] {
  // whether it attaches volumes is its own business
  const judged = judgeDriver(survey, driver, { target: 'csi', attaches: true })
  return [judged, ...(secretRef ? [secretJudgement(secretRef, survey)] : [])]
}

function secretJudgement(secretRef: SecretRef, survey: Survey): Judgement {
  const { namespace, name } = secretRef
  const missing = finding(
    'block',
    'secret-missing',
    { object: { apiVersion: 'v1', kind: 'Secret', namespace, name } },
    { target: 'csi' },
  )
  return {
    subject: 'secret',
    findings: unreadSecret(survey) ?? (survey.secret ? [] : [missing]),
    well: { is: 'secret', name: `${namespace}/${name}`, keys: survey.secret?.keys ?? [] },
  }
}
