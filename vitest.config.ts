import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { shellAsText } from './build/shell-as-text.mjs'

const plugins = [shellAsText]

/** The kubeconfig of the cluster that `npm run cluster -- up` has started here, where one is up and no other is named. */
const ownCluster = path.join(process.env.CLUSTER_STATE ?? '/tmp/test-cluster', 'kubeconfig')
const ofOwnCluster =
  !process.env.KUBECONFIG && existsSync(ownCluster) ? { KUBECONFIG: ownCluster, JUICIFY_TEST_CLUSTER: '1' } : {}

// What hangs is to end; how long a test takes on a busy machine says nothing.
const patient = { testTimeout: 120_000, hookTimeout: 120_000 }

// These leave nothing behind in a module, so that a worker need not load the modules anew for each file.
const together = { isolate: false }

// What puts something else in the place of one of our modules.
const ALONE = ['test/sandbox/faults.test.ts']

// On the project's own cluster where it is up, or on the one that KUBECONFIG names, with JUICIFY_TEST_CLUSTER=1; skipped,
// with a word, where there is none.
const onCluster = {
  globalSetup: ['test/bundle.ts', 'test/laboratory/swift-kubelet.ts'],
  env: { JUICIFY_CONTRACT: 'cluster', ...ofOwnCluster },
  fileParallelism: false,
  // they mostly wait for the nodes
  maxConcurrency: 8,
  // what hangs is to end; a busy machine takes several times as long as an idle one
  testTimeout: 900_000,
  hookTimeout: 600_000,
}

// unit: pure, in milliseconds. shell: the programs of the Jobs, with this machine's own tools. sandbox: on the embedded cluster. cluster: migrations of a real one, of which there is one
// at a time. contract: what the sandbox is asked too, which may be asked beside them, as long as the servers are there.
export default defineConfig({
  test: {
    // what one project has transformed the others need not
    experimental: { fsModuleCache: true },
    // vitest leaves one core alone; where there are two, that is half
    maxWorkers: 2 * availableParallelism(),
    projects: [
      { plugins, test: { ...patient, ...together, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        plugins,
        test: { ...patient, ...together, testTimeout: 300_000, name: 'shell', include: ['test/shell/**/*.test.ts'] },
      },
      {
        plugins,
        test: {
          ...patient,
          ...together,
          name: 'sandbox',
          globalSetup: 'test/bundle.ts',
          include: ['test/sandbox/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: ALONE,
        },
      },
      { plugins, test: { ...patient, name: 'alone', include: ALONE } },
      {
        plugins,
        test: {
          ...onCluster,
          name: 'cluster',
          globalSetup: [...onCluster.globalSetup, 'test/laboratory/hands.ts'],
          include: ['test/cluster/**/*.test.ts'],
        },
      },
      { plugins, test: { ...onCluster, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
    ],
  },
})
