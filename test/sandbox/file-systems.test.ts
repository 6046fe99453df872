import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { apply, resume } from '../../src/engine/run.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { differences } from '../../src/planner/current.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { readPlan, writePlan } from '../../src/planner/plan-file.ts'
import { readiness } from '../../src/planner/readiness.ts'
import { planDiff } from '../../src/report/diff.ts'
import { planAsKubectl } from '../../src/report/kubectl.ts'
import { planTable } from '../../src/report/plan-table.ts'
import { roles, rolesYaml } from '../../src/report/rbac.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { takeSnapshot } from '../../src/survey/snapshot.ts'
import { freeLease } from '../laboratory/death.ts'
import { FILE_SYSTEMS, migrationOnto, withFileSystems } from '../laboratory/file-systems.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { begin, planOf, resumeAll, rollbackAll, told } from '../laboratory/story.ts'

describe.each(FILE_SYSTEMS)('onto $kind', (one) => {
  const migration = readMigration(migrationOnto(one, '{mode: copy, mover: rsync, image: tools:1}'), 'm.yaml')
  const fileSystem = fileSystemOf(migration.target)
  const objects = () => withFileSystems(smallLaboratory())
  const plan = (cluster: Cluster) => planOf(cluster, migration)

  /** Those of the cluster's volumes that are on the file system. */
  async function moved(cluster: Cluster): Promise<PersistentVolume[]> {
    const { items } = await cluster.list<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' })
    return items.filter((pv) => fileSystem.volumes.isSame(pv))
  }

  test('a laboratory is migrated with everything running again, and rolled back to what it was', async () => {
    const { sandbox, cluster, close } = await begin(objects())
    const before = stateOf(sandbox.objects())
    const planned = await plan(cluster)
    expect(planned.findings.filter(({ severity }) => severity === 'block')).toEqual([])
    const results = await apply(planned, told(cluster).options)
    expect(results.map(({ outcome, message }) => message ?? outcome)).toEqual(planned.groups.map(() => 'migrated'))
    await sandbox.settled()
    expect(stateOf(sandbox.objects()).pods).toEqual(before.pods)
    const volumes = planned.groups.flatMap((group) => group.volumes)
    const there = await moved(cluster)
    expect(there.map(({ metadata }) => metadata.name).sort()).toEqual(volumes.map(({ name }) => name).sort())
    const places = new Map(there.map((pv) => [pv.metadata.name, fileSystem.volumes.subdirOf(pv)]))
    expect(volumes.map(({ name }) => places.get(name))).toEqual(volumes.map(({ subdir }) => subdir))
    // a plan that is made again finds all of it done
    expect((await plan(cluster)).done).toEqual(volumes.map(({ name }) => name).sort())
    for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    await sandbox.settled()
    expect(await moved(cluster)).toEqual([])
    expect(stateOf(sandbox.objects())).toEqual(before)
    await close()
  })

  test('a run or a rollback that is killed anywhere is gone on with, and the way back leads to what was', {
    timeout: 120_000,
  }, async () => {
    const rehearsal = await begin(objects())
    const there = mortal(rehearsal.cluster, 0, 'before')
    await apply(await plan(rehearsal.cluster), told(there).options)
    const back = mortal(rehearsal.cluster, 0, 'before')
    await rollbackAll(back)
    await rehearsal.close()
    for (const [at, when] of [
      [0.3, 'before'],
      [0.75, 'after'],
    ] as const) {
      const { sandbox, cluster, close } = await begin(objects())
      const before = stateOf(sandbox.objects())
      const planned = await plan(cluster)
      const dying = mortal(cluster, Math.round(there.changes.length * at), when)
      await expect(apply(planned, told(dying).options)).rejects.toBeInstanceOf(Killed)
      await freeLease(cluster)
      for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
      // what was killed before its record was written is begun again
      await apply(await plan(cluster), told(cluster).options)
      await sandbox.settled()
      expect((await moved(cluster)).length).toBe(planned.groups.flatMap(({ volumes }) => volumes).length)
      const dyingBack = mortal(cluster, Math.round(back.changes.length * at), when)
      await expect(rollbackAll(dyingBack)).rejects.toBeInstanceOf(Killed)
      await freeLease(cluster)
      await resume(told(cluster).options)
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
      await sandbox.settled()
      expect(stateOf(sandbox.objects())).toEqual(before)
      await close()
    }
  })

  test('is read by everything that tells of it: plan, diff, script, saved plan, snapshot, check, roles', async () => {
    const { cluster, close } = await begin(objects())
    const planned = await plan(cluster)
    const color = pc.createColors(false)
    const [first] = planned.groups.flatMap(({ volumes }) => volumes)
    expect(planTable(planned, { columns: 100, color })).toContain(fileSystem.target.driver ?? fileSystem.title)
    const [attribute = ''] =
      JSON.stringify(fileSystem.volumes.sourceFor({ name: first?.name ?? '', subdir: first?.subdir ?? '' })).match(
        /[\w.]+\.[\w.]+/,
      ) ?? []
    expect(planDiff(planned, { color })).toMatch(new RegExp(`^\\+.*${attribute.replaceAll('.', '\\.')}`, 'm'))
    expect(planAsKubectl(planned)).toContain(attribute)
    const saved = readPlan([...writePlan(planned)].join(''), 'plan.yaml')
    expect(differences(saved, planned)).toEqual([])

    const snapshot = await takeSnapshot(cluster, fileSystem)
    const restored = await begin(snapshot.objects)
    expect(differences(planned, await plan(restored.cluster))).toEqual([])
    await restored.close()

    const lines = readiness(await checkFacts(cluster, migration))
    const own = lines.filter(({ subject }) => subject === 'driver' || subject === 'secret')
    expect(own.map(({ subject }) => subject)).toEqual(one.secret ? ['driver', 'secret'] : ['driver'])
    expect(own.filter(({ level }) => level === 'problem')).toEqual([])
    const granted = roles(permissionsOn(fileSystem), fileSystem.secretRef, [], 'operator')
    const yaml = rolesYaml(granted, { bound: false, role: 'operator' })
    if (one.secret) expect(yaml).toContain(one.secret.name)
    else expect(granted.some(({ metadata }: KubeObject) => metadata.namespace === 'kube-system')).toBe(false)
    await close()
  })

  test.skipIf(!one.driver)('a driver that is on no node holds every group back, and check says so', async () => {
    const without = objects().map((object) => {
      if (object.kind !== 'CSINode') return object
      return { ...object, spec: { drivers: [] } }
    })
    const { cluster, close } = await begin(without)
    const planned = await plan(cluster)
    expect(planned.findings.map(({ code }) => code)).toContain('driver-missing')
    expect(planned.groups.map(({ blocked }) => blocked)).toEqual(planned.groups.map(() => true))
    const lines = readiness(await checkFacts(cluster, migration))
    expect(lines.find(({ subject }) => subject === 'driver')).toMatchObject({ level: 'problem' })
    await close()
  })
})

test('what is not one directory does not go onto a CurveFS: each of them is a block that says so', async () => {
  const curvefs = FILE_SYSTEMS.find(({ kind }) => kind === 'curvefs')
  if (!curvefs) throw new Error('there is no CurveFS among them')
  const { cluster, close } = await begin(withFileSystems(smallLaboratory()))
  const blocksOf = async (paths: string) => {
    const text = migrationOnto({ ...curvefs, paths, volumes: '["*"]' }, '{mode: none}')
    const planned = await planOf(cluster, readMigration(text, 'm.yaml'))
    expect(planned.groups.map(({ blocked }) => blocked)).toEqual([true, true])
    return planned.findings.filter(({ severity }) => severity === 'block')
  }
  const beside = await blocksOf(
    '[{from: /data/k8s/kubeflow/pipeline/workspace, to: ""}, {from: /data/k8s/kubeflow/pipeline/archives, to: ""}]',
  )
  const below = await blocksOf('[{from: /data/k8s/kubeflow/pipeline, to: ""}]')
  expect(new Set(beside.map(({ code }) => code))).toEqual(new Set(['subdir-collision']))
  expect(new Set(below.map(({ code }) => code))).toEqual(new Set(['subdir-invalid']))
  for (const { remedy } of [...beside, ...below]) expect(remedy).toContain('Give it a file system of its own')
  await close()
})
