import { isBelow } from '../domain/directory.ts'
import { PV_PROTECTION, withoutServerFields } from '../domain/manifest.ts'
import { describeRef, groupOf, type ObjectRef, refOf } from '../domain/object.ts'
import type { Plan, PlannedGroup, PlannedVolume, StepName } from '../domain/plan.ts'
import { quotasOf } from '../domain/quota.ts'
import { shellWord } from '../domain/shell.ts'
import { clusterWords } from '../domain/survey.ts'
import { plain } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import { toYaml } from '../domain/yaml.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { kindOf } from '../workloads/kinds.ts'
import { stoppableOf } from '../workloads/quiesce.ts'
import { blockingCodes, inOrder } from './findings.ts'
import { nothingToDo } from './plan-words.ts'

/**
 * The plan as the commands that one would type by hand, for review: a POSIX shell script that needs kubectl and nothing
 * else, stops at the first error, and can be run. It keeps no record, copies nothing and takes nothing back.
 */
export function planAsKubectl(plan: Plan): string {
  const moving = plan.groups.filter((group) => !group.blocked)
  const blocked = plan.groups.filter((group) => group.blocked)
  return `${[
    ...preamble(plan),
    ...inOrder(plan.findings).flatMap((finding) => [
      comment(
        `${finding.severity} ${finding.code}${finding.object ? ` ${describeRef(finding.object)}` : ''}: ${finding.why}`,
      ),
      ...(finding.remedy === undefined ? [] : [comment(`  try: ${finding.remedy}`)]),
    ]),
    ...(moving.length > 0 ? [FUNCTIONS, ...rightCluster(plan)] : []),
    ...moving.map((group) => groupCommands(group, plan).join('\n')),
    ...blocked.flatMap((group) => [
      '',
      comment(`group ${group.name} is blocked by ${blockingCodes(plan.findings, group.name).join(', ')}`),
    ]),
    ...(moving.length > 0 ? [] : ['', comment(nothingToDo(plan))]),
  ].join('\n')}\n`
}

function preamble(plan: Plan): string[] {
  return [
    '#!/bin/sh',
    comment(`Plan ${plan.metadata.name} for ${clusterWords(plan.cluster)}, as kubectl commands.`),
    comment('For review: juicify apply does the same, and can also resume it and roll it back.'),
    'set -eu',
    '',
  ]
}

const FUNCTIONS = `
# same UID WHAT...: exits unless the object is the one that the plan was made from
same() {
  uid=$1; shift
  found=$(kubectl get "$@" -o 'jsonpath={.metadata.uid}')
  [ "$found" = "$uid" ] || { echo "$*: found uid $found, planned for $uid" >&2; exit 1; }
}
# gone WHAT...: waits until the objects no longer exist
gone() {
  while left=$(kubectl get "$@" --ignore-not-found -o name) || exit 1; [ -n "$left" ]; do sleep 1; done
}
# finished NAMESPACE POD...: waits until none of the pods is running
finished() {
  namespace=$1; shift
  for pod; do
    while phase=$(kubectl get "pod/$pod" -n "$namespace" --ignore-not-found -o 'jsonpath={.status.phase}') || exit 1
      [ -n "$phase" ] && [ "$phase" != Succeeded ] && [ "$phase" != Failed ]; do sleep 1; done
  done
}
# bound PV NAMESPACE CLAIM: waits until both are Bound, annotating the claim so that the controller looks at it at once
bound() {
  tries=0
  while phases=$(kubectl get "pv/$1" -o 'jsonpath={.status.phase}') || exit 1
    phases="$phases $(kubectl get "pvc/$3" -n "$2" -o 'jsonpath={.status.phase}')" || exit 1
    [ "$phases" != 'Bound Bound' ]; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || { echo "timed out waiting for PersistentVolume $1 and claim $2/$3 to become Bound: $phases" >&2; exit 1; }
    kubectl annotate "pvc/$3" -n "$2" --overwrite "juicify.dev/touched=$tries" >/dev/null
  done
  kubectl annotate "pvc/$3" -n "$2" juicify.dev/touched- >/dev/null
}
`.trimEnd()

function rightCluster(plan: Plan): string[] {
  return [
    '',
    comment('the cluster that the plan was made from'),
    command('same', plan.cluster.uid, 'namespace/kube-system'),
  ]
}

function groupCommands(group: PlannedGroup, plan: Plan): string[] {
  const at = (steps: StepName[], lines: string[]) =>
    lines.length > 0 && steps.some((step) => group.steps.includes(step)) ? ['', comment(steps[0] ?? ''), ...lines] : []
  const workloads = group.workloads.filter((workload) => !workload.stopped)
  return [
    '',
    comment(`--- group ${group.name}: ${group.directories.join(', ')}`),
    ...group.volumes.flatMap(checkCommands),
    ...at(['record'], recordCommands(group.volumes, workloads, shellWord(`${group.name}-before.json`))),
    ...at(['retain'], group.volumes.flatMap(retainCommands)),
    ...at(['stop'], [...workloads.flatMap(stopCommands), ...workloads.flatMap(finishedCommands)]),
    ...at(['copy', 'catch-up'], copyCommands(group)),
    ...at(['quota'], quotaCommands(group, plan)),
    ...at(['swap'], [...placeCommands(group, plan), ...group.volumes.flatMap(swapCommands)]),
    ...at(['start'], workloads.flatMap(startCommands)),
  ]
}

function checkCommands({ before, claim }: PlannedVolume): string[] {
  return [before, claim].flatMap((object) =>
    object?.metadata.uid ? [command('same', object.metadata.uid, ...addressOf(refOf(object)))] : [],
  )
}

/** What is there is written down once: a second run must not write down its own doing. */
function recordCommands(volumes: PlannedVolume[], workloads: Workload[], file: string): string[] {
  const once = (path: string, ...words: string[]) =>
    `[ -s ${path} ] || ${command('kubectl', 'get', ...words)} > ${path}`
  return [
    once(file, ...volumes.flatMap(({ before }) => addressOf(refOf(before))), '-o', 'json'),
    ...workloads.flatMap(({ ref, quiesce }) => {
      const { means } = stoppableOf(ref)
      if (quiesce !== 'stop' || means.by === 'patch' || means.by === 'annotate') return []
      const what = means.by === 'recreate' ? 'json' : 'jsonpath={.spec.replicas}'
      return [once(savedAs(ref), ...addressOf(ref), '-o', what)]
    }),
  ]
}

function retainCommands({ before }: PlannedVolume): string[] {
  if (before.spec.persistentVolumeReclaimPolicy === 'Retain') return []
  return [patch(refOf(before), 'merge', { spec: { persistentVolumeReclaimPolicy: 'Retain' } })]
}

/** The commands can copy nothing; so they stop until somebody has. */
function copyCommands({ copies, staying }: PlannedGroup): string[] {
  const places = copies.map(({ directory, subdir, nodes }) => {
    const left = staying.filter((path) => isBelow(path, directory))
    const from = `copy ${directory} from ${nodes.join(', ')}`
    return `${from} to subdir ${subdir || '/'}${left.length > 0 ? `, without ${left.join(', ')}, which stays` : ''}`
  })
  return [
    ...places.map((place) => command('printf', '%s\\n', plain(place))),
    command('printf', '%s', 'when everything is copied, press Enter: '),
    'read -r answer',
  ]
}

/** They need the address of the metadata engine, which is in the Secret, and is not written down here. */
function quotaCommands(group: PlannedGroup, { migration: { target } }: Plan): string[] {
  const { quotas } = fileSystemOf(target)
  const wanted = quotas ? quotasOf(group).map(({ subdir, gib }) => quotas.commands(subdir, gib).set) : []
  if (wanted.length === 0) return []
  return [
    ...wanted.map((line) => command('printf', '%s\\n', plain(line))),
    command('printf', '%s', 'when each directory has its quota, press Enter: '),
    'read -r answer',
  ]
}

/** Where a mount makes no directory, somebody has to before pods mount it. */
function placeCommands({ volumes }: PlannedGroup, { migration: { target } }: Plan): string[] {
  const { mounts, title } = fileSystemOf(target)
  const places = [...new Set(volumes.map(({ subdir }) => subdir))].filter((subdir) => subdir !== '')
  if (mounts.makesPlaces || places.length === 0) return []
  return [
    ...places.map((place) => command('printf', '%s\\n', plain(`directory ${place} on ${title}`))),
    command('printf', '%s', 'when each of these is there, press return: '),
    'read -r answer',
  ]
}

/** The volume goes and the new one comes; the claim stays, and is Lost in between. */
function swapCommands({ name, before, after, claim }: PlannedVolume): string[] {
  const ref = refOf(before)
  const release = [
    { op: 'test', path: '/metadata/finalizers', value: [PV_PROTECTION] },
    { op: 'remove', path: '/metadata/finalizers' },
  ]
  return [
    command('kubectl', 'delete', ...addressOf(ref), '--wait=false'),
    // what is bound is held by that one finalizer; what is not goes by itself
    ...(before.status?.phase === 'Bound' ? [patch(ref, 'json', release)] : []),
    command('gone', ...addressOf(ref)),
    `kubectl create -f - <<'EOF'\n${toYaml(withoutServerFields(after))}EOF`,
    ...(claim ? [command('bound', name, claim.metadata.namespace, claim.metadata.name)] : []),
  ]
}

function stopCommands({ ref, quiesce, retains }: Workload): string[] {
  if (quiesce === 'delete') return [command('kubectl', 'delete', ...addressOf(ref), '--wait=false')]
  if (quiesce !== 'stop') return []
  const { means } = stoppableOf(ref)
  switch (means.by) {
    case 'scale':
      return [
        ...(retains ? [whenScaled(ref, 'Retain')] : []),
        command('kubectl', 'scale', ...addressOf(ref), '--replicas=0'),
      ]
    case 'patch':
      return [patch(ref, 'merge', { spec: means.stop })]
    case 'annotate': {
      const now = means.value === 'the time' ? '"$(date -u +%Y-%m-%dT%H:%M:%SZ)"' : means.value
      return [`${command('kubectl', 'annotate', ...addressOf(ref), '--overwrite')} ${means.annotation}=${now}`]
    }
    case 'recreate':
      return [command('kubectl', 'delete', ...addressOf(ref), '--wait=false')]
  }
}

function whenScaled(ref: ObjectRef, wanted: 'Retain' | 'Delete'): string {
  return patch(ref, 'merge', { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: wanted } } })
}

function finishedCommands({ ref, quiesce, pods }: Workload): string[] {
  return quiesce === 'rolling' || pods.length === 0 ? [] : [command('finished', ref.namespace ?? '', ...pods)]
}

function startCommands({ ref, quiesce, retains }: Workload): string[] {
  if (quiesce === 'rolling') return restartCommands(ref)
  if (quiesce !== 'stop') return []
  const { means } = stoppableOf(ref)
  switch (means.by) {
    case 'scale':
      return [
        `${command('kubectl', 'scale', ...addressOf(ref))} --replicas="$(cat ${savedAs(ref)})"`,
        ...(retains ? [whenScaled(ref, 'Delete')] : []),
      ]
    case 'patch':
      return [patch(ref, 'merge', { spec: means.start })]
    case 'annotate':
      return [command('kubectl', 'annotate', ...addressOf(ref), `${means.annotation}-`)]
    case 'recreate':
      return [createAgain(ref)]
  }
}

/** A plan has only those restarted pod by pod that their own controller restarts so. */
function restartCommands(ref: ObjectRef): string[] {
  const rollout = kindOf(ref)?.rollout
  return rollout ? [command('kubectl', ...rollout.command, ...addressOf(ref))] : []
}

/** A pod as it was saved, without what would tie the new one to the old: its identity, its node, its state. */
function createAgain(ref: ObjectRef): string {
  const blank = {
    metadata: { uid: null, resourceVersion: null, creationTimestamp: null },
    spec: { nodeName: null },
    status: null,
  }
  const again = `kubectl patch --local -f ${savedAs(ref)} --type=merge -p ${shellWord(JSON.stringify(blank))} -o json`
  return `${command('gone', ...addressOf(ref))}\n${again} | kubectl create -f -`
}

function patch(ref: ObjectRef, type: 'merge' | 'json', body: unknown): string {
  return command('kubectl', 'patch', ...addressOf(ref), `--type=${type}`, '-p', JSON.stringify(body))
}

const SHORT: Record<string, string> = { PersistentVolume: 'pv', PersistentVolumeClaim: 'pvc' }

/** An object as kubectl is told of it. Kind and name in one word: no name can pass for an option. */
function addressOf({ apiVersion, kind, namespace, name }: ObjectRef): string[] {
  const group = groupOf(apiVersion)
  const resource = SHORT[kind] ?? kind.toLowerCase() + (group === '' ? '' : `.${group}`)
  return [`${resource}/${name}`, ...(namespace === undefined ? [] : ['-n', namespace])]
}

function savedAs({ kind, namespace, name }: ObjectRef): string {
  return shellWord(`${kind.toLowerCase()}-${namespace}-${name}-before.json`)
}

function comment(text: string): string {
  return `# ${plain(text.replace(/\s+/g, ' '))}`
}

function command(...words: string[]): string {
  return words.map(shellWord).join(' ')
}
