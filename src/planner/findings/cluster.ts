import type { Finding } from '../../domain/finding.ts'
import type { KubeObject } from '../../domain/object.ts'
import { compareText } from '../../domain/text.ts'
import { copiesData } from '../data.ts'
import { takesPods } from '../nodes.ts'
import { type Context, finding, listed } from './context.ts'

/** What concerns every group: the data, JuiceFS' driver, and its Secret. A block here holds all of them back. */
export function clusterFindings(context: Context): Finding[] {
  if (context.drafts.length === 0) return []
  return [...dataFindings(context), ...driverFindings(context), ...secretFindings(context)]
}

function dataFindings({ migration }: Context): Finding[] {
  if (copiesData(migration)) return []
  return [
    finding(
      'warn',
      'data-stays',
      {},
      'The data is not copied: what is in the old directories stays there, and the volumes on JuiceFS show what is on JuiceFS.',
      'Copy it yourself before, for example with juicefs sync, or go on with what JuiceFS holds.',
    ),
  ]
}

function driverFindings({ survey, migration }: Context): Finding[] {
  const { driver } = migration.target
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name: driver }
  const registered = survey.csiDrivers.some(({ metadata }) => metadata.name === driver)
  const withDriver = new Set(
    survey.csiNodes.filter((node) => driversOf(node).includes(driver)).map(({ metadata }) => metadata.name),
  )
  const without = survey.nodes
    .filter((node) => takesPods(node) && !withDriver.has(node.metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort(compareText)
  if (survey.nodes.length > 0 ? withDriver.size === 0 : !registered) {
    const left = registered
      ? 'The CSIDriver is there, as it is after an uninstallation too, but on no node'
      : 'On no node'
    return [
      finding(
        'block',
        'driver-missing',
        { object },
        `${left} does the driver ${driver} run: no pod could mount what is moved.`,
        'Install juicefs-csi-driver, or give its name in spec.target.driver.',
      ),
    ]
  }
  if (without.length === 0) return []
  return [
    finding(
      'warn',
      'driver-incomplete',
      { object },
      `The driver ${driver} does not run on ${listed(without)}: pods there could not mount what is moved.`,
      'See kubectl get pods -A -l app=juicefs-csi-node -o wide, or keep the pods off those nodes.',
    ),
  ]
}

function secretFindings({ survey, migration }: Context): Finding[] {
  const { name, namespace } = migration.target.secretRef
  const object = { apiVersion: 'v1', kind: 'Secret', namespace, name }
  if (!survey.secret) {
    return [
      finding(
        'block',
        'secret-missing',
        { object },
        'The Secret of the file system is not there: no pod could mount what is moved.',
        'Create it with name, metaurl, storage, bucket and keys, or name another in spec.target.secretRef.',
      ),
    ]
  }
  const missing = (keys: string[]) => keys.filter((key) => !survey.secret?.keys.includes(key))
  const needed = missing(['name', 'metaurl'])
  const wanted = missing(['storage', 'bucket'])
  return [
    ...(needed.length > 0
      ? [
          finding(
            'block',
            'secret-incomplete',
            { object },
            `It lacks ${needed.join(' and ')}: no pod could mount what is moved.`,
            'Add what is missing.',
          ),
        ]
      : []),
    ...(wanted.length > 0
      ? [
          finding(
            'warn',
            'secret-incomplete',
            { object },
            `It lacks ${wanted.join(' and ')}: if the file system is not formatted yet, the first mount formats it on the node's own disk.`,
            'Add them, or see with juicefs status that it is formatted.',
          ),
        ]
      : []),
  ]
}

/** The drivers that are registered on a node. */
export function driversOf(csiNode: KubeObject): string[] {
  const { spec } = csiNode as { spec?: { drivers?: { name: string }[] | null } }
  return spec?.drivers?.map(({ name }) => name) ?? []
}
