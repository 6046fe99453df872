import { troubleWords, type Wording } from '../words/trouble.ts'

/**
 * Who in an API server refuses what was asked for:
 * - `rbac`: who asks has no right to it
 * - `webhook`, `policy`: an admission webhook, a ValidatingAdmissionPolicy
 * - `webhook-away`: an admission webhook that is to be asked, and does not answer
 * - `pod-security`: the pod security level of the namespace
 * - `quota`: a ResourceQuota or a LimitRange of the namespace
 * - `terminating`: the namespace is being deleted
 * - `admission`: another plugin of the server
 */
export type DeniedBy =
  | 'rbac'
  | 'webhook'
  | 'webhook-away'
  | 'policy'
  | 'pod-security'
  | 'quota'
  | 'terminating'
  | 'admission'

/** A refusal, and what to do about it. */
export interface Denial {
  by: DeniedBy
  /** In English. */
  remedy: string
  /** The same in whichever words. */
  in: Wording
}

/** As `pods "a" is forbidden: `, or at the beginning of the message. What comes after it are the plugin's own words. */
const FORBIDDEN = /^\S+(?: "[^"]*")? is forbidden: /

const MOST_SPECIFIC_FIRST: [DeniedBy, RegExp][] = [
  ['webhook', /^admission webhook "([^"]+)" denied the request/],
  ['webhook-away', /^Internal error occurred: failed calling (?:admission )?webhook "([^"]+)"/],
  ['policy', /^ValidatingAdmissionPolicy '([^']+)'.* denied request/],
  ['rbac', /^[Uu]ser "[^"]*" .*(?:cannot |is attempting to grant )/],
  [
    'pod-security',
    /^(?:violates PodSecurity "|PodSecurityPolicy: |unable to validate against any pod security policy)/,
  ],
  ['quota', /^(?:exceeded quota: |failed quota: |status unknown for quota: |insufficient quota )([^,:\s]*)/],
  ['quota', /^\[?(?:maximum|minimum) \S+ usage per |^\[?\S+ max limit to request ratio per /],
  ['terminating', / because it is being terminated$/],
]

/**
 * Who refuses, by the server's words, which it says the same way in all its versions; undefined for an answer that is no
 * refusal of admission or of a right. The names of objects stand before what is looked at, and are not.
 */
export function denialOf(status: number, told: string): Denial | undefined {
  // one of a policy may say Invalid: `The pods "a" is invalid: : ValidatingAdmissionPolicy …`
  const words = told
    .replace(FORBIDDEN, '')
    .replace(/^(?:The )?\S*(?: "[^"]*")? is invalid: : /, '')
    .replace(/^forbidden: /, '')
  for (const [by, pattern] of MOST_SPECIFIC_FIRST) {
    const name = pattern.exec(words)
    if (name) return denial(by, name[1])
  }
  return status === 403 ? denial('admission') : undefined
}

function denial(by: DeniedBy, name = ''): Denial {
  const wording: Wording = (say) => say.denied[by](name)
  return { by, remedy: wording(troubleWords('en')), in: wording }
}
