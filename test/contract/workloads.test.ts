import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus, type Thing } from './api.ts'
import { podSpec, volume, workload } from './manifests.ts'

const isReady = (pod: Thing): boolean =>
  (pod.status?.conditions ?? []).some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  )

contract('Workloads', (ground) => {
  const apps = (plural: string) => `/apis/apps/v1/namespaces/${ground.namespace}/${plural}`
  const pods = () => `${ground.here}/pods`
  const podsOf = async (name: string): Promise<Thing[]> =>
    (await ground.client.get(`${pods()}?labelSelector=app%3D${name}`)).body.items
  const make = (plural: string, kind: string, name: string, spec: object = {}) =>
    expectStatus(201, ground.client.create(apps(plural), workload(kind, name, { ...spec })))
  const ready = (plural: string, name: string, count: number) =>
    ground.client.until(
      `${apps(plural)}/${name}`,
      (found) =>
        (found?.status?.readyReplicas ?? 0) === count &&
        found?.status?.observedGeneration === found?.metadata.generation,
    )
  const scale = (path: string, replicas: number) =>
    expectStatus(200, ground.client.patch(`${path}/scale`, { spec: { replicas } }))
  /** Waits until a workload has no pods left at all, those that are being deleted included. */
  const empty = async (name: string): Promise<void> => {
    const list = (await ground.client.get(`${pods()}?labelSelector=app%3D${name}`)).body
    let left = list.items.length
    if (left === 0) return
    const watch = `${pods()}?labelSelector=app%3D${name}&resourceVersion=${list.metadata.resourceVersion}&timeoutSeconds=60`
    for await (const { type } of ground.client.watch(watch)) {
      if (type === 'ADDED') left++
      if (type === 'DELETED' && --left === 0) return
    }
    throw new Error(`pods of ${name} are left after 60 s`)
  }

  /** How few pods were ready, and not on their way out, at any time after a list of them in which all were. */
  const fewestReady = async (name: string, list: Thing): Promise<number> => {
    const ready = new Set(list.items.map(({ metadata }) => metadata.uid))
    let fewest = ready.size
    const known = new Set((await podsOf(name)).map(({ metadata }) => metadata.resourceVersion))
    const from = `resourceVersion=${list.metadata.resourceVersion}&timeoutSeconds=60`
    for await (const { type, object } of ground.client.watch(`${pods()}?labelSelector=app%3D${name}&${from}`)) {
      const { uid, deletionTimestamp, resourceVersion } = object.metadata
      if (type !== 'DELETED' && !deletionTimestamp && isReady(object)) ready.add(uid)
      else ready.delete(uid)
      fewest = Math.min(fewest, ready.size)
      // What the watch tells ends with the pods as they are now.
      known.delete(resourceVersion)
      if (known.size === 0) break
    }
    return fewest
  }

  it('of kind Deployment get a ReplicaSet, and that gets pods; scaled to 0 all go, and come back', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('deployments', 'Deployment', 'web', { replicas: 2 })
    const found = await ready('deployments', 'web', 2)
    expect(found.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
    expect(found.status).toMatchObject({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })
    const [pod] = await podsOf('web')
    const owner = pod?.metadata.ownerReferences?.[0]
    expect(owner).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      controller: true,
      blockOwnerDeletion: true,
    })
    const set = (await ground.client.get(`${apps('replicasets')}/${String(owner?.name)}`)).body
    expect(set.metadata.ownerReferences).toMatchObject([
      { kind: 'Deployment', name: 'web', uid: found.metadata.uid, controller: true },
    ])
    expect(pod?.metadata.labels?.['pod-template-hash']).toBe(set.metadata.labels?.['pod-template-hash'])
    const scaled = await scale(`${apps('deployments')}/web`, 0)
    // A Scale of 0 does not say so: its field is left out.
    expect(scaled).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1' })
    expect(scaled.spec).toEqual({})
    await empty('web')
    const stopped = await ground.client.until(
      `${apps('deployments')}/web`,
      (thing) => (thing?.status?.replicas ?? 0) === 0,
    )
    expect(stopped.spec.replicas).toBe(0)
    await scale(`${apps('deployments')}/web`, 1)
    await ready('deployments', 'web', 1)
  })

  it('of kind Deployment are rolled over one by one, with never fewer pods available than allowed', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }
    await make('deployments', 'Deployment', 'rolled', { replicas: 3, strategy })
    await ready('deployments', 'rolled', 3)
    const started = (await ground.client.get(`${pods()}?labelSelector=app%3Drolled`)).body
    const before = started.items.map(({ metadata }) => metadata.uid)
    const path = `${apps('deployments')}/rolled`
    const restart = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' }
    const changed = await expectStatus(
      200,
      ground.client.patch(path, { spec: { template: { metadata: { annotations: restart } } } }, 'strategic'),
    )
    const done = await ground.client.until(path, (thing) => {
      const { observedGeneration, updatedReplicas, replicas, availableReplicas } = thing?.status ?? {}
      const seen = observedGeneration >= (changed.metadata.generation ?? 0)
      return seen && updatedReplicas === 3 && replicas === 3 && availableReplicas === 3
    })
    expect(await fewestReady('rolled', started)).toBe(2)
    expect(done.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    const after = (await podsOf('rolled')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    expect(after.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([])
  })

  it('of kind Deployment keep their selector', async () => {
    await make('deployments', 'Deployment', 'selecting', { replicas: 0 })
    const other = ground.client.patch(`${apps('deployments')}/selecting`, {
      spec: { selector: { matchLabels: { app: 'other' } } },
    })
    expect(await expectRefusal(422, 'Invalid', other)).toContain('field is immutable')
    const wrong = ground.client.create(
      apps('deployments'),
      workload('Deployment', 'wrong', { selector: { matchLabels: { app: 'other' } } }),
    )
    expect(await expectRefusal(422, 'Invalid', wrong)).toContain('`selector` does not match template `labels`')
  })

  it('of kind StatefulSet get their pods in order, each with its own claim', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('statefulsets', 'StatefulSet', 'ordered', { replicas: 2, serviceName: 'ordered' })
    await ready('statefulsets', 'ordered', 2)
    expect((await podsOf('ordered')).map(({ metadata }) => metadata.name)).toEqual(['ordered-0', 'ordered-1'])
    await scale(`${apps('statefulsets')}/ordered`, 0)
    await empty('ordered')
    const template = {
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: '',
        // no volume of another test's is to be bound to it
        selector: { matchLabels: { of: ground.name('nobody') } },
        resources: { requests: { storage: '1Gi' } },
      },
    }
    await make('statefulsets', 'StatefulSet', 'claiming', {
      replicas: 2,
      serviceName: 'claiming',
      volumeClaimTemplates: [template],
    })
    const claim = await ground.client.until(
      `${ground.here}/persistentvolumeclaims/data-claiming-0`,
      (found) => found !== undefined,
    )
    expect(claim.metadata.labels).toEqual({ app: 'claiming' })
    expect(claim.metadata.ownerReferences).toBeUndefined()
    const pod = await ground.client.until(`${pods()}/claiming-0`, (found) => found !== undefined)
    expect(pod.spec.volumes[0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-claiming-0' } })
    expect((await ground.client.get(`${pods()}/claiming-1`)).status).toBe(404)
    const template2 = ground.client.patch(`${apps('statefulsets')}/claiming`, { spec: { serviceName: 'other' } })
    expect(await expectRefusal(422, 'Invalid', template2)).toContain(
      ground.minor < 37
        ? "updates to statefulset spec for fields other than 'replicas', 'template', and 'updateStrategy' are forbidden"
        : 'spec.serviceName: Invalid value: "other": field is immutable',
    )
  })

  it('of kind StatefulSet number their pods from where they say, where the server knows it', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const set = await make('statefulsets', 'StatefulSet', 'numbered', {
      replicas: 2,
      serviceName: 'numbered',
      ordinals: { start: 3 },
    })
    expect(set.spec.ordinals).toEqual(ground.minor < 27 ? undefined : { start: 3 })
    await ready('statefulsets', 'numbered', 2)
    expect((await podsOf('numbered')).map(({ metadata }) => metadata.name)).toEqual(
      ground.minor < 27 ? ['numbered-0', 'numbered-1'] : ['numbered-3', 'numbered-4'],
    )
    await scale(`${apps('statefulsets')}/numbered`, 0)
    await empty('numbered')
  })

  it('of kind StatefulSet keep their claims when they are scaled, unless they say otherwise and the server knows it', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const name = ground.name('kept')
    ground.cleanUp(`/api/v1/persistentvolumes/${name}`)
    const classed = { storageClassName: name, accessModes: ['ReadWriteOnce'] }
    await expectStatus(201, ground.client.create('/api/v1/persistentvolumes', volume(name, classed)))
    const set = await make('statefulsets', 'StatefulSet', 'scaled-down', {
      replicas: 1,
      serviceName: 'scaled-down',
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { ...classed, resources: { requests: { storage: '1Gi' } } } },
      ],
    })
    expect(set.spec.persistentVolumeClaimRetentionPolicy).toEqual(
      ground.minor < 27 ? undefined : { whenDeleted: 'Retain', whenScaled: 'Delete' },
    )
    await ready('statefulsets', 'scaled-down', 1)
    await scale(`${apps('statefulsets')}/scaled-down`, 0)
    await empty('scaled-down')
    const claim = `${ground.here}/persistentvolumeclaims/data-scaled-down-0`
    if (ground.minor < 27) await expectStatus(200, ground.client.get(claim))
    else await ground.client.gone(claim)
  })

  it('of kind StatefulSet keep their claims where the request that scales them to 0 has them retained, and get the policy back', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const name = ground.name('retained')
    ground.cleanUp(`/api/v1/persistentvolumes/${name}`)
    const classed = { storageClassName: name, accessModes: ['ReadWriteOnce'] }
    await expectStatus(201, ground.client.create('/api/v1/persistentvolumes', volume(name, classed)))
    await make('statefulsets', 'StatefulSet', 'retained', {
      replicas: 1,
      serviceName: 'retained',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { ...classed, resources: { requests: { storage: '1Gi' } } } },
      ],
    })
    await ready('statefulsets', 'retained', 1)
    const path = `${apps('statefulsets')}/retained`
    const claimPath = `${ground.here}/persistentvolumeclaims/data-retained-0`
    const { uid } = (await ground.client.get(claimPath)).body.metadata
    const set = (replicas: number, whenScaled: string) =>
      expectStatus(
        200,
        ground.client.patch(path, { spec: { replicas, persistentVolumeClaimRetentionPolicy: { whenScaled } } }),
      )
    const stopped = await set(0, 'Retain')
    const retention = (whenScaled: string) => (ground.minor < 27 ? undefined : { whenDeleted: 'Delete', whenScaled })
    expect(stopped.spec.persistentVolumeClaimRetentionPolicy).toEqual(retention('Retain'))
    await empty('retained')
    expect((await set(1, 'Delete')).spec.persistentVolumeClaimRetentionPolicy).toEqual(retention('Delete'))
    await ready('statefulsets', 'retained', 1)
    const { metadata } = (await ground.client.get(claimPath)).body
    expect(metadata.uid).toBe(uid)
    expect(metadata.deletionTimestamp).toBeUndefined()
  })

  it('mount what a volume of theirs provides; StatefulSets before 1.37 need not', async () => {
    const containers = podSpec(['data']).containers
    const mounting = (kind: string) =>
      workload(kind, 'mounting', { replicas: 0, serviceName: 'mounting' }, { containers })
    const set = ground.client.create(apps('statefulsets'), mounting('StatefulSet'))
    if (ground.minor < 37) await expectStatus(201, set)
    else expect(await expectRefusal(422, 'Invalid', set)).toContain('volumeMounts[0].name: Not found: "data"')
    const refused = ground.client.create(apps('deployments'), mounting('Deployment'))
    expect(await expectRefusal(422, 'Invalid', refused)).toContain('volumeMounts[0].name: Not found: "data"')
  })

  it('of kind DaemonSet are on every node that their selector takes, and on none that it does not', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const count = (await ground.client.get('/api/v1/nodes')).body.items.length
    await make('daemonsets', 'DaemonSet', 'daemon')
    const path = `${apps('daemonsets')}/daemon`
    await ground.client.until(path, (found) => found?.status?.numberReady === count)
    await ground.client.patch(path, { spec: { template: { spec: { nodeSelector: { no: 'such-node' } } } } })
    await empty('daemon')
    await ground.client.until(path, (found) => found?.status?.desiredNumberScheduled === 0)
    await ground.client.patch(path, { spec: { template: { spec: { nodeSelector: null } } } })
    await ground.client.until(
      path,
      (found) => found?.status?.numberReady === count && found.status.updatedNumberScheduled === count,
    )
  })

  it('of kind ReplicaSet and ReplicationController without an owner are scaled like any other', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('replicasets', 'ReplicaSet', 'plain', { replicas: 1 })
    await ready('replicasets', 'plain', 1)
    await scale(`${apps('replicasets')}/plain`, 0)
    await empty('plain')
    const controllers = `${ground.here}/replicationcontrollers`
    const spec = { replicas: 1, template: { metadata: { labels: { app: 'old' } }, spec: podSpec() } }
    const made = await expectStatus(201, ground.client.create(controllers, { metadata: { name: 'old' }, spec }))
    expect(made.spec.selector).toEqual({ app: 'old' })
    await ground.client.until(`${controllers}/old`, (found) => found?.status?.readyReplicas === 1)
    await scale(`${controllers}/old`, 0)
    await empty('old')
  })

  it('make up for a pod that is deleted, and let go of one that loses its label', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('replicasets', 'ReplicaSet', 'healing', { replicas: 1 })
    await ready('replicasets', 'healing', 1)
    const [first] = await podsOf('healing')
    await ground.client.delete(`${pods()}/${first?.metadata.name}`)
    await ground.client.gone(`${pods()}/${first?.metadata.name}`)
    await ready('replicasets', 'healing', 1)
    const [second] = await podsOf('healing')
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid)
    await ground.client.patch(`${pods()}/${second?.metadata.name}`, { metadata: { labels: { app: null } } })
    await ground.client.until(`${pods()}/${second?.metadata.name}`, (found) => !found?.metadata.ownerReferences)
    await ready('replicasets', 'healing', 1)
  })

  it('go with their pods, or leave them behind where that is asked for', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('replicasets', 'ReplicaSet', 'going', { replicas: 1 })
    await ready('replicasets', 'going', 1)
    await ground.client.delete(`${apps('replicasets')}/going`, { propagationPolicy: 'Background' })
    await empty('going')
    await make('replicasets', 'ReplicaSet', 'leaving', { replicas: 1 })
    await ready('replicasets', 'leaving', 1)
    await ground.client.delete(`${apps('replicasets')}/leaving`, { propagationPolicy: 'Orphan' })
    await ground.client.gone(`${apps('replicasets')}/leaving`)
    const [orphan] = await podsOf('leaving')
    expect(orphan?.metadata.ownerReferences).toBeUndefined()
    await make('replicasets', 'ReplicaSet', 'leaving', { replicas: 1 })
    await ground.client.until(
      `${pods()}/${orphan?.metadata.name}`,
      (found) => found?.metadata.ownerReferences !== undefined,
    )
    expect(await podsOf('leaving')).toHaveLength(1)
  })

  it('of kind Job get a pod, and are complete when it has succeeded', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const jobs = `/apis/batch/v1/namespaces/${ground.namespace}/jobs`
    // On a node that is not there: nobody but the test says when it has ended.
    const template = {
      metadata: { labels: { app: 'job' } },
      spec: podSpec([], { restartPolicy: 'Never', nodeName: 'no-such-node' }),
    }
    const made = await expectStatus(201, ground.client.create(jobs, { metadata: { name: 'job' }, spec: { template } }))
    expect(made.spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      selector: {
        matchLabels: { [`${ground.minor < 27 ? '' : 'batch.kubernetes.io/'}controller-uid`]: made.metadata.uid },
      },
    })
    await ground.client.until(`${jobs}/job`, (found) => found?.status?.active === 1)
    const [pod] = await podsOf('job')
    expect(pod?.metadata.labels).toMatchObject({ 'job-name': 'job', 'controller-uid': made.metadata.uid })
    await expectStatus(
      200,
      ground.client.patch(`${pods()}/${pod?.metadata.name}/status`, { status: { phase: 'Succeeded' } }),
    )
    const done = await ground.client.until(`${jobs}/job`, (found) => found?.status?.succeeded === 1)
    const complete = { type: 'Complete', status: 'True' }
    expect(done.status).toMatchObject({
      conditions: ground.minor < 31 ? [complete] : [{ type: 'SuccessCriteriaMet' }, complete],
    })
    expect(done.status.active).toBeUndefined()
    // A Job's pods are left behind unless the deletion says otherwise.
    await ground.client.delete(`${jobs}/job`)
    await ground.client.gone(`${jobs}/job`)
    const [left] = await podsOf('job')
    expect(left?.metadata.ownerReferences).toBeUndefined()
  })

  it('of kind Job are suspended from 1.22 on: their pods go, and new ones come when they go on', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const path = `/apis/batch/v1/namespaces/${ground.namespace}/jobs`
    const template = { metadata: { labels: { app: 'pausing' } }, spec: podSpec([], { restartPolicy: 'Never' }) }
    const made = await expectStatus(
      201,
      ground.client.create(path, { metadata: { name: 'pausing' }, spec: { template, suspend: true } }),
    )
    if (ground.minor < 22) return void expect(made.spec.suspend).toBeUndefined()
    expect(made.spec.suspend).toBe(true)
    const suspended = (status: string) =>
      ground.client.until(`${path}/pausing`, (found) =>
        (found?.status?.conditions ?? []).some(
          (condition: { type: string; status: string }) =>
            condition.type === 'Suspended' && condition.status === status,
        ),
      )
    await suspended('True')
    expect(await podsOf('pausing')).toEqual([])
    await expectStatus(200, ground.client.patch(`${path}/pausing`, { spec: { suspend: false } }))
    await ground.client.until(`${path}/pausing`, (found) => found?.status?.active === 1)
    const [pod] = await podsOf('pausing')
    expect(pod?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
    await suspended('False')
    await expectStatus(200, ground.client.patch(`${path}/pausing`, { spec: { suspend: true } }))
    await suspended('True')
    await empty('pausing')
    expect((await ground.client.get(`${path}/pausing`)).body.status.failed).toBeUndefined()
  })

  it('of kind CronJob are suspended by a field of theirs', async () => {
    const version = ground.minor < 25 ? 'v1beta1' : 'v1'
    const path = `/apis/batch/${version}/namespaces/${ground.namespace}/cronjobs`
    const jobTemplate = { spec: { template: { spec: podSpec([], { restartPolicy: 'Never' }) } } }
    const made = await expectStatus(
      201,
      ground.client.create(path, { metadata: { name: 'timed' }, spec: { schedule: '0 0 1 1 *', jobTemplate } }),
    )
    expect(made.spec).toMatchObject({
      suspend: false,
      concurrencyPolicy: 'Allow',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    const suspended = await expectStatus(200, ground.client.patch(`${path}/timed`, { spec: { suspend: true } }))
    expect(suspended).toMatchObject({ apiVersion: `batch/${version}`, spec: { suspend: true } })
  })

  it('are left alone at 0 by a HorizontalPodAutoscaler', async () => {
    await make('deployments', 'Deployment', 'scaled', { replicas: 0 })
    const path = `/apis/autoscaling/v1/namespaces/${ground.namespace}/horizontalpodautoscalers`
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' }
    const made = await expectStatus(
      201,
      ground.client.create(path, {
        metadata: { name: 'scaler' },
        spec: { maxReplicas: 3, minReplicas: 1, scaleTargetRef },
      }),
    )
    expect(made.spec.targetCPUUtilizationPercentage).toBe(80)
    expect((await ground.client.get(`${apps('deployments')}/scaled`)).body.spec.replicas).toBe(0)
  })
})

contract('The API', (ground) => {
  it('says which version it is, and which kinds it serves', async () => {
    expect((await expectStatus(200, ground.client.get('/version'))).gitVersion).toMatch(/^v1\.\d+/)
    expect((await expectStatus(200, ground.client.get('/api'))).versions).toEqual(['v1'])
    const groups = (await expectStatus(200, ground.client.get('/apis'))).groups as { name: string }[]
    for (const name of [
      'apps',
      'batch',
      'autoscaling',
      'coordination.k8s.io',
      'storage.k8s.io',
      'authorization.k8s.io',
      'apiextensions.k8s.io',
    ])
      expect(groups.map((group) => group.name)).toContain(name)
    const core = (await expectStatus(200, ground.client.get('/api/v1'))).resources as { name: string }[]
    expect(core).toContainEqual(
      expect.objectContaining({
        name: 'persistentvolumes',
        namespaced: false,
        kind: 'PersistentVolume',
        shortNames: ['pv'],
      }),
    )
    expect(core.map(({ name }) => name)).toContain('pods/status')
  })

  it('says what one may do', async () => {
    const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'persistentvolumes' } } }
    const answer = await expectStatus(
      201,
      ground.client.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review),
    )
    expect(answer).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } })
  })
})
