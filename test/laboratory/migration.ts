import type { Migration } from '../../src/domain/migration.ts'
import { readMigration } from '../../src/planner/migration-file.ts'

/** The laboratory's directories, all of them, without the data: that is another suite's business. */
export const MIGRATION_FILE = `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: laboratory}
spec:
  select: {namespaces: ["*"]}
  paths: [{from: /data/k8s, to: ""}]
  target:
    secretRef: {name: juicefs-sc-secret, namespace: kube-system}
  source: {nodes: shared}
  copy: {mode: none}
`

export function migration(): Migration {
  return readMigration(MIGRATION_FILE, 'laboratory.yaml')
}
