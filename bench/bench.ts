import { rm, writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '../src/cluster/connect.ts'
import { Failure } from '../src/domain/failure.ts'
import { type Section, tableOf } from './figures.ts'
import { clear, clearNamespaces } from './laboratory.ts'
import { MEASURES } from './measures.ts'
import { type Bench, makeBench } from './setting.ts'

const USAGE = `npm run bench -- [--quick] [--only ${Object.keys(MEASURES).join(',')}] [--rounds N] [--kubeconfig FILE]
                 [--json FILE] [--audit-log FILE] [--image NAME]

Measures juicify on the cluster that the kubeconfig names, side by side with kubectl. It makes its own volumes, claims, pods
and namespaces (label app.kubernetes.io/part-of=juicify-bench) and removes them. Use a cluster that is for tests.
--quick      fewer objects and two rounds
--audit-log  the API server's audit log, level Metadata: requests are counted in it, by juicify's user agent
--image      what the pods of \`group\` run; it has to be on the nodes (local/pause:1)
`

/** Runs the benchmark; 0 where everything that could be measured was. `juicify` is the bundled command. */
export async function main(words: string[], juicify: string): Promise<number> {
  const { values } = parseArgs({
    args: words,
    options: {
      help: { type: 'boolean', short: 'h' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      kubeconfig: { type: 'string' },
      json: { type: 'string' },
      'audit-log': { type: 'string' },
      image: { type: 'string', default: 'local/pause:1' },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (values.kubeconfig) process.env.KUBECONFIG = values.kubeconfig
  const { quick, only, image } = values
  const names = only?.split(',') ?? Object.keys(MEASURES)
  const bench = await makeBench({
    juicify,
    quick,
    image,
    rounds: Number(values.rounds ?? (quick ? 2 : 5)),
    auditLog: values['audit-log'],
    cluster: await clusterOrWhyNot(),
  })
  // of a run that was interrupted
  if (bench.cluster.cluster) await clear(bench.cluster.cluster)
  const sections: Section[] = []
  for (const name of names) sections.push(await measured(bench, name))
  if (bench.cluster.cluster) await clearNamespaces(bench.cluster.cluster)
  await rm(dirname(bench.migration), { recursive: true, force: true })
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    arch: arch(),
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg(),
  }
  process.stdout.write(`${JSON.stringify(machine)}\n`)
  if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, sections }, null, 2)}\n`)
  return sections.some(({ failed }) => failed) ? 1 : 0
}

async function clusterOrWhyNot(): Promise<Bench['cluster']> {
  try {
    const cluster = await connect()
    await cluster.raw('GET', '/version')
    return { cluster }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { why: error.message }
  }
}

/** One measure; what it leaves behind is removed, and its failure ends no other one. */
async function measured(bench: Bench, name: string): Promise<Section> {
  const measure = MEASURES[name]
  if (!measure) throw new Error(`there is no measure ${name}; there are ${Object.keys(MEASURES).join(', ')}`)
  process.stderr.write(`${name} …\n`)
  const { cluster } = bench.cluster
  const section = await measure
    .take(bench)
    .catch((error: Error) => ({ figures: [], skipped: `it failed: ${error.message}`, failed: true }))
  const titled = { title: measure.title, ...section }
  process.stdout.write(`${tableOf(titled)}\n`)
  if (cluster) await clear(cluster)
  return titled
}
