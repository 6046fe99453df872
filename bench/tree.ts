import type { Survey } from '../src/domain/survey.ts'
import { readMigration } from '../src/planner/migration-file.ts'
import { makePlan } from '../src/planner/plan.ts'
import { type Figure, note } from './figures.ts'
import { asBound, claim, MIGRATION, nameOf, volume } from './laboratory.ts'
import type { Bench, Result } from './setting.ts'

const NAMESPACE = 'bench-00'
/** Where the volumes lie: each shape as a directory for a number. */
const SHAPES: [name: string, sizes: number[], directory: (number: number) => string][] = [
  ['in one tree', [100, 1_000, 10_000], (number) => (number === 0 ? '' : ['', ...String(number)].join('/'))],
  ['below one directory', [100, 1_000, 10_000], (number) => (number === 0 ? '' : `/${number}`)],
  ['in separate directories', [100, 1_000, 10_000], (number) => `/${number + 1}`],
  ['in a chain, each below the one before', [10, 100, 1_000], (number) => '/x'.repeat(number)],
]

/** What it takes to decide, without a cluster: the time of the planner for volumes and claims that are there in memory. */
export async function tree(bench: Bench): Promise<Result> {
  const migration = readMigration(MIGRATION, 'bench.yaml')
  const figures = new Map<string, Figure>()
  for (const [name, sizes, directory] of SHAPES) {
    for (const size of sizes) {
      const survey = surveyOf(size, directory)
      const plan = () => makePlan(survey, migration, { wholeGroups: false, dangerousSplit: false })
      const { groups } = plan()
      for (let round = 0; round < bench.rounds; round++) {
        const began = performance.now()
        plan()
        note(figures, `${size} volumes ${name}`, performance.now() - began, 'ms', `${groups.length} groups`)
      }
    }
  }
  return { figures: [...figures.values()] }
}

function surveyOf(size: number, directory: (number: number) => string): Survey {
  const pairs = Array.from({ length: size }, (_, number) => {
    const name = nameOf(number)
    const { metadata, ...made } = claim(name, NAMESPACE)
    return asBound(volume(name, NAMESPACE, `/data/bench${directory(number)}`), {
      ...made,
      metadata: { ...metadata, uid: name },
    })
  })
  return {
    cluster: { uid: 'bench', version: 'v1.20.2' },
    volumes: pairs.map(({ volume }) => volume),
    claims: pairs.map(({ claim }) => claim),
    pods: [],
    controllers: [],
    autoscalers: [],
    nodes: [],
    services: [],
    csiDrivers: [{ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'csi.juicefs.com' } }],
    csiNodes: [],
    secret: { namespace: 'kube-system', name: 'juicefs-sc-secret', keys: ['name', 'metaurl'], endpoints: [] },
    records: [],
  }
}
