import type { Finding } from './finding.ts'
import type { Mover } from './mover.ts'
import type { KubeObject } from './object.ts'
import type { Judgement } from './readiness.ts'
import type { Value } from './reading.ts'
import type { FileSystemSetup } from './setup.ts'
import type { SecretSurvey, Survey } from './survey.ts'
import type { MountTrouble } from './trouble.ts'
import type { PersistentVolume } from './volume.ts'

/**
 * Onto which file system volumes go, as a migration and its plan say it. What else is in it is that file system's own:
 * its reader makes it of `spec.target`, and nobody else looks at it.
 */
export interface Target {
  /** Which file system it is; absent where its driver tells, and in all that 0.1.0 has written. */
  readonly kind?: string
  /** The CSI driver that mounts it, by the name that it was installed with; absent where the kubelet mounts it itself. */
  readonly driver?: string
  readonly [setting: string]: unknown
}

/** Where a Secret is. */
export interface SecretRef {
  name: string
  namespace: string
}

/** A kind of file system that volumes may go to. One folder of src/filesystem, and a line in its registry. */
export interface FileSystemKind {
  /** As `spec.target.kind` names it. */
  readonly kind: string
  /** The CSI drivers that are its own: a migration that names one of them need not name the kind. */
  readonly drivers: readonly string[]
  /** The field of `spec.target` that has its settings, and tells it where no kind is named; absent where they stand in `spec.target` itself. */
  readonly field?: string
  /** The tools of its own that move data there. */
  readonly movers: readonly Mover[]
  /** What `juicify setup` asks and writes for it; or, where that is nothing, what people do instead: sentences. */
  readonly setup: FileSystemSetup | (() => string)
  /** Makes its settings of `spec.target`, defaults filled in. Notes all that is wrong with it, each at its line. */
  read(value: Value): Target
  /**
   * All that is to be known of the file system with these settings.
   * @throws Refusal where they lack what it needs: a plan or a record of another version
   */
  open(target: Target): FileSystem
}

/** All that juicify has to know of the file system that volumes go to. Pure: whoever needs an object reads it and hands it in. */
export interface FileSystem {
  /** As people know it, at the beginning of a sentence too. */
  readonly title: string
  readonly target: Target
  /** Tells this file system from all others of a cluster; the same text for as long as it is the same one. */
  readonly identity: string
  /** Where its Secret is; absent where it needs none. */
  readonly secretRef?: SecretRef
  /** The same file system as another Secret names it; absent where it needs none. */
  withSecret?(secretRef: SecretRef): Target
  readonly volumes: FileSystemVolumes
  readonly secret?: FileSystemSecret
  readonly driver: FileSystemDriver
  readonly image: FileSystemImage
  readonly mounts: FileSystemMounts
  /** The tools of its own that move data there, the first of which is taken where a migration names none. */
  readonly movers: readonly Mover[]
  readonly probe: FileSystemProbe
  /** How directories get a limit; absent where nobody wants one, or juicify knows no way to set it. */
  readonly quotas?: FileSystemQuotas
  readonly advice: FileSystemAdvice
}

/** What a volume is called and where it goes, as far as a file system may ask for it. */
export interface Place {
  /** The PersistentVolume's name. */
  name: string
  /** What the driver knows the volume by, where that is another than its name. */
  handle?: string
  /** Relative to the file system's root; empty for the root. */
  subdir: string
  /** The claim that it is for; absent for a volume that nobody has claimed. */
  claim?: { namespace: string; name: string }
}

/** The part of a PersistentVolume's spec that says where it is: its source, and mount options where it takes any. */
export type VolumeSource = Pick<PersistentVolume['spec'], 'csi' | 'mountOptions'> & { [source: string]: unknown }

/** What volumes on the file system look like, and which places and names they can take. */
export interface FileSystemVolumes {
  /** The source of a volume at that place. */
  sourceFor(place: Place): VolumeSource
  /**
   * True for a mount option that volumes of users may have, and those of juicify's own Jobs must not: they write, and what
   * they have written has to be where everybody sees it before it is called equal. Absent where there is none such.
   */
  isForUsersAlone?(mountOption: string): boolean
  /** The source of a volume that shows what `pv`, which it holds, shows, under a name of its own. */
  sourceLike(pv: PersistentVolume, name: string): VolumeSource
  /** True where the volume is on a file system of this kind, this one or another. */
  holds(pv: PersistentVolume): boolean
  /** True where the volume is on this very file system. */
  isSame(pv: PersistentVolume): boolean
  /** Where a volume that it holds is, relative and normalised; empty for the root. */
  subdirOf(pv: PersistentVolume): string
  /** Why no volume can be at that place, as the rest of a sentence that begins with `it`; undefined where one can. */
  subdirProblem(subdir: string): string | undefined
  /** What its driver knows a volume by, where that is the volume's name; absent where its settings tell, or nothing has to be known. */
  readonly handles?: FileSystemHandles
  /** What is to be said of these volumes together, and beside those that are there, besides what is said of each place. */
  findings?(planned: readonly NewVolume[], survey: Pick<Survey, 'volumes'>): Finding[]
}

/** Handles that are the names of volumes, where these can be handles. */
export interface FileSystemHandles {
  /** Why the driver cannot know a volume by that, in the form of `subdirProblem`; undefined where it can. */
  problem(handle: string): string | undefined
  /** Another handle for a volume whose name cannot be one: the same whenever it is asked for that name and attempt. */
  another(name: string, attempt: number): string
}

/** A volume that is to come in place of another one. */
export interface NewVolume {
  group: string
  volume: PersistentVolume
}

/** What the file system's Secret holds. No value of it is kept or shown. */
export interface FileSystemSecret {
  /** Its keys, and where its addresses lead to: the file system depends on what is there, which must not be migrated to it. */
  survey(secret: KubeObject): SecretSurvey
  /** What stands for a value where the Secret is shown or kept: what `survey` reads of it, and nothing else. */
  withoutSecret(key: string, value: string): string
}

/** Objects of a cluster that are read for the file system: the one of that name, or all that carry the labels. */
export interface ObjectQuery {
  apiVersion: string
  kind: string
  namespace?: string
  name?: string
  labelSelector?: string
}

/** A container of a driver's own, by its name. */
export interface DriverContainer {
  readonly name: string
  /** With their dashes: `--by-process`. */
  readonly flags: readonly string[]
  readonly variables: readonly string[]
}

/** What mounts the file system on the nodes, and how one sees whether it is there and well. */
export interface FileSystemDriver {
  /** What it is called in sentences, after an article: `driver` and its name. */
  readonly title: string
  /** The provisioner of its StorageClasses; absent where it has none. */
  readonly provisioner?: string
  /** The nodes whose pods can mount the file system, whether they take new pods or not. */
  nodesWith(cluster: Pick<Survey, 'nodes' | 'csiNodes'>): Set<string>
  /** What is surveyed in the Secret's namespace by name, besides the Secret: the driver's settings. */
  readonly configMaps: readonly string[]
  /** The containers whose flags and variables tell how it mounts: of all others, these are not read. */
  readonly containers: readonly DriverContainer[]
  /** What is read of a ConfigMap with its settings. */
  settingsRead(configMap: KubeObject): KubeObject
  /** What plans and `check` have to say of driver, settings and Secret; a block that is not about a claim holds every group back. */
  judge(survey: Survey): Judgement[]
  /** What the driver's words mean with which it could not mount; absent where nothing is known of them. */
  readonly mountTrouble?: MountTrouble
  /** What to look at where a mount does not do what it should: the end of a sentence that begins with `See`. */
  readonly see: string
}

/**
 * The image that Jobs run as root with everybody's directories, where the operator names none: only what an administrator
 * has put into the cluster may choose it. A label alone never does, for anybody can put that on a pod of theirs.
 */
export interface FileSystemImage {
  /** What tells it, in the cluster as it is. */
  readonly queries: readonly ObjectQuery[]
  /** The image, of what the queries found; undefined where nothing tells it. */
  of(objects: readonly KubeObject[]): string | undefined
  /** Why none is known, where none is: the end of a sentence. */
  readonly unknown: string
}

/** What a mount of the file system is like on a node. */
export interface FileSystemMounts {
  /** What has to be listed to find the pods that hold mounts; none where the driver needs no pods for that. */
  readonly queries: readonly ObjectQuery[]
  /**
   * Of what the queries found, the pods that hold mounts of these volumeHandles on the nodes. A volume may be taken away
   * only when none is left: the driver looks the volume up for as long as one is there.
   */
  podsOf(volumeHandles: ReadonlySet<string>, objects: readonly KubeObject[]): KubeObject[]
  /**
   * Where on the file system the mount is that such a pod holds, relative and normalised, empty for the root; undefined where
   * it does not say. Absent where the driver needs no pods.
   */
  subdirOf?(pod: KubeObject): string | undefined
  /** What a mount pod was made for: the volumeHandle. */
  handleOf?(pod: KubeObject): string | undefined
  /** The files at the root of a mount that say what the file system is called, in JSON: `"Name": "…"`. */
  readonly nameFiles?: readonly string[]
  /**
   * Whether a mount makes the directory that it is of, where that is missing. Where it does not, juicify's Jobs get there by
   * way of the root, and the directories are made before pods mount them.
   */
  readonly makesPlaces: boolean
  /** Absent where a mount shows nothing but what people have put there. */
  readonly ownFiles?: OwnFiles
  /** Bytes of a block: every entry is charged whole blocks, at least one. */
  readonly blockSize: number
  /** How many inodes are free by what statfs(2) says; undefined where that value means that there is no limit. */
  freeInodes(said: number): number | undefined
}

/** What the file system shows on top of every mount besides what people have put there: never read, compared nor deleted. */
export interface OwnFiles {
  /** Names without white space. */
  readonly names: readonly string[]
  /** A shell pattern of the inode numbers that they have, and no file of people's; `*` where the name is enough. */
  readonly inodes: string
  /** What to do where a file of people's has such a name, and would be hidden: a sentence. */
  readonly remedy: string
}

/** What a probe claims where it is to prove a class. */
export interface FileSystemProbe {
  /** The StorageClass that its installation makes, where nobody names another; absent where it makes none. */
  readonly className?: string
  /** How much is claimed, a quantity: enough to be told apart from a disk, and not more than a provisioner gives. */
  readonly capacity: string
}

/** What only this file system's documentation can tell people to do. */
export interface FileSystemAdvice {
  /** The program that copies data there without juicify. */
  copyByHand: string
  /** How its limits of space and inodes are raised: by its own commands, or its quota, or its server's. */
  raiseLimits: { commands: string } | 'quota' | 'server-quota' | 'either-quota'
  /** A volume shows all of a file system, so that no rule of `spec.paths` gives it a place of its own. */
  showsWhole?: true
}

/** How the directories of volumes get a limit, by a Job that mounts nothing. */
export interface FileSystemQuotas {
  /** The tool that sets it, in messages. */
  readonly tool: string
  /** Where the Job runs: beside the Secret, which is copied nowhere. */
  readonly namespace: string
  /** The shell program: see quota.sh for what it is told and tells. */
  readonly program: string
  /** What its container gets of the Secret. */
  readonly env: readonly { name: string; valueFrom: unknown }[]
  /** Whether the driver's own mounts are on the nodes' network, of what the queries of the image found: so has the Job to be. */
  onHostNetwork(objects: readonly KubeObject[]): boolean
  /** Why none can be set with that Secret, as a sentence; undefined where one can. */
  problem(secret: SecretSurvey): string | undefined
  /** What limits the root, which gets no limit of its own: a sentence. */
  readonly ofRoot: string
  /** What sets a limit of that directory, and what takes it away, for who does it by hand. */
  commands(subdir: string, gib: number): { set: string; remove: string }
}
