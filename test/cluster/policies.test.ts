import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { isApiError } from '../../src/cluster/errors.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { createBound } from '../laboratory/binding.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { until } from '../laboratory/moving.ts'
import { missing, openCluster } from '../laboratory/real.ts'

// Policies that an API server carries out itself, without a webhook: it has both kinds since Kubernetes 1.36.

const POLICIES = 'admissionregistration.k8s.io/v1'
const skipped = missing ?? (await withoutPolicies())

async function withoutPolicies(): Promise<string | undefined> {
  const cluster = await openCluster()
  try {
    const { resources } = (await cluster.raw('GET', `/apis/${POLICIES}`)) as { resources: { name: string }[] }
    const has = (name: string) => resources.some((resource) => resource.name === name)
    return has('validatingadmissionpolicies') && has('mutatingadmissionpolicies')
      ? undefined
      : 'needs a server that has MutatingAdmissionPolicies'
  } finally {
    cluster.close()
  }
}

const NAME = `policies-${process.pid}`
const PV = { apiVersion: 'v1', kind: 'PersistentVolume', name: NAME }
const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: NAME, name: 'data' }
const MODES = ['ReadWriteMany']

function volume(source: object = { hostPath: { path: `/data/${NAME}` } }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: NAME },
    spec: {
      accessModes: MODES,
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { namespace: NAME, name: 'data' },
      ...source,
    },
  }
}

const OBJECTS: KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } },
  volume(),
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: NAME },
    spec: { accessModes: MODES, storageClassName: '', volumeName: NAME, resources: { requests: { storage: '1Gi' } } },
  },
]

const MIGRATION = `apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: ${NAME}}
spec:
  select: {namespaces: [${NAME}]}
  paths: [{from: /data, to: ""}]
  source: {nodes: shared}
  target: {driver: csi.juicefs.com, secretRef: {name: juicefs-sc-secret, namespace: kube-system}}
  copy: {mode: none}
`

/** A policy on volumes of this test's namespace, with what puts it in force. */
function policy(kind: 'Validating' | 'Mutating', spec: object, binding: object = {}): KubeObject[] {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['persistentvolumes'] }
  const own = `has(object.spec.claimRef) && object.spec.claimRef.namespace == '${NAME}'`
  return [
    {
      apiVersion: POLICIES,
      kind: `${kind}AdmissionPolicy`,
      metadata: { name: NAME },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [rule] },
        matchConditions: [{ name: 'own', expression: own }],
        ...spec,
      },
    },
    {
      apiVersion: POLICIES,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: { name: NAME },
      spec: { policyName: NAME, ...binding },
    },
  ]
}

describe.skipIf(skipped)(`policies of the API server${skipped ? ` (skipped: ${skipped})` : ''}`, () => {
  let cluster: Cluster & { close(): void }
  let place: Workplace
  let inForce: KubeObject[] = []

  beforeAll(async () => {
    cluster = await openCluster()
    await createBound(cluster, OBJECTS)
    const kubeconfig = await readFile(process.env.KUBECONFIG ?? '', 'utf8')
    place = await workplace(kubeconfig, { 'm.yaml': MIGRATION })
  })
  afterEach(async () => {
    for (const { apiVersion, kind } of inForce) await cluster.delete({ apiVersion, kind, name: NAME })
    inForce = []
  })
  afterAll(async () => {
    await place?.remove()
    await cluster?.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAME })
    await cluster?.delete(PV)
    cluster?.close()
  })

  /** Creates a policy, and waits until a volume that is asked for is as `isSeen` knows it by. */
  const enforce = async (objects: KubeObject[], isSeen: (answer: KubeObject | undefined) => boolean) => {
    inForce = objects
    for (const each of objects) await cluster.create(each)
    const csi = { driver: 'csi.juicefs.com', volumeHandle: 'asked' }
    const asked = { ...volume({ csi, mountOptions: ['subdir=asked'] }), metadata: { name: `${NAME}-asked` } }
    await until('the policy to be in force', async () => {
      try {
        return isSeen(await cluster.wouldCreate(asked))
      } catch (error) {
        if (isApiError(error, 422) || isApiError(error, 403)) return isSeen(undefined)
        throw error
      }
    })
  }
  const juicify = async (...words: string[]) => {
    const run = place.run(...words)
    return { code: await run.ended, output: run.output.replace(/\s+/g, ' ') }
  }
  const now = async () => ({
    spec: (await cluster.get<PersistentVolume>(PV)).spec,
    phase: (await cluster.get<PersistentVolumeClaim>(CLAIM)).status?.phase,
  })

  test('one that refuses the new volume is heard before anything is done, with its words and its name', async () => {
    const message = 'only approved CSI volumes'
    const validations = [{ expression: '!has(object.spec.csi)', message }]
    await enforce(
      policy('Validating', { validations }, { validationActions: ['Deny'] }),
      (answer) => answer === undefined,
    )
    const { code, output } = await juicify('apply', '-f', 'm.yaml', '--yes', '--no-probe')
    expect(code, output).toBe(3)
    expect(output).toContain(message)
    expect(output).toContain(`kubectl get validatingadmissionpolicy ${NAME}`)
    expect(await now()).toMatchObject({ spec: { hostPath: { path: `/data/${NAME}` } }, phase: 'Bound' })
  })

  test('what one adds to volumes is told before, and they are known with it, there and back', async () => {
    const option = 'cache-size=1024'
    const expression = `has(object.spec.csi)
      ? [JSONPatch{op: "add", path: "/spec/mountOptions/-", value: "${option}"}]
      : [JSONPatch{op: "add", path: "/spec/mountOptions", value: ["noatime"]}]`
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }]
    await enforce(policy('Mutating', { mutations, reinvocationPolicy: 'Never' }), (answer) =>
      ((answer as PersistentVolume | undefined)?.spec.mountOptions ?? []).includes(option),
    )
    const there = await juicify('apply', '-f', 'm.yaml', '--yes', '--no-probe')
    expect(there.code, there.output).toBe(0)
    expect(there.output).toContain(`spec.mountOptions ["subdir=${NAME}","${option}"]`)
    expect(await now()).toMatchObject({ spec: { mountOptions: [`subdir=${NAME}`, option] }, phase: 'Bound' })
    const back = await juicify('rollback', '-n', NAME, '--yes')
    expect(back.code, back.output).toBe(0)
    expect(back.output).toContain('spec.mountOptions ["noatime"]')
    expect(await now()).toMatchObject({
      spec: { hostPath: { path: `/data/${NAME}` }, mountOptions: ['noatime'] },
      phase: 'Bound',
    })
  })
})
