import { readFile } from 'node:fs/promises'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { fromYaml, toYaml } from '../../src/domain/yaml.ts'

/** Why the cluster's tests cannot run here; undefined where they can. */
export const missing =
  process.env.JUICIFY_TEST_CLUSTER === '1' && process.env.KUBECONFIG
    ? undefined
    : 'needs JUICIFY_TEST_CLUSTER=1 and a KUBECONFIG of a cluster with two nodes'

/** A kubeconfig for the user nobody, who may do nothing, with the rights of the one at hand to speak for others. */
export async function kubeconfigOfNobody(): Promise<string> {
  const config = fromYaml(await readFile(process.env.KUBECONFIG ?? '', 'utf8'), 'kubeconfig') as {
    users: { name: string; user: object }[]
  }
  return toYaml({ ...config, users: config.users.map(({ name, user }) => ({ name, user: { ...user, as: 'nobody' } })) })
}

/** The version in which the server has CronJobs: `batch/v1beta1` up to 1.20, `batch/v1` from 1.21 on. */
export async function cronJobVersion(cluster: Cluster): Promise<'batch/v1' | 'batch/v1beta1'> {
  const { resources } = (await cluster.raw('GET', '/apis/batch/v1')) as { resources: { name: string }[] }
  return resources.some(({ name }) => name === 'cronjobs') ? 'batch/v1' : 'batch/v1beta1'
}

export function openCluster(): Promise<Cluster & { close(): void }> {
  return connect({ kubeconfig: process.env.KUBECONFIG })
}
