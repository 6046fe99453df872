import type { Finding, FindingCode, Severity } from '../domain/finding.ts'
import type { ObjectRef } from '../domain/object.ts'
import { findings as english, type FindingData, type Sentences } from './findings.en.ts'
import { findings as chinese } from './findings.zh.ts'
import type { Language } from './language.ts'

const EDITIONS = { en: english, zh: chinese }

/**
 * Makes a finding, which says in English what the catalogue has of its code, and carries the data, from which every other
 * language says it too.
 * @param about which object it is about and which group it speaks of, if any
 */
export function finding<Code extends FindingCode>(
  severity: Severity,
  code: Code,
  about: { object?: ObjectRef; group?: string },
  data: FindingData<Code>,
): Finding {
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
  return {
    severity,
    code,
    ...about,
    ...sentencesOf('en', code, data),
    ...(Object.keys(given).length > 0 ? { data: given } : {}),
  }
}

/**
 * What a finding says in a language. One that a plan holds may be of another version of juicify, which has other data: it is
 * said in English, as it stands there, where English would not be made from its data in the same words.
 */
export function said(finding: Finding, language: Language): Sentences {
  if (language === 'en') return finding
  const { code, data = {} } = finding
  try {
    const { why, remedy } = sentencesOf('en', code, data)
    return why === finding.why && remedy === finding.remedy ? sentencesOf(language, code, data) : finding
  } catch {
    // data that lack what is read of them
    return finding
  }
}

function sentencesOf(language: Language, code: FindingCode, data: object): Sentences {
  return (EDITIONS[language][code] as (data: object) => Sentences)(data)
}
