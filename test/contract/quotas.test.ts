import { expect, it } from 'vitest'
import { type Answer, contract, expectRefusal, expectStatus } from './api.ts'
import { pod } from './manifests.ts'

contract('A ResourceQuota', (ground) => {
  const DRY = '?dryRun=All'
  const claims = () => `${ground.here}/persistentvolumeclaims`
  const pods = () => `${ground.here}/pods`
  const claim = (name: string, storage = '512Mi') => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage } } },
  })

  /** Runs something while there is a quota, from when its status says what is used. */
  const within = async (name: string, hard: Record<string, string>, run: (path: string) => Promise<void>) => {
    const path = `${ground.here}/resourcequotas/${name}`
    await expectStatus(
      201,
      ground.client.create(`${ground.here}/resourcequotas`, { metadata: { name }, spec: { hard } }),
    )
    const isCounted = (used?: object) => Object.keys(hard).every((key) => key in (used ?? {}))
    await ground.client.until(path, (quota) => isCounted(quota?.status?.used), 'is counted')
    try {
      await run(path)
    } finally {
      await ground.client.delete(path)
      await ground.client.gone(path)
    }
  }

  /** The answer once it is another: a server hears of a quota, and of what is used, a moment later than it has written it. */
  const until = async (status: number, ask: () => Promise<Answer>): Promise<Answer> => {
    let answer = await ask()
    for (let asked = 0; answer.status !== status && asked < 200; asked++) answer = await ask()
    return answer
  }

  it('refuses one claim more than it allows, in a dry run too, and says how much of what', async () => {
    await within('few', { persistentvolumeclaims: '1' }, async (path) => {
      await expectStatus(201, ground.client.create(claims(), claim('first')))
      await ground.client.until(path, (quota) => quota?.status.used.persistentvolumeclaims === '1', 'has counted it')
      for (const query of [DRY, '']) {
        const asked = until(403, () => ground.client.create(claims() + query, claim('second')))
        expect(await expectRefusal(403, 'Forbidden', asked)).toBe(
          'persistentvolumeclaims "second" is forbidden: exceeded quota: few, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1',
        )
      }
      await ground.client.delete(`${claims()}/first`)
      await ground.client.until(path, (quota) => quota?.status.used.persistentvolumeclaims === '0', 'has room again')
      const again = await until(201, () => ground.client.create(claims() + DRY, claim('second')))
      expect(again.status).toBe(201)
    })
  })

  it('names of what it limits only that of which there is not enough', async () => {
    const hard = { 'count/persistentvolumeclaims': '5', 'requests.storage': '1Gi' }
    await within('small', hard, async () => {
      const asked = until(403, () => ground.client.create(claims() + DRY, claim('large', '1536Mi')))
      expect(await expectRefusal(403, 'Forbidden', asked)).toContain(
        'exceeded quota: small, requested: requests.storage=1536Mi, used: requests.storage=0, limited: requests.storage=1Gi',
      )
      const fits = await until(201, () => ground.client.create(claims() + DRY, claim('fits', '1Gi')))
      expect(fits.status).toBe(201)
    })
  })

  it('refuses a pod where there are enough', async () => {
    await within('none', { pods: '0' }, async () => {
      const asked = until(403, () => ground.client.create(pods() + DRY, pod('more')))
      expect(await expectRefusal(403, 'Forbidden', asked)).toBe(
        'pods "more" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0',
      )
    })
  })

  it('refuses a pod that does not say what it limits', async () => {
    await within('cpu', { 'limits.cpu': '4' }, async () => {
      const asked = until(403, () => ground.client.create(pods() + DRY, pod('silent')))
      expect(await expectRefusal(403, 'Forbidden', asked)).toContain('failed quota: cpu: must specify limits.cpu')
    })
  })
})
