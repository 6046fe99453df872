import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { clusterWith, teamMigration, volume } from './cluster.ts'

const OPTIONS = { wholeGroups: false, dangerousSplit: false }
const UUID = 'pvc-1d2c3b4a-0f5e-4d6c-8b7a-9a8b7c6d5e4f'

const withHandle = (name: string, volumeHandle: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    csi: { driver: 'csi.juicefs.com', volumeHandle },
  },
})

function handlesOf(...volumes: KubeObject[][]): Record<string, string | undefined> {
  const { groups } = makePlan(clusterWith(...volumes), teamMigration(), OPTIONS)
  return Object.fromEntries(
    groups.flatMap(({ blocked, volumes: planned }) =>
      planned.map(({ name, after }) => [name, blocked ? undefined : after.spec.csi?.volumeHandle]),
    ),
  )
}

describe('what the driver knows a volume by', () => {
  test('is its name, where that can be a handle', () => {
    expect(handlesOf(volume('data', '/data/a'))).toEqual({ data: 'data' })
  })

  test('is a handle of its own for each volume whose name cannot be one, the same in every plan', () => {
    const names = [UUID, 'my.pv.name', 'my-pv.name', 'n'.repeat(70)]
    const volumes = names.map((name, i) => volume(name, `/data/${i}`))
    const handles = handlesOf(...volumes)
    expect(Object.keys(handles).sort()).toEqual([...names].sort())
    for (const handle of Object.values(handles)) {
      expect(handle).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      expect(handle).not.toMatch(/pvc-[0-9a-f]{8}/)
    }
    expect(new Set(Object.values(handles)).size).toBe(names.length)
    expect(handlesOf(...[...volumes].reverse())).toEqual(handles)
  })

  test('is never what another volume has, or is called', () => {
    const first = handlesOf(volume('my.pv', '/data/a'))['my.pv'] ?? ''
    const second = handlesOf(volume('my.pv', '/data/a'), [withHandle('web', first)])['my.pv'] ?? ''
    const third = handlesOf(volume('my.pv', '/data/a'), volume(first, '/data/b'))['my.pv'] ?? ''
    expect([second, third]).not.toContain(first)
    expect(handlesOf(volume('data', '/data/a'), [withHandle('web', 'data')]).data).toMatch(/^data-/)
  })
})
