import { WHERE_TO_REPORT } from '../domain/bug.ts'
import { count, listed } from '../domain/text.ts'

/** How messages call a file that was to be read; `other` is a file or a folder of manifests. */
const FILE_KINDS = {
  migration: 'migration',
  plan: 'plan',
  'plan or migration': 'plan or migration',
  manifest: 'manifest',
  licence: 'licence',
  answers: 'file of answers',
  secrets: 'secrets file',
  folder: 'folder',
  other: 'manifests',
} as const
export type FileKind = keyof typeof FILE_KINDS

/** What a selection names. */
export type NamedKind = 'namespace' | 'volume' | 'node'

/** What the value of a flag has to be. */
export type Expected =
  | { is: 'selector' | 'duration' | 'duration-or-none' | 'resource' | 'schedule' | 'kubernetes-version' }
  | { is: 'whole-number'; least: number; most?: number; example: number }
  | { is: 'namespaced-name'; name: string }
  | { is: 'job-name'; longest: number }

/** What must be in its place, and how it is written. */
function expectedAs(flag: string, expected: Expected): [must: string, remedy: string] {
  switch (expected.is) {
    case 'selector':
      return ['a label selector', "Write it as -l app=web, -l 'tier in (a,b)' or -l '!old'."]
    case 'duration':
      return ['a duration', 'Write it as 30s, 10m or 1h30m.']
    case 'duration-or-none':
      return ['a duration, or 0 for no limit', 'Write it as 30s or 2m.']
    case 'resource':
      return [
        'the plural name of a resource and its API group',
        'Write it as notebooks.kubeflow.org; kubectl api-resources -o name lists them.',
      ]
    case 'schedule':
      return [
        'five fields: minute, hour, day, month, day of the week',
        'Write it as "0 1 * * 6" for every Saturday at 1:00.',
      ]
    case 'kubernetes-version':
      return ['a version such as 1.20', 'kubectl version shows that of the server.']
    case 'whole-number': {
      const { least, most, example } = expected
      return [
        `a whole number ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`,
        `Try --${flag} ${example}.`,
      ]
    }
    case 'namespaced-name':
      return ['NAMESPACE/NAME', `Write it as kube-system/${expected.name}.`]
    case 'job-name':
      return [
        `at most ${expected.longest} characters: lower-case letters, digits and "-"`,
        'Write it as juicify-friday.',
      ]
  }
}

function flagsOf(missing: { key: string; secret?: unknown }[]): string[] {
  const flags = missing.flatMap(({ key, secret }) => (secret ? [] : [`--${key}`]))
  return flags.length > 0 ? [`Give ${flags.join(', ')}, or write them in a file (-f).`] : []
}

/** What juicify declines and why, with the next thing to try; and what is wrong with a command line. */
export const refusals = {
  noTerminal: () => ({
    message: 'Cannot ask for confirmation: this is not a terminal.',
    remedy: 'Use --yes to run without confirmation.',
  }),
  outOfDate: (d: { field: string; object: string; was: string; is: string; more: number }) => ({
    message: `The plan is out of date: ${d.field} of ${d.object} was ${d.was} and is now ${d.is}${d.more > 0 ? ` (and ${d.more} more)` : ''}.`,
    remedy: 'Make a new plan, review it, and apply that one.',
  }),
  otherCluster: (d: { planned: string; expected: string; found: string; cluster: string }) => ({
    message: `The plan was made for another cluster: ${d.planned}; uid of kube-system expected ${d.expected}, found ${d.found} on ${d.cluster}.`,
    remedy: 'Select the right cluster with --context or --kubeconfig, or make a plan for this one.',
  }),
  noPlan: () => ({
    message: 'No plan has been made for this cluster yet.',
    remedy: 'Make one with juicify plan, or select volumes with -f, -n, -l or -A.',
  }),
  otherPlan: (d: { group: string; field: string; object: string }) => ({
    message: `Group ${d.group} is in progress with a different plan: ${d.field} of ${d.object} differs.`,
    remedy: 'juicify resume shows its record and continues with that plan; juicify rollback reverts the group.',
  }),
  planForMigration: (file: string) => ({
    message: `${file} is a saved plan, but a migration is expected here.`,
    remedy: 'juicify diff shows what it changes, and juicify apply applies it.',
  }),
  secretUnread: (secret: string) => ({
    message: `You are not allowed to read ${secret}. Without it juicify cannot tell whether the file system itself depends on a selected volume.`,
    remedy:
      'Ask an administrator for the permission (juicify rbac --role operator prints it), or let somebody who has it run this.',
  }),
  nothingSelected: () => ({
    message: 'No volumes selected.',
    remedy:
      'Select them by a migration file (-f, for example plans/jupyter.yaml), by namespace (-n), by labels (-l), or all of them (-A).',
  }),
  notMigrated: (group: string, phase: string) => ({
    message: `Group ${group} is not migrated yet: it is ${phase}.`,
    remedy: 'juicify resume completes it.',
  }),
  directoriesInUse: (inShort: string) => ({
    message: `The records are kept: ${inShort}.`,
    remedy:
      'Have them use a claim of the file system instead, and check what they have written to the old directories; or use --forget-in-use if you know that none of it matters.',
  }),
  directoriesUnread: (why: string) => ({
    message: `The records are kept: ${why}.`,
    remedy:
      'Have somebody with permission to read all of it (juicify rbac) do this once the nodes answer, or use --forget-in-use if you know that nobody uses them.',
  }),
  neverCopied: (groups: string[]) => ({
    message: `${listed(groups)} ${groups.length === 1 ? 'was' : 'were'} migrated without copying data (copy.mode: none), so data cannot be copied back.`,
    remedy: 'Roll back without --copy-back: the data stays on the file system. Copy what you need of it by hand.',
  }),
  notTrusted: (d: { binding: string; subjects: string[]; role: string; others: string[]; namespace: string }) => ({
    message: `${d.binding} gives ${listed(d.subjects)} the ${d.role}${d.others.length > 0 ? `, and ${listed(d.others)} more` : ''}: in the namespace ${d.namespace} juicify’s pods mount everybody’s directories as root.`,
    remedy: 'Have whoever made it take it away. Where they are administrators of the cluster, give --trust-namespace.',
  }),
  noGroup: (group: string, near?: string) => ({
    message: `No record of a group ${group} was found.${near ? ` Did you mean ${near}?` : ''}`,
    remedy: 'juicify status lists the groups.',
  }),
  notConverted: (group: string) => ({
    message: `The record of group ${group} was written by juicify 0.1.0 and has not been converted.`,
    remedy: 'Read it (juicify status -o yaml), then use --adopt-records.',
  }),
  noGroupIn: (namespace: string) => ({
    message: `No recorded group has a claim in namespace ${namespace}.`,
    remedy: 'juicify status lists the groups.',
  }),
  noGroupWith: (labels: string) => ({
    message: `No group that has a record has a volume or a claim with the labels ${labels}.`,
    remedy: 'juicify status -o wide shows them.',
  }),
  nothingToReport: (planned: boolean) => ({
    message: `There is nothing to report: ${planned ? '' : 'no group is in progress or migrated, and '}no plan was made for this cluster yet.`,
    remedy: 'Make a plan (juicify plan), or choose volumes with -f, -n or -A.',
  }),
  savedIsUnchanged: (flags: string) => ({
    message: `Without -f, -n, -l or -A the last plan is applied unchanged, so${flags} cannot be used.`,
    remedy: `Select volumes with -f, -n, -l or -A, or use${flags} with juicify plan.`,
  }),
  planIsUnchanged: (file: string, flags: string) => ({
    message: `${file} is a saved plan, which is used unchanged, so${flags} cannot be used.`,
    remedy: `Leave${flags} out, or give it to juicify plan with the migration, and take the plan that it makes.`,
  }),
  interactive: (why: 'dumb' | 'no-terminal') => ({
    message: `--interactive asks before every step, but ${why === 'dumb' ? 'this terminal cannot show menus (TERM=dumb)' : 'this is not a terminal'}.`,
    remedy: 'Run it on a terminal, or use --yes to run without confirmation.',
  }),
  interactiveJson: () => ({
    message: '--interactive and -o json cannot be used together.',
    remedy: 'Remove one of them.',
  }),
  outIsMigration: () => ({
    message: '--out and --filename are the same file: the plan would overwrite the migration.',
    remedy: 'Choose another one, such as --out friday.plan.yaml.',
  }),
  htmlOnTerminal: () => ({
    message: 'HTML is not written to a terminal.',
    remedy: 'Use --output report.html, or --format markdown.',
  }),
  formatAsFile: (format: string) => ({
    message: `--output ${format}: expected the file that the report is written to.`,
    remedy: `Use --format ${format} --output FILE; a file that ends in .md is Markdown.`,
  }),
  demoDiffers: (version: string) => ({
    message: 'The volumes are not as they were before the migration.',
    remedy: `This is a bug in juicify ${version}: send the whole output to ${WHERE_TO_REPORT}.`,
  }),
  bug: (version: string, message: string) => ({
    message: `juicify ${version} has a bug: ${message}`,
    remedy: `Run the same command with --verbose, and send its whole output to ${WHERE_TO_REPORT}.`,
  }),

  noVolumes: (fileSystem: string) => ({
    message: `No volume in this cluster is on a node’s disk or on ${fileSystem}.`,
    remedy: 'Check that it is the right cluster (--context, --kubeconfig); kubectl get pv lists its volumes.',
  }),
  labelsSelectNothing: (flag: string, labels: string) => ({
    message: `${flag}: ${labels} selects no volume on a node’s disk`,
    remedy: 'Correct it; kubectl get pv --show-labels, and kubectl get pvc -A --show-labels, show what there is.',
  }),
  selectsNothing: (place: string, names: string[], namespaces: string[]) => ({
    message: `${place}: ${names.join(', ')} selects no volume on a node’s disk; ${
      namespaces.length > 0
        ? `namespaces with such volumes: ${namespaces.join(', ')}`
        : 'such volumes exist, but no claim is bound to them'
    }`,
    remedy: 'Correct the selection; kubectl get pvc -A lists claims with their namespaces and volumes.',
  }),
  noSuchName: (place: string, kind: NamedKind, name: string, near?: string) =>
    `${place}: no ${{ namespace: 'namespace with a claim', volume: 'volume', node: 'node' }[kind]} with the name ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
  unknownNames: (problems: string[], show: string) => ({
    message: problems.join('\n'),
    remedy: `Correct it; kubectl get ${show} lists the names.`,
  }),
  notAPlan: (file: string, found: 'nothing' | 'else' | { kind: string }, asTyped: string) => ({
    message: `${file}: expected a Plan, found ${found === 'nothing' ? 'nothing' : found === 'else' ? 'something else' : `a ${found.kind}`}`,
    remedy:
      typeof found === 'object' && found.kind === 'Migration'
        ? `Give a migration with -f: -f ${asTyped}; the same command then makes a plan from it.`
        : 'Make one with: juicify plan --out FILE',
  }),
  otherPlanVersion: (file: string, expected: string, found: string) => ({
    message: `${file}: expected apiVersion ${expected}, found ${found}`,
    remedy: 'Make the plan again with this version of juicify, or use the version that made it.',
  }),
  planEdited: (file: string, expected: string, found: string) => ({
    message: `${file}: the plan was edited: expected digest ${expected}, found ${found}`,
    remedy: 'Do not edit plans: change the migration, and make the plan again.',
  }),
  planUnreadable: (place: string, what: string, why: string) => ({
    message: `${place}: invalid ${what}: ${why}`,
    remedy: 'Give a file written by juicify plan --out.',
  }),

  probeEmbedded: () => ({
    message: 'An embedded cluster runs no pods, so nothing can be probed there.',
    remedy: 'Run juicify probe on a real cluster.',
  }),
  noClass: (name: string | undefined, classes: string[]) => ({
    message:
      name === undefined ? 'No StorageClass or volume to probe was given.' : `StorageClass ${name} does not exist.`,
    remedy: `Choose one with --class (${classes.join(', ') || 'none exists'}), or create it: juicify setup.`,
  }),
  twoNodes: (driver: string, found: number) => ({
    message: `A probe needs two Ready nodes with the ${driver}; found ${found}.`,
    remedy: 'juicify check shows which nodes have it.',
  }),
  noSecretUsed: (fileSystem: string, secret: string) => ({
    message: `${fileSystem} uses no Secret, but --secret names ${secret}.`,
    remedy: 'Remove --secret.',
  }),

  jobWithoutCommand: () => ({
    message: 'No command is given for the Job.',
    remedy: 'Write it after --, as in: juicify job --image IMAGE -- apply friday.plan.yaml',
  }),
  versionWithoutSchedule: () => ({
    message: '--kubernetes-version needs --schedule: a Job is the same in every version.',
    remedy: 'Run the same command without --kubernetes-version, or with --schedule too.',
  }),
  jobWithoutImage: (build: string, image: string, again: string) => ({
    message: 'No image is named: juicify has none in a public registry.',
    remedy: `Build one: ${build} && docker push ${image}; then run ${again}`,
  }),
  tooLargeForJob: (file: string, bytes: number, most: number) => ({
    message: `${file} has ${bytes} bytes, and a ConfigMap takes ${most} at most.`,
    remedy: 'Use a plan of fewer volumes (-n, -l), or the migration instead of the plan: -- apply -f MIGRATION.',
  }),
  notInJob: (command: string, why: 'log' | 'files' | 'local', commands: string[]) => ({
    message: `juicify ${command} cannot run in a Job: ${
      {
        log: 'its output would be in the pod’s log, which log collectors copy and the kubelet cuts at 10 MiB',
        files: 'it works on files of your machine',
        local: 'it does nothing in the cluster',
      }[why]
    }.`,
    remedy: `A Job runs ${commands.join(', ')}; run juicify ${command} here.`,
  }),
  flagNotInJob: (
    flag: string,
    why: 'nobody' | 'endless' | 'account' | 'cluster' | 'log' | 'plan' | 'report' | 'last-plan' | 'records',
  ) => ({
    message: `${flag} cannot be used in a Job: ${
      {
        nobody: 'nobody is there to answer',
        endless: 'it would never end',
        account: 'the pod uses its service account',
        cluster: 'the pod uses its own cluster',
        log: 'the pod’s files are deleted with it; kubectl logs shows the same',
        plan: 'the pod’s files are deleted with it; -o yaml prints the plan to its log',
        report: 'the pod’s files are deleted with it; without a file the report goes to its log',
        'last-plan': 'the last plan is kept on this machine only',
        records: 'the report that is written before records are deleted would be deleted with the pod',
      }[why]
    }.`,
    remedy: `Remove ${flag}.`,
  }),
  jobSelects: (command: string, takesPlan: boolean) => ({
    message: `juicify ${command} in a Job needs a plan or a selection: the last plan is kept on this machine only.`,
    remedy: takesPlan
      ? `Save the plan with juicify plan --out FILE and use -- ${command} FILE, or select volumes with -f, -n, -l or -A.`
      : 'Select volumes with -f, -n, -l or -A.',
  }),
  wordTwice: (word: string) => ({
    message: `${word} is in the command more than once.`,
    remedy: 'Write the file’s path otherwise, such as ./FILE, so that it can be told apart.',
  }),

  noSetupPart: (kind: string, name: string, parts: string[]) => ({
    message: `${kind} has no part called ${name}.`,
    remedy: `Choose one of ${parts.join(', ')} with -o.`,
  }),
  noSetup: (kind: string, kinds: string[]) => ({
    message: `juicify has no setup for ${kind}.`,
    remedy: `Choose one of ${kinds.join(', ')} with --kind.`,
  }),
  unknownTarget: (why: string) => ({
    message: `The target of the migration: ${why}`,
    remedy: 'Choose another in spec.target.kind, or use a version of juicify that supports it.',
  }),
  nothingToSetUp: (kind: string) => `For ${kind} juicify has nothing to set up.`,
  setupFileExists: (file: string) => ({
    message: `${file} already exists.`,
    remedy: 'Use --force to overwrite it, or choose another folder with --out.',
  }),
  noSetupInCluster: (secret: string) => ({
    message: `Neither Secret ${secret} nor a StorageClass that refers to it was found.`,
    remedy: 'Give other names with --secret and --class, or create them: juicify setup.',
  }),
  otherKindsFlag: (flag: string, kind: string, own: string[]) => ({
    message: `--${flag} does not apply to ${kind}.`,
    remedy: `Remove it, or choose the file system with --kind: ${kind} takes --${own.join(', --')}.`,
  }),
  missingAnswers: (
    missing: { key: string; secret?: { what: string; variable: string } }[],
  ): { message: string; remedy: string } => ({
    message: `Missing: ${missing.map(({ key }) => key).join(', ')}.`,
    remedy: [
      ...flagsOf(missing),
      ...missing.flatMap(({ secret }) =>
        secret ? [`Set ${secret.variable} in the environment, or its key in a --secrets-file, to ${secret.what}.`] : [],
      ),
    ].join(' '),
  }),
  secretsFile: (
    file: string,
    why: { is: 'no-yaml' } | { is: 'no-map' } | { is: 'unknown-key'; near?: string } | { is: 'no-text'; key: string },
    keys: string[],
  ) => ({
    message: `The secrets file ${file} ${
      why.is === 'no-yaml'
        ? 'is not valid YAML'
        : why.is === 'no-map'
          ? 'is not a map'
          : why.is === 'no-text'
            ? `needs a string as ${why.key}`
            : `has an unknown key${why.near === undefined ? '' : `; did you mean ${why.near}?`}`
    }.`,
    remedy: `It must be YAML with the keys ${keys.join(', ')}.`,
  }),

  portTaken: (port: number, why: string) => ({
    message: `Cannot listen on port ${port} of 127.0.0.1: ${why}`,
    remedy: 'Choose another with --port, or leave it out to use any free port.',
  }),
  notLoaded: (places: string[], why: string) => ({
    message: `Cannot load the manifests in ${places.join(', ')}: ${why}`,
    remedy: 'Fix them, and run the command again.',
  }),
  manifestsRejected: (amount: number, list: string) => ({
    message: `Cannot load ${count(amount, 'manifest')}:${list}`,
    remedy: 'A real cluster would reject this too. Fix it, and run the command again.',
  }),
  noManifests: (places: string[], unreadable: string) => ({
    message: `No manifests found in ${places.join(', ')}.${unreadable}`,
    remedy: 'Give a file, or a folder with .yaml, .yml or .json files.',
  }),
  invalidYaml: (place: string, why: string) => ({
    message: `${place}: invalid YAML: ${why}.`,
    remedy: 'Fix it, and run the command again.',
  }),
  aTemplate: (place: string) => ({
    message: `${place}: a template ({{ … }}), and no manifest yet.`,
    remedy: 'Give what it renders to (helm template CHART), or what is in the cluster (helm get manifest RELEASE).',
  }),

  cannotRead: (what: FileKind, file: string, why: string) => ({
    message: `Cannot read ${what === 'other' ? '' : `the ${FILE_KINDS[what]} `}${file}: ${why}.`,
    remedy:
      what === 'other'
        ? 'Give a file or a folder of manifests, or - for standard input.'
        : what === 'folder'
          ? 'Name a file or a folder of manifests.'
          : 'Give the path of a readable file.',
  }),
  inputReadTwice: (what: FileKind) => ({
    message: `Standard input can be read only once, but it is also given as ${FILE_KINDS[what]}.`,
    remedy: 'Write one of the two to a file, and give that file instead.',
  }),
  cannotCreate: (folder: string, why: string, flag: string) => ({
    message: `Cannot create the folder ${folder}: ${why}.`,
    remedy: `Choose another path with ${flag}.`,
  }),
  fileExists: (file: string, flag: string) => ({
    message: `${file} already exists.`,
    remedy: `Use --force to overwrite it, or choose another path with ${flag}.`,
  }),
  cannotWrite: (file: string, why: string, flag: string) => ({
    message: `Cannot write ${file}: ${why}.`,
    remedy: `Choose another path with ${flag}, in an existing folder that you may write to.`,
  }),
  cannotWriteLog: (file: string, why: string) => ({
    message: `Cannot write the log ${file}: ${why}.`,
    remedy: 'Choose another path with --log, in an existing folder that you may write to.',
  }),
  linkOfAnother: (file: string) => ({
    message: `${file} is a symbolic link that another user created in a folder that others may write to: it could overwrite any file of yours.`,
    remedy: 'Choose another path, in a folder that only you may write to; or remove the link.',
  }),
  notPrivate: (file: string, flag: string) => ({
    message: `${file} exists and belongs to another user, who could read what is written to it.`,
    remedy: `Choose another path with ${flag}, or remove that file.`,
  }),
  cannotReplace: (file: string, why: string) => ({
    message: `Cannot write ${file}: ${why}.`,
    remedy: 'Make it and its folder writable for you, and run the same command again.',
  }),
  changedMeanwhile: (file: string) => ({
    message: `${file} was changed since it was read, and is left as it is.`,
    remedy: 'Run the same command again.',
  }),
  otherEncoding: (place: string, encoding: string | undefined, convert: string) => ({
    message: `${place}: ${encoding === undefined ? 'not encoded as UTF-8' : `encoded as ${encoding}, expected UTF-8`}.`,
    remedy: `Save it as UTF-8, in an editor or with: ${convert}`,
  }),
  lastPlanNotYours: (file: string) => ({
    message: `${file} belongs to another user, or others may write it: it is not taken for your last plan.`,
    remedy: 'Run juicify plan with a folder of your own in XDG_STATE_HOME, or name a saved plan.',
  }),

  invalid: (flag: string, given: string, expected: Expected): { message: string; remedy: string } => {
    const [must, remedy] = expectedAs(flag, expected)
    return { message: `invalid --${flag} "${given}": must be ${must}`, remedy }
  },
  notAWebhook: () => ({
    message: 'invalid --notify: must be an http or https URL without a user name',
    remedy: 'Copy the webhook address of the chat group, in quotes: it has & and ? in it.',
  }),

  usage: {
    remedy: 'juicify --help lists the commands; juicify help COMMAND lists the flags of one.',
    noCommand: 'Name a command.',
    needsValue: (flag: string) => `${flag} needs a value.`,
    missingFlag: (flag: string) => `missing required flag ${flag}`,
    missingArgument: (words: string) => `missing argument after: ${words}`,
    together: (one: string, other: string) => `${one} and ${other} cannot be used together`,
    notOneOf: (what: string, given: string, choices: string) => `invalid ${what} "${given}": must be one of ${choices}`,
    unexpected: (word: string, command: string, near?: string) =>
      `unexpected argument "${word}" for juicify ${command}${near === undefined ? '' : `; did you mean ${near}?`}`,
    unknownCommand: (word: string, near?: string) =>
      `unknown command "${word}".${near === undefined ? '' : ` Did you mean ${near}?`}`,
    unknownFlag: (flag: string, near?: string) =>
      `unknown flag ${flag}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    twice: (flag: string) => `${flag} can be given only once`,
  },
}

/** An edition of it: it has to say all that the English one says. */
export type Refusals = typeof refusals
