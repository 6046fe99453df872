import type { Well } from '../domain/readiness.ts'
import { count, listed } from '../domain/text.ts'

/** What `check` says of one thing: what was found, and with everything that is not well the next thing to do. */
export interface CheckSays {
  text: string
  remedy?: string
}

/** Permissions that are missing, of one kind of object. */
export interface MissingAccess {
  resource: string
  where: 'cluster' | 'juicify' | 'secret'
  verbs: string[]
}

const PLACE = { cluster: '', juicify: ' in juicify', secret: ' of the file system' }
const access = (missing: MissingAccess[]) =>
  listed(missing.map(({ resource, where, verbs }) => `${resource}${PLACE[where]} (${verbs.join(', ')})`))
const askFor = 'Ask an administrator to apply the output of juicify rbac --user YOU.'
const mounted = (d: { title: string; node: string; name?: string }) =>
  `${d.title} was mounted on ${d.node}${d.name === undefined ? '' : `, is named ${d.name}`}`

/** What `juicify check` says in English, of its data. */
export const check = {
  api: (version: string, cluster: string): CheckSays => ({ text: `Kubernetes ${version} at ${cluster}` }),
  apiOld: (version: string, cluster: string, oldest: string): CheckSays => ({
    text: `Kubernetes ${version} at ${cluster} is older than ${oldest}, the oldest tested version`,
    remedy: 'Rehearse on a cluster of that version first.',
  }),
  unread: (): CheckSays => ({
    text: 'Driver, Secret, volumes and nodes were not checked: no permission to read them.',
    remedy: 'Get the missing permissions granted, and check again.',
  }),
  granted: (asked: number, createsNamespace: boolean): CheckSays => ({
    text: `RBAC: all ${asked} required permissions granted${createsNamespace ? '; the first run creates the namespace juicify' : ''}`,
  }),
  required: (missing: MissingAccess[]): CheckSays => ({
    text: `Required permissions missing: ${access(missing)}`,
    remedy: askFor,
  }),
  optional: (missing: MissingAccess[]): CheckSays => ({
    text: `Optional permissions missing: ${access(missing)}`,
    remedy: askFor,
  }),
  noNamespace: (): CheckSays => ({
    text: 'The namespace juicify does not exist yet, or you may not see it.',
    remedy: askFor,
  }),
  unmanaged: (): CheckSays => ({
    text: 'Volumes, claims and workloads are not managed by Argo CD, Flux, Helm, Fleet or similar',
  }),
  managed: (managers: { by: string; objects: string[] }[]): CheckSays => ({
    text: managers.map(({ by, objects }) => `${by} manages ${listed(objects, 3)}`).join('; '),
    remedy: 'Suspend its synchronisation during the migration, then change its manifests as the plan does.',
  }),
  noNodes: (): CheckSays => ({ text: 'The cluster has no nodes', remedy: 'Add nodes first.' }),
  nodes: (nodes: number, kubelets: { version?: string; nodes: number }[], closed: string[]): CheckSays => ({
    text: `${count(nodes, 'node')}, kubelets ${kubelets.map(({ version, nodes }) => `${version ?? 'of unknown version'} on ${nodes}`).join(', ')}${closed.length > 0 ? `, unschedulable: ${listed(closed)}` : ''}`,
  }),
  classes: (d: { provisioner: string; ours: string[]; defaults: string[] }): CheckSays => {
    const text = `${d.ours.length > 0 ? `StorageClasses of ${d.provisioner}: ${listed(d.ours)}` : `No StorageClass of ${d.provisioner}`} (${d.defaults.length > 0 ? `default class: ${d.defaults.join(', ')}` : 'no default class'})`
    if (d.defaults.length > 1)
      return { text, remedy: 'Agree on one default with who uses them: a claim without a class may get any of them.' }
    if (d.ours.length === 0)
      return { text, remedy: 'Only juicify probe and new claims need one; juicify setup writes it.' }
    return { text }
  },
  oldDirectoriesUnused: (): CheckSays => ({ text: 'No object in the cluster refers to a migrated directory' }),
  oldDirectoriesUsed: (users: string[]): CheckSays => ({
    text: `Directories that were migrated are still used by ${listed(users)}`,
    remedy: 'Have them use a claim of the file system instead: nobody else sees what they write to the nodes.',
  }),
  inProgress: (groups: string[]): CheckSays => ({
    text: `In progress: ${listed(groups)}`,
    remedy: 'juicify status shows them; juicify resume continues them.',
  }),
  records: (groups: number): CheckSays => ({
    text:
      groups === 0
        ? 'No earlier migration recorded'
        : `${count(groups, 'group')} ${groups === 1 ? 'is' : 'are'} migrated`,
  }),
  searches: (where: string, paths: string[]): CheckSays => ({
    text: `${where}: WORKSPACE_HOST_PATH is ${listed(paths)}, which cube-studio mounts as a host path for each NNI search: its logs stay on the nodes`,
    remedy: 'Nothing is lost: these logs are not user data. Keep an absolute path in the setting.',
  }),
  archives: (where: string, paths: string[]): CheckSays => ({
    text: `${where}: ARCHIVES_HOST_PATH is ${listed(paths)}: what cube-studio mounts of it as a host path stays on the nodes`,
    remedy: 'In volume mounts of templates and tasks, name the claim instead: kubeflow-archives(pvc).',
  }),
  notDeleted: (where: string, paths: string[]): CheckSays => ({
    text: `${where}: DELETE_OLD_DATA deletes old files in ${listed(paths)} each night, through a claim that is migrated while that directory stays: it will not find it any more, reports nothing, and the disk fills up`,
    remedy:
      'Set a lifecycle on the bucket instead, with as many days as cube-studio keeps files, for everything older in it is deleted: mc ilm rule add --expire-days DAYS ALIAS/mlpipeline.',
  }),

  notAskedEmbedded: (): CheckSays => ({
    text: 'The file system was not asked: in an embedded cluster no pod really runs.',
    remedy: 'Run juicify check --ask on the cluster itself.',
  }),
  notAskedYet: (): CheckSays => ({
    text: 'The file system was not asked: it could not be mounted, or would be made on a node.',
    remedy: 'Fix the problems of the driver and the Secret first.',
  }),
  noNodeMounts: (see: string): CheckSays => ({ text: 'No node could mount it.', remedy: `See ${see}.` }),
  askFailed: (title: string, message: string, remedy?: string): CheckSays => ({
    text: `${title} was asked: ${message}`,
    ...(remedy === undefined ? {} : { remedy }),
  }),
  otherName: (title: string, name: string, expected: string): CheckSays => ({
    text: `${title} at that address is named ${name}, and the Secret says ${expected}: it may be somebody else’s.`,
    remedy:
      'Find out whose it is. Correct the name or the address in the Secret if no other volume uses it; else make a Secret of your own.',
  }),
  full: (d: { title: string; node: string; name?: string }): CheckSays => ({
    text: `${mounted(d)}, and is full: no space, or no inodes left.`,
    remedy: 'Raise the limit that it was given, or delete what nobody needs there, before anything is planned.',
  }),
  empty: (d: { title: string; node: string; name?: string }): CheckSays => ({
    text: `${mounted(d)}, can be written to, and is empty. Where nobody had formatted it, the driver has done so now.`,
    remedy: 'Make sure that it keeps its data where it should, if you have not formatted it yourself.',
  }),
  writable: (d: { title: string; node: string; name?: string }): CheckSays => ({
    text: `${mounted(d)}, and can be written to`,
  }),

  well: (well: Well): string => {
    switch (well.is) {
      case 'registered':
        return `The driver ${well.driver} is registered on every node that takes pods`
      case 'driver-ready':
        return `The driver ${well.driver} is registered, and its pod ready, on ${well.nodes === 1 ? 'the one node' : `all ${well.nodes} nodes`}`
      case 'mount-pods':
        return `${well.driver} ${well.version ?? 'of unknown version'}, with mount pods`
      case 'secret':
        return `Secret ${well.name} has ${well.keys.join(', ') || 'no keys'}`
      case 'settings':
        return well.options.length > 0
          ? `${well.config} adds ${well.options.join(', ')}`
          : `${well.config} overrides no mount options`
      case 'mover':
        return `Jobs copy with ${well.title}, from the image ${well.image}`
      case 'kubelets':
        return `The kubelets mount ${well.place} themselves: no driver, but ${well.needs} on every node`
    }
  },
  about: (objects: string[], why: string) => (objects.length === 0 ? why : `${listed(objects)}: ${why}`),

  ready: (warnings: number) => `Ready to migrate${withWarnings(warnings)}.`,
  notReady: (problems: number, warnings: number) =>
    `Not ready to migrate: ${count(problems, 'problem')}${withWarnings(warnings)}.`,
}

function withWarnings(warnings: number): string {
  return warnings > 0 ? `, with ${count(warnings, 'warning')}` : ''
}

/** An edition of the words of `check`. */
export type CheckWords = typeof check
