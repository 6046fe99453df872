import { expect, test } from 'vitest'
import { denialOf } from '../../../src/cluster/denial.ts'

// As servers of 1.20.2 and 1.37.2 say it.
test.each([
  ['rbac', 403, 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope'],
  ['rbac', 403, 'persistentvolumes "data" is forbidden: User "bob" cannot delete resource "persistentvolumes"'],
  ['rbac', 403, 'forbidden: User "bob" cannot get path "/readyz"'],
  [
    'rbac',
    403,
    'roles.rbac.authorization.k8s.io "a" is forbidden: user "bob" (groups=["x"]) is attempting to grant RBAC permissions not currently held:',
  ],
  [
    'webhook',
    403,
    'admission webhook "pv.policy.example.com" denied the request: only approved CSI volumes, see "exceeded quota: x"',
  ],
  ['webhook', 422, 'admission webhook "a.b" denied the request without explanation'],
  [
    'webhook-away',
    500,
    'Internal error occurred: failed calling webhook "a.b": failed to call webhook: Post "https://…": EOF',
  ],
  [
    'policy',
    422,
    "persistentvolumes \"data\" is forbidden: ValidatingAdmissionPolicy 'pv' with binding 'pv' denied request: no",
  ],
  [
    'policy',
    422,
    "The persistentvolumes \"data\" is invalid: : ValidatingAdmissionPolicy 'pv' with binding 'b' denied request: no",
  ],
  [
    'pod-security',
    403,
    'pods "a" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "node")',
  ],
  ['pod-security', 403, 'pods "a" is forbidden: PodSecurityPolicy: unable to admit pod: []'],
  ['quota', 403, 'pods "nb" is forbidden: failed quota: team-quota: must specify limits.cpu,limits.memory'],
  ['quota', 403, 'pods "nb" is forbidden: exceeded quota: team, requested: pods=1, used: pods=5, limited: pods=5'],
  [
    'quota',
    403,
    'pods "nb" is forbidden: [maximum cpu usage per Container is 1, but no limit is specified, maximum memory usage per Pod is 1Gi]',
  ],
  [
    'terminating',
    403,
    'pods "a" is forbidden: unable to create new content in namespace lab because it is being terminated',
  ],
  [
    'admission',
    403,
    'pods "a" is forbidden: error looking up service account lab/default: serviceaccount "default" not found',
  ],
  [undefined, 422, 'Pod "a" is invalid: spec.containers: Required value'],
  [undefined, 409, 'persistentvolumes "data" already exists'],
])('a refusal by %s (%i) is told from the others by the server’s words', (by, status, words) => {
  expect(denialOf(status, words)?.by).toBe(by)
})

test('only a right that is missing is to be granted, and nobody is sent to the roles for anything else', () => {
  const remedy = (words: string) => denialOf(403, words)?.remedy
  expect(remedy('pods is forbidden: User "bob" cannot list resource "pods"')).toContain('juicify rbac')
  expect(remedy('pods "a" is forbidden: failed quota: q: must specify limits.cpu')).toMatch(
    /^(?!.*rbac).*resourcequotas/,
  )
  expect(remedy('admission webhook "a.b" denied the request: no')).toMatch(/^(?!.*rbac).*a\.b/)
  expect(remedy('pods "a" is forbidden: violates PodSecurity "baseline:latest": x')).toMatch(
    /^(?!.*rbac).*pod-security/,
  )
})
