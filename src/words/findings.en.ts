import type { FileSystemAdvice } from '../domain/filesystem.ts'
import type { FindingCode } from '../domain/finding.ts'
import { size } from '../domain/quantity.ts'
import { count, listed } from '../domain/text.ts'

/** What a finding says. */
export interface Sentences {
  /** What was found and why it matters, in one or two sentences. */
  why: string
  /** The next thing to do; absent where there is nothing to do. */
  remedy?: string
}

/** Why a volume had better not be on the file system. */
export type ReasonToStay =
  /** The file system itself depends on it: what its Secret has under a key points to a workload that uses it. */
  | { title: string; key: string; user: string }
  /** A workload keeps files on it in a way that does not suit a network file system. */
  | { user: string; software: string; image: string; because: UnsuitableBecause }

export type UnsuitableBecause = 'database' | 'posix' | 'sqlite' | 'object-store'

export type LimitsRaisedBy = FileSystemAdvice['raiseLimits']

const UNSUITABLE: Record<UnsuitableBecause, string> = {
  database:
    'databases fsync on every commit (each waits for an upload) and do small random writes, which fragment there',
  posix: 'its time series database needs a local POSIX file system',
  sqlite: 'it uses an SQLite database, which needs a local disk',
  'object-store': 'it stores its own blocks, and the file system may depend on it',
}

/** As a sentence without its full stop. */
function reason(stay: ReasonToStay): string {
  if ('title' in stay)
    return `${stay.title} itself depends on this volume: the ${stay.key} in its Secret points to ${stay.user}`
  return `${stay.user} runs ${stay.software} on it (${stay.image}): ${UNSUITABLE[stay.because]}`
}

const LIMITS = {
  quota: 'its quota',
  'server-quota': 'the server’s quota',
  'either-quota': 'its quota, or its server’s',
}
const root = (subdir: string) => subdir || 'the root'
const shown = (subdir: string) => subdir || '(the root)'
const otherPlace =
  'Give it a file system of its own, in a migration of its own that selects nothing else; or exclude it.'
const readers = 'Ask for the permission (juicify rbac prints the roles), or let somebody who has it make the plan.'
const resume = 'juicify resume continues it; juicify rollback reverts it.'
const exclude = 'Exclude it.'
const keepClaim = 'Do not delete the claim.'

/**
 * What each finding says in English, of its data: the catalogue, whose other editions have to say the same of the same
 * data. Data are JSON, for plans hold them.
 */
export const findings = {
  'no-path-rule': (d: { directory: string; placeholders: string[]; byDirectory: string; byName: string }) =>
    d.placeholders.length === 0
      ? {
          why: `No rule of spec.paths covers its directory ${d.directory}.`,
          remedy: `Add a rule such as ${d.byDirectory} or ${d.byName}, or exclude the volume.`,
        }
      : {
          why: `Its rule in spec.paths contains ${d.placeholders.join(', ')}, but that is unknown for this volume: it has no claim, or is not known to be on one node.`,
          remedy: `Add a rule for it: ${d.byName}; or exclude the volume.`,
        },
  'partial-group': (d: {
    moved: string[]
    others: string[]
    split?: boolean
    /** Of the others, those that had better stay where they are, and may. */
    stay?: { name: string; reason: ReasonToStay }[]
  }) => {
    const [moved, others] = [listed(d.moved), listed(d.others)]
    if (d.split)
      return {
        why: `${moved} ${d.moved.length === 1 ? 'is' : 'are'} migrated without ${others}, although their directories are equal or nested: the two parts will no longer see each other's files.`,
        remedy: 'Use --whole-groups instead of --dangerous-split to migrate them together.',
      }
    const wholeRemedy =
      'Use --whole-groups to migrate all of them, or --dangerous-split to migrate only a part: from then on its users and the others no longer see each other’s files.'
    const { stay = [] } = d
    const first = `Exclude ${listed(stay.map(({ name }) => name))} (spec.select.exclude): ${stay.map((each) => reason(each.reason)).join('; ')}.`
    return {
      why: `The directories of ${others} are equal to or nested with those of ${moved}: migrated separately, they would no longer see each other's files.`,
      remedy:
        stay.length === 0
          ? wholeRemedy
          : stay.length === d.others.length
            ? first
            : `${first} For the others: ${wholeRemedy}`,
    }
  },
  excluded: (d: { directory: string; stay?: ReasonToStay }) => ({
    why: `It stays in ${d.directory}: excluded by the migration.${d.stay ? ` ${reason(d.stay)}.` : ''}`,
  }),
  'excluded-below': (d: { directory: string; parents: string[] }) => ({
    why: `It stays in ${d.directory}, which is inside the directory of ${listed(d.parents)}: users of ${d.parents.length === 1 ? 'that volume' : 'those volumes'} will no longer see it there.`,
    remedy: 'Make sure nobody reads it through that path. Its own claim keeps working.',
  }),
  'excluded-shares': (d: { directory: string; others: string[] }) => ({
    why: `It is excluded, but its directory ${d.directory} is equal to or above that of ${listed(d.others)}: they would no longer see each other's files.`,
    remedy: 'Remove it from spec.select.exclude, or exclude the others too.',
  }),
  'subdir-collision': (d: { subdir: string; other: string; otherSubdir: string; apart?: string[] }) => ({
    why: `Its subdir ${shown(d.subdir)} is equal to or nested with that of ${d.other} (${shown(d.otherSubdir)}), but their directories are not, or are on different nodes: they would see each other's files.`,
    remedy: d.apart
      ? `Give each its own place in spec.paths: ${d.apart.join(' or ')}; or exclude one of them.`
      : otherPlace,
  }),
  'relation-lost': (d: { directory: string; upper: string; subdir: string; upperSubdir: string }) => ({
    why: `Its directory ${d.directory} is equal to or inside that of ${d.upper}, but its subdir ${shown(d.subdir)} is not nested in ${shown(d.upperSubdir)} in the same way: they would no longer see each other's files.`,
    remedy: 'Change spec.paths so that nested directories stay nested in the same way.',
  }),
  'subdir-invalid': (d: { title: string; subdir: string; problem: string; rule?: string }) => ({
    why: `${d.title} cannot use ${JSON.stringify(d.subdir)} as a subdir: ${d.problem}.`,
    remedy: d.rule === undefined ? otherPlace : `Add a rule to spec.paths with another place: ${d.rule}.`,
  }),
  'subdir-in-use': (d: {
    title: string
    other: string
    otherSubdir: string
    subdir: string
    is: 'root' | 'root-merged' | 'shared' | 'taken'
    /** The directory that the other one may have been migrated from, and the command that records it. */
    from?: string
    command?: string
  }) => {
    const why = `${d.other} is already on ${d.title} at ${root(d.otherSubdir)}; at ${root(d.subdir)} both would see each other's files.`
    switch (d.is) {
      case 'root':
        return { why, remedy: 'Make sure that users of the root do not write to this place.' }
      case 'root-merged':
        return {
          why: `${why} The files there may belong to its users.`,
          remedy: 'Remove --into-existing (spec.copy.intoExisting), so that juicify copies only to an empty place.',
        }
      case 'shared':
        return { why, remedy: 'Continue only if both should show the same files; nothing is copied.' }
      case 'taken': {
        const otherwise = 'Give it its own place in spec.paths, or exclude it (spec.select.exclude).'
        const recordRemedy = `If ${d.other} was migrated from ${d.from}, record that: ${d.command}; then this volume joins that place, and nothing is copied. `
        return {
          why: `${why} A copy would overwrite what users write there.`,
          remedy: `${d.command === undefined ? '' : recordRemedy}${otherwise}`,
        }
      }
    }
  },
  joins: (d: { directory: string; subdir: string; volumes: string[]; nodes: string[] }) => ({
    why: `${d.directory} was already migrated to ${root(d.subdir)}, with ${listed(d.volumes)}: the group is bound to that place, and nothing is copied or deleted. ${d.nodes.length > 0 ? `Files in ${d.directory} on ${listed(d.nodes)} that are missing or older there are counted and listed before the swap, and stay on the node.` : `${d.directory} is not compared with it, and stays as it is.`}`,
    remedy:
      d.nodes.length > 0
        ? 'Use --bring-missing to copy the missing files; it overwrites none.'
        : 'Compare the two by hand first, or set spec.source.nodes, and spec.copy.image for the Job that compares them.',
  }),

  'volume-handle-invalid': (
    d: { handle: string } & ({ driver: string; problem: string } | { problem?: string; driver?: undefined }),
  ): Sentences =>
    d.driver !== undefined
      ? {
          why: `The ${d.driver} cannot use its volumeHandle ${d.handle}: ${d.problem}.`,
          remedy:
            'Exclude it, or set its reclaim policy to Retain, and only then create it again with another volumeHandle: its data would be deleted with it.',
        }
      : {
          why: `Its name cannot be used as volumeHandle: ${d.problem ?? 'another volume uses it'}. Its volumeHandle will be ${d.handle}; the volume keeps its name.`,
        },
  'csi-template': (d: { placeholder: string } | { handle: string; others: string[] }) =>
    'handle' in d
      ? {
          why: `Its volumeHandle would be ${d.handle}, which is that of ${listed(d.others)} too: the kubelet would take the two for one volume.`,
          remedy: 'Put {name} into spec.target.csi.volumeHandle, or exclude the volume.',
        }
      : {
          why: `The template in spec.target.csi names {${d.placeholder}}, and nobody has claimed the volume.`,
          remedy: 'Use {name} in its place, or exclude the volume.',
        },
  'reclaim-policy': (d: { policy: string }) => ({
    why: `Its reclaim policy is ${d.policy}: Kubernetes would delete the data once the claim is gone. juicify sets it to Retain before anything else; a rollback sets ${d.policy} again.`,
    remedy: 'To keep the data even after a rollback, set Retain yourself.',
  }),
  unclaimed: (d: { reservedFor?: string }) => ({
    why:
      d.reservedFor === undefined
        ? 'No claim is bound to it. The replacement is created without a claim as well.'
        : `It is reserved for the claim ${d.reservedFor}, which does not exist yet, and so is the replacement.`,
  }),
  'claim-not-bound': (d: {
    volume: string
    phase?: string
    /** The volume that it asks for, where that is not this one; empty for none. */
    other?: string
    namespace: string
    claim: string
  }) => ({
    why: `${d.volume} refers to it, but it is ${d.phase ?? 'new'}${d.other === undefined ? '' : `, for ${d.other || 'no volume'}`}.`,
    remedy: d.other
      ? `If ${d.other} is the one that it is meant to have, exclude ${d.volume} (spec.select.exclude). See both: kubectl get pv ${d.volume} ${d.other}`
      : `A new claim may take half a minute to bind; then plan again. Otherwise see why: kubectl describe pvc -n ${d.namespace} ${d.claim}`,
  }),
  'claim-missing': (d: { volume: string; replaced: boolean }) => ({
    why: `${d.volume} is bound to it, but ${d.replaced ? 'it was deleted, and another claim has its name' : 'it does not exist'}.`,
    remedy: 'Create a claim for the volume, or exclude the volume.',
  }),
  'claim-lost': (d: { volume: string; there: boolean }) =>
    d.there
      ? {
          why: `It is Lost: ${d.volume} was created again by hand, without the uid of the claim. The swap sets the uid, so that they are bound again.`,
          remedy: keepClaim,
        }
      : {
          why: `It is Lost: PersistentVolume ${d.volume} no longer exists, so it is not known where its data is.`,
          remedy: `Create ${d.volume} again as it was, with its old directory, and with the namespace, name and uid of this claim in spec.claimRef, so that no other claim gets its data; then plan again. ${keepClaim}`,
        },
  'claim-deleting': (_: Record<string, never>) => ({
    why: 'It is Terminating until the pods that use it are gone.',
    remedy: 'Let the deletion finish and create it again, or exclude its volume.',
  }),
  'volume-released': (d: {
    volume: string
    claim: string
    /** The volume that another claim of that name has. */
    another?: string
  }): Sentences => {
    const why = `It is Released: its claim ${d.claim} is gone, and it is not migrated.`
    if (d.another !== undefined) return { why: `${why} A new claim of that name uses ${d.another}.` }
    const remedy = `To migrate it, have it wait for a new claim ${d.claim}, and for no other: kubectl patch pv ${d.volume} --type json -p '[{"op":"remove","path":"/spec/claimRef/uid"}]'; then create that claim.`
    return { why, remedy }
  },
  'volume-failed': (d: { message?: string; claim?: string }) => ({
    why: `It is Failed${d.message ? ` (${d.message})` : ''}: it cannot be used, and it is not migrated.${d.claim === undefined ? '' : ` Its claim was ${d.claim}.`}`,
    remedy: 'Delete it when nobody needs its data any more.',
  }),
  'not-on-a-disk': (d: { volumes: string[]; source: string }) => ({
    why: `${listed(d.volumes)} (${d.source}): ${d.volumes.length === 1 ? 'It is' : 'They are'} not on a node's disk, and ${d.volumes.length === 1 ? 'is' : 'are'} not migrated.`,
  }),
  'stuck-terminating': (_: Record<string, never>) => ({
    why: 'It was deleted and is Terminating until its claim is gone. The swap completes the deletion and creates the new volume in its place.',
    remedy: keepClaim,
  }),
  'foreign-finalizer': (d: {
    finalizers: string[]
    /** The volume, where all of them are a provisioner's, which takes them off when nothing is to be deleted with it. */
    provisioned?: string
  }) => ({
    why: `It has the finalizer ${d.finalizers.join(', ')}, so it could not be deleted: juicify removes only kubernetes.io/pv-protection.`,
    remedy:
      d.provisioned === undefined
        ? 'Find out what added the finalizer, and have that finish and remove it; then plan again.'
        : `Its provisioner has it there while its reclaim policy is Delete. Set Retain, which keeps the data whatever happens: kubectl patch pv ${d.provisioned} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'; plan again when the finalizer is gone.`,
  }),
  'block-mode': (d: { title: string }) => ({
    why: `It is a raw block volume, but ${d.title} is a file system.`,
    remedy: exclude,
  }),
  'not-a-directory': (d: { type: string } | { directory: string }) => ({
    why:
      'type' in d
        ? `Its host path has type ${d.type}, but only directories can be migrated.`
        : `${d.directory} is not on a disk: devices, processes, sockets and memory of its node are there, and no files that could be migrated.`,
    remedy: exclude,
  }),
  'read-only': (_: Record<string, never>) => ({
    why: 'It is read-only. The replacement has the same access modes; juicify copies the data through a claim of its own.',
  }),
  'selector-mismatch': (d: { volume: string }) => ({
    why: `Its selector does not match the labels of PersistentVolume ${d.volume}. They stay bound, but created again they would not bind.`,
    remedy: 'Add the labels that the selector requires to the volume.',
  }),
  'request-exceeds-capacity': (d: { requested: string; volume: string; capacity: string }) => ({
    why: `It requests ${d.requested}, but ${d.volume} has a capacity of ${d.capacity}. They stay bound, but created again they would not bind.`,
    remedy: 'Keep the claim; if you have to create it again, request less.',
  }),

  'in-use': (d: { workloads: { name: string; user?: string }[] }) => ({
    why: `In use by ${listed(d.workloads.map(({ name, user }) => `${name}${user ? ` (${user})` : ''}`))}: stopped before the swap, started again after it.`,
    remedy: 'Announce the downtime to their users. A workload that only reads can keep running with quiesce.rolling.',
  }),
  unfinished: (d: { reason?: string; quiesce: 'wait' | 'delete' | 'refuse' }): Sentences => {
    const cannot = d.reason ?? 'It cannot be stopped and started again.'
    switch (d.quiesce) {
      case 'wait':
        return { why: `${cannot} juicify waits until it has finished.` }
      case 'delete':
        return {
          why: `${cannot} It is deleted and not created again.`,
          remedy: 'Save its results so far, or set quiesce.unfinished to wait.',
        }
      case 'refuse':
        return { why: cannot, remedy: 'Let it finish and plan again, or set quiesce.unfinished to wait or delete.' }
    }
  },
  'unknown-controller': (d: { reason?: string }) => ({
    why: d.reason ?? 'It cannot be stopped and started again.',
    remedy: 'Stop it yourself, or let it finish if it comes to an end, and plan again.',
  }),
  'claims-retained': (_: Record<string, never>) => ({
    why: 'Its persistentVolumeClaimRetentionPolicy.whenScaled is Delete. juicify sets it to Retain in the request that scales it to 0, so that its claims stay, and back to Delete in the one that starts it.',
    remedy: 'Do not change that policy, and do not scale it, while the group is in progress.',
  }),
  'pods-unreachable': (d: { pods: { pod: string; node: string }[] }) => ({
    why: `On nodes that are not ready: ${listed(d.pods.map(({ pod, node }) => `Pod ${pod} (${node})`))}. Nobody can confirm that such a pod has ended: until its node is back, nothing is stopped for the group, and it is not migrated.`,
    remedy:
      'Bring the node back. Only when it is certain that nothing runs on it any more, apply with --force-delete-pods.',
  }),
  'pod-finalizer': (d: { pods: { pod: string; finalizers: string[] }[] }) => ({
    why: `Deleted, these pods stay until somebody else removes their finalizers: ${listed(d.pods.map(({ pod, finalizers }) => `Pod ${pod} (${finalizers.join(', ')})`))}. Their names are needed for the next pods, and the workloads of the group stay stopped until then.`,
    remedy: 'Make sure that what set the finalizer is running and removes it when a pod is deleted.',
  }),
  'claim-owned': (d: { owner: string; end: 'deleted' | 'ends'; moves: boolean; volume: string }) => ({
    why:
      d.end === 'deleted'
        ? `It is owned by ${d.owner}, which is deleted when the group is stopped: Kubernetes deletes the claim with it${d.moves ? '' : `, and the data of ${d.volume || 'its volume'} where its reclaim policy is Delete`}.`
        : `It is owned by ${d.owner}, which juicify would wait for: such a claim is usually deleted when its owner has finished.`,
    remedy: d.moves
      ? `Exclude ${d.volume} (spec.select.exclude): it lasts no longer than its owner.`
      : 'Save what is needed of it first. A generic ephemeral volume is made anew, and empty, for the next pod.',
  }),
  'claims-deleted': (d: {
    statefulSet: string
    owner?: string
    /** The tool that keeps it as its manifests say. */
    by?: string
    command: string
    /** It is a custom resource, whose operator deletes them: as its policy says, or always. */
    custom?: 'policy' | 'always'
  }): { why: string; remedy: string } => {
    const why = `When it is stopped, ${d.statefulSet} is scaled to 0, and`
    if (d.custom === 'always')
      return {
        why: `${why} its operator deletes the claims of the pods that it scales away.`,
        remedy: `Exclude the volumes that it uses (spec.select.exclude). See its claims: ${d.command}`,
      }
    if (d.custom === 'policy')
      return {
        why: `${why} its operator deletes its claims: its persistentVolumeClaimRetentionPolicy.whenScaled is Delete.`,
        remedy: `Set it to Retain during the migration, and plan again. See it: ${d.command}`,
      }
    return {
      why: d.by
        ? `Its persistentVolumeClaimRetentionPolicy.whenScaled is Delete, and ${d.by} manages it: if juicify set it to Retain, ${d.by} could set it back while the StatefulSet is at 0, and Kubernetes would delete its claims.`
        : `${why} Kubernetes deletes its claims: the persistentVolumeClaimRetentionPolicy.whenScaled of that StatefulSet is Delete.`,
      remedy: `Set it to Retain during the migration, where ${d.by ?? d.owner ?? 'its owner'} has it set, and plan again. See it: ${d.command}`,
    }
  },
  'false-owner': (d: { owner: string; command: string }) => ({
    why: `Its ownerReference to ${d.owner} is wrong: no such object with that uid exists in its namespace, or that object does not create or select it. It is stopped on its own, and ${d.owner} is not stopped for it.`,
    remedy: `Find out who created it: ${d.command}`,
  }),
  'fs-group': (d: { users: { name: string; fsGroup: number }[]; driver?: string }) => ({
    why: `Pods that use it have an fsGroup: ${listed(d.users.map(({ name, fsGroup }) => `${name} (${fsGroup})`))}. For a host path the kubelet ignores it; on the new volume it makes every file readable and writable by that group (an ssh key with mode 0600 becomes 0660), which a rollback with --copy-back reverts unless somebody has changed other things too.`,
    remedy: `Remove fsGroup from these pods. fsGroupPolicy: None in the CSIDriver ${d.driver} does it too, for all volumes of that driver: look first which other pods rely on their fsGroup. With fsGroupChangePolicy: OnRootMismatch the kubelet skips volumes whose root already has the group.`,
  }),
  'read-only-written': (d: { writers: string[] }) => ({
    why: `Its claim is ReadOnlyMany, and ${listed(d.writers)} can write to it: a host path lets them, but the driver is told to mount the new volume for readers only, and their writes may fail.`,
    remedy: 'Make sure that they only read (mount it readOnly), or exclude the volume.',
  }),
  'mount-propagation': (d: { users: string[]; directory: string }) => ({
    why: `${listed(d.users)} mount it with mountPropagation: what is mounted below ${d.directory} on a node is not on the new volume, and what they mount there no longer appears at that path on the node.`,
    remedy:
      'Find out what is mounted there (findmnt -R on the node). If they need it, exclude the volume; it cannot be moved.',
  }),
  selinux: (d: { users: string[]; driver: string; mounted: boolean }) => ({
    why: `${listed(d.users)} have seLinuxOptions: ${
      d.mounted
        ? `the CSIDriver ${d.driver} has seLinuxMount: true, so that the kubelet has it mounted with the label of its pod (-o context=), and pods with different labels cannot use it on one node`
        : 'a host path keeps the labels of its files; the new volume has one label for all of them, which its driver sets, or has the container runtime relabel every file'
    }.`,
    remedy:
      'Try it before with one pod of that label and a volume of the same driver on a node with SELinux; give all its pods one label.',
  }),
  'sub-path': (d: { users: string[]; copied: boolean }) => ({
    why: `${listed(d.users)} mount a subPath of it, and ${d.copied ? 'that directory stays, and is not on the new volume' : 'nothing is copied (copy.mode: none)'}: where it is missing the kubelet makes an empty one that belongs to root, in which pods of other users cannot write.`,
    remedy:
      'Make those directories on the file system beforehand, with the owners and modes that they have on the node, or let the volume be copied in whole.',
  }),
  'volume-limit': (d: { volumes: number; driver: string; limit: number }) => ({
    why: `The pods that run there would use ${d.volumes} volumes of the ${d.driver}, which allows ${d.limit} on a node: some of them could not start there again.`,
    remedy: 'Raise the limit in the driver’s settings, let pods run on other nodes, or migrate fewer volumes.',
  }),
  'rolling-writable': (d: { claims: string[] }) => ({
    why: `It is restarted pod by pod instead of stopped, but it can write to ${listed(d.claims)}: what it writes to the old directory after the copy is left behind.`,
    remedy: 'Mount the volume readOnly, remove the workload from quiesce.rolling, or make sure that it only reads.',
  }),
  'not-rolling': (d: { reason: string }) => ({
    why: `${d.reason} It is stopped, although quiesce.rolling names it.`,
    remedy: 'If it must not be down, change it so that it can be restarted pod by pod.',
  }),
  'direct-mount': (d: { pods: string[]; paths: string[] }) => ({
    why: `${listed(d.pods)} ${d.pods.length === 1 ? 'mounts' : 'mount'} ${listed(d.paths)} directly as hostPath (not through the PVC) and will keep using the old directory.`,
    remedy: 'Change them to use the claim instead of the host path, or stop them.',
  }),
  'juicefs-dependency': (d: { title: string; key: string; user: string }) => ({
    why: `${reason(d)}, which uses it. Migrated to ${d.title}, both would wait for each other forever.`,
    remedy: 'Exclude it (spec.select.exclude).',
  }),
  database: (d: { stay: ReasonToStay }) => ({
    why: `${reason(d.stay)}.`,
    remedy: 'Exclude it (spec.select.exclude), or test it on the file system before you rely on it.',
  }),
  managed: (d: { by: string; name: string } | { scaler: string; at?: string; name: string }) =>
    'by' in d
      ? {
          why: `${d.by} manages ${d.name}: it may revert the changes or start what is stopped.`,
          remedy: 'Suspend its synchronisation during the migration, then change its manifests as the plan does.',
        }
      : {
          why: `${d.scaler} was the last to set its replicas${d.at ? `, at ${d.at}` : ''}: it may do so again while ${d.name} is stopped.`,
          remedy: 'Have it pause that meanwhile; a run says at once when what it has stopped is started again.',
        },

  'driver-missing': (d: { driver: string; registered: boolean; target: 'juicefs' | 'csi' | 'own' }) => ({
    why: `${d.registered ? 'The CSIDriver object exists (it remains after an uninstallation), but on no node' : 'On no node'} does the driver ${d.driver} run: no pod could mount the new volumes.`,
    remedy: {
      juicefs:
        'Install juicefs-csi-driver (juicify setup writes its values.yaml), or give its name in spec.target.driver.',
      csi: 'Install it, or correct spec.target.csi.driver: kubectl get csidrivers shows those that there are.',
      own: 'Install it as its own documentation says.',
    }[d.target],
  }),
  'driver-incomplete': (d: {
    driver: string
    nodes: string[]
    /** The command that shows the driver's pods. */
    command?: string
  }) => ({
    why: `The driver ${d.driver} does not run on ${listed(d.nodes)}: pods there could not mount the new volumes.`,
    remedy:
      d.command === undefined
        ? 'See the driver’s pods on those nodes, or keep the workloads off them.'
        : `See why: ${d.command}; or keep these pods off those nodes.`,
  }),
  'driver-not-ready': (d: { driver: string; nodes: string[]; command: string }) => ({
    why: `The driver ${d.driver} has no ready pod on ${listed(d.nodes)}: pods there cannot mount anything for as long.`,
    remedy: `See ${d.command}.`,
  }),
  'driver-unseen': (d: { driver: string; selector: string; namespaces: string[] }) => ({
    why: `The driver ${d.driver} is registered, but no DaemonSet with ${d.selector} is in ${listed(d.namespaces)}: neither its pods nor its version can be checked.`,
    remedy: 'Check that it runs, however it was installed; juicify probe tests it.',
  }),
  'driver-not-where-needed': (d: { nodes: string[]; everywhere: boolean; driver: string; name: string }) => ({
    why: `Its pods run on ${listed(d.nodes)}${d.everywhere ? '' : ' and nowhere else'}, where the ${d.driver} is not: ${d.name} would be stopped, and could not start again.`,
    remedy:
      'Have the driver run there too (see the nodeSelector and tolerations of its DaemonSet), let the pods run elsewhere, or exclude the volumes.',
  }),
  'driver-attach': (d: { driver: string; there: boolean }) => ({
    why: `${d.there ? `The CSIDriver ${d.driver} has attachRequired: true` : `CSIDriver ${d.driver} does not exist`}: Kubernetes would wait for an attacher for each volume, which this driver does not have, and no pod would start.`,
    remedy: `${d.there ? `kubectl delete csidriver ${d.driver}, then create it again` : 'Create it'} as the driver’s installation does, with attachRequired: false; running pods are not affected.`,
  }),
  'driver-mode': (d: { version?: string; mounts: 'sidecars-only' | 'by-process' | 'some-sidecars' }) => {
    const which = `juicefs-csi-driver ${d.version ?? 'of unknown version'}`
    switch (d.mounts) {
      case 'sidecars-only':
        return {
          why: `${which} mounts in sidecars of the pods, and on no node: juicify does not support that: its own pods, and those that use the new volumes, would mount nothing.`,
          remedy:
            'Install the driver so that it mounts on the nodes (mountMode: mountpod in its Helm values). Running pods keep their sidecars; new ones need a node with the driver.',
        }
      case 'by-process':
        return {
          why: `${which} mounts by process: when its pod restarts, every mount on its node breaks.`,
          remedy:
            'Set mountMode: mountpod in the Helm values of 0.10 or later. That restarts its pods too: do so, like any other restart, only while nothing is mounted.',
        }
      case 'some-sidecars':
        return {
          why: `${which} mounts in sidecars in the namespaces that are labelled for that, and on the nodes elsewhere: in those, juicify does not see whether a mount is still held.`,
          remedy:
            'Take the label juicefs.com/enable-injection off the namespaces whose volumes are migrated, if all of their pods run on nodes with the driver: new ones elsewhere would mount nothing.',
        }
    }
  },
  'mount-options': (d: { settings?: undefined } | { settings: string; sets: 'subdir' | 'ro' }) =>
    d.settings === undefined
      ? {
          why: 'It cannot be read as YAML: what it sets for mounts is not known.',
          remedy: 'Fix it: the driver reads it too.',
        }
      : {
          why: `${d.settings} sets ${d.sets} for it: ${d.sets === 'subdir' ? 'it would show that directory, whatever its volume says' : 'nobody could write to it'}.`,
          remedy: `Leave this claim out of that mountPodPatch (pvcSelector, with operator: NotIn). Take ${d.sets} out of it only if no other volume needs it: ${d.sets === 'subdir' ? 'others’ pods would see another directory' : 'others’ pods could write'} from their next start.`,
        },
  writeback: (d: { own?: undefined; settings?: string } | { own: true }) =>
    d.own
      ? {
          why: 'It sets writeback for the claims of juicify’s own Jobs too: what they copy would stay on the node’s disk until it is uploaded; the verification would find it there, and no other node could read it.',
          remedy:
            'Leave them out of that mountPodPatch: pvcSelector: {matchExpressions: [{key: app.kubernetes.io/managed-by, operator: NotIn, values: [juicify]}]}.',
        }
      : {
          why: `${d.settings === undefined ? 'spec.target.mountOptions mounts the volumes' : `${d.settings} mounts it`} with writeback: what a pod writes stays on its node’s disk until it is uploaded. Until then other nodes get an I/O error for it, rollback --copy-back fails on it, and it is lost with that disk.`,
          remedy:
            'Take writeback out where several nodes share a directory. juicify copies without it; only what pods write later is concerned.',
        },
  'secret-missing': (d: { target: 'juicefs' | 'csi' | 'own' }) => ({
    why: `The Secret ${d.target === 'csi' ? 'that spec.target.csi names' : 'of the file system'} does not exist: no pod could mount the new volumes.`,
    remedy: {
      juicefs:
        'Create it with name, metaurl, storage, bucket and keys (juicify setup writes it), or set another in spec.target.secretRef.',
      csi: 'Create it as the driver’s documentation says, or name another in spec.target.csi.',
      own: 'Create it as the driver’s documentation says, or name another in spec.target.',
    }[d.target],
  }),
  'secret-incomplete': (d: { keys: string[]; required: boolean }) =>
    d.required
      ? {
          why: `It lacks ${d.keys.join(' and ')}: no pod could mount the new volumes.`,
          remedy: 'Add the missing keys.',
        }
      : {
          why: `It lacks ${d.keys.join(' and ')}: if the file system is not formatted yet, the first mount formats it on the node's own disk.`,
          remedy: 'Add them, or check with juicefs status that the file system is formatted.',
        },
  'secret-unread': (_: Record<string, never>) => ({
    why: 'You do not have permission to read it, so juicify cannot tell whether pods can mount with it, or whether the file system depends on a selected volume. Such a plan cannot be applied.',
    remedy: readers,
  }),
  unread: (d: { part: 'secret' | 'driver-settings' | 'records' | 'bindings' | 'for-pods' }) => ({
    why: {
      secret: 'You do not have permission to read it.',
      'driver-settings':
        'You do not have permission to read it; it may set mount options that show another directory than the volumes say.',
      records:
        'You do not have permission to read the records of earlier runs: a group of this plan may be in progress or migrated.',
      bindings:
        'You do not have permission to see who has been given rights there, where juicify’s pods mount everybody’s directories as root.',
      'for-pods': 'You do not have permission to see whether it exists; juicify’s pods need it.',
    }[d.part],
    remedy: readers,
  }),
  'missing-for-pods': (d: { namespace?: string; command: string }) => ({
    why: `spec.copy refers to it for juicify’s pods, but it does not exist in their namespace ${d.namespace}.`,
    remedy: `Create it there (${d.command}), or remove it from spec.copy. juicify rbac | kubectl apply -f - creates the namespace.`,
  }),
  'namespace-shared': (d: { subjects: string[]; role: string; trusted: boolean }): Sentences => ({
    why: `It gives ${listed(d.subjects)} the ${d.role} in juicify’s namespace, where its pods mount everybody’s directories as root.${d.trusted ? ' The plan trusts them (--trust-namespace).' : ''}`,
    ...(d.trusted
      ? {}
      : {
          remedy:
            'Have whoever made it take it away. Where they are administrators of the cluster, plan with --trust-namespace.',
        }),
  }),
  'data-stays': (d: { title: string; tool: string }) => ({
    why: `The data is not copied (copy.mode: none): files in the old directories stay there, and the new volumes show what is on ${d.title}.`,
    remedy: `Copy the data yourself first, for example with ${d.tool}, where nobody uses the place yet; or continue with what is on ${d.title}.`,
  }),
  'source-unclear': (d: { directory: string; nodes: number; seen: string[] }) => ({
    why: `${d.directory} may be a different directory on each of the ${d.nodes} nodes, and it is not known which of them holds the data. ${d.seen.length > 0 ? `Pods on ${listed(d.seen)} use it now.` : 'No pod uses it now.'}`,
    remedy:
      'Set spec.source.nodes (or --source-nodes) to the nodes that hold the data, or to shared if every node sees the same files there.',
  }),
  'source-unread': (
    d:
      | { directory: string; because: 'no-node' }
      | { directory: string; because: 'no-driver'; driver: string }
      | { directory: string; because: 'other-nodes'; others: string[]; copiedFrom: string[] },
  ) => {
    switch (d.because) {
      case 'no-node':
        return {
          why: `${d.directory} cannot be copied: no node matches the volume’s node affinity.`,
          remedy: 'Get its node running again, or exclude the volume (spec.select.exclude).',
        }
      case 'no-driver':
        return {
          why: `${d.directory} cannot be copied: the ${d.driver} runs on no schedulable node.`,
          remedy:
            'Give the nodes that hold the data in spec.source.nodes, or find out why the nodes with the driver are cordoned, and run kubectl uncordon on one when that is over.',
        }
      case 'other-nodes':
        return {
          why: `It is also on ${listed(d.others)}, but it is copied as a part of ${d.directory}, which is copied from ${listed(d.copiedFrom)} only: its files on ${listed(d.others)} would be left behind.`,
          remedy:
            'Copy the files of the other nodes there first, overwriting none (rsync -a --ignore-existing), and give in spec.source.nodes only nodes from which the whole directory is copied. What the other nodes have stays where it is.',
        }
    }
  },
  'nodes-not-ready': (d: { nodes: string[] }) => ({
    why: `Not ready: ${listed(d.nodes)}. What is on their disks cannot be copied, and pods there cannot be stopped.`,
    remedy: 'Get them running again first.',
  }),
  'mover-missing': (d: { title: string; own: boolean; unknown: string; image: string; removable: boolean }) => ({
    why: d.own
      ? `The data is copied with the file system’s own mover, but no image that contains it was found: ${d.unknown}.`
      : `The data is copied with ${d.title}, but the migration gives no image that contains it.`,
    remedy: imageRemedy(d),
  }),
  'mover-too-old': (d: { title: string; found: string; problem: string; image: string; removable: boolean }) => ({
    why: `The data is to be copied with ${d.title} from the image ${d.found}, which ${d.problem}.`,
    remedy: imageRemedy(d),
  }),
  'places-not-made': (d: { title: string }) => ({
    why: `Nothing creates the directories of the volumes, nor does a mount of ${d.title}: where one is missing, no pod that uses it starts.`,
    remedy:
      'Set spec.copy.image to one that has sh: juicify then creates the missing ones. Or make sure yourself that each exists.',
  }),
  'mover-cannot-merge': (d: { directory: string; nodes: string[]; byAffinity?: true }) => ({
    why: `${d.directory} is merged from ${listed(d.nodes)}${d.byAffinity ? ', which its volume’s node affinity allows,' : ','} and the file system’s own mover cannot do that.`,
    remedy: `Set spec.copy.mover: rsync and an image that contains it${d.byAffinity ? '' : ', or give one node in spec.source.nodes'}.`,
  }),
  'merge-not-split': (d: { directory: string; nodes: string[]; parallel: number; byAffinity?: true }) => ({
    why: `${d.directory} is merged from ${listed(d.nodes)}, with one Job on each node, and cannot also be split over ${d.parallel} Jobs.`,
    remedy: `Remove spec.copy.parallel${d.byAffinity ? '' : ', or give one node in spec.source.nodes'}.`,
  }),
  'not-measured': (d: { directory: string; failure: string; remedy: string }) => ({
    why: `${d.directory} could not be measured: ${d.failure}.`,
    remedy: d.remedy,
  }),
  'target-not-empty': (d: {
    subdir: string
    state: 'taken' | 'written'
    entries: number
    examples: string[]
    overwrites: boolean
  }) => {
    const where = d.subdir === '' ? 'The root of the file system' : `${d.subdir} on the file system`
    const some = d.examples.length > 0 ? `: ${listed(d.examples)}${d.state === 'taken' ? ', …' : ''}` : ''
    const what =
      d.state === 'taken'
        ? `${where} contains ${count(d.entries, 'entry', 'entries')} that were not copied there from this directory${some}.`
        : `${where} contains the copy of an earlier migration, which users have changed since${some || ': something was deleted'}.`
    if (d.overwrites)
      return {
        why: `${what} They stay there; files of the same name are overwritten.`,
        remedy: 'Remove --into-existing (spec.copy.intoExisting) to prevent that.',
      }
    return {
      why: what,
      remedy:
        d.state === 'taken'
          ? 'Find out whose it is, and choose another place in spec.paths. If nobody needs it, move it away; --into-existing overwrites files of the same name.'
          : 'Copy what is needed of it somewhere else, or choose another place in spec.paths. --into-existing overwrites what users have written there with the node’s files.',
    }
  },
  'target-full': (d: {
    all: boolean
    certain: boolean
    of: 'bytes' | 'inodes'
    needed: number
    free: number
    raise: LimitsRaisedBy
  }) => {
    const needed = d.of === 'bytes' ? size(d.needed) : count(d.needed, 'inode')
    const free = d.of === 'bytes' ? size(d.free) : d.free.toLocaleString('en')
    return {
      why: `${d.all ? 'The data of all groups together' : 'The data of the group'} ${d.certain ? 'needs' : 'may need'} ${needed} on the file system, but only ${free} are free.`,
      remedy: `Raise the limit of the file system (${typeof d.raise === 'string' ? LIMITS[d.raise] : d.raise.commands}), or delete what nobody needs there; then measure again.`,
    }
  },
  'quota-impossible': (d: { problem: string } | { name: string; remedy: string }) =>
    'name' in d
      ? { why: `${d.name} shows the root of the file system, which has no quota: it gets no limit.`, remedy: d.remedy }
      : { why: d.problem, remedy: 'Take quota out of spec.target; set limits where that edition has them.' },
  'quota-too-small': (d: { directory: string; bytes: number; gib: number; volumes: number }) => ({
    why: `${d.directory} takes ${size(d.bytes)} on the file system, and its quota would be ${d.gib} GiB, by ${d.volumes === 1 ? 'the capacity of its volume' : 'the capacities of its volumes'}.`,
    remedy:
      'Delete what nobody needs and measure again, or take quota out of spec.target for this migration and set one by hand.',
  }),
  'cannot-carry': (d: { directory: string; entries: number; examples: { path: string; kind: string }[] }) => ({
    why: `${d.directory} has ${count(d.entries, 'entry', 'entries')} that cannot be copied completely: ${listed(d.examples.map(({ path, kind }) => `${path} (${kind})`))}.`,
    remedy:
      'Programs create their sockets and FIFOs again. If extended attributes or ACLs matter, use the rsync mover.',
  }),
  'under-way': (d: { group: string; state: string } | { others: string[] }) => ({
    why:
      'others' in d
        ? `Some of its volumes are already being migrated, in ${listed(d.others)}.`
        : `Group ${d.group} is already in progress (${d.state}): it continues as its record says.`,
    remedy: resume,
  }),
} satisfies Record<FindingCode, (data: never) => Sentences>

function imageRemedy({ image, removable }: { image: string; removable: boolean }): string {
  return `Set spec.copy.image to ${image}, or ${removable ? 'remove spec.copy.mover' : 'spec.copy.mode: none if the data is already there'}.`
}

/** What each code says of which data: an edition of the catalogue has to be one of these, whole. */
export type FindingCatalogue = {
  [Code in FindingCode]: (data: FindingData<Code>) => Sentences
}

/** What a finding of that code is drawn from, as JSON. */
export type FindingData<Code extends FindingCode> = Parameters<(typeof findings)[Code]>[0]
