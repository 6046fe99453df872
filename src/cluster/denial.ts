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
  remedy: string
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
    if (name) return { by, remedy: remedyOf(by, name[1]) }
  }
  return status === 403 ? { by: 'admission', remedy: remedyOf('admission') } : undefined
}

function remedyOf(by: DeniedBy, name = ''): string {
  switch (by) {
    case 'rbac':
      return 'Let somebody grant it: `juicify rbac` prints the roles that juicify needs.'
    case 'webhook':
      return `The admission webhook ${name} refuses it, whatever rights one has: have whoever runs it allow it (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations), or give the object what it asks for.`
    case 'webhook-away':
      return `The server has to ask the admission webhook ${name} first, which does not answer: get it running again, then run the command again.`
    case 'policy':
      return `The policy refuses it, whatever rights one has: read it (kubectl get validatingadmissionpolicy ${name} -o yaml), and have whoever made it allow this, or give the object what it asks for.`
    case 'pod-security':
      return 'The pod security level of the namespace refuses it: see its labels pod-security.kubernetes.io/…, and have its owner allow the pod.'
    case 'quota':
      return 'A quota or a limit of the namespace refuses it: see kubectl describe resourcequotas,limitranges in that namespace, and have its owner raise it, or have the pod ask for what it must.'
    case 'terminating':
      return 'The namespace is being deleted, and nothing new comes in: leave it out, or wait until it is gone and made again.'
    case 'admission':
      return 'The server’s words say what refuses it. Where that is a right that is missing, `juicify rbac` prints the roles that juicify needs; where it is a plugin of the server, ask whoever runs the cluster.'
  }
}
