import * as v from 'valibot'
import { STEP_NAMES } from '../domain/plan.ts'
import { EVENTS_VERSION, VOLUME_OUTCOMES } from './events.ts'

// What a line of `-o json` holds, once: the types of events.ts are inferred from this, and docs/events.schema.json is
// made of it. What a record keeps of them is read with it too.

const text = v.pipe(v.string(), v.minLength(1))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const bytes = v.pipe(v.number(), v.minValue(0), v.description('Bytes.'))
const milliseconds = v.pipe(v.number(), v.minValue(0), v.description('Milliseconds.'))
const instant = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.description('RFC 3339, UTC, milliseconds.'),
)
const step = v.pipe(v.picklist(STEP_NAMES), v.description('A step of a group; they come in this order.'))
const path = v.pipe(
  text,
  v.description('Relative to the directory; bytes that are no printable text as \\xNN, a backslash as \\\\.'),
)
const undo = v.pipe(v.boolean(), v.description('The step is undone, not done.'))
const group = { group: text }
const ofStep = { ...group, step }
const ofDirectory = { ...ofStep, directory: text }

const contents = v.strictObject({ files: count, directories: count, links: count, bytes })
const range = v.pipe(
  v.strictObject({ low: v.pipe(v.number(), v.minValue(0)), high: v.pipe(v.number(), v.minValue(0)) }),
  v.description('Seconds.'),
)
const conflict = v.pipe(
  v.strictObject({
    path,
    taken: v.pipe(text, v.description('The node whose file was taken.')),
    left: v.pipe(text, v.description('The node whose file was not, or was kept beside with the node’s name.')),
    differsIn: v.picklist(['type', 'size', 'time', 'content', 'target']),
  }),
  v.description('A file that was not the same on two nodes.'),
)
const difference = v.strictObject({
  path,
  what: v.union([
    v.picklist(['missing', 'extra']),
    v.array(v.picklist(['type', 'mode', 'owner', 'time', 'size', 'content', 'target'])),
  ]),
})
const conflicts = {
  conflictCount: v.pipe(count, v.description('Files that differed between nodes.')),
  conflicts: v.pipe(v.array(conflict), v.description('The first of them.')),
}

function line<const Type extends string, const Entries extends v.ObjectEntries>(
  type: Type,
  description: string,
  entries: Entries,
) {
  return v.pipe(
    v.strictObject({ version: v.literal(EVENTS_VERSION), time: instant, type: v.literal(type), ...entries }),
    v.title(type),
    v.description(description),
  )
}

const outcome = v.picklist(['migrated', 'copied', 'rolled-back', 'skipped', 'failed', 'blocked', 'interrupted'])

const eventLines = [
  line('run-started', 'Which groups the run works on.', {
    verb: v.picklist(['apply', 'rollback', 'copy']),
    groups: v.array(text),
  }),
  line('kinds-defined', 'The CustomResourceDefinitions of juicify’s records were missing, and have been made.', {
    definitions: v.array(text),
  }),
  line('group-started', 'A group sets out.', {
    ...group,
    volumes: v.array(text),
    steps: v.array(step),
    copies: v.optional(v.pipe(count, v.description('Directories that are copied.'))),
    forecast: v.optional(
      v.pipe(
        v.strictObject({ files: count, bytes, copy: v.optional(range), down: v.optional(range) }),
        v.description(
          'What plan --estimate has expected of it: the copy while in use, and how long workloads are stopped.',
        ),
      ),
    ),
  }),
  line('group-ended', 'Nothing more is done to a group by this run.', {
    ...group,
    outcome,
    message: v.optional(text),
    remedy: v.optional(text),
  }),
  line('step-started', 'A step is begun.', { ...ofStep, undo }),
  line('step-ended', 'A step is over.', {
    ...ofStep,
    undo,
    outcome: v.picklist(['done', 'done-already', 'failed']),
    message: v.optional(text),
  }),
  line('progress', 'How far a copy or its verification is, as far as the mover tells.', {
    ...ofDirectory,
    node: text,
    part: v.optional(v.pipe(text, v.description('“2 of 4”, where several Jobs share the directory.'))),
    bytes: v.optional(bytes),
    of: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Bytes that there are, as far as is known.'))),
    files: v.optional(count),
    failed: v.optional(v.pipe(count, v.description('Files that could not be copied so far.'))),
    percent: v.optional(v.pipe(v.number(), v.minValue(0))),
    rate: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Bytes a second.'))),
    left: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Seconds left.'))),
  }),
  line('copied', 'A directory was copied, or what had changed of it.', {
    ...ofDirectory,
    back: v.pipe(v.boolean(), v.description('From the file system to the node.')),
    files: v.pipe(count, v.description('Files copied this time.')),
    bytes: v.optional(
      v.pipe(v.number(), v.minValue(0), v.description('Bytes copied this time; absent where the mover does not tell.')),
    ),
    deleted: v.optional(
      v.pipe(count, v.description('Entries deleted at the target; absent where the mover does not tell.')),
    ),
    ...conflicts,
    attributesLost: v.pipe(count, v.description('Extended attributes and ACLs that the target does not support.')),
  }),
  line('verified-ahead', 'The content of files was compared with the copy while the directory was in use.', {
    ...ofDirectory,
    files: v.pipe(
      count,
      v.description('Files that are equal on both sides; they are not read again unless they change.'),
    ),
    of: v.pipe(count, v.description('Files of the directory.')),
    bytes: v.pipe(count, v.description('Bytes of the files that are equal.')),
  }),
  line('verified', 'Every entry of a directory was compared with its copy.', {
    ...ofDirectory,
    attempt: v.pipe(v.picklist([1, 2]), v.description('What differs is copied once more, and compared a second time.')),
    equal: v.pipe(v.boolean(), v.description('Nothing is missing, different or too much.')),
    missing: v.pipe(count, v.description('Entries that the copy lacks.')),
    changed: v.pipe(count, v.description('Entries that are different.')),
    extra: v.pipe(count, v.description('Entries that only the copy has; no fault where the place was not empty.')),
    differences: v.pipe(v.array(difference), v.description('The first twenty.')),
    source: v.pipe(contents, v.description('What the directory holds.')),
    target: v.pipe(contents, v.description('What the copy holds.')),
    ...conflicts,
    notCarried: v.pipe(
      v.strictObject({ count, examples: v.array(v.strictObject({ path, kind: text })) }),
      v.description('Sockets, FIFOs, devices and whatever else cannot be copied completely.'),
    ),
  }),
  line('join-compared', 'An old directory was compared with the place to which it has moved; nothing was changed.', {
    ...ofDirectory,
    node: text,
    missing: v.pipe(count, v.description('Entries that the place lacks.')),
    older: v.pipe(count, v.description('Entries that the place has older, or of another kind.')),
    examples: v.pipe(v.array(difference), v.description('The first twenty of both.')),
  }),
  line('missing-brought', 'What was missing there was copied from the old directory; nothing was overwritten.', {
    ...ofDirectory,
    node: text,
    brought: v.pipe(count, v.description('Entries that are there now.')),
    left: v.pipe(count, v.description('Entries that could not be copied.')),
  }),
  line('job-trouble', 'What keeps a Job’s pod from starting, or what fails while it runs. It is waited for still.', {
    ...ofDirectory,
    node: text,
    why: text,
    remedy: v.optional(text),
  }),
  line('copy-stalled', 'A Job whose pod runs gets no further. It is waited for still.', {
    ...ofDirectory,
    node: text,
    pod: v.pipe(text, v.description('In the namespace juicify.')),
    seconds: v.pipe(v.number(), v.minValue(0)),
  }),
  line('places-made', 'Directories of the new volumes were missing on the file system, and are there now.', {
    ...ofStep,
    made: v.pipe(count, v.description('Directories, those above them too.')),
  }),
  line('quota-set', 'The directory of a volume has a limit now.', {
    ...ofStep,
    subdir: v.pipe(text, v.description('The directory, relative to the root of the file system.')),
    size: v.pipe(text, v.description('The limit, as the file system shows it, with _ for a space.')),
    used: v.pipe(text, v.description('What the directory holds, in the same form.')),
  }),
  line('quota-removed', 'The limit that the migration had set was removed.', { ...ofStep, subdir: text }),
  line('quota-left', 'A directory got no limit, or a limit was not taken away.', {
    ...ofStep,
    subdir: text,
    why: text,
    remedy: text,
  }),
  line('not-rehearsed', 'The embedded cluster has no data and runs no pod: this is told, and not done.', {
    ...ofStep,
    back: v.pipe(v.boolean(), v.description('It is the copy back that is not done.')),
  }),
  line('start-trouble', 'What keeps a pod from coming back after its start. It is waited for still.', {
    ...ofStep,
    object: v.pipe(text, v.description('The pod; or the workload, where it has none.')),
    why: text,
    remedy: v.optional(text),
  }),
  line('mounts-seen', 'The mounts that users got were checked, and show what was planned.', {
    ...ofStep,
    seen: v.array(text),
    unseen: v.pipe(v.array(text), v.description('Volumes that nobody mounts now, or whose mount cannot be seen.')),
  }),
  line('probe-started', 'A pod starts on each of these nodes; the first writes, the others read and answer.', {
    group: v.optional(text),
    step: v.optional(step),
    nodes: v.array(text),
  }),
  line('probed', 'What was written on one node was read on others, and their answers on the first.', {
    ...ofStep,
    volume: text,
    writer: text,
    readers: v.array(v.strictObject({ node: text, roundTripMs: milliseconds })),
  }),
  line('probe-leftover-removed', 'What a probe that was killed has left is removed.', {
    group: v.optional(text),
    step: v.optional(step),
    probe: text,
  }),
  line('probe-directory-left', 'A provisioner did not dispose of the probe’s volume: an empty directory is left.', {
    group: v.optional(text),
    step: v.optional(step),
    volume: text,
  }),
  line('waiting-for-pods', 'Pods that use the volumes are waited for; told again when they change.', {
    ...group,
    pods: v.array(
      v.strictObject({
        pod: text,
        claims: v.array(text),
        node: v.optional(text),
        deletedAt: v.optional(text),
        finalizers: v.array(text),
        owner: v.optional(text),
      }),
    ),
    message: text,
  }),
  line('waiting-for-mounts', 'Pods with which the driver still mounts the volumes that are to go are waited for.', {
    ...ofStep,
    pods: v.array(text),
  }),
  line('used-meanwhile', 'Pods have used the volumes since the copy that was to be the last: it is made again.', {
    ...group,
    pods: v.array(
      v.strictObject({
        pod: text,
        owner: v.optional(text),
        madeBy: v.optional(v.pipe(text, v.description('The client that made it, as it called itself.'))),
      }),
    ),
  }),
  line('workload-left', 'A workload is not put back as it was: somebody has changed it meanwhile.', {
    ...ofStep,
    workload: text,
    message: text,
  }),
  line(
    'workload-started-again',
    'What was stopped runs again, though the volumes are not migrated: it is waited for.',
    {
      ...group,
      workload: text,
      by: v.optional(v.pipe(text, v.description('The client that did it, as it called itself.'))),
      at: v.optional(v.pipe(text, v.description('RFC 3339, by the server’s clock.'))),
      message: text,
    },
  ),
  line('workload-held', 'A workload stays stopped: another group needs it stopped, and starts it.', {
    ...ofStep,
    workload: text,
    heldBy: text,
  }),
  line('workload-stopped', 'A workload was told to stop: its users have to do without it from now on.', {
    ...group,
    workload: text,
  }),
  line('workload-started', 'A workload that was stopped is ready again.', { ...group, workload: text }),
  line('workload-restarted', 'A workload that was not stopped has new pods.', {
    ...group,
    workload: text,
    downMs: v.pipe(v.number(), v.minValue(0), v.description('Milliseconds for which none of its pods was ready.')),
  }),
  line('marks-kept', 'Labels or annotations were changed since the migration: the original gets them too.', {
    ...group,
    volume: text,
    keys: v.array(text),
  }),
  line('version-not-renewed', 'The server would not have an object changed, which a late request may change still.', {
    ...group,
    message: text,
  }),
  line('admission-changes', 'What the cluster’s policies make of an object that is to be created, by field.', {
    ...group,
    object: text,
    changes: v.array(v.strictObject({ field: text, sent: text, admitted: text })),
  }),
  line(
    'admission-unasked',
    'A webhook does not support dry run: whether an object may be created is not known in advance.',
    {
      ...group,
      object: text,
      message: text,
    },
  ),
  line('volume-away', 'A volume is taken away; the one that takes its place comes when all of its group are.', {
    ...group,
    volume: text,
  }),
  line(
    'volume-put-back',
    'A volume that was taken away is there again as it was: the run ends before it is exchanged.',
    {
      ...group,
      volume: text,
    },
  ),
  line('volume-moved', 'A volume is in its new place and bound; in a rollback, in its old one.', {
    ...group,
    volume: text,
    awayMs: v.optional(
      v.pipe(v.number(), v.minValue(0), v.description('Milliseconds from its deletion on, where this run deleted it.')),
    ),
  }),
  line(
    'object-events-denied',
    'Events of volumes, claims and workloads (kubectl describe) may not be written: none are.',
    {
      message: text,
    },
  ),
  line('lease-held', 'Another run has the lease: it is being seen whether that one is alive.', { holder: text }),
  line('server-away', 'The API server does not answer; juicify waits for it.', {
    since: instant,
    until: v.pipe(instant, v.description('When it is given up.')),
  }),
  line('server-back', 'The API server answers again.', { awayMs: milliseconds }),
] as const

const summary = line('summary', 'The last line: what became of each volume, and how to continue.', {
  volumes: v.array(
    v.strictObject({
      name: text,
      claim: v.optional(v.pipe(text, v.description('namespace/claim'))),
      group: v.optional(v.pipe(text, v.description('None where it was done already.'))),
      outcome: v.picklist(VOLUME_OUTCOMES),
      reason: v.optional(text),
      awayMs: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Milliseconds for which it was away.'))),
    }),
  ),
  restarted: v.pipe(
    v.array(v.strictObject({ workload: text, group: text, downMs: milliseconds })),
    v.description('What was not stopped, but restarted pod by pod.'),
  ),
  stillStopped: v.pipe(
    v.array(v.strictObject({ workload: text, group: text })),
    v.description('What was running before, and is not now.'),
  ),
  next: v.optional(v.pipe(text, v.description('The command that continues, if something is left to do.'))),
})

/** All lines but the last. */
export const EventLine = v.variant('type', eventLines)

export const SummaryLine = summary

/** Each line by its type, for the schema in docs. */
export const LINES = Object.fromEntries([...eventLines, summary].map((each) => [each.entries.type.literal, each]))
