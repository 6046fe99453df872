import { expect, it } from 'vitest'
import { isOfNewer, nearestVersion, rulesOf } from '../../../src/sandbox/versions.ts'

it('serves the two versions that it knows as they are, however they are written', () => {
  for (const version of ['1.20', 'v1.20.2', 'v1.20.15+k3s1', 'v1.20.2+sandbox'])
    expect(nearestVersion(version)).toEqual({ served: '1.20', exact: true })
  expect(nearestVersion('v1.37.2')).toEqual({ served: '1.37', exact: true })
})

it('serves others as the one with which they have more in common, and says that it is not the same', () => {
  for (const minor of [18, 21, 24, 26])
    expect(nearestVersion(`v1.${minor}.3`)).toEqual({ served: '1.20', exact: false })
  for (const minor of [27, 28, 31, 36, 40])
    expect(nearestVersion(`1.${minor}`)).toEqual({ served: '1.37', exact: false })
})

it('takes nothing for a version that is none', () => {
  for (const text of ['', '2.0', 'latest', '1', '120', 'v1.x']) expect(nearestVersion(text)).toBeUndefined()
})

it('says of itself that it is a sandbox, so that a client knows that there is no data', () => {
  expect(rulesOf('1.20').release.gitVersion).toBe('v1.20.2+sandbox')
  expect(rulesOf('1.37').release.gitVersion).toBe('v1.37.2+sandbox')
})

it('takes a volume with an access mode that only the newer one has for one of its', () => {
  const withMode = (mode: string) =>
    isOfNewer({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'data', uid: '1', resourceVersion: '1', creationTimestamp: '' },
      spec: { accessModes: [mode] },
    })
  expect(withMode('ReadWriteOncePod')).toBe(true)
  expect(withMode('ReadWriteOnce')).toBe(false)
})
