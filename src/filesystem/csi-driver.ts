import { type Finding, finding } from '../domain/finding.ts'
import { driversOf, takesPods } from '../domain/node.ts'
import type { KubeObject } from '../domain/object.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText, listed } from '../domain/text.ts'

/** The nodes on which a CSI driver is registered: the kubelet there says so in its CSINode, and nobody else can. */
export function nodesWithDriver(csiNodes: readonly KubeObject[], driver: string): Set<string> {
  return new Set(csiNodes.filter((node) => driversOf(node).includes(driver)).map(({ metadata }) => metadata.name))
}

/** The nodes that take pods and lack the driver, in order. */
export function nodesWithoutDriver({ nodes, csiNodes }: Pick<Survey, 'nodes' | 'csiNodes'>, driver: string): string[] {
  const registered = nodesWithDriver(csiNodes, driver)
  return nodes
    .filter((node) => takesPods(node) && !registered.has(node.metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort(compareText)
}

/**
 * Why Kubernetes would wait for a volume to be attached before it mounts it, where the driver attaches none: it does so unless
 * the CSIDriver says otherwise. Undefined where it does not wait. The why is a sentence without its stop.
 */
export function attachProblem(
  { csiDrivers }: Pick<Survey, 'csiDrivers'>,
  driver: string,
): { why: string; remedy: string } | undefined {
  const object = csiDrivers.find(({ metadata }) => metadata.name === driver)
  const { attachRequired } = (object?.spec ?? {}) as { attachRequired?: boolean }
  if (object && attachRequired !== true) return undefined
  const found = object ? `The CSIDriver ${driver} has attachRequired: true` : `There is no CSIDriver ${driver}`
  const make = object ? `kubectl delete csidriver ${driver}, and make` : 'Make'
  return {
    why: `${found}: Kubernetes waits until somebody attaches each volume, which the driver does not do, and no pod would start`,
    remedy: `${make} it${object ? ' again' : ''} as its installation does, with attachRequired: false; running pods do not notice.`,
  }
}

/**
 * What a plan has to say of a CSI driver that is on no node, or not on all of them.
 * @param remedies what to do where it is on none, and where it is missing on some
 */
export function driverFindings(
  survey: Survey,
  driver: string,
  remedies: { install: string; complete: string },
): Finding[] {
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name: driver }
  const registered = survey.csiDrivers.some(({ metadata }) => metadata.name === driver)
  const isNowhere = survey.nodes.length > 0 ? nodesWithDriver(survey.csiNodes, driver).size === 0 : !registered
  if (isNowhere) {
    const left = registered
      ? 'The CSIDriver is there, as it is after an uninstallation too, but on no node'
      : 'On no node'
    const why = `${left} does the driver ${driver} run: no pod could mount what is moved.`
    return [finding('block', 'driver-missing', { object }, why, remedies.install)]
  }
  const attach = attachProblem(survey, driver)
  if (attach) return [finding('block', 'driver-attach', { object }, `${attach.why}.`, attach.remedy)]
  const without = nodesWithoutDriver(survey, driver)
  if (without.length === 0) return []
  const why = `The driver ${driver} does not run on ${listed(without)}: pods there could not mount what is moved.`
  return [finding('warn', 'driver-incomplete', { object }, why, remedies.complete)]
}
