/**
 * What `--help` says, and what a shell shows beside its candidates: phrases, without a full stop. Flags that several commands
 * have stand by themselves; those of one command stand with it, and so do its examples.
 */
export const help = {
  /** The words that yargs puts around, by those that it has itself. */
  layout: {
    'Commands:': 'Commands:',
    'Options:': 'Options:',
    'Positionals:': 'Positionals:',
    'Examples:': 'Examples:',
    'default:': 'default:',
    'choices:': 'choices:',
    'aliases:': 'aliases:',
    required: 'required',
    boolean: 'boolean',
    string: 'string',
    array: 'array',
    'Show help': 'show this help',
  },
  helpCommand: 'show what a command does',

  lang: 'the language of what people read: plans, findings, checks, questions, reports, help (default: that of LC_ALL, LC_MESSAGES or LANG)',
  outputFormat: 'output format',
  exitCode: {
    somethingToDo: 'exit with code 2 if there is something to do',
    differs: 'exit with code 2 if anything differs',
  },
  yes: 'do not ask for confirmation',
  cluster: {
    kubeconfig: 'path to the kubeconfig file to use',
    context: 'the kubeconfig context to use',
    as: 'the user to impersonate',
    asGroup: 'a group to impersonate; may be repeated',
    requestTimeout: 'how long to wait for one answer of the API server (default: 30s; 0: no limit)',
    sandbox:
      'use an embedded cluster, loaded from the manifests in this folder or file (- for standard input); may be repeated',
    color: 'use colours (default: on a terminal, unless NO_COLOR is set)',
    verbose: 'also print the underlying causes of an error',
  },
  selector: 'only volumes with these labels, or of claims with them: key=value, key!=value, key in (a,b), key, !key',
  trustNamespace: 'use namespace juicify even if people who are not administrators have been given permissions in it',
  selection: {
    filename: 'the migration file (- for standard input)',
    namespace: 'only volumes whose claims are in this namespace; may be repeated, takes globs',
    allNamespaces: 'volumes of all namespaces',
    wholeGroups: 'also select the volumes that share a directory with a selected one',
    dangerousSplit: 'migrate only a part of a group; the two parts then no longer see each other’s files',
    copy: 'whether to copy the data; overrides the migration',
    sourceNodes: 'the node whose disk holds the data, or "shared" if every node sees the same files; may be repeated',
    intoExisting: 'allow a target that is not empty: files of the same name are OVERWRITTEN, others stay',
    bringMissing:
      'for a directory that was migrated before, copy the files that the file system lacks; overwrites none',
    onConflict: 'what to do with a file that differs between nodes',
    probe:
      'after the swap, write on one node and read on another (default: if the driver runs on two; --no-probe skips it)',
  },
  groups: {
    groups: 'names or globs of groups, as juicify status shows them (default: all)',
    namespace: 'only groups with a claim in this namespace',
    selector: 'only groups with a volume or a claim that has these labels',
  },
  fileSystem: {
    filename: 'the migration file that names the driver and the Secret (- for standard input)',
    secret: 'the Secret of the file system, NAMESPACE/NAME (default: the one in the migration)',
  },
  custom:
    'custom resources that use volumes and have a scale subresource, such as notebooks.kubeflow.org; may be repeated',
  adoptRecords: 'show the records of juicify 0.1.0 and convert them without confirmation (--yes alone does not)',
  run: {
    output: 'json: JSON Lines, summary last',
    concurrency: 'number of groups to migrate in parallel',
    failFast: 'start no further group after the first failure',
    wait: 'how long to wait if another run holds the lease',
    outage: 'how long to wait if the API server becomes unreachable',
    timeout: 'how long to wait for pods to terminate, and to become Ready again',
    log: 'append the log of this run to this file (default: a new file in the state folder; with --sandbox, none)',
    forceDeletePods: 'after the timeout, delete pods without waiting for their node to confirm (force)',
    notify: 'URL to POST a message to when the run begins, fails and ends (DingTalk, WeCom, Slack, or any webhook)',
    notifyFormat: 'format of that message (default: by the host of the URL, else json)',
  },

  apply: {
    file: 'a saved plan (default, without -f, -n, -l and -A: the last plan made for this cluster)',
    interactive: 'ask before every step of every group',
    examples: {
      last: 'the plan that juicify plan showed last',
      saved: 'a saved plan, if still up to date',
      batch: 'a batch, from cron',
    },
  },
  check: {
    ask: 'test the file system itself: mount it in a pod, write a file, and clean up',
    examples: {
      check: 'is the cluster ready to migrate?',
      ask: 'can the file system be mounted, with this password?',
      other: 'for another file system, machine-readable',
    },
  },
  completion: {
    shell: 'the shell; kubectl: for kubectl juicify',
    examples: { bash: 'for this session', kubectl: 'completion of kubectl juicify, for kubectl 1.26 and later' },
  },
  copy: { examples: { copy: 'as often as you like before the migration' } },
  demo: { examples: { demo: 'uses no real cluster' } },
  diff: {
    file: 'a saved plan (default: one made from the flags)',
    examples: { migration: 'what would change', saved: 'what a saved plan changes' },
  },
  finish: {
    forget: 'delete the migration records; rollback is then no longer possible',
    forgetInUse: 'delete the records although something uses the old directories',
    openFiles: 'also find open files, with a privileged pod on each node that sees all of its processes',
    report:
      'where to write the report of what was done, Markdown if it ends in .md (default: a new file in the state folder)',
    examples: {
      list: 'list the old directories, and who or what still uses them',
      forget: 'also delete the migration records',
    },
  },
  job: {
    image: 'the image of juicify that the pod runs (build it with build/Dockerfile)',
    imagePullSecret: (namespace: string) =>
      `a Secret in namespace ${namespace} to pull that image with; may be repeated`,
    name: 'name of the Job or CronJob (default: juicify-COMMAND-PLAN)',
    schedule: 'print a CronJob with this schedule, such as "0 1 * * 6", instead of a Job',
    kubernetesVersion:
      'the cluster’s Kubernetes version, for the CronJob (default: that of the saved plan, else 1.21 or later)',
    examples: {
      plan: 'a saved plan, once; pipe it to kubectl apply -f -',
      schedule: 'every Saturday at 1:00',
      rollback: 'roll it back',
    },
  },
  manifests: {
    folder: 'a folder of manifests, and those below it, or one file',
    write: 'write the files (default: only show the changes)',
    examples: {
      show: 'what would bring the old volumes back, as a diff',
      write: 'and write it into the files',
    },
  },
  plan: {
    output:
      'output format; wide: with classes, handles and labels; name: the volumes to migrate; kubectl: as a script of kubectl commands',
    out: 'save the plan to this file, for juicify apply',
    estimate: 'measure with Jobs how much there is to copy, and whether it fits',
    showGroups: 'show every group in full, however many there are',
    examples: {
      migration: 'the volumes of one namespace',
      estimate: 'with the size of the data',
      saved: 'a whole cube-studio, to be applied later',
      sandbox: 'on an embedded cluster',
    },
  },
  probe: {
    class: 'probe with a new claim of this StorageClass (default: that of the file system, unless --volume is given)',
    volume: 'probe this migrated volume; may be repeated',
    image: 'image with sh for the pods (default: the image that mounts the file system)',
    node: 'node to use, at least two; the first one writes (default: two nodes with the driver)',
    timeout: 'how long to wait for the pods to start, and for their writes to become visible',
    examples: {
      probe: 'write on one node, read on another, and clean up',
      volume: 'are writes to a migrated volume visible on another node?',
    },
  },
  rbac: {
    role: 'viewer: plan and status; copier: also copy and probe; operator: everything',
    user: 'bind the roles to this user; may be repeated',
    group: 'bind them to this group; may be repeated',
    serviceaccount: 'bind them to this service account, NAMESPACE/NAME; may be repeated',
    examples: {
      user: 'grant alice everything a migration needs',
      group: 'let a team make plans and see the status, but change nothing',
      account: 'machine-readable',
    },
  },
  report: {
    file: 'a saved plan; without it and without -f, -n and -A: what was done so far, else the last plan',
    planned: 'report the last plan for this cluster, even if groups were migrated',
    format: 'html is one self-contained file (default: by the ending of --output, else html)',
    output: 'write the report to this file',
    examples: {
      done: 'what was done, for those who ask',
      saved: 'what a saved plan would do, for a change request',
      planned: 'the last plan, for an issue or a wiki',
    },
  },
  resume: { examples: { resume: 'from any machine: all state is in the cluster' } },
  rollback: {
    copyBack: 'first copy back what was written to the file system since the migration (--no-copy-back: stop doing so)',
    examples: { all: 'every group that has a record', namespace: 'the groups of one namespace' },
  },
  sandbox: {
    from: 'folder or file of manifests to load (- for standard input); may be repeated',
    port: 'port on 127.0.0.1 (default: any free port)',
    kubernetesVersion: 'Kubernetes version to behave like, 1.20 or 1.37 (default: that of the manifests, else 1.20)',
    out: 'file to write the kubeconfig to',
    examples: { sandbox: 'then, elsewhere: kubectl --kubeconfig sandbox.kubeconfig get pv' },
  },
  setup: {
    kind: (first: string) => `the kind of file system (default: ${first})`,
    filename: 'a file of kind Setup that holds the answers',
    class: (name: string) => `the StorageClass (default: ${name})`,
    secret: (name: string) => `the Secret, NAMESPACE/NAME (default: ${name})`,
    secretsFile: 'a YAML file with the secret values (instead of environment variables)',
    out: (folder: string) => `the folder to write the files to (default: ${folder})`,
    force: 'overwrite existing files',
    output: 'print only this part, and write no files',
    existing: 'show the Secret and the StorageClass of a cluster, without their values',
    variable: (what: string, variable: string) => `the environment variable with ${what} (default: ${variable})`,
    examples: {
      ask: 'ask for everything it needs',
      existing: 'show the existing Secret and StorageClass, values hidden',
    },
  },
  snapshot: {
    out: 'file to write (- for standard output)',
    anonymize: 'replace the names of users, their e-mail addresses and their pods',
    force: 'overwrite an existing file',
    examples: { plan: 'then: juicify plan -A --sandbox snapshot.yaml', anonymize: 'to share with others' },
  },
  status: {
    output:
      'wide: with directories and labels; name: only the groups’ names; yaml and json: the complete records, including the original manifests',
    watch: 'keep watching for changes, until Ctrl-C',
    examples: {
      watch: 'follow a run from another terminal or machine',
      all: 'the state of every group',
      labels: 'the groups of one team',
      yaml: 'with the original manifests that a rollback restores',
    },
  },
  version: {
    licenses: 'print the licences of everything that juicify contains',
    examples: { json: 'machine-readable', licenses: 'also of Node.js, where juicify is one file' },
  },
}

/** An edition of it: it has to say all that the English one says. */
export type HelpWords = typeof help
