import type { Migration } from '../../src/domain/migration.ts'
import { readMigration } from '../../src/planner/migration-file.ts'

/** The laboratory's directories, all of them, without the data: that is another suite's business. */
export function migration(): Migration {
  return readMigration(
    `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: laboratory}
spec:
  select: {namespaces: [jupyter, pipeline]}
  paths: [{from: /data/k8s, to: ""}]
  target:
    secretRef: {name: juicefs-sc-secret, namespace: kube-system}
  source: {nodes: shared}
  copy: {mode: none}
`,
    'laboratory.yaml',
  )
}
