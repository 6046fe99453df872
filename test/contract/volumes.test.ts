import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus, type Ground, type Thing } from './api.ts'
import { claim, pod, volume } from './manifests.ts'

const PVS = '/api/v1/persistentvolumes'
const COMPLETED = 'pv.kubernetes.io/bind-completed'
const BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

/** What these tests do again and again, on the ground that they are given. */
function working(ground: Ground) {
  const claims = () => `${ground.here}/persistentvolumeclaims`
  const makeVolume = async (what: string, spec: object = {}, metadata: object = {}): Promise<Thing> => {
    const name = ground.name(what)
    ground.cleanUp(`${PVS}/${name}`)
    return expectStatus(201, ground.client.create(PVS, volume(name, { ...spec }, { ...metadata })))
  }
  const makeClaim = (name: string, spec: object = {}, metadata: object = {}) =>
    expectStatus(201, ground.client.create(claims(), claim(name, { ...spec }, { ...metadata })))
  const phase = (path: string, wanted: string) =>
    ground.client.until(path, (found) => found?.status?.phase === wanted, `is ${wanted}`)
  const pv = (what: string) => `${PVS}/${ground.name(what)}`
  const pvc = (name: string) => `${claims()}/${name}`
  /** Any change of a claim makes the controller look at it again; a real one may overlook what happened before. */
  const touched = async (name: string, wanted: string): Promise<Thing> => {
    const touch = setInterval(() => {
      void ground.client.patch(pvc(name), { metadata: { annotations: { touched: String(performance.now()) } } })
    }, 200)
    try {
      return await phase(pvc(name), wanted)
    } finally {
      clearInterval(touch)
    }
  }
  /** A volume that is Available, and the claim that is bound to it. */
  const makePair = async (
    what: string,
    spec: object = {},
    claimSpec: object = {},
  ): Promise<{ pv: Thing; pvc: Thing }> => {
    await makeVolume(what, spec)
    await phase(pv(what), 'Available')
    await makeClaim(what, { volumeName: ground.name(what), ...claimSpec })
    const bound = await touched(what, 'Bound')
    return { pv: await phase(pv(what), 'Bound'), pvc: bound }
  }
  /** Lets the controllers of volumes do their work: what was asked of them before is done when this is. */
  const afterwards = async (): Promise<void> => {
    const { metadata } = await makeVolume(`mark${Math.random().toString(36).slice(2)}`)
    await phase(`${PVS}/${metadata.name}`, 'Available')
    await ground.client.delete(`${PVS}/${metadata.name}`)
    await ground.client.gone(`${PVS}/${metadata.name}`)
  }
  return { claims, makeVolume, makeClaim, phase, pv, pvc, touched, makePair, afterwards }
}

contract('Volumes', (ground) => {
  const { makeVolume, phase, pv, pvc, makePair, makeClaim, afterwards, touched } = working(ground)

  it('get their defaults, a protection, and become Available', async () => {
    const made = await makeVolume('defaults')
    expect(made.spec).toMatchObject({
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      hostPath: { type: '' },
    })
    expect(made.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
    expect(made.status).toEqual({
      phase: 'Pending',
      ...(ground.minor < 29 ? {} : { lastPhaseTransitionTime: expect.stringMatching(/Z$/) }),
    })
    await phase(pv('defaults'), 'Available')
  })

  it('are refused without a source, a size or an access mode, and with a path that goes up', async () => {
    const empty = await expectRefusal(
      422,
      'Invalid',
      ground.client.create(PVS, { metadata: { name: ground.name('empty') }, spec: {} }),
    )
    for (const part of [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'must specify a volume type',
    ])
      expect(empty).toContain(part)
    const upward = volume(ground.name('upward'), { hostPath: { path: '/data/../etc' } })
    expect(await expectRefusal(422, 'Invalid', ground.client.create(PVS, upward))).toContain(
      'spec.hostPath.path: Invalid value: "/data/../etc": must not contain \'..\'',
    )
    const twofold = volume(ground.name('twofold'), { nfs: { server: 'a', path: '/' } })
    expect(await expectRefusal(422, 'Invalid', ground.client.create(PVS, twofold))).toContain(
      'may not specify more than 1 volume type',
    )
    const unplaced = volume(ground.name('unplaced'), { hostPath: undefined, local: { path: '/data' } })
    expect(await expectRefusal(422, 'Invalid', ground.client.create(PVS, unplaced))).toContain(
      'Local volume requires node affinity',
    )
  })

  it('keep their source for life', async () => {
    await makeVolume('source')
    const other = ground.client.patch(pv('source'), { spec: { hostPath: { path: '/elsewhere' } } })
    expect(await expectRefusal(422, 'Invalid', other)).toContain(
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    )
    const csi = ground.client.patch(pv('source'), {
      spec: { hostPath: null, csi: { driver: 'csi.juicefs.com', volumeHandle: 'x' } },
    })
    expect(await expectRefusal(422, 'Invalid', csi)).toContain('is immutable after creation')
    await expectStatus(
      200,
      ground.client.patch(pv('source'), {
        spec: { persistentVolumeReclaimPolicy: 'Delete', mountOptions: ['a'], capacity: { storage: '2Gi' } },
      }),
    )
  })

  it('are bound to the claim that names them, and both say so', async () => {
    const pair = await makePair('pair')
    expect(pair.pv.spec.claimRef).toMatchObject({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: ground.namespace,
      name: 'pair',
      uid: pair.pvc.metadata.uid,
    })
    expect(pair.pv.metadata.annotations).toEqual({ [BY_CONTROLLER]: 'yes' })
    expect(pair.pvc.metadata.annotations).toMatchObject({ [COMPLETED]: 'yes' })
    expect(pair.pvc.metadata.annotations).not.toHaveProperty(BY_CONTROLLER)
    expect(pair.pvc.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
    const { conditions: _, ...status } = pair.pvc.status
    expect(status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteMany'], capacity: { storage: '1Gi' } })
  })

  it('that a user kept for a claim are completed with its uid, and not marked as the controller’s', async () => {
    await makeVolume('kept', { claimRef: { namespace: ground.namespace, name: 'kept' } })
    await phase(pv('kept'), 'Available')
    await makeClaim('kept')
    const bound = await touched('kept', 'Bound')
    const kept = await phase(pv('kept'), 'Bound')
    expect(kept.spec.claimRef.uid).toBe(bound.metadata.uid)
    expect(kept.metadata.annotations).toBeUndefined()
    expect(bound.spec.volumeName).toBe(ground.name('kept'))
    expect(bound.metadata.annotations).toMatchObject({ [COMPLETED]: 'yes', [BY_CONTROLLER]: 'yes' })
  })

  it('are found by a claim’s selector, class, mode and size, the smallest that will do', async () => {
    const labels = (what: string) => ({ labels: { found: ground.name(what) } })
    const selector = { matchLabels: { found: ground.name('yes') } }
    const unfit: [string, object, object][] = [
      ['label', {}, labels('no')],
      ['class', { storageClassName: 'other' }, labels('yes')],
      ['modes', { accessModes: ['ReadWriteOnce'] }, labels('yes')],
      ['block', { volumeMode: 'Block' }, labels('yes')],
      ['small', { capacity: { storage: '512Mi' } }, labels('yes')],
    ]
    for (const [what, spec, metadata] of unfit) await makeVolume(what, spec, metadata)
    await makeVolume('large', { capacity: { storage: '3Gi' } }, labels('yes'))
    for (const what of [...unfit.map(([name]) => name), 'large']) await phase(pv(what), 'Available')
    await makeClaim('picky', { selector, resources: { requests: { storage: '1Gi' } } })
    const bound = await touched('picky', 'Bound')
    expect(bound.spec.volumeName).toBe(ground.name('large'))
    expect(bound.status.capacity).toEqual({ storage: '3Gi' })
    for (const [what] of unfit) expect((await ground.client.get(pv(what))).body.status.phase).toBe('Available')
  })

  it('are not given to a claim that names them and asks for more', async () => {
    await makeVolume('tiny')
    await phase(pv('tiny'), 'Available')
    await makeClaim('greedy', { volumeName: ground.name('tiny'), resources: { requests: { storage: '2Gi' } } })
    await ground.client.until(`${ground.here}/events/none`, () => true)
    const events = `${ground.here}/events?fieldSelector=involvedObject.name%3Dgreedy`
    for await (const { object } of ground.client.watch(`${events}&timeoutSeconds=60`)) {
      if (object.reason !== 'VolumeMismatch') continue
      expect(object.message).toContain('requested PV is too small')
      break
    }
    expect((await ground.client.get(pvc('greedy'))).body.status.phase).toBe('Pending')
    expect((await ground.client.get(pv('tiny'))).body.status.phase).toBe('Available')
  })

  it('stay while they are bound, however often they are deleted, and their claim stays Bound', async () => {
    await makePair('held')
    const marked = await expectStatus(200, ground.client.delete(pv('held')))
    expect(marked.metadata.deletionTimestamp).toBeDefined()
    await afterwards()
    await expectStatus(200, ground.client.delete(pv('held')))
    expect((await ground.client.get(pv('held'))).body.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
    expect((await ground.client.get(pvc('held'))).body.status.phase).toBe('Bound')
    await expectRefusal(409, 'AlreadyExists', ground.client.create(PVS, volume(ground.name('held'))))
    await ground.client.delete(pvc('held'))
    await ground.client.gone(pv('held'))
  })

  it('get their protection back while nobody deletes them', async () => {
    await makePair('guarded')
    await ground.client.patch(pv('guarded'), { metadata: { finalizers: null } })
    await ground.client.until(
      pv('guarded'),
      (found) => found?.metadata.finalizers?.includes('kubernetes.io/pv-protection') ?? false,
    )
  })

  it('are changed underneath their claim: deleted, unprotected, made again with its uid, and the claim touched', async () => {
    const { pvc: before } = await makePair('swap')
    await expectStatus(200, ground.client.delete(pv('swap')))
    await expectStatus(200, ground.client.patch(pv('swap'), { metadata: { finalizers: null } }))
    await ground.client.gone(pv('swap'))
    const lost = await phase(pvc('swap'), 'Lost')
    // whether a pod uses it is told by another controller, in its own time
    const { conditions: _, ...status } = lost.status
    expect(status).toEqual({ phase: 'Lost' })
    expect(lost.spec.volumeName).toBe(ground.name('swap'))
    const claimRef = { namespace: ground.namespace, name: 'swap', uid: before.metadata.uid }
    const csi = { driver: 'csi.juicefs.com', volumeHandle: ground.name('swap') }
    await makeVolume('swap', { hostPath: undefined, csi, claimRef, capacity: { storage: '2Gi' } })
    const after = await touched('swap', 'Bound')
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.spec).toEqual(before.spec)
    expect(after.status.capacity).toEqual({ storage: '2Gi' })
    await phase(pv('swap'), 'Bound')
  })

  it('leave their claim Lost when they come back with a claimRef that has no uid', async () => {
    await makePair('seed')
    await ground.client.delete(pv('seed'))
    await ground.client.patch(pv('seed'), { metadata: { finalizers: null } })
    await phase(pvc('seed'), 'Lost')
    await makeVolume('seed', { claimRef: { namespace: ground.namespace, name: 'seed' } })
    await phase(pv('seed'), 'Available')
    await ground.client.patch(pvc('seed'), { metadata: { annotations: { touched: 'yes' } } })
    await afterwards()
    expect((await ground.client.get(pvc('seed'))).body.status.phase).toBe('Lost')
    expect((await ground.client.get(pv('seed'))).body.status.phase).toBe('Available')
  })

  it('tell of a claim that is Lost with an event', async () => {
    await makePair('event')
    await ground.client.delete(pv('event'))
    await ground.client.patch(pv('event'), { metadata: { finalizers: null } })
    const events = `${ground.here}/events?fieldSelector=involvedObject.name%3Devent%2CinvolvedObject.kind%3DPersistentVolumeClaim`
    for await (const { object } of ground.client.watch(`${events}&timeoutSeconds=60`)) {
      if (object.reason !== 'ClaimLost') continue
      expect(object).toMatchObject({
        type: 'Warning',
        message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
      })
      return
    }
    expect.unreachable('no event ClaimLost came')
  })

  it('are Released when their claim goes, keep its reference, and are not given to a new claim of its name', async () => {
    const { pvc: first } = await makePair('released')
    await ground.client.delete(pvc('released'))
    await ground.client.gone(pvc('released'))
    const released = await phase(pv('released'), 'Released')
    expect(released.spec.claimRef.uid).toBe(first.metadata.uid)
    await makeClaim('released', { volumeName: ground.name('released') })
    await afterwards()
    expect((await ground.client.get(pvc('released'))).body.status.phase).toBe('Pending')
    expect((await ground.client.get(pv('released'))).body.status.phase).toBe('Released')
  })

  it('are Available again when the reference to a claim is taken off them', async () => {
    await makePair('freed')
    await ground.client.delete(pvc('freed'))
    await phase(pv('freed'), 'Released')
    await ground.client.patch(pv('freed'), { spec: { claimRef: null } })
    await phase(pv('freed'), 'Available')
  })

  it('fail where they are to be deleted with their claim and cannot be', async () => {
    await makePair('undeletable', { persistentVolumeReclaimPolicy: 'Delete' })
    await ground.client.delete(pvc('undeletable'))
    const failed = await phase(pv('undeletable'), 'Failed')
    expect(failed.status.message).toContain('host_path deleter only supports /tmp/.+')
  })

  it('go with their claim where they are to be deleted and lie below /tmp', async () => {
    await makePair('temporary', {
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: { path: `/tmp/${ground.name('temporary')}` },
    })
    await ground.client.delete(pvc('temporary'))
    await ground.client.gone(pv('temporary'))
  })
})

contract('Claims', (ground) => {
  const { makeVolume, makeClaim, phase, pv, pvc, makePair, afterwards } = working(ground)

  it('are refused without an access mode or a size', async () => {
    const refused = ground.client.create(`${ground.here}/persistentvolumeclaims`, {
      metadata: { name: 'empty' },
      spec: {},
    })
    const message = await expectRefusal(422, 'Invalid', refused)
    expect(message).toContain('spec.accessModes: Required value: at least 1 access mode is required')
    expect(message).toContain('spec.resources[storage]: Required value')
  })

  it('keep their spec for life, once they have a volume', async () => {
    await makePair('fixed')
    for (const spec of [
      { volumeName: 'other' },
      { storageClassName: 'other' },
      { accessModes: ['ReadWriteOnce'] },
      { volumeName: null },
    ])
      expect(await expectRefusal(422, 'Invalid', ground.client.patch(pvc('fixed'), { spec }))).toContain(
        ground.minor < 34
          ? 'spec: Forbidden: spec is immutable after creation except resources.requests for bound claims'
          : 'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      )
    await expectStatus(200, ground.client.patch(pvc('fixed'), { metadata: { labels: { a: 'b' } } }))
    const smaller = ground.client.patch(pvc('fixed'), { spec: { resources: { requests: { storage: '512Mi' } } } })
    expect(await expectRefusal(422, 'Invalid', smaller)).toContain(
      `spec.resources.requests.storage: Forbidden: field can not be less than ${ground.minor < 34 ? 'previous value' : 'status.capacity'}`,
    )
  })

  it('without a class get the default one from admission; with an empty one they keep that', async () => {
    const name = ground.name('default')
    const path = '/apis/storage.k8s.io/v1/storageclasses'
    ground.cleanUp(`${path}/${name}`)
    await expectStatus(
      201,
      ground.client.create(path, {
        metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'example.com/none',
      }),
    )
    // Admission knows of a class a moment after it was made.
    let classed = await makeClaim('classed', { storageClassName: undefined })
    while (classed.spec.storageClassName === undefined) {
      await ground.client.delete(pvc('classed'))
      await ground.client.gone(pvc('classed'))
      classed = await makeClaim('classed', { storageClassName: undefined })
    }
    expect(classed.spec.storageClassName).toBe(name)
    expect((await makeClaim('unclassed', { storageClassName: '' })).spec.storageClassName).toBe('')
    await expectStatus(200, ground.client.delete(`${path}/${name}`))
  })

  it('say from 1.37 on whether a pod uses them', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    if (ground.minor < 37) return test.skip('they do not')
    await makePair('told')
    const use = (status: string) =>
      ground.client.until(pvc('told'), (found) =>
        (found?.status?.conditions ?? []).some(
          (condition: { type: string; status: string }) => condition.type === 'Unused' && condition.status === status,
        ),
      )
    await use('True')
    await expectStatus(201, ground.client.create(`${ground.here}/pods`, pod('using', ['told'])))
    await use('False')
    await ground.client.delete(`${ground.here}/pods/using`)
    await use('True')
  })

  it('wait for a volume that is not there', async () => {
    await makeClaim('waiting', { volumeName: ground.name('later') })
    await makeVolume('later')
    await phase(pv('later'), 'Available')
    await ground.client.patch(pvc('waiting'), { metadata: { annotations: { touched: 'yes' } } })
    await phase(pvc('waiting'), 'Bound')
  })

  it('stay while a pod that was scheduled names them, finished or not, and go with the last one', async (test) => {
    if (!ground.nodes) return test.skip('no nodes to run pods on')
    await makePair('used')
    await expectStatus(201, ground.client.create(`${ground.here}/pods`, pod('user', ['used'])))
    await ground.client.until(`${ground.here}/pods/user`, (found) => found?.status?.phase === 'Running')
    await ground.client.delete(pvc('used'))
    await afterwards()
    expect((await ground.client.get(pvc('used'))).body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
    await ground.client.delete(`${ground.here}/pods/user`)
    await ground.client.gone(pvc('used'))
  })

  it('are held by a finished pod too', async () => {
    await makePair('done')
    await expectStatus(
      201,
      ground.client.create(`${ground.here}/pods`, pod('finished', ['done'], { nodeName: 'nowhere' })),
    )
    await expectStatus(
      200,
      ground.client.patch(`${ground.here}/pods/finished/status`, { status: { phase: 'Succeeded' } }),
    )
    await ground.client.delete(pvc('done'))
    await afterwards()
    expect((await ground.client.get(pvc('done'))).body.metadata.deletionTimestamp).toBeDefined()
    await ground.client.delete(`${ground.here}/pods/finished`)
    await ground.client.gone(pvc('done'))
  })
})
