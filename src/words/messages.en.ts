import { count, listed } from '../domain/text.ts'
import { connection } from './connection.en.ts'
import { refusals } from './refusals.en.ts'

/** The first five, and how many more there are: `a; b; and 2 more pods`. */
function some(items: string[], noun: string): string {
  const more = items.length - 5
  return [...items.slice(0, 5), ...(more > 0 ? [`and ${count(more, `more ${noun}`)}`] : [])].join('; ')
}

const volumes = (amount: number) => count(amount, 'volume')
const entries = (amount: number) => count(amount, 'entry', 'entries')

/** What becomes of volumes, groups and steps, as records and events name it. */
const state = (name: string) => name.replace('-', ' ')

/**
 * All that is said to people beside findings: plans, events, summaries, questions and reports. Amounts, sizes and times come
 * as they are to be shown where there is one way to show them; numbers where the noun depends on them.
 */
export const messages = {
  state,
  volumes,
  entries,
  files: (amount: number) => count(amount, 'file'),
  directories: (amount: number) => count(amount, 'directory', 'directories'),
  links: (amount: number) => count(amount, 'link'),
  inodes: (amount: number) => count(amount, 'inode'),
  pods: (amount: number) => count(amount, 'pod'),
  /** Parts of a line, and what is said of something. */
  details: (details: string[]) => details.join(', '),
  of: (name: string, what: string) => `${name}: ${what}`,
  undo: (step: string) => `undo ${step}`,

  plan: {
    of: (name: string, cluster: string) => `Plan ${name} for ${cluster}`,
    to: (fileSystem: string) => `to ${fileSystem}`,
    withSecret: (driver: string, secret: string) => `${driver} with Secret ${secret}`,
    jobs: (mover: string, image?: string) =>
      `with ${mover}${image === undefined ? '' : `, in Jobs that run the image ${image}`}`,
    toMigrate: (what: string) => `${what} to migrate`,
    nothingToMigrate: 'nothing to migrate',
    inProgress: (groups: number) => `${count(groups, 'group')} in progress`,
    alreadyMigrated: (amount: number) => `${volumes(amount)} already migrated`,
    blocked: (what: string) => `${what} blocked`,
    volumesIn: (amount: number, groups: number) =>
      `${amount > 0 ? `${volumes(amount)} in ` : ''}${count(groups, 'group')}`,
    group: (name: string, blocked: boolean) => `group ${name}${blocked ? ' (blocked)' : ''}`,
    stays: 'stays  ',
    data: 'data   ',
    steps: 'steps  ',
    time: 'time   ',
    limit: 'limit  ',
    forecastFrom: (basis: string) => `forecast ${basis}`,
    excluded: (names: string[]) =>
      `note excluded ${volumes(names.length)} ${names.length === 1 ? 'stays' : 'stay'}, as the migration says: ${(names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names).join(', ')}`,
    groupColumns: ['GROUP', 'DIRECTORY', 'VOLUMES', 'STOPS', 'DATA', 'COPY', 'DOWN', 'BLOCKED BY'],
    showGroups: 'juicify plan --show-groups shows each group, and each finding, in full.',
    stopped: (workloads: number) => `${count(workloads, 'workload')} stopped meanwhile`,
    people: (people: number) => `${count(people, 'person', 'people')} affected`,
    withoutForecast: (words: string, groups: number) => `${words} (${count(groups, 'group')} without a forecast)`,
    quota: (gib: string, subdir: string, sumOf: number) =>
      `quota ${gib} GiB on ${subdir}${sumOf > 1 ? `, the sum of ${volumes(sumOf)}` : ''}`,
    forUser: (user: string) => `for ${user}`,
    unmeasuredLabel: 'data     ',
    notMeasured: 'not measured: juicify plan --estimate measures it with Jobs in the cluster',
    blockedLabel: 'blocked  ',
    nextLabel: 'next     ',
    nothingUntilResolved: 'Nothing can be migrated until this is resolved.',
    nothingToDo: 'Nothing to do.',
    try: 'try: ',
    alreadyThere: 'already on the file system',
    on: (nodes: string[]) => ` on ${nodes.join(', ')}`,
    root: "the file system's root",
    noClaim: '(no claim)',
    unknownAmount: (directory: string) => `${directory}: unknown`,
    amountsOn: (amounts: string, size: string, node: string) => `${amounts}, ${size} on ${node}`,
    alreadyCopied: (amount: number) => `${entries(amount)} already on the file system`,
    free: (room: string) => `free: ${room}`,
    asOf: (directory: string, parts: string[], at: string) => `${directory}: ${parts.join('; ')}; as of ${at}`,
    treatment: {
      stop: 'stop, then start',
      rolling: 'restart after the swap',
      wait: 'wait for',
      refuse: 'cannot be stopped',
      delete: 'delete',
      stopped: 'leave stopped',
    },
    severity: { block: 'block', warn: 'warn', note: 'note' },
  },

  question: {
    apply: (d: {
      migrate: number
      resume: number
      stopping: number
      where: string
      /** For how long, and whether each of several groups. */
      down?: string
      each?: boolean
    }) => {
      const what = [
        ...(d.migrate > 0 ? [`migrate ${volumes(d.migrate)}`] : []),
        ...(d.resume > 0 ? [`resume ${count(d.resume, 'group')}`] : []),
      ].join(' and ')
      const time = d.down === undefined ? '' : `, for ${d.down}${d.each ? ' each' : ''} as forecast`
      const downtime = d.stopping > 0 ? ` ${count(d.stopping, 'workload')} will be stopped meanwhile${time}.` : ''
      return `${what.charAt(0).toUpperCase()}${what.slice(1)} on ${d.where}?${downtime}`
    },
    resumeGroups: (groups: number, where: string) => `Resume ${count(groups, 'group')} on ${where}?`,
    resumeOne: (what: 'rollback' | 'migration', group: string, where: string) =>
      `Resume the ${what} of ${group} on ${where}?`,
    rollBack: (d: { volumes: number; where: string; left: number; brought: number }) =>
      [
        `Roll back ${volumes(d.volumes)} on ${d.where} to ${d.volumes === 1 ? 'its old directory' : 'their old directories'}?`,
        d.left > 0
          ? ` ${count(d.left, 'changed file')} written since the migration will be LEFT on the file system.`
          : '',
        d.brought > 0
          ? ` ${count(d.brought, 'changed file')} will be copied back, overwriting the old directories.`
          : '',
      ].join(''),
    copy: (where: string) => `Start copying on ${where} now? Workloads keep running.`,
    forget: (groups: number, where: string) =>
      `Delete the records of ${count(groups, 'group')} on ${where}? Rollback will no longer be possible.`,
    convert: (records: number, where: string) =>
      `Convert ${count(records, 'record')} of juicify 0.1.0 on ${where}? Check that this is what was planned: anybody who could write ConfigMaps in namespace juicify could have written it.`,
    declined: 'Nothing was changed.',
    onCluster: (title: string) => `On ${title}:`,
    step: (group: string, step: string) => `${group}: ${step}?`,
    show: (page: number, pages: number) => `show the difference${pages > 1 ? `, page ${page} of ${pages}` : ''}`,
    do: 'run this step',
    all: 'run this step and all further steps of this group',
    skip: 'skip this group, leaving it as it is now',
    rollBackGroup: 'roll back this group',
    stop: 'stop juicify here',
    undoIs: 'undo: ',
    stepTitle: (_name: string, title: string) => title,
    stepUndo: (_name: string, undo: string) => undo,
  },

  rollback: {
    nothing: (where: string) => `Nothing to roll back on ${where}: no group has a record.`,
    copiedBackFirst: 'Data written to the file system since the migration is copied back first.',
    staysThere: 'Data written to the file system since the migration stays there; the old directories are unchanged.',
    comparing: 'Comparing the file system with the old directories …',
    nothingWritten: 'Nothing was written to the file system since the migration.',
    copyBackHint: '--copy-back copies them back first.',
    notCompared: (directory: string, what: 'left' | 'brought', why: string) =>
      `${directory}: it is not known what on the file system differs and ${what === 'left' ? 'would be left behind' : 'will be copied back first'}: ${why}`,
    differs: (directory: string, amount: number, what: 'left' | 'brought', paths: string[]) =>
      `${directory}: ${entries(amount)} on the file system ${amount === 1 ? 'differs' : 'differ'} and ${what === 'left' ? 'would be left behind' : 'will be copied back first, overwriting the old directory'}: ${paths.join(', ')}${amount > 5 ? ', …' : ''}`,
  },
  resume: { nothing: (where: string) => `Nothing to resume on ${where}: no group is in progress.` },
  finish: {
    nothing: (where: string) => `Nothing to finish on ${where}: no migrated group has a record.`,
    oldDirectories: (where: string) => `Old directories of ${where}:`,
    notKnown: (names: string[]) => `not known  what these use (no permission to read them): ${names.join(', ')}`,
    kept: 'The records are kept, so rollback is still possible. --forget deletes the records; juicify never deletes the directories.',
    looking: (directories: number, open: boolean) =>
      `Looking for changes since the swap${open ? ', and for open files,' : ''} in ${count(directories, 'old directory', 'old directories')} on the nodes …`,
    notLooked: 'Not checked on the nodes: the embedded cluster has no data.',
    unchanged: (place: string, since: string, open: boolean) =>
      `unused     ${place}: nothing was changed since the swap at ${since}${open ? ', and no process has anything of it open' : ''}`,
    changed: (place: string, amount: number, since: string, examples: string[]) =>
      `changed    ${place}: ${entries(amount)} since the swap at ${since}: ${examples.join('; ')}${amount > examples.length ? '; …' : ''}`,
    open: (place: string, who: string, how: string) => `open       ${place}: ${who} ${how}`,
    process: (command: string, pid: number, pod?: string) =>
      `process ${command} (${pid}${pod === undefined ? '' : `, Pod ${pod}`})`,
    how: (how: string, path: string) =>
      ({ cwd: `is in ${path}`, root: `has ${path} as its root`, exe: `runs ${path}`, map: `has mapped ${path}` })[
        how
      ] ?? `has ${path} open`,
    gone: (place: string) => `unused     ${place} does not exist any more`,
    notLookedAt: (place: string, why: string) => `not known  ${place}: ${why}`,
    deleted: (groups: string[]) => `Deleted the records of: ${groups.join(', ') || 'none'}.`,
    interrupted: (kept: string[]) =>
      `Interrupted: the records of ${kept.join(', ')} are kept, so these groups can still be rolled back.`,
    report: (file: string) => `The report of what was done is in ${file}.`,
  },
  copy: { nothing: (where: string) => `Nothing to copy on ${where}; juicify plan shows why.` },
  logIs: (file: string) => `The log is in ${file}.`,
  noRecordSoPlan: (plan: string, kept: string) =>
    `No group has a record, so this is a report of the last plan, ${plan}. ${kept}`,
  reportIs: (file: string) => `The report is in ${file}.`,
  notBound: (names: string) =>
    ` Not bound at the moment, so no pod can start with their claims: PersistentVolume ${names}. juicify resume creates and binds them.`,
  notConverted: (records: number, where: string) =>
    `Not converted: ${count(records, 'record')} of juicify 0.1.0 on ${where}. Once you have read them, --adopt-records converts them without confirmation.`,

  unknownKind: (kinds: string[], kind: string, near?: string) =>
    `expected as kind of file system one of ${kinds.join(', ')}, found ${JSON.stringify(kind)}${near === undefined ? '' : `; did you mean ${near}?`}`,
  fileTrouble: {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EEXIST: 'it already exists',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of its path is not a directory',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  },
  failure: { error: 'error: ', try: 'try: ', because: 'because: ' },
  notification: {
    from: (cluster: string, by: string) => `juicify on ${cluster}, by ${by}`,
    begun: (from: string, verb: string, groups: string[]) =>
      `${from}: ${verb} of ${count(groups.length, 'group')} has begun: ${groups.join(', ')}`,
    failed: (from: string, message: string, group?: string) =>
      `${from}: ${group ? `group ${group} has FAILED` : 'FAILED'}: ${message}`,
    ended: (from: string, totals: string) => `${from}: ended. ${totals}`,
    notDelivered: (host: string, why: string) =>
      `The notification to ${host} was not delivered: ${why}. The run is not affected.`,
    answered: (status: string) => `it answered ${status}`,
    noAnswer: (seconds: number) => `no answer within ${seconds} s`,
    unreachable: 'it cannot be reached',
    unfinished: 'it did not finish',
  },
  directoryUser: {
    line: (d: {
      user: string
      node?: string
      /** It is a volume, and not somebody who mounts. */
      isVolume: boolean
      path: string
      /** Where the path is not the directory itself: whether it is above or below it. */
      lies?: 'above' | 'below'
      directory: string
      uses: boolean
    }) =>
      `${d.uses ? 'in use' : 'seen by'}  ${d.user}${d.node ? ` on ${d.node}` : ''} ${d.isVolume ? 'is on' : 'mounts'} ${d.path}${d.lies === undefined ? '' : `, ${d.lies} ${d.directory}`}${d.uses ? '' : ', and cannot write there'}`,
    inShort: (users: string[]) => `old directories still used by ${listed(users, 3)}`,
    more: (inShort: string) => `${inShort}; juicify finish tells more`,
    changed: (places: string[]) => `entries changed since the swap in ${listed(places, 5)}`,
    open: (places: string[]) => `files open in ${listed(places, 5)}`,
    notLookedAt: (places: string[]) => `${listed(places, 5)} could not be checked`,
    unread: (kinds: string[]) => `${count(kinds.length, 'kind')} could not be read: ${listed(kinds, 5)}`,
    together: (reasons: string[]) => reasons.join('; '),
  },
  probe: {
    seen: (d: { what: string; writer: string; node: string; roundTrip: string }) =>
      `${d.what}: a write on ${d.writer} is visible on ${d.node}; round trip ${d.roundTrip}`,
    lessThan: (span: string) => `less than ${span}`,
  },
  interrupt: {
    atOnce: 'Stopped immediately. juicify status shows the state of each group; juicify resume continues.',
    copyAtOnce:
      'Stopped immediately; nothing was stopped or swapped. Jobs that copy continue in the cluster: juicify status shows them, and the same command continues with them.',
    probeAtOnce:
      'Stopped immediately. What was created to ask the file system remains; the next juicify probe or check --ask removes it.',
    comparingAtOnce:
      'Stopped immediately; nothing was changed. Jobs that compare may remain; the same command replaces them.',
    adoptingAtOnce:
      'Stopped immediately. juicify status shows which records were converted; the same command continues with the others.',
    forgettingAtOnce: (deleted: string[], rest: string[]) =>
      `Stopped immediately. Records deleted: ${deleted.join(', ') || 'none'}. juicify status shows which of ${rest.join(', ')} still exist: those groups can still be rolled back.`,
    stopping: (signal: string) => `${signal}: stopping at the next safe point. Repeat it to stop immediately.`,
    nothingWritten: 'Interrupted; nothing was written.',
    nothingChanged: 'Interrupted before anything was changed.',
    probe: 'Interrupted; everything the probe created has been removed.',
  },
  embedded: {
    like: (served: string, insteadOf: string) =>
      `The embedded cluster behaves like Kubernetes ${served}, the closest it supports to ${insteadOf}.`,
    listening: (url: string) => `Embedded cluster listening at ${url}. Ctrl-C stops it and discards all its state.`,
    unknownKinds: (objects: number, kinds: string[]) =>
      `Not loaded into the embedded cluster: ${count(objects, 'object')} of kinds it does not support: ${kinds.join(', ')}.`,
    rejected: (manifests: number) =>
      `Not loaded into the embedded cluster: ${count(manifests, 'manifest')} that a real cluster would reject:`,
    noObjects: (documents: number) =>
      `Not loaded into the embedded cluster: ${count(documents, 'document')} that ${documents === 1 ? 'is not a Kubernetes object' : 'are not Kubernetes objects'}:`,
    unreadable: (files: number) =>
      `Not loaded into the embedded cluster: ${count(files, 'file')} that cannot be read as manifests:`,
    aManifest: 'a manifest',
    more: (lines: number) => `and ${lines} more`,
  },
  measuring: {
    now: 'Measuring the directories and the file system …',
    not: (why: string) => `Not measured: ${why}`,
    noData: 'the embedded cluster has no data.',
    resolveFirst: (codes: string[]) => `${codes.join(', ')} must be resolved first.`,
    nothingToCopy: 'there is no directory to copy.',
    noForecast: (why: string) => `No forecast: ${why}`,
  },
  savedIn: (file: string) => `saved in ${file}`,
  planAndApply: (flags: string) => `juicify plan --out FILE, and juicify apply FILE${flags}`,
  manifests: {
    linkLeadsOut: (file: string) => `${file}: a link that leads out of the folder.`,
    volumeInTemplate: (place: string) => `${place}: a PersistentVolume in a template.`,
    volumeIs: (place: string, volume: string, phase: string) =>
      `${place}: PersistentVolume ${volume} is ${state(phase)}.`,
    trouble: (place: string, why: string, template: boolean) =>
      `${place}: ${template ? 'a template, and not YAML: ' : ''}${why}.`,
    compared: (cluster: string) => `Compared with ${cluster}:`,
    leftAlone: (why: string) => `left alone  ${why}`,
    none: 'None of these manifests is a PersistentVolume of this cluster.',
    nothingDiffers: (manifests: number) =>
      `Nothing differs: ${count(manifests, 'manifest')} of PersistentVolumes, none of which would restore an old volume.`,
    toChange: (volumes: number, files: number) =>
      `${count(volumes, 'PersistentVolume')} in ${count(files, 'file')} to change. --write writes them.`,
    written: (volumes: number, files: number) =>
      `Written: ${count(volumes, 'PersistentVolume')} in ${count(files, 'file')}.`,
  },
  snapshot: {
    without: (missing: string) => `${missing} It is not in the snapshot.`,
    saved: (objects: number, cluster: string, file: string) =>
      `${count(objects, 'object')} of ${cluster} saved to ${file}. Use it with --sandbox ${file}: a rehearsal shows what would be done to\nthe objects, not whether pods start, nor what the directories contain.`,
  },
  setup: {
    written: (folder: string) => `Written to ${folder}:`,
    secrets: (files: string[]) => `${files.join(' and ')} contain secrets: do not commit them to a repository.`,
    next: 'Next: juicify check, juicify probe.',
    readable: (file: string) => `${file} is readable by other users: chmod 600 ${file}`,
  },
  demo: {
    notShown:
      'An embedded cluster has no data and runs no pods: it cannot show the copy, its verification and the probe, nor how long each takes.',
    interrupts: 'The demo presses Ctrl-C here: the run stops at the next safe point.',
    asBefore: 'Volumes and claims are as they were before (except for fields that the server sets).',
  },

  refusal: refusals,
  connection,

  workload: {
    alreadyStopped: 'already stopped, stays stopped',
    rolling: 'restarted pod by pod after the swap',
    deleted: 'deleted, not created again',
    waits: 'juicify waits until it has finished',
    cannotBeStopped: 'cannot be stopped',
    stoppedAndStarted: 'stopped, then started again',
    replicas: (replicas: number) => `replicas ${replicas} → 0 → ${replicas}`,
    patched: (change: string) => change,
    retained: (change: string) => `${change}, whenScaled Delete → Retain → Delete`,
    annotated: (annotation: string) => `annotation ${annotation} set, and put back as it was`,
    recreated: 'deleted, then created again',
  },

  record: {
    head: (group: string, phase: string, since: string, by: string) =>
      `${group}: ${phase} since ${since}, last by ${by}`,
    copy: 'copy',
    of: (claim: string) => ` of ${claim}`,
    unknown: 'unknown',
    otherVolume: 'another type of volume',
    staysStopped: (name: string) => `${name} was already stopped, and stays stopped`,
    untouched: (name: string) => `${name} is not stopped: the volumes of the group are the original ones`,
    recreated: (name: string, images: string) => `${name} is deleted, then created again with ${images}`,
    rolling: (name: string) => `${name} is restarted pod by pod`,
    other: (name: string, quiesce: string) => `${name}: ${quiesce}`,
    started: (name: string, replicas?: number) =>
      `${name} is stopped, then started again${replicas === undefined ? '' : ` with ${count(replicas, 'replica')}`}`,
    noImage: 'no image',
  },

  summary: {
    unboundFor: (span: string) => `unbound for ${span}`,
    stopped: (groups: { group: string; workloads: string[] }[]) =>
      groups.map(({ group, workloads }) => `${workloads.join(', ')} (group ${group})`).join(', '),
    stillStopped: 'still stopped: ',
    next: 'next: ',
    restarted: 'restarted',
    nothingToDo: 'nothing to do',
    part: (amount: number, outcome: string) => `${amount} ${state(outcome)}`,
    totals: (amount: number, parts: string[]) => `${volumes(amount)}: ${parts.join(', ')}`,
    noDowntime: 'pod by pod, no downtime',
    down: (span: string) => `pod by pod, down for ${span}`,
    orRollback: (command: string) => `, or ${command}`,
  },

  status: {
    none: (where: string) => `No group is in progress or migrated on ${where}.`,
    nothingKept: (logs: string) =>
      `Of groups that were rolled back nothing is kept in the cluster; the logs of runs from here are in ${logs}.`,
    stopped: 'stopped  ',
    ahead: (subdir: string) => `at ${subdir === '' ? 'the root of the file system' : subdir}; nobody uses the copy yet`,
    copyAgain: (copy: string, apply: string) => `${copy} or ${apply} copies what has changed since`,
    standsSince: (name: string, time: string, age: string) => `${name} since ${time} (${age})`,
    at: (step: string) => `at ${step}`,
    steps: (done: number, total: number) => `${done} of ${count(total, 'step')}`,
    started: (age: string) => `started ${age} ago`,
    by: (who: string) => `by ${who}`,
    next: 'next: ',
    recorded: (failure: string) => failure,
    waitFor: (runner: string, command: string) => `wait for the run of ${runner}; follow it with ${command}`,
    continueOrRevert: (resume: string, rollback: string) => `${resume} to continue, or ${rollback} to revert`,
    part: (part: string) => `part ${part}`,
    copying: (stage: string, directory: string, where: string, progress: string) =>
      `${stage}  ${directory} on ${where}${progress === '' ? '' : `: ${progress}`}`,
    preCopy: 'pre-copy',
    notSeen: {
      records:
        'You do not have permission to see which groups are in progress or migrated; juicify rbac prints the roles.',
      copies: 'You do not have permission to see which copies are running; juicify rbac prints the roles.',
      lease: 'You do not have permission to see whether another run is active; juicify rbac prints the roles.',
    },
    ofEarlier: 'the record was written by juicify 0.1.0: the next command shows it and asks whether to convert it',
  },

  wayBack: {
    since: (time: string) => `rollback since ${time}`,
    down: (longest: string) => `longest downtime: ${longest}`,
    stoppedFor: (workload: string, span: string) => `${workload} for ${span}`,
    copied: (what: string) => `copied back: ${what}`,
    copiedTo: (files: string, size: string | undefined, directory: string) =>
      `${files}${size === undefined ? '' : ` (${size})`} to ${directory}`,
    stays: (what: string) => `stays on the file system: ${what}`,
    staying: (what: string, subdir: string) =>
      ({
        copy: `the copy at ${subdir}, which nobody has used`,
        'to-copy-back': `what is at ${subdir}, once it is copied back`,
      })[what] ?? `what was written at ${subdir} since the swap, which is not copied back`,
    nothing: 'nothing',
  },

  progress: {
    failed: (amount: string) => `${amount} failed`,
    left: (age: string) => `${age} left`,
    of: (done: number, all: string) => `${done} of ${all}`,
    groups: (done: number, all: number) => `${done} of ${count(all, 'group')}`,
    standingFor: (workload: string, age: string) => `${workload} for ${age}`,
    standing: (workloads: string[]) => `stopped: ${some(workloads, 'workload')}`,
    nothingStopped: 'nothing is stopped',
  },

  forecast: {
    upTo: (most: string) => `up to ${most}`,
    range: (least: string, most: string) => `${least} to ${most}`,
    amount: (size: string, files: number) => `${size} in ${count(files, 'file')}`,
    copied: (range: string) => `copied in ${range}`,
    down: (range: string, each: boolean) => `workloads stopped for ${range}${each ? ' each' : ''}`,
    fromSample: 'from a sample that was copied',
    fromHistory: (groups?: number) =>
      `from ${groups === undefined ? 'earlier migrations' : count(groups, 'earlier group')} of this cluster`,
  },

  event: {
    runStarted: (verb: 'apply' | 'rollback' | 'copy', groups: number) =>
      `${{ apply: 'Migrating', rollback: 'Rolling back', copy: 'Copying in advance:' }[verb]} ${count(groups, 'group')}`,
    kindsDefined: (names: string[]) =>
      `Created the definitions of juicify’s records: CustomResourceDefinition ${names.join(', ')}`,
    groupStarted: (amount: number, steps: string) => `${volumes(amount)}: ${steps}`,
    ended: (outcome: string, why?: string) => `${outcome}${why === undefined ? '' : `: ${why}`}`,
    alreadyDone: (step: string) => `${step}: already done`,
    putBack: (volume: string) => `${volume}: restored as it was`,
    swapped: (volume: string, span?: string) =>
      `${volume}: swapped${span === undefined ? '' : `, unbound for ${span}`}`,
    progress: (directory: string, node: string, part: string | undefined, progress: string) =>
      `${directory} on ${node}${part ? `, part ${part}` : ''}: ${progress}`,
    verifiedAhead: (directory: string, files: number, of: number, size: string) =>
      `${directory}: ${files} of ${count(of, 'file')} (${size}) identical on both sides already`,
    missingBrought: (directory: string, node: string, amount: number) =>
      `${directory} on ${node}: copied ${count(amount, 'missing entry', 'missing entries')}`,
    missingLeft: (directory: string, node: string, amount: number) =>
      `${directory} on ${node}: ${entries(amount)} could not be copied`,
    on: (directory: string, node: string, why: string) => `${directory} on ${node}: ${why}`,
    doesNotStart: (object: string, why: string) => `${object} does not start: ${why}`,
    stalled: (directory: string, node: string, age: string, command: string) =>
      `${directory} on ${node}: no progress for ${age}: its disk or the file system may hang, or the network; see ${command}. juicify keeps waiting. Ctrl-C ends the waiting and not the Job; juicify resume then finds it.`,
    quotaSet: (subdir: string, size: string, used: string) =>
      `${subdir}: limited to ${size}, of which ${used} are used`,
    quotaLeft: (subdir: string, why: string, remedy: string) => `${subdir}: ${why}. ${remedy}`,
    quotaRemoved: (subdir: string) => `${subdir}: quota removed`,
    placesMade: (made: number) => `${count(made, 'directory', 'directories')} made on the file system`,
    waitingForMounts: (pods: string[]) =>
      `Waiting for ${some(pods, 'pod')} to terminate: the driver still has the volumes mounted.`,
    usedMeanwhile: (pods: string[]) =>
      `The volumes were used after the last copy, by ${some(pods, 'pod')}; copying and verifying again.`,
    held: (workload: string, group: string) => `${workload} stays stopped until group ${group} has been migrated.`,
    stopped: (workload: string) => `${workload}: stopped`,
    started: (workload: string) => `${workload}: ready again`,
    marksKept: (keys: string[], volume: string) =>
      `${keys.join(', ')} of PersistentVolume ${volume} ${keys.length === 1 ? 'was' : 'were'} changed since the migration; the original volume keeps ${keys.length === 1 ? 'that change' : 'those changes'}.`,
    objectEventsDenied: (message: string) =>
      `Events on the objects cannot be written, so kubectl describe will not show what was done to them: ${message}; juicify rbac prints the roles`,
    leaseHeld: (holder: string) => `${holder} holds the lease; checking whether that run is still alive`,
    serverAway: (since: string, until: string) =>
      `the API server has not answered since ${since}; retrying until ${until}`,
    serverBack: (age: string) => `the API server answers again after ${age}; continuing`,
    copied: (directory: string, files: number, size: string | undefined, back: boolean, deleted: number) =>
      `${directory}: copied ${back ? 'back ' : ''}${count(files, 'file')}${size === undefined ? '' : ` (${size})`}${deleted ? `, ${entries(deleted)} deleted` : ''}`,
    moreConflicts: (directory: string, more: number) =>
      `${directory}: ${count(more, 'more file')} ${more === 1 ? 'differs' : 'differ'} between nodes`,
    attributesLost: (directory: string, lost: number) =>
      `${directory}: the target does not support extended attributes; ${count(lost, 'attribute')} not copied`,
    differ: (directory: string, missing: number, changed: number, extra: number, again: boolean) =>
      `${directory} and its copy differ (${missing} missing, ${changed} changed, ${extra} unexpected)${again ? ': copying the differences once more' : ''}`,
    verified: (directory: string, amounts: string[]) => `${directory}: verified, ${amounts.join(', ')} identical`,
    joinedWhole: (directory: string, node: string) =>
      `${directory} on ${node}: the file system has everything, and nothing older`,
    joined: (d: { directory: string; node: string; missing: number; older: number; examples: string; more: boolean }) =>
      `${d.directory} on ${d.node}: ${entries(d.missing)} missing on the file system, ${entries(d.older)} older there; they stay on the node: ${d.examples}${d.more ? ', …' : ''}`,
    older: (path: string) => `${path} (older)`,
    conflict: (path: string, differsIn: string, taken: string, left: string) =>
      `${path} differs in ${differsIn}: copied from ${taken}, not from ${left}`,
    notCarried: (directory: string, amount: number, shown: string, more: boolean) =>
      `${directory}: ${entries(amount)} cannot be copied completely: ${shown}${more ? ', …' : ''}`,
    probeSkipped: 'probe skipped: the embedded cluster runs no pods.',
    copySkipped: (step: string, back: boolean) =>
      `${back ? 'copy back' : step} skipped: the embedded cluster has no data.`,
    probeStarted: (nodes: string[]) => `starting one probe pod on each of ${nodes.join(', ')}`,
    probed: (volume: string, writer: string, readers: { node: string; span: string }[]) =>
      `${volume}: write on ${writer} visible on ${readers.map(({ node, span }) => `${node} (round trip ${span})`).join(', ')}`,
    probeLeftover: (probe: string) => `removing the leftovers of an interrupted probe (${probe})`,
    probeDirectory: (volume: string) =>
      `the provisioner did not delete ${volume}: its empty directory remains on the file system`,
    podOf: (pod: string, owner: string) => `${pod} of ${owner}`,
    podBy: (pod: string, madeBy: string) => `${pod}, created by ${madeBy}`,
    admitted: (object: string, fields: { field: string; sent: string; admitted: string }[]) =>
      `${object}, by the cluster’s policies: ${fields.map(({ field, sent, admitted }) => `${field} ${admitted}${sent === 'absent' ? '' : ` instead of ${sent}`}`).join('; ')}`,
    uncertain: (object: string, message: string) => `Whether ${object} may be created is not known before: ${message}`,
    mountsSeen: (seen: number, unseen: string[]) =>
      seen === 0
        ? `No mount could be checked: make sure yourself that users see their files (${some(unseen, 'volume')}).`
        : `The mounts of ${volumes(seen)} show what was planned${unseen.length === 0 ? '' : `; no mount of ${some(unseen, 'volume')} could be checked`}.`,
  },

  diff: {
    blocked: (group: string, codes: string, volumes: string) =>
      `group ${group} is blocked by ${codes}${volumes === '' ? '' : `: ${volumes} unchanged`}`,
    group: (name: string) => `group ${name}`,
    unchanged: (claim: string) => `PersistentVolumeClaim ${claim}: unchanged`,
    nothingElse: 'nothing else to do; juicify status shows the groups in progress',
    none: (where: string, inProgress: boolean) =>
      inProgress
        ? `No further differences on ${where}; juicify status shows the groups in progress.`
        : `No differences on ${where}: nothing to do.`,
  },

  markdown: {
    plan: (name: string) => `# Plan ${name}`,
    inShort: (totals: string, cluster: string, fileSystem: string, jobs?: string) =>
      `${totals}, for ${cluster}, to ${fileSystem}${jobs === undefined ? '' : `, ${jobs}`}.`,
    findings: '## Findings',
    diff: '## Diff',
    about: (severity: string, code: string, object: string) => `**${severity} ${code}**, ${object}: `,
    aboutGroup: (group: string) => `group ${group}`,
    aboutCluster: 'the cluster',
    workload: (treatment: string, name: string, pods: string, user?: string) =>
      `${treatment}: ${name}, ${pods}${user === undefined ? '' : `, for ${user}`}`,
    group: (name: string, blocked: boolean) => `## Group ${name}${blocked ? ' (blocked)' : ''}`,
    columns: ['claim', 'PersistentVolume', 'directory → subdir', 'size'],
    stays: (directory: string) => `- stays: ${directory}`,
    steps: (steps: string) => `Steps: ${steps}`,
    data: (words: string) => `- data: ${words}`,
    forecast: (words: string) => `- forecast: ${words}`,
  },

  report: {
    changeRequest: (name: string) => `Change request: ${name}`,
    migration: (names: string) => `Migration report: ${names}`,
    cluster: 'Cluster',
    inShort: 'Summary',
    onto: 'Target',
    digest: 'Digest',
    made: 'Made',
    madeBy: (at: string, version: string) => `${at} by juicify ${version}`,
    forecast: (basis: string, words: string) => `Forecast, ${basis}: ${words}`,
    forecasts: 'Forecast and what was',
    forecastColumns: ['what', 'forecast', 'was', ''],
    forecastCopy: (group: string) => `${group}: copy while in use`,
    forecastDown: (group: string) => `${group}: workloads stopped`,
    shorter: 'shorter',
    longer: 'longer',
    asForecast: 'as forecast',
    inPhase: (groups: number, phase: string) => `${count(groups, 'group')} ${state(phase)}`,
    findings: 'What to know before you start',
    findingColumns: ['severity', 'code', 'about', 'why', 'what to do'],
    notes: (amount: number) => count(amount, 'note'),
    directories: 'Where the directories go',
    directoriesTitle: 'Directories, and where they go',
    directoriesWords: (amount: number) =>
      `${count(amount, 'directory', 'directories')}; the table below lists each with its place.`,
    moreDirectories: (amount: number) => `and ${count(amount, 'more directory', 'more directories')}, in the table`,
    more: (amount: number) => `and ${amount.toLocaleString('en')} more, in the table`,
    directoryColumns: ['directory', 'on', 'goes to', 'volumes', 'size'],
    staysThere: 'stays where it is',
    staysOnNode: 'stays on the node',
    asTable: (title: string) => `${title}, as a table`,
    whoIsStopped: 'Who is stopped',
    whoIsStoppedWords:
      'While the data is copied everybody keeps working. Then the workloads that use a group’s volumes are stopped; what has changed since is copied, both sides are compared, the volumes are swapped, and everything that was stopped is started again.',
    stoppedColumns: ['user', 'namespace', 'workload', 'what happens', 'pods'],
    groups: 'Groups',
    groupsWords: 'The volumes of a group share directories, and are swapped together or not at all.',
    group: (name: string, blocked: boolean) => `${name}${blocked ? ' (blocked)' : ''}`,
    steps: (steps: string) => `Steps: ${steps}`,
    volumeColumns: ['claim', 'PersistentVolume', 'directory → place', 'size'],
    changes: 'What changes in the cluster',
    wayBack: 'How to roll back',
    wayBackWords:
      'Until juicify finish --forget, every group can be rolled back on its own, no matter where a run was interrupted. The old directories stay as they were when the workloads were stopped; --copy-back first copies back what was written to the file system since.',
    oneAlone: 'Or one group alone:',
    became: 'Outcome of each group',
    becameColumns: ['group', 'state', 'started', 'last change', 'by', 'longest downtime', 'why it stopped'],
    takenBack: 'What is being rolled back',
    takenBackWords:
      'A record describes a rollback until it is done. After that the cluster keeps nothing of the group; the log of the run stays on the machine that ran it.',
    takenBackColumns: ['group', 'since', 'longest downtime', 'copied back', 'stays on the file system'],
    when: 'When it was done',
    stepsTitle: 'The steps of each group',
    stepsWords: (steps: number, groups: number) =>
      `${count(steps, 'step')} of ${count(groups, 'group')}; the table below lists each with its start and duration.`,
    stepColumns: ['group', 'step', 'day', 'began', 'took', 'outcome'],
    downtime: 'How long each workload was down',
    downtimeWords: (workloads: number) =>
      `${count(workloads, 'workload')}, with the steps above; the table below lists each.`,
    downtimeColumns: ['workload', 'group', 'day', 'stopped', 'ready again', 'down for'],
    notYet: 'not yet',
    notReady: 'not ready yet',
    stoodStill: 'down',
    standsStill: 'still down',
    never: 'never',
    restarted: 'Restarted pod by pod:',
    restartedColumns: ['workload', 'none of its pods ready'],
    backToNode: (step: string) => `${step}, back to the node`,
    equal: 'equal',
    unequal: (missing: number, changed: number, extra: number) =>
      `${missing} missing, ${changed} changed, ${extra} unexpected`,
    copied: 'What was copied',
    copiedColumns: ['when', 'step', 'directory', 'files', 'bytes', 'deleted'],
    compared: 'What was compared',
    comparedColumns: ['when', 'directory', 'result', 'files', 'bytes'],
    besides: 'What only the old directories have',
    besidesColumns: ['directory', 'node', 'missing', 'older'],
    differed: 'Files that differed between nodes',
    first: 'The first of them',
    differedColumns: ['directory', 'file', 'taken from', 'left on', 'differs in'],
    differsIn: (what: string) => what,
    notCarried: 'What could not be copied',
    notCarriedColumns: ['directory', 'path', 'what it is'],
    attributes: (amount: number) => count(amount, 'extended attribute or ACL', 'extended attributes and ACLs'),
    unbound: 'How long each volume was unbound',
    atMost: (span: string) => `${span} at most.`,
    unboundColumns: ['claim', 'PersistentVolume', 'unbound for'],
    unread: (lines: number) =>
      `${count(lines, 'line')} of the records’ history cannot be read: they were written by another version of juicify.`,
    of: (directory: string, amount: string) => `${directory}: ${amount}`,
  },

  denied: (group: string, message: string) => `${group} is blocked: ${message}`,

  leftBehind: {
    head: 'No group has a record any more. What is left of juicify in the cluster, for the next migration:',
    unknownCopies:
      '  the notes of which places on the file system are copies, if there are any: you do not have permission to read them',
    copies: (directories: string[]) =>
      `  ${count(directories.length, 'note')} that places on the file system are copies: of ${listed(directories, 3)}. A later migration continues from them; without them it treats what is there as somebody else's data`,
    namespace: (namespace: string, jobs: string[]) =>
      `  the namespace ${namespace}, with its Lease${jobs.length > 0 ? `, and the Jobs ${listed(jobs, 3)}` : ''}`,
    definitions: (names: string[]) => `  the definitions of its kinds: ${names.join(', ')}`,
    remove:
      'If no other migration is planned, and juicify status shows no group, an administrator removes it with (the records of groups that are migrated by then would be deleted too, and with them the way back):',
    shared: (namespace: string, others: string[]) =>
      `  and not the namespace ${namespace}: ${listed(others, 3)} ${others.length === 1 ? 'is' : 'are'} in it and not of juicify, and would be deleted with it`,
    roles: '  and the roles, if they were created, with what juicify rbac printed: kubectl delete -f FILE',
  },
}

/** An edition of the catalogue: it has to say all that the English one says. */
export type Messages = typeof messages
