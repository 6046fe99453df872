import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus, type Thing } from './api.ts'
import { claim, pod, volume } from './manifests.ts'

contract('Pods', (ground) => {
  const pods = () => `${ground.here}/pods`
  const make = (name: string, claims: string[] = [], spec: object = {}, metadata: object = {}) =>
    expectStatus(201, ground.client.create(pods(), pod(name, claims, { ...spec }, { ...metadata })))
  const running = (name: string) =>
    ground.client.until(`${pods()}/${name}`, (found) => found?.status?.phase === 'Running', 'is Running')
  /** The volume with its service account's token: up to 1.20 of a Secret, from 1.21 on one of its own. */
  const token = (thing: Thing) => {
    const prefix = ground.minor < 21 ? 'default-token-' : 'kube-api-access-'
    return (thing.spec.volumes ?? []).find(({ name }: { name: string }) => name.startsWith(prefix))
  }

  it('get from the server what their manifest leaves out', async () => {
    const made = await make('added')
    expect(made.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(made.spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      priority: 0,
      enableServiceLinks: true,
      securityContext: {},
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    })
    const secret = token(made)
    if (ground.minor < 21) expect(secret.secret).toEqual({ secretName: secret.name, defaultMode: 420 })
    else
      expect(secret.projected.sources).toMatchObject([
        { serviceAccountToken: { path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt' } },
        { downwardAPI: { items: [{ path: 'namespace' }] } },
      ])
    expect(made.spec.containers[0].volumeMounts).toEqual([
      { name: secret.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ])
    expect(made.spec.containers[0]).toMatchObject({
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    })
  })

  it('keep their spec, but for images and tolerations that are added', async () => {
    await make('kept')
    const path = `${pods()}/kept`
    const spec = { nodeSelector: { a: 'b' } }
    expect(await expectRefusal(422, 'Invalid', ground.client.patch(path, { spec }))).toContain(
      'spec: Forbidden: pod updates may not change fields other than',
    )
    await expectStatus(200, ground.client.patch(path, { metadata: { labels: { a: 'b' } } }))
  })

  it('run when their claims are bound, on a node that is ready, and say so', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('runs')
    const found = await ground.client.until(`${pods()}/runs`, (thing) =>
      (thing?.status?.conditions ?? []).some(
        (condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True',
      ),
    )
    expect(found.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0 }],
    })
    expect(found.status.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    expect(found.spec.nodeName).toMatch(/^node/)
  })

  it('wait, without a node, for a claim that is not bound', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await expectStatus(
      201,
      ground.client.create(
        `${ground.here}/persistentvolumeclaims`,
        claim('unbound', { volumeName: ground.name('pods') }),
      ),
    )
    await make('waits', ['unbound'])
    const waiting = await ground.client.until(`${pods()}/waits`, (found) =>
      (found?.status?.conditions ?? []).some(
        (condition: { type: string; reason: string }) =>
          condition.type === 'PodScheduled' && condition.reason === 'Unschedulable',
      ),
    )
    expect(waiting.spec.nodeName).toBeUndefined()
    ground.cleanUp(`/api/v1/persistentvolumes/${ground.name('pods')}`)
    await expectStatus(201, ground.client.create('/api/v1/persistentvolumes', volume(ground.name('pods'))))
    await ground.client.until(
      `/api/v1/persistentvolumes/${ground.name('pods')}`,
      (found) => found?.status?.phase === 'Available',
    )
    await ground.client.patch(`${ground.here}/persistentvolumeclaims/unbound`, {
      metadata: { annotations: { touched: 'yes' } },
    })
    await running('waits')
  })

  it('are deleted with their time of grace, and gone when they have ended', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    const made = await make('ends')
    await running('ends')
    const marked = await expectStatus(
      200,
      ground.client.delete(`${pods()}/ends`, { preconditions: { uid: made.metadata.uid } }),
    )
    expect(marked.metadata.deletionTimestamp).toBeDefined()
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(1)
    await ground.client.gone(`${pods()}/ends`)
  })

  it('without a node are gone at once', async () => {
    await make('nowhere', [], { nodeSelector: { no: 'such-node' } })
    await expectStatus(200, ground.client.delete(`${pods()}/nowhere`))
    await expectRefusal(404, 'NotFound', ground.client.get(`${pods()}/nowhere`))
  })

  it('that will not go are held by their finalizers', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('held', [], {}, { finalizers: ['juicify.dev/hold'] })
    await running('held')
    await ground.client.delete(`${pods()}/held`)
    const held = await ground.client.until(
      `${pods()}/held`,
      (found) =>
        found?.metadata.deletionGracePeriodSeconds === 0 && (ground.minor < 27 || found.status.phase !== 'Running'),
    )
    // From 1.27 on it has come to its end, and is still there.
    expect(held.status.phase).toBe(ground.minor < 27 ? 'Running' : 'Failed')
    expect(await expectRefusal(409, 'AlreadyExists', ground.client.create(pods(), pod('held')))).toBe(
      'object is being deleted: pods "held" already exists',
    )
    await ground.client.patch(`${pods()}/held`, { metadata: { finalizers: null } })
    await ground.client.gone(`${pods()}/held`)
  })

  it('can be made again from what they were, without what the server had added', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('again', [], {}, { labels: { user: 'someone' } })
    const saved = await running('again')
    await ground.client.delete(`${pods()}/again`)
    await ground.client.gone(`${pods()}/again`)
    const secret = token(saved).name
    const { nodeName: _, tolerations: __, ...spec } = structuredClone(saved.spec)
    spec.volumes = spec.volumes.filter(({ name }: { name: string }) => name !== secret)
    for (const container of spec.containers)
      container.volumeMounts = container.volumeMounts.filter(({ name }: { name: string }) => name !== secret)
    const made = await expectStatus(
      201,
      ground.client.create(pods(), { metadata: { name: 'again', labels: saved.metadata.labels }, spec }),
    )
    expect(made.metadata.uid).not.toBe(saved.metadata.uid)
    expect(made.spec.nodeName).toBeUndefined()
    const again = await running('again')
    const volumes = ({ spec: { containers, ...rest } }: Thing) => ({
      ...rest,
      nodeName: '',
      volumes: rest.volumes.filter(({ name }: { name: string }) => !name.startsWith('kube-api-access-')),
      containers: containers.map(({ volumeMounts: _, ...container }: { volumeMounts?: unknown }) => container),
    })
    expect(volumes(again)).toEqual(volumes(saved))
  })

  it('are refused from 1.23 on where the level of their namespace does not allow what they ask for', async () => {
    const name = ground.name('guarded')
    const here = `/api/v1/namespaces/${name}`
    ground.cleanUp(here)
    const enforce = (level: string) => ({ 'pod-security.kubernetes.io/enforce': level })
    const labels = enforce('baseline')
    await expectStatus(201, ground.client.create('/api/v1/namespaces', { metadata: { name, labels } }))
    await ground.readyForPods(here)
    const onDisk = (podName: string) =>
      pod(podName, [], { nodeSelector: { no: 'node' }, volumes: [{ name: 'data', hostPath: { path: '/data' } }] })
    const making = ground.client.create(`${here}/pods`, onDisk('disk'))
    if (ground.minor < 23) return void (await expectStatus(201, making))
    expect(await expectRefusal(403, 'Forbidden', making)).toBe(
      'pods "disk" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "data")',
    )
    await expectStatus(201, ground.client.create(`${here}/pods`, pod('plain', [], { nodeSelector: { no: 'node' } })))
    await expectStatus(200, ground.client.patch(here, { metadata: { labels: enforce('restricted') } }))
    let strict = await ground.client.create(`${here}/pods`, onDisk('strict'))
    // Admission knows of the label a moment after it was set.
    while (!strict.body.message?.includes('restricted:latest'))
      strict = await ground.client.create(`${here}/pods`, onDisk('strict'))
    expect(strict.body.message).toBe(
      'pods "strict" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), restricted volume types (volume "data" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    )
    const wrong = ground.client.patch(here, { metadata: { labels: enforce('nonsense') } })
    expect(await expectRefusal(422, 'Invalid', wrong)).toContain('must be one of privileged, baseline, restricted')
  })

  it('that are finished stay finished', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await make('finished', [], { restartPolicy: 'Never', nodeName: 'no-such-node' })
    const done = await expectStatus(
      200,
      ground.client.patch(`${pods()}/finished/status`, { status: { phase: 'Succeeded' } }),
    )
    expect(done.status.phase).toBe('Succeeded')
    await expectStatus(200, ground.client.delete(`${pods()}/finished`))
    await expectRefusal(404, 'NotFound', ground.client.get(`${pods()}/finished`))
  })
})
