import { expect, test } from 'vitest'
import { type JobRequest, jobManifests, jobYaml } from '../../../src/report/job.ts'

const REQUEST: JobRequest = {
  name: 'juicify-apply-friday',
  args: ['apply', '-f', '/etc/juicify/friday.yaml', '--yes'],
  added: ['--yes'],
  role: 'operator',
  image: 'hub.lab/juicify:1',
  imagePullSecrets: [],
  file: { name: 'friday.yaml', text: 'kind: Migration\n' },
  cronJobVersion: 'batch/v1',
}

interface Pod {
  securityContext: object
  containers: { securityContext: object; args: string[] }[]
}

function podOf(request: JobRequest): Pod {
  const [job] = jobManifests(request).filter(({ kind }) => kind === 'Job') as { spec?: unknown }[]
  return (job as { spec: { template: { spec: Pod } } }).spec.template.spec
}

const kinds = (request: JobRequest) => jobManifests(request).map(({ kind }) => kind)

test('the pod of a Job is what a restricted namespace takes: no root, no capabilities, nothing to write to', () => {
  const { securityContext, containers } = podOf(REQUEST)
  expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  expect(containers.map((container) => container.securityContext)).toEqual([
    { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  ])
})

test('a pod that is evicted is followed by another one, and a schedule never runs twice at a time', () => {
  const [job] = jobManifests(REQUEST).filter(({ kind }) => kind === 'Job')
  expect(job?.spec).toMatchObject({ backoffLimit: 6, template: { spec: { restartPolicy: 'Never' } } })
  const scheduled = jobManifests({ ...REQUEST, schedule: '0 1 * * 6', cronJobVersion: 'batch/v1beta1' })
  expect(scheduled.at(-1)).toMatchObject({
    apiVersion: 'batch/v1beta1',
    kind: 'CronJob',
    spec: { schedule: '0 1 * * 6', concurrencyPolicy: 'Forbid', jobTemplate: { spec: job?.spec } },
  })
})

test('what the pod reads cannot be changed under it: another text is another ConfigMap', () => {
  const nameOf = (text: string) => {
    const objects = jobManifests({ ...REQUEST, file: { name: 'friday.yaml', text } })
    const map = objects.find(({ kind }) => kind === 'ConfigMap')
    expect(map).toMatchObject({ immutable: true, data: { 'friday.yaml': text } })
    expect(JSON.stringify(objects.at(-1))).toContain(`"configMap":{"name":"${map?.metadata.name}"}`)
    return map?.metadata.name
  }
  expect(nameOf('a')).not.toBe(nameOf('b'))
})

test('the address of a webhook is in a Secret, and a word that looks like a variable stays a word', () => {
  const args = ['apply', '-n', '$(HOME)', '--notify', '$(JUICIFY_NOTIFY)']
  const request = { ...REQUEST, args, notify: 'https://chat.lab/hush' }
  expect(podOf(request).containers[0]?.args).toEqual(['apply', '-n', '$$(HOME)', '--notify', '$(JUICIFY_NOTIFY)'])
  expect(JSON.stringify(podOf(request))).not.toContain('hush')
  expect(kinds(request)).toContain('Secret')
  expect(kinds(REQUEST)).not.toContain('Secret')
})

test('the file says what it runs, what was added, and how it is applied, also where kubectl apply alone is not enough', () => {
  const text = jobYaml(REQUEST, jobManifests(REQUEST))
  expect(text).toMatch(/^# The Job juicify\/juicify-apply-friday runs: juicify apply -f .* --yes\n# .* added --yes/)
  expect(text).toContain('# Apply it with kubectl apply -f -.')
  // whoever may create pods there could use it
  expect(text).toContain('kubectl delete serviceaccount -n juicify juicify')
  const large = { ...REQUEST, file: { name: 'plan.yaml', text: 'x'.repeat(300_000) } }
  expect(jobYaml(large, [])).toContain('kubectl apply --server-side')
})

test('what stands in its comments ends none of them, whatever it is called', () => {
  const args = ['rollback', 'x\n---\nkind: ClusterRoleBinding\r# \u2028kind: Pod']
  const text = jobYaml({ ...REQUEST, args, added: ['y\nkind: Secret'] }, [])
  expect(text.split(/[\n\r\u2028]/).filter((line) => !/^(#|$)/.test(line))).toEqual([])
})

test('the address of a webhook is where its flag is, in either spelling, and at no other word', () => {
  const argsOf = (...args: string[]) => podOf({ ...REQUEST, args, notify: 'https://chat.lab/hush' }).containers[0]?.args
  expect(argsOf('resume', '--notify=$(JUICIFY_NOTIFY)')).toEqual(['resume', '--notify=$(JUICIFY_NOTIFY)'])
  expect(argsOf('rollback', '$(JUICIFY_NOTIFY)')).toEqual(['rollback', '$$(JUICIFY_NOTIFY)'])
})
