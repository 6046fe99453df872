import { WHERE_TO_REPORT } from '../domain/bug.ts'
import type { ExitCodes } from '../domain/exit-codes.ts'
import type { Told } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import { count, listed } from '../domain/text.ts'
import type { Language } from './language.ts'

const DESCRIBE_PODS = (namespace: string) =>
  `See why (kubectl describe pods -n ${namespace}), then run the same command again`

const MAKE_ROOM =
  'Raise the limit of the file system, or delete what nobody needs there, then run juicify resume: what is already copied is not copied again.'
const RUN_AGAIN = `Run juicify resume. If it happens again, this is a bug in juicify: send the log of the Job and the output of juicify version to ${WHERE_TO_REPORT}.`
const SEE_MOUNTS = 'Check the mount pods and the driver on that node, then run the probe again.'

/** What each exit code of a program of ours means, and what to do about it; `jobs/exit-codes.ts` says which programs have them. */
const exitCodes: ExitCodes = {
  65: {
    means: 'the nodes hold different versions of a file',
    remedy:
      'Nothing was merged. Set spec.copy.onConflict to keep-both, or to newest, in the migration, and make a new plan after juicify rollback. Or have the owners of these files make them the same on all nodes, where one is a directory and another is not in any case, then run juicify resume.',
  },
  66: {
    means: 'nothing was copied, although there is something to copy',
    remedy: 'Check that the file system is mounted and writable on that node. juicify resume tries again.',
  },
  67: {
    means: 'the target is not empty',
    remedy:
      'Find out whose it is, and choose another place in spec.paths. If nobody needs it, move it away; --into-existing overwrites files of the same name.',
  },
  68: { means: 'another Job of the same copy failed' },
  69: {
    means: 'keeping both versions of a file failed',
    remedy: 'The log names the file that could not be written. juicify resume tries again.',
  },
  70: { means: 'the mover did not report what it copied', remedy: RUN_AGAIN },
  71: {
    means: 'the mover ignores its exclude options',
    remedy: 'Set spec.copy.image to an image with a newer version of the mover, or spec.copy.mover to rsync.',
  },
  72: {
    means: 'owners, modes and times could not be set',
    remedy: 'Check that the file system lets root change owners (no root squash). juicify resume tries again.',
  },
  73: {
    means: 'the source is empty, so everything copied before would be deleted',
    remedy:
      'Check that the source is mounted on the node of the Job and is the right one. If it is empty on purpose, move the data on the target to a safe place, then run juicify resume.',
  },
  74: {
    means: 'source or target could not be read completely',
    remedy:
      'Check that what the log names is readable on that node: its disk, and the file system’s mount. juicify resume tries again.',
  },
  75: { means: 'merging the file lists failed', remedy: RUN_AGAIN },
  76: {
    means: 'a reserved file name of the file system is used in the directory',
    remedy: 'Have its owner rename that file on the node, then run juicify resume.',
  },
  77: { means: 'no space left on the target, or its quota is reached', remedy: MAKE_ROOM },
  78: { means: 'disk quota exceeded on the target', remedy: MAKE_ROOM },
  79: {
    means: 'users have written to the target since the migration',
    remedy:
      'Copy what is needed of it somewhere else, or choose another place in spec.paths. --into-existing overwrites what users have written there with the node’s files.',
  },
  80: {
    means: 'the directory of a volume could not be created',
    remedy:
      'Create it on the file system by hand, or check that root may (no root squash) and that nothing else is in its place. juicify resume tries again.',
  },
  81: { means: 'the volume is not writable', remedy: SEE_MOUNTS },
  82: { means: 'a write on one node did not become visible on another', remedy: SEE_MOUNTS },
  83: {
    means: 'its program is not the one juicify created',
    remedy: `Somebody else has changed a ConfigMap in namespace ${NAMESPACE}: kubectl get rolebindings -n ${NAMESPACE} shows who may. Revoke that, delete the Job, then run juicify resume.`,
  },
  84: {
    means: 'symbolic links on the target could not be removed',
    remedy: 'Check that the file system is writable on that node. juicify resume tries again.',
  },
  85: {
    means: 'not one file could be copied as a sample',
    remedy:
      'Check that the file system is mounted and writable on that node. Nothing but the forecast needs the sample.',
  },
  86: {
    means: 'the file system could not be asked for its quotas',
    remedy:
      'Check that pods on that node can reach the address in the Secret; nothing else of the Secret is used here. Remove quota from spec.target to migrate without quotas. juicify resume tries again.',
  },
  87: {
    means: 'the target holds what is older than the note that it is a copy',
    remedy:
      'Find out whose it is. Where a copy of juicify’s is older than its record (juicify 0.1.0 wrote no note on one that can be proved), or nobody needs what is there, move it away on the file system, and run the same command again: all of it is copied anew. Correct the clock of that node where it is wrong. Or juicify rollback, and choose another place in spec.paths.',
  },
  126: { means: 'the image has no executable sh', remedy: 'Set spec.copy.image to an image with a shell.' },
  127: {
    means: 'the image lacks a required command',
    remedy: 'Set spec.copy.image to an image that has it; the log names it.',
  },
  137: { means: 'it was killed' },
  143: { means: 'it was terminated from outside' },
}

/** Why something does not go as it should deep in a run, and the next thing to try. */
export const troubles = {
  language: 'en' as Language,

  /** Of an API server: what it answers, and that it does not. */
  server: {
    notJson: (server: string, what: string, open: boolean): Told => ({
      message: `${server} answered ${what} with something that is not JSON${maybeMade(open)}`,
      remedy: 'is it a Kubernetes API server, or a proxy in front of one? Check the server in the kubeconfig',
    }),
    notFinished: (server: string, what: string, status: number): Told => ({
      message: `${server} did not finish ${what} (${status})${maybeMade(true)}`,
      remedy: 'check that the API server is healthy, then run the command again',
    }),
    cannot: (what: string, why: string): string => `cannot ${what}: ${why}`,
    invalidSecret: (fields: readonly string[]): string =>
      `the API server rejects it as invalid${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`,
    wantsHttps: (): string => 'the server uses https, but the kubeconfig says http',
    answered: (status: number, reason: string): string => `the server answered ${status} ${reason}`,
    loginAgain: (server: string): string =>
      `${server} does not accept your credentials: log in again, or choose another user with --context or --kubeconfig`,
    overloaded: (): string => 'the server is overloaded or starting: wait a moment, then run the command again',
    unanswered: (what: string, why: string, tries: number, open: boolean): string =>
      `cannot ${what}: ${why}${tries > 1 ? ` (${tries} tries)` : ''}${maybeMade(open)}`,
    timedOut: (server: string): Told => ({
      message: `timed out waiting for an answer of ${server}`,
      remedy: 'check that the API server is healthy, or give it more time',
    }),
    broke: (server: string, code: string): Told => ({
      message: `the connection to ${server} broke (${code})`,
      remedy: 'check that the API server is healthy, then run the command again',
    }),
    unreachable: (server: string, code: string): Told => ({
      message: `cannot reach ${server}: ${UNREACHABLE[code] ?? code}`,
      remedy:
        'check the server and the proxy in the kubeconfig, the network or VPN, and whether the cluster is running',
    }),
    expired: (server: string): Told => ({
      message: `the certificate of ${server} has expired`,
      remedy: "renew the server's certificate, or check this machine's clock",
    }),
    otherName: (server: string): Told => ({
      message: `the certificate of ${server} is not valid for that name`,
      remedy: 'use a name from the certificate as server, or set tls-server-name in the kubeconfig',
    }),
    noTls: (server: string, code: string): Told => ({
      message: `no TLS connection to ${server} (${code})`,
      remedy: "check that it uses https and accepts the kubeconfig's client certificate",
    }),
    untrusted: (server: string, code: string): Told => ({
      message: `the certificate of ${server} is not signed by the certificate authority in the kubeconfig (${code})`,
      remedy: 'check that it is the right cluster, or correct certificate-authority in the kubeconfig',
    }),
    replaced: (object: string): Told => ({ message: `cannot read ${object}: another object now has this name` }),
    noKind: (server: string, kind: string, version: string): Told => ({
      message: `${server} has no kind ${kind} in ${version}`,
      remedy: 'is the CustomResourceDefinition or operator that provides it installed?',
    }),
    notReady: (server: string): Told => ({ message: `${server} is not ready` }),
    changedByOthers: (object: string, attempts: number): Told => ({
      message: `Could not update ${object}: others changed it during each of ${attempts} attempts.`,
      remedy: `Its managedFields show what writes it; stop that, and run the same command again.`,
    }),
    timeout: (seconds: number, what: string): string => `timed out after ${seconds} s waiting for ${what}`,
    login: (command: string, how: string, hint: string | undefined): Told => ({
      message: `the kubeconfig's login command ${command} ${how}`,
      remedy:
        hint || 'run it by hand to see why, or log in again; `kubectl get ns` should work with the same kubeconfig',
    }),
    loginEmpty: (): string => 'returned neither a token nor a certificate',
    loginTimedOut: (minutes: number): string => `timed out after ${minutes} minutes`,
    loginMissing: (): string => 'is not installed',
    loginNotRun: (code: string): string => `cannot be run (${code})`,
    loginKilled: (signal: string): string => `was killed by ${signal}`,
    loginFailed: (code: number): string => `failed with exit code ${code}`,
    notKubernetes: (server: string): Told => ({
      message: `${server}: expected a Kubernetes API server, but its version or its namespace kube-system cannot be read`,
      remedy: 'Check that the kubeconfig has the right server.',
    }),
  },

  /** Who in the server refuses something. */
  denied: {
    rbac: (_name: string): string =>
      'Have an administrator grant it: `juicify rbac` prints the roles that juicify needs.',
    webhook: (name: string): string =>
      `The admission webhook ${name} refuses it, no matter what RBAC allows: have whoever runs it allow this (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations), or change the object as it demands.`,
    'webhook-away': (name: string): string =>
      `The API server has to call the admission webhook ${name} first, and it does not answer: get it running again, then run the command again.`,
    policy: (name: string): string =>
      `The policy refuses it, no matter what RBAC allows: read it (kubectl get validatingadmissionpolicy ${name} -o yaml), and have whoever made it allow this, or change the object as it demands.`,
    'pod-security': (_name: string): string =>
      'The pod security level of the namespace refuses it: see its labels pod-security.kubernetes.io/…, and have its owner allow the pod.',
    quota: (_name: string): string =>
      'A quota or a limit of the namespace refuses it: see kubectl describe resourcequotas,limitranges in that namespace, and have its owner raise it, or set the requests and limits that it demands of the pod.',
    terminating: (_name: string): string =>
      'The namespace is being deleted, so nothing can be created in it: exclude it, or wait until it is gone and was created again.',
    admission: (_name: string): string =>
      'The server’s message says what refuses it. Where a permission is missing, `juicify rbac` prints the roles that juicify needs; where it is an admission plugin, ask whoever runs the cluster.',
  },

  /** The lease, of which there is one for all runs. */
  lease: {
    taken: (owner: string): Told => ({
      message: `Another juicify run is active on this cluster: ${owner}.`,
      remedy: 'Wait until it has finished (juicify status --watch), or use --wait with a duration such as 10m.',
    }),
    lost: (lease: string, holder: string | undefined): Told => ({
      message: `This run no longer holds the lease ${lease}: ${holder || 'nobody'} holds it now.`,
      remedy: 'See what the other run did (juicify status), then use juicify resume or juicify rollback.',
    }),
    givenUp: (server: string, since: string, why: string): Told => ({
      message: `${server} has not answered since ${since}${why}.`,
      remedy: 'When it answers again, juicify resume continues; juicify rollback reverts.',
    }),
    tooLong: (seconds: number): string => `, for ${seconds} s`,
    interrupted: (): string => '; interrupted while waiting for it',
  },

  exitCodes,

  /** Jobs and their pods. */
  job: {
    failed: (what: string, node: string, part: string | undefined, why: string): string =>
      `${what} failed on ${node}${part ? ` (part ${part})` : ''}: ${why}`,
    seeLog: (namespace: string, name: string): string =>
      `See kubectl logs -n ${namespace} job/${name}; juicify resume tries again.`,
    noDirectory: (directory: string, node: string | undefined): Told => ({
      message: `${directory} does not exist on ${node ?? 'its node'}, or is not a directory`,
      remedy: 'Check that spec.source.nodes lists the nodes that hold the data.',
    }),
    podSecurity: (words: string): Told => ({
      message: `the pod security level of namespace ${NAMESPACE} does not allow its pod: ${words}`,
      remedy: `juicify’s Jobs mount host paths. If only juicify uses namespace ${NAMESPACE}, run: kubectl label namespace ${NAMESPACE} pod-security.kubernetes.io/enforce=privileged --overwrite. Then run juicify resume.`,
    }),
    outOfMemory: (): Told => ({
      message: 'its container ran out of memory',
      remedy: 'Raise spec.copy.resources.limits.memory.',
    }),
    podTerminated: (reason: string, message: string): Told => ({
      message: `its pod was terminated: ${reason}, ${message}`,
    }),
    podGone: (): Told => ({ message: 'its pod no longer exists, for an unknown reason' }),
    exited: (tool: string, code: number, means: string | undefined, line: string | undefined): string =>
      `${tool} failed with exit code ${code} (${means ?? 'unknown'})${line === undefined ? '' : `: ${line}`}`,
    deleted: (): Told => ({ message: 'somebody deleted its Job' }),
    peerFailed: (name: string): Told => ({ message: `a Job other than ${name} failed` }),
    logGone: (): Told => ({ message: 'it succeeded, but its log is gone, so its result is unknown' }),
    notStarted: (): string => 'it has not started',
    startTimedOut: (minutes: number, why: string): string =>
      `timed out after ${minutes} minutes waiting for its pod to start: ${why}`,
    notCopied: (failed: number, isAll: boolean, free: string | undefined, pod: string): Told => ({
      message: `${failed} ${failed === 1 ? 'file' : 'files'} could not be copied so far${isAll ? ', and none was' : ''}${free === undefined ? '' : `: ${free} are free on the target`}`,
      remedy: `See kubectl logs -n ${NAMESPACE} ${pod}: it is tried again, and fails where they fail again.`,
    }),
    noNode: (node: string): Told => ({ message: `node ${node} does not exist` }),
    nodeNotReady: (node: string, since: string | undefined, why: string | undefined): Told => ({
      message: `node ${node} has been NotReady${since === undefined ? '' : ` since ${since}`}: ${why ?? 'no reason given'}`,
      remedy: 'Its Job continues when the node is back; juicify resume waits for it.',
    }),
    tooLong: (seconds: number | undefined): Told => ({
      message: `it did not finish within ${seconds} s, and was stopped`,
      remedy:
        'Check on that node whether its disk and the file system respond, and whether the directory has something that never ends when it is read, such as a FIFO.',
    }),
    leftAlone: (what: string): Told => ({
      message: `stopped waiting for ${what}, which continues in the cluster`,
      remedy: 'The same command finds it and continues from there.',
    }),
    lookEnded: (what: string): Told => ({
      message: `stopped waiting for ${what}`,
      remedy: 'The same command does it again.',
    }),
    refused: (words: string, remedy: string): Told => ({ message: `its pod is refused: ${words}`, remedy }),
    pull: (words: string, node: string): Told => ({
      message: words,
      remedy: `Make sure that node ${node} can reach the registry and pull the image.`,
    }),
    unscheduled: (words: string): Told => ({
      message: words,
      remedy: 'It starts by itself once a node takes it: see what the scheduler says of each.',
    }),
    claimNotBound: (seconds: number, claim: string, name: string, phase: string | undefined): Told => ({
      message: `timed out after ${seconds} s waiting for ${claim} to become Bound; it is ${phase}`,
      remedy: `See why: kubectl describe pvc -n ${NAMESPACE} ${name}`,
    }),
    toBeDeleted: (object: string): string => `${object} to be deleted`,
    noDefinition: (definition: string, why: string): Told => ({
      message: `${definition} does not exist, and you may not create it: ${why}`,
      remedy: 'Ask an administrator to create it with the roles: juicify rbac | kubectl apply -f -',
    }),
    otherDefinition: (definition: string, name: string, field: string, expected: string, found: string): Told => ({
      message: `${definition} is not as juicify creates it: expected ${field} ${expected}, found ${found}.`,
      remedy: `Find out who created it (kubectl get crd ${name} -o yaml). If it is from an earlier juicify, update it with juicify rbac | kubectl apply -f -; existing records stay.`,
    }),
    none: (): string => 'none',
    definitionNotServed: (seconds: number, definition: string, name: string): Told => ({
      message: `Timed out after ${seconds} s waiting for ${definition} to be served.`,
      remedy: `Check its conditions: kubectl describe crd ${name}`,
    }),
  },

  /** Exchanging volumes. */
  swap: {
    finalizer: (volume: string, finalizers: readonly string[]): Told => ({
      message: `PersistentVolume ${volume} is Terminating because of the finalizer ${finalizers.join(', ')}, which juicify does not remove.`,
      remedy: `Let the owner of the finalizer finish (remove it only if that owner is gone for good), then run the same command again.`,
    }),
    claimedSince: (volume: string, claim: string): Told => ({
      message: `PersistentVolume ${volume} had no claim when it was recorded, but is now bound to PersistentVolumeClaim ${claim}.`,
      remedy:
        'If it is not swapped yet, run juicify rollback and make a new plan, which includes the claim. If it is, leave it there: the claim has users of its own.',
    }),
    claimDeleted: (claim: string): Told => ({
      message: `PersistentVolumeClaim ${claim} was deleted after the plan was recorded.`,
      remedy: 'Its manifest is in the record (juicify status -o yaml). Decide whether to create it again.',
    }),
    claimReplaced: (claim: string, was: string | undefined, is: string | undefined): Told => ({
      message: `PersistentVolumeClaim ${claim} was replaced: uid ${was} was recorded, found ${is}.`,
      remedy:
        'Somebody deleted it and created it again. Decide which one is right, then roll back its group or make a new plan.',
    }),
    claimTerminating: (claim: string): Told => ({
      message: `PersistentVolumeClaim ${claim} is being deleted.`,
      remedy: 'A deletion cannot be undone. Wait until the claim is gone, then decide whether to create it again.',
    }),
    differs: ({
      field,
      is,
      expected,
    }: {
      field: string
      is: string | undefined
      expected: string | undefined
    }): string => `${field} is ${is ?? 'absent'} and should be ${expected ?? 'absent'}`,
    neither: (volume: string, fromRecorded: readonly string[], fromNew: readonly string[]): Told => ({
      message: `PersistentVolume ${volume} is neither the recorded volume (it differs in ${fromRecorded.join(', ')}) nor the new one (${fromNew.join(', ')}).`,
      remedy:
        'Find out who changed it by hand, and make a new plan. Before anybody deletes it to restore one of the two (juicify status -o yaml has both manifests), its persistentVolumeReclaimPolicy has to be Retain, or its data may go with it.',
    }),
    keepsChanging: (volume: string): Told => ({
      message: `PersistentVolume ${volume} keeps changing while juicify swaps it.`,
      remedy: `Its managedFields and events show what else writes it; stop that, and run the same command again.`,
    }),
    toBecome: (volume: string, phase: string): string => `PersistentVolume ${volume} to become ${phase}`,
    isIn: (object: string, phase: string | undefined): string => `${object} is ${phase ?? 'without a phase'}`,
    isGone: (object: string): string => `${object} is gone`,
    notBound: (
      why: string,
      states: readonly string[],
      events: readonly string[],
      claim: { namespace?: string | undefined; name: string } | undefined,
    ): Told => ({
      message: `${why}: ${states.join(', ')}.${events.length > 0 ? ` Last events: ${events.join('; ')}` : ''}`,
      remedy: `kubectl describe pvc -n ${claim?.namespace ?? ''} ${claim?.name ?? ''} shows more; then run the same command again, or juicify rollback.`,
    }),
    notAtHome: (group: string, states: readonly string[], directory: string): Told => ({
      message: `${group} is not rolled back: ${listed(states)}, expected Bound to the original volume. Something deleted it after the group was recorded.`,
      remedy: `The data is still in ${directory}, and the record stays. Stop what deletes the claim (for a StatefulSet: spec.persistentVolumeClaimRetentionPolicy). Create a claim with that name and the volume in spec.volumeName; it binds if the volume’s claimRef has its uid, or none (juicify status -o yaml has both manifests). Then run juicify rollback ${group} again.`,
    }),
    stillMounted: (group: string, seconds: number, pods: string): Told => ({
      message: `The volumes of ${group} are not rolled back: timed out after ${seconds} s waiting for ${pods} to unmount them.`,
      remedy: `These mount pods terminate shortly after the last pod that uses the volume on their node, or after the delay configured in the driver (see kubectl describe pod). Then run the same command again; --timeout waits longer.`,
    }),
    otherPlaceMounted: (volume: string, expected: string, pod: string, found: string, see: string): Told => ({
      message: `PersistentVolume ${volume} should show ${expected || 'the root'} of the file system, and its mount, ${pod}, shows ${found || 'the root'}: its users see files that are not theirs.`,
      remedy: `Check whether the driver’s settings override its mount options, and fix them: ${see}. Then stop what uses it, start it again, and run juicify resume, which checks again; or juicify rollback.`,
    }),
    policyChanged: (volume: string, found: string | undefined): Told => ({
      message: `Reclaim policy of PersistentVolume ${volume}: set to Retain, but found ${found}.`,
      remedy: 'An admission webhook or an operator changes it back: its managedFields show which; stop that first.',
    }),
    deletedWhileRetained: (volume: string): Told => ({
      message: `PersistentVolume ${volume} was deleted while its reclaim policy was being set.`,
      remedy: 'Run the same command again: it reads the current state.',
    }),
  },

  /** Whether a group is, and stays, what its plan and its record say. */
  group: {
    changedSinceShown: (group: string): Told => ({
      message: `The record of group ${group} was changed after it was shown.`,
      remedy: 'Run the same command again, and review what it shows.',
    }),
    rollingBack: (group: string): Told => ({
      message: `Group ${group} is being rolled back.`,
      remedy: `juicify rollback ${group} completes the rollback.`,
    }),
    blocked: (
      group: string,
      findings: readonly { code: string; why: string }[],
      remedies: readonly string[],
    ): Told => ({
      message: `Group ${group} is blocked: ${findings.map(({ code, why }) => `${code}: ${why}`).join(' ')}`,
      remedy: remedies.length > 0 ? remedies.join(' ') : 'juicify plan shows the whole finding.',
    }),
    denied: (object: string, others: readonly string[], why: string, remedy: string | undefined): Told => ({
      message: `The API server would refuse ${object}${others.length > 0 ? ` and ${listed(others)}` : ''}: ${why}`,
      remedy,
    }),
    asItIs: (object: string): string => `${object} as it is now, should it have to come back`,
    otherVolume: (differs: readonly string[]): Told => ({
      message: `a policy of the cluster would make another volume of it: ${differs.join(', ')}`,
      remedy:
        'Have whoever made that policy (a mutating webhook, or a MutatingAdmissionPolicy) leave this volume alone.',
    }),
    newPod: (workload: string): string => `a new pod of ${workload}`,
    sharedPlace: (group: string, others: readonly string[]): Told => ({
      message: `${listed(others)} ${others.length === 1 ? 'uses' : 'use'} the same place on the file system as ${group}, and would stay there alone.`,
      remedy: `Roll them back together: juicify rollback ${[group, ...others].join(' ')}.`,
    }),
    sharedCopyBack: (group: string, others: readonly string[]): Told => ({
      message: `${group} shares its place on the file system with other volumes: it cannot be copied back without them.`,
      remedy:
        others.length > 0
          ? `Roll them back together: juicify rollback --copy-back ${[group, ...others].join(' ')}; or only this one with --no-copy-back: its users then see the old directory, unchanged.`
          : 'Roll back with --no-copy-back: its users then see the old directory, unchanged.',
    }),
    tooLateToCopyBack: (group: string): Told => ({
      message: `Some volumes of ${group} are already rolled back: it is too late to copy data back.`,
      remedy: 'Run juicify rollback without --copy-back. The data stays on the file system: copy it by hand.',
    }),
    wouldForget: (group: string, volumes: readonly string[]): Told => ({
      message: `The record of ${group} contains ${listed(volumes)}, which this plan does not migrate: it would be lost.`,
      remedy: 'Make a new plan of the current state (juicify plan), and review it.',
    }),
    volumeGone: (volume: string): Told => ({
      message: `PersistentVolume ${volume} no longer exists.`,
      remedy: NEW_PLAN,
    }),
    volumeReplaced: (volume: string): Told => ({
      message: `PersistentVolume ${volume} was replaced or changed since the plan was made.`,
      remedy: NEW_PLAN,
    }),
    claimReplaced: (claim: string, was: string | undefined, is: string | undefined): Told => ({
      message: `${claim} was replaced: uid ${was} was planned, found ${is}.`,
      remedy: NEW_PLAN,
    }),
    claimGone: (claim: string, was: string | undefined): Told => ({
      message: `${claim} (uid ${was}) no longer exists.`,
      remedy: NEW_PLAN,
    }),
    link: (group: string, node: string, directory: string, link: string): Told => ({
      message: `Group ${group}: on ${node} a volume's directory, ${directory}, is reached by a symbolic link (${link}). A copy has the link and not what it leads to, and a volume cannot be mounted by it.`,
      remedy: LEAVE_OUT,
    }),
    twofold: (d: {
      node: string
      /** Where both are of one group. */
      group?: string | undefined
      one: { directory: string; group: string; path?: string | undefined; device?: string | number | undefined }
      other: { directory: string; group: string }
      inside: boolean
    }): Told => {
      const named = ({ directory, group }: { directory: string; group: string }) =>
        d.group === undefined ? `${directory} (group ${group})` : directory
      const { path, device } = d.one
      const are = d.inside
        ? `${named(d.one)} is ${path} on device ${device}, which lies in ${named(d.other)},`
        : `${named(d.one)} and ${named(d.other)} are one directory${device === undefined ? '' : `, ${path} on device ${device},`}`
      return {
        message: `${d.group === undefined ? 'On' : `Group ${d.group}: on`} ${d.node} ${are} by a link or a mount. It would be copied twice, and who uses one path would no longer see what is written by the other.`,
        remedy: LEAVE_OUT,
      }
    },
  },

  /** Records in the cluster. */
  record: {
    changedSinceShown: (object: string): Told => ({
      message: `${object} was changed after it was shown.`,
      remedy: 'Run the same command again, and review it again.',
    }),
    otherVersion: (
      object: string,
      expected: number | string,
      found: number | string | undefined,
      group: string,
    ): Told => ({
      message: `${object}: expected record version ${expected}, found ${found}.`,
      remedy: `It was written by another version of juicify: use that version to complete group ${group} or to roll it back.`,
    }),
    unreadable: (object: string): Told => ({
      message: `${object} is not a readable juicify record.`,
      remedy: 'Restore it from a backup: only the record holds the original volumes.',
    }),
    notTrusted: (object: string, problem: string): Told => ({
      message: `Record ${object} is not trusted: ${problem}.`,
      remedy:
        'juicify did not write that. Find out who changed it (kubectl get with -o yaml --show-managed-fields), and restore it from a backup; until then its group is not touched.',
    }),
    writtenBy: (group: string, by: string | undefined): Told => ({
      message: `The record of group ${group} was written by ${by ?? 'somebody else'} after this run read it.`,
      remedy: SEE_RECORD,
    }),
    deleted: (group: string): Told => ({
      message: `The record of group ${group} was deleted after this run read it.`,
      remedy: SEE_RECORD,
    }),
  },

  /** What uses the volumes. */
  workload: {
    waiting: (pods: string): string => `Waiting for ${pods}`,
    timedOut: (seconds: number, claims: readonly string[], pods: string, remedies: readonly string[]): Told => ({
      message: `timed out after ${seconds} s waiting for the pods that use ${claims.slice(0, 3).join(', ')}${claims.length > 3 ? ', …' : ''}: ${pods}`,
      remedy: remedies.join(' '),
    }),
    nodesAway: (pods: string, node: string | undefined): Told => ({
      message: `nothing was stopped, because no kubelet can confirm that these pods terminate: ${pods}`,
      remedy: bringBackRemedy(node),
    }),
    pods: (pods: readonly string[]): string =>
      `${pods.slice(0, 5).join('; ')}${pods.length > 5 ? `; and ${count(pods.length - 5, 'more pod')}` : ''}.`,
    pod: (name: string, parts: readonly string[]): string => `${name} (${parts.join('; ')})`,
    notScheduled: (): string => 'not scheduled',
    onNode: (node: string, state?: 'not ready' | 'gone'): string =>
      `on ${node}${state === undefined ? '' : `, which is ${state}`}`,
    ownedBy: (owner: string): string => `of ${owner}`,
    noOwner: (): string => 'no owner',
    standalone: (madeBy: string): string => `standalone pod created by ${madeBy}`,
    appeared: (): string => 'created after juicify began to wait',
    nameNeeded: (): string => 'finished, but its name is needed for the new pod',
    notDeleted: (): string => 'not being deleted',
    goingUntil: (until: string): string => `terminating, grace period ends at ${until}`,
    heldBy: (finalizers: readonly string[]): string => `held by the finalizer ${finalizers.join(', ')}`,
    removeFinalizer: (finalizer: string, command: string): string =>
      `Get the owner of the finalizer ${finalizer} to remove it, or, if that owner is gone for good: ${command}.`,
    bringBack: (node: string | undefined): string => bringBackRemedy(node),
    waitLonger: (): string => `Run the same command again to wait longer, or use a longer --timeout.`,
    stopIt: (object: string): string =>
      `Wait until ${object} has finished, or have whoever runs it stop it, then run the same command again.`,
    unfinished: (workload: string): Told => ({
      message: `${workload} has not finished, and cannot be stopped and started again.`,
      remedy: 'Wait until it has finished, or have juicify wait for it (quiesce.unfinished: wait in the migration).',
    }),
    noManifest: (pod: string): Told => ({
      message: `${pod} cannot be created again: its manifest is not in the record.`,
    }),
    notSuspended: (workload: string, dropped: string): Told => ({
      message: `${workload} is not stopped: the server dropped ${dropped} of its spec.`,
      remedy: `Its operator is of a version that cannot suspend it. Stop it yourself, and run the same command again.`,
    }),
    rolloutFailed: (workload: string, namespace: string): Told => ({
      message: `The restarted pods of ${workload} do not become Ready: its rollout exceeded its progress deadline.`,
      remedy: `See why the new pods do not start (kubectl describe pods -n ${namespace}), then run the same command again.`,
    }),
    oldPodsStay: (workload: string, pods: readonly string[]): Told => ({
      message: `${workload} was restarted, but old pods are still terminating: ${pods.join(', ')}.`,
      remedy: 'Run the same command again to wait longer.',
    }),
    noRollout: (kind: string, version: string): Told => ({
      message: `A ${kind} (${version}) cannot be restarted pod by pod.`,
    }),
    toBeReady: (workload: string, isPod: boolean): string =>
      `${isPod ? '' : 'the pods of '}${workload} to become Ready again`,
    toBeRestarted: (workload: string): string => `the pods of ${workload} to be restarted one by one`,
    toFinish: (workload: string): string => `${workload} to finish`,
    toBeGone: (pod: string): string => `${pod} to be deleted, before it is created again`,
    seeWhyWaiting: (namespace: string): string => `${DESCRIBE_PODS(namespace)}: it continues to wait.`,
    seeWhatKeeps: (namespace: string, pod: string): string =>
      `See what keeps it (kubectl describe pod -n ${namespace} ${pod}), then run the same command again.`,
    waitOrStop: (): string =>
      'Run the same command again with a longer --timeout to wait longer, or stop that work yourself.',
    startedAgain: (
      workload: string,
      by: string | undefined,
      at: string | undefined,
      tool: string | undefined,
    ): string => {
      const who =
        by === undefined ? '(its managedFields do not say by what)' : `by ${by}${at === undefined ? '' : ` at ${at}`}`
      return `${workload} was stopped, and has been started again ${who}${tool === undefined ? '' : `; it has the marks of ${tool}`}. Pause whatever keeps it running, and stop it again: this run then continues.`
    },
    staysScaledDown: (workload: string, replicas: number): string =>
      `${workload} had ${replicas} replicas and stays at 0: somebody scaled it down in the meantime.`,
    staysScaled: (workload: string, replicas: number, found: number): string =>
      `${workload} had ${replicas} replicas and stays at ${found}: somebody scaled it in the meantime.`,
    staysSuspended: (workload: string): string => `${workload} stays suspended: somebody suspended it in the meantime.`,
    staysStopped: (workload: string): string => `${workload} stays stopped: somebody stopped it in the meantime.`,
    deletedMeanwhile: (workload: string): string => `${workload} is not started: somebody deleted it in the meantime.`,
    otherPod: (pod: string): string =>
      `${pod} is not created again: somebody created another pod with that name, which stays as it is.`,
    retentionManaged: (set: string, by: string): Told => ({
      message: `${set} has persistentVolumeClaimRetentionPolicy.whenScaled: Delete, and ${by} manages it: while it is at 0, ${by} could keep or set back that policy, and Kubernetes would delete its claims.`,
      remedy: `Set whenScaled to Retain where ${by} has it set, then run the same command again.`,
    }),
    retentionChanged: (workload: string): string =>
      `The persistentVolumeClaimRetentionPolicy.whenScaled of ${workload} was Delete and is not now: somebody changed it in the meantime.`,
  },

  /** What a Job does, as an error calls it. */
  work: {
    warm: (directory: string): string => `the first copy of ${directory}`,
    'catch-up': (directory: string): string => `the catch-up of ${directory}`,
    verify: (directory: string): string => `the verification of ${directory}`,
    verifyAhead: (directory: string): string => `the early verification of ${directory}`,
    compare: (directory: string): string => `the comparison of ${directory}`,
    missing: (directory: string, subdir: string): string => `copying what is missing in ${subdir} from ${directory}`,
    back: (directory: string): string => `the copy back to ${directory}`,
    owners: (subdir: string): string => `restoring owners and modes in ${subdir || '/'}`,
    estimate: (directory: string): string => `the estimate of ${directory}`,
    inspect: (directory: string): string => `the inspection of ${directory}`,
    sample: (directory: string): string => `the sample of ${directory}`,
    unused: (directory: string): string => `the check of ${directory}`,
    openFiles: (directory: string): string => `the search for open files in ${directory}`,
    places: (group: string): string => `making the directories of ${group}`,
    preflight: (subdir: string): string =>
      `the pre-flight check of ${subdir === '' ? 'the root of the file system' : `subdir ${subdir}`}`,
  },

  /** Copying and comparing. */
  copy: {
    differ: (
      directory: string,
      d: { missing: number; changed: number; extra: number },
      first: readonly string[],
    ): Told => ({
      message: `${directory} and its copy differ: ${d.missing} missing, ${d.changed} changed, ${d.extra} unexpected on the target. First differences: ${first.join('; ')}`,
      remedy:
        'Nothing was swapped. juicify resume copies and verifies again; juicify rollback starts the stopped workloads.',
    }),
    noneToCopyBack: (fileSystem: string, group: string): Told => ({
      message: `Data on ${fileSystem} cannot be copied back: ${group} was migrated without copying data (copy.mode: none).`,
      remedy: 'Roll back without --copy-back: the data stays there. Copy what you need of it by hand.',
    }),
    noNodeForPlaces: (driver: string): Told => ({
      message: `The ${driver} is not ready on any node, so nothing can check whether the directories exist.`,
      remedy: 'Check the nodes and the driver; once they are back, juicify resume continues.',
    }),
    mounted: (directory: string, place: string, fileSystem: string, users: readonly string[], group: string): Told => ({
      message: `${directory} is not copied to ${place || 'the root'} on ${fileSystem}: ${listed(users)} ${users.length === 1 ? 'mounts' : 'mount'} that directory, or one inside or above it, and the copy would overwrite what users write there.`,
      remedy: `Nothing was copied there. If ${group} is in progress, juicify rollback ${group} reverts it. Then make a new plan: a volume whose directory was already migrated joins that place, any other needs its own place in spec.paths.`,
    }),
    used: (directory: string, users: readonly string[]): Told => ({
      message: `${directory} is not copied back: ${listed(users)} ${users.length === 1 ? 'mounts' : 'mount'} it, or a directory inside or above it, and what users have written there would be overwritten or deleted.`,
      remedy:
        'Migrate that volume first (juicify plan): it joins the place on the file system and is rolled back together with the others. Or roll back with --no-copy-back: the data stays on the file system.',
    }),
    merged: (directory: string, nodes: readonly string[]): Told => ({
      message: `${directory} was merged from ${nodes.join(', ')}, so it is not known to which node a new file belongs`,
      remedy: 'Roll back without --copy-back: the nodes keep their old data. Then copy new files by hand.',
    }),
    unknownNode: (directory: string): Told => ({ message: `the node that holds ${directory} is not known` }),
    cannotMerge: (mover: string, directory: string, nodes: readonly string[]): Told => ({
      message: `${mover} cannot merge ${directory} from several nodes (${nodes.join(', ')})`,
      remedy: 'Set spec.copy.mover: rsync and an image that contains it, or give one node in spec.source.nodes.',
    }),
    notInside: (path: string, directory: string): Told => ({
      message: `cannot exclude ${path} from the copy: it is not inside ${directory}`,
    }),
    controlCharacter: (path: string): Told => ({
      message: `cannot copy ${path}: it contains a control character`,
    }),
    partOfLog: (node: string, directory: string): Told => ({
      message: `The log of the Job on ${node} has only a part of what it found in ${directory}.`,
      remedy: 'juicify resume, or apply, checks again.',
    }),
    moverNeedsImage: (mover: string, image: string, others: readonly string[]): Told => ({
      message: `the mover ${mover} needs an image that contains it, but the migration gives none`,
      remedy: `Set spec.copy.image to ${image}${others.map((other) => `, or use spec.copy.mover: ${other}`).join('')}.`,
    }),
    noImage: (why: string, image: string): Told => ({
      message: `no image for the Jobs was found: ${why}`,
      remedy: `Set spec.copy.image to ${image}.`,
    }),
    noteDeleted: (object: string): Told => ({
      message: `${object} was deleted while juicify wrote it.`,
      remedy: 'Run the same command again: it compares the existing copy with its directory.',
    }),
    noMover: (fileSystem: string, mover: string, known: readonly string[]): Told => ({
      message: `${fileSystem} has no mover ${mover}; it has ${known.join(' and ')}`,
      remedy: 'Make the plan again with this version of juicify, or use the version that made it.',
    }),
    noResult: (): Told => ({ message: 'no Job reported a result', remedy: 'Run it with --estimate again.' }),
  },

  /** Why the driver could not mount, as its words were understood. */
  mount: {
    known: {
      password: {
        why: 'the metadata engine refuses the password',
        remedy: 'Correct it in the Secret (metaurl)',
      },
      keys: {
        why: 'the object store refuses its keys, or has no such bucket',
        remedy: 'Correct it in the Secret (bucket, access-key, secret-key)',
      },
      unformatted: {
        why: 'the file system is not formatted',
        remedy:
          'See whether that is the right database, and empty; then format it, with the line that juicify setup writes',
      },
      other: {
        why: 'the file system at that address has another name, or other storage, than the Secret says',
        remedy: 'Correct it in the Secret (name, metaurl)',
      },
      unreachable: {
        why: 'the servers that the file system depends on cannot be reached from that node',
        remedy: 'Make sure that the addresses in the Secret can be reached from that node, and that the servers are up',
      },
    },
    failed: (known: { why: string; remedy: string }, words: string, secret: string): Told => ({
      message: `the file system could not be mounted: ${known.why}. The driver says: ${words}`,
      remedy: `${known.remedy}: Secret ${secret}. Pods then mount by themselves; juicify resume continues.`,
    }),
  },

  /** What a plan, a record or a snapshot holds. */
  target: {
    unknown: (kind: string, found: string): Told => ({
      message: `The target of the migration is not a ${kind} target that this version of juicify supports: ${found}`,
      remedy: 'Make the plan again with this version of juicify, or use the version that made it.',
    }),
    stillNamed: (object: string, text: string): Told => ({
      message: `${object} still contains a name: ${text}.`,
      remedy: 'Nothing was written. Remove it from the object, or take the snapshot without --anonymize.',
    }),
  },

  /** Quotas of directories. */
  quota: {
    cannotBeSet: (fileSystem: string, lacks: string): Told => ({
      message: `The quotas of ${fileSystem} cannot be set: ${lacks}.`,
      remedy: 'See the driver and its pods, or take quota out of spec.target and make a new plan.',
    }),
    noNode: (driver: string): string => `no node with the ${driver} is ready`,
    job: (doing: 'look' | 'set' | 'remove', group: string): string =>
      `${{ look: 'reading', set: 'setting', remove: 'removing' }[doing]} the quotas of ${group}`,
    byHand: (why: string, command: string): Told & { remedy: string } => ({
      message: why,
      remedy: `Take it away by hand: ${command}`,
    }),
    full: (used: string, gib: number): string => `it holds ${used} already, and its quota would be ${gib} GiB`,
    missing: (): string => 'it does not exist yet',
    other: (size: string, forward: boolean): string =>
      `it has a quota of ${size}, which ${forward ? 'juicify has not set' : 'is not the one that juicify has set'}`,
    stays: (): string => 'It stays as it is.',
    setOnceLess: (command: string): string => `It has no limit. To set this one once it holds less: ${command}`,
    setOnceThere: (command: string): string => `To set one by hand when it does: ${command}`,
    removeByHand: (command: string): string =>
      `It stays as it is. To take it away, if whoever set it agrees: ${command}`,
  },

  /** Asking whether what one node writes is seen on another. */
  probe: {
    twoNodes: (driver: string, nodes: readonly string[]): Told => ({
      message: `The ${driver} is Ready on ${nodes.join(', ') || 'no node'}; a probe needs two nodes.`,
      remedy: 'Check the nodes and the driver’s pods; juicify resume continues when they are back.',
    }),
    onDisk: (volume: string): Told => ({
      message: `PersistentVolume ${volume} is on a node’s disk, which other nodes cannot see.`,
      remedy: 'Choose a migrated volume; juicify status lists them.',
    }),
    otherFileSystem: (volume: string, fileSystem: string, driver: string): Told => ({
      message: `PersistentVolume ${volume} is not on ${fileSystem} with the ${driver}.`,
      remedy: 'Give the migration that it belongs to with -f.',
    }),
    cannotStart: (pod: string, why: string, remedy: string | undefined): Told => ({
      message: `${pod} cannot start: ${why}`,
      remedy: remedy ?? SEE_DRIVER,
    }),
    startTimedOut: (pod: string, seconds: number, why: string, remedy: string | undefined): Told => ({
      message: `timed out after ${seconds} s waiting for ${pod} to start: ${why}`,
      remedy: remedy ?? SEE_DRIVER,
    }),
    toEnd: (pod: string): string => `${pod} to end`,
    deleted: (pod: string): Told => ({
      message: `${pod} was deleted by somebody.`,
      remedy: 'Run the probe again.',
    }),
    failed: (node: string | undefined, why: string | undefined, see: string): Told => ({
      message: `The probe failed on ${node ?? 'its node'}: ${why || 'no output'}`,
      remedy: `See ${see}.`,
    }),
    noReport: (writer: string, node: string): Told => ({
      message: `The pod on ${writer} did not report when ${node} answered.`,
      remedy: 'Run the probe again.',
    }),
    noImage: (why: string): Told => ({
      message: `No image for the probe’s pods was found: ${why}.`,
      remedy: 'Choose an image with --image that contains sh and that the nodes have or can pull.',
    }),
  },
}

const NEW_PLAN = 'Make a new plan (juicify plan), and review it.'
const SEE_RECORD =
  'See what changed (juicify status), then continue with juicify resume, or revert with juicify rollback.'
const SEE_DRIVER = 'Check that its node has the driver and can pull the image (--image); juicify check shows more.'
const LEAVE_OUT =
  'Leave all volumes of the named groups out (spec.select.exclude) to move the others. To move these too, the volumes of that directory need one path, the same for all of them: then they are one group.'

/** Why there is no connection, by the code that the system has for it. */
const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'temporary failure in name resolution',
  ETIMEDOUT: 'connection timed out',
}

function maybeMade(open: boolean): string {
  return open ? '; the change may have been made' : ''
}

function bringBackRemedy(node: string | undefined): string {
  return `Bring ${node} back. Only when it is certain that nothing runs on it any more, run again with --force-delete-pods.`
}

/** An edition of it: it has to say all that the English one says. */
export type TroubleWords = typeof troubles
