import type { Finding } from '../../domain/finding.ts'
import { describeRef, type KubeObject, type ObjectRef, refOf, sameObject } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import { finding } from '../../words/finding.ts'
import { kindOf } from '../../workloads/kinds.ts'
import { retentionSetBy, scaledBy } from '../../workloads/writer.ts'
import { objectOf } from '../lookup.ts'
import type { Context, Draft } from './context.ts'

interface Mark {
  by: string
  mark: RegExp
  /** By which of its marks the tool tells what it keeps, where it has others, which people write themselves; null for none. */
  keeps?: RegExp | null
}

/**
 * The marks that these tools leave. A chart that somebody has rendered and applied by hand has the settings for Argo CD and
 * Flux that its author put there, and the label `app.kubernetes.io/instance`, which Argo CD once told its own by.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
 */
const MARKS: Mark[] = [
  { by: 'Argo CD', mark: /^argocd\.argoproj\.io\//, keeps: /^argocd\.argoproj\.io\/(tracking-id|instance)$/ },
  {
    by: 'Flux',
    mark: /^(kustomize|helm)\.toolkit\.fluxcd\.io\//,
    keeps: /^(kustomize|helm)\.toolkit\.fluxcd\.io\/(name|namespace)$/,
  },
  { by: 'Fleet, k3s or Rancher', mark: /^(objectset\.rio|fleet)\.cattle\.io\// },
  { by: 'kapp', mark: /^kapp\.k14s\.io\// },
  { by: 'OLM', mark: /^(olm\.owner|operators\.coreos\.com\/)/ },
  { by: "Kubernetes' add-on manager", mark: /^addonmanager\.kubernetes\.io\/mode$/ },
  { by: 'Config Sync', mark: /^(configmanagement|configsync)\.gke\.io\// },
  { by: 'Sveltos', mark: /^projectsveltos\.io\// },
  { by: 'Open Cluster Management', mark: /\.open-cluster-management\.io\// },
  { by: 'KubeVela', mark: /^app\.oam\.dev\// },
  { by: 'Crossplane', mark: /^crossplane\.io\// },
  // it changes nothing by itself
  { by: 'Helm', mark: /^meta\.helm\.sh\//, keeps: null },
  { by: 'Helm or Argo CD', mark: /^app\.kubernetes\.io\/instance$/, keeps: null },
]

/** What another tool keeps as its manifests say: it may put back what is changed here, or start what is stopped. */
export function managedFindings({ survey, drafts }: Context): Finding[] {
  return drafts.flatMap((draft) => {
    const paused = scaledByStopped(draft, survey)
    return objectsOf(draft, survey).flatMap((object) => [
      ...managed(object, draft.name),
      ...(paused.some((ref) => sameObject(ref, refOf(object))) ? [] : scaled(object, draft.name)),
    ])
  })
}

function objectsOf({ moving, group }: Draft, survey: Survey): KubeObject[] {
  const stopped = group.workloads
    .filter((workload) => !workload.stopped)
    .flatMap(({ ref }) => objectOf(ref, survey) ?? [])
  return [...moving.flatMap(({ pv, claim }) => (claim ? [pv, claim] : [pv])), ...stopped]
}

function managed(object: KubeObject, group: string): Finding[] {
  const by = managerOf(object)
  if (!by) return []
  const { uid: _, ...ref } = refOf(object)
  return [finding('warn', 'managed', { object: ref, group }, { by, name: describeRef(ref) })]
}

/** What is scaled by something that is stopped itself meanwhile. */
function scaledByStopped({ group }: Draft, survey: Survey): ObjectRef[] {
  return group.workloads.flatMap(({ ref }) => {
    const scaler = objectOf(ref, survey)
    return (scaler && kindOf(scaler)?.scales?.(scaler)) ?? []
  })
}

/** As programs that keep something scaled call themselves; people's clients have other names. */
const SCALER =
  /(operator|controller|controller-manager|autoscaler|agent)$|^(keda|argocd|fleet|rancher|kapp|manager|deploy@)/
/** A HorizontalPodAutoscaler's way to scale: it does nothing at 0. */
const AUTOSCALER = 'kube-controller-manager'

function scaled(object: KubeObject, group: string): Finding[] {
  const by = scaledBy(object)
  if (!by || by.manager === AUTOSCALER || !SCALER.test(by.manager) || managerOf(object)) return []
  const { uid: _, ...ref } = refOf(object)
  return [
    finding('warn', 'managed', { object: ref, group }, { scaler: by.manager, at: by.time, name: describeRef(ref) }),
  ]
}

/**
 * Who may at any time put back what is changed of an object: a tool that tells by its mark that it keeps it, or a program
 * that has scaled it last, or has set its policy for claims, as a tool does that tells its own by a label that charts have too.
 */
export function keeperOf(object: KubeObject): string | undefined {
  const keys = marksOf(object)
  const tool = MARKS.find(({ mark, keeps = mark }) => keeps && keys.some((key) => keeps.test(key)))
  if (tool) return tool.by
  const writers = [scaledBy(object)?.manager ?? '', ...retentionSetBy(object)]
  return writers.find((manager) => manager !== AUTOSCALER && SCALER.test(manager))
}

/** The tool whose mark is on the object, if any. */
export function managerOf(object: KubeObject): string | undefined {
  const keys = marksOf(object)
  return MARKS.find(({ mark }) => keys.some((key) => mark.test(key)))?.by
}

function marksOf({ metadata }: KubeObject): string[] {
  return Object.keys({ ...metadata.labels, ...metadata.annotations })
}
