import { defineConfig } from 'vitest/config'

// unit: pure, in milliseconds. sandbox: on the embedded cluster. cluster: on the cluster that KUBECONFIG points to,
// with JUICIFY_TEST_CLUSTER=1; skipped, with a word, where there is none.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'sandbox',
          globalSetup: 'test/bundle.ts',
          include: ['test/sandbox/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          globalSetup: ['test/bundle.ts', 'test/laboratory/swift-kubelet.ts'],
          include: ['test/cluster/**/*.test.ts', 'test/contract/**/*.test.ts'],
          env: { JUICIFY_CONTRACT: 'cluster' },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
