import type { Finding } from '../domain/finding.ts'
import { driversOf, takesPods } from '../domain/node.ts'
import type { KubeObject } from '../domain/object.ts'
import type { Judgement } from '../domain/readiness.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { finding } from '../words/finding.ts'
import type { FindingData } from '../words/findings.en.ts'

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
 * Whether Kubernetes would wait for a volume to be attached before it mounts it, where the driver attaches none: it does so
 * unless the CSIDriver says otherwise. `there` where there is a CSIDriver; undefined where it does not wait.
 */
function attachProblem(
  { csiDrivers }: Pick<Survey, 'csiDrivers'>,
  driver: string,
): { driver: string; there: boolean } | undefined {
  const object = csiDrivers.find(({ metadata }) => metadata.name === driver)
  const { attachRequired } = (object?.spec ?? {}) as { attachRequired?: boolean }
  return object && attachRequired !== true ? undefined : { driver, there: object !== undefined }
}

interface DriverOptions {
  /** Whose settings name it, for what to do where it is missing: `own` for a file system with a driver of its own. */
  target: FindingData<'driver-missing'>['target']
  /** The command that shows its pods, where one is known. */
  command?: string
  /** Somebody may attach its volumes, as Kubernetes waits for unless it is told otherwise. */
  attaches?: boolean
}

/** What a plan has to say of a CSI driver that is on no node, or not on all of them. */
export function driverFindings(
  survey: Survey,
  driver: string,
  { target, command, attaches = false }: DriverOptions,
): Finding[] {
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name: driver }
  const registered = survey.csiDrivers.some(({ metadata }) => metadata.name === driver)
  const isNowhere = survey.nodes.length > 0 ? nodesWithDriver(survey.csiNodes, driver).size === 0 : !registered
  if (isNowhere) return [finding('block', 'driver-missing', { object }, { driver, registered, target })]
  const attach = attaches ? undefined : attachProblem(survey, driver)
  if (attach) return [finding('block', 'driver-attach', { object }, attach)]
  const without = nodesWithoutDriver(survey, driver)
  if (without.length === 0) return []
  return [finding('warn', 'driver-incomplete', { object }, { driver, nodes: without, command })]
}

/** What is to be said of the Secret where it may not be read, which is not taken for its not being there; undefined where it may. */
export function unreadSecret({ unread = [] }: Survey): Finding[] | undefined {
  const found = unread.filter(({ part }) => part === 'secret')
  if (found.length === 0) return undefined
  return found.map(({ object }) => finding('warn', 'secret-unread', { object }, {}))
}

/** What is to be said of a driver of which no more is known than where it is registered. */
export function judgeDriver(survey: Survey, driver: string, options: DriverOptions): Judgement {
  return {
    subject: 'driver',
    findings: driverFindings(survey, driver, options),
    well: { is: 'registered', driver },
  }
}
