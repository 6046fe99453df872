/** What `juicify --help` says: what it is for, and each command in a phrase. Small, for help must not take long to load. */
export const overview = {
  about: 'Moves cube-studio’s volumes from the nodes’ local disks to JuiceFS, in place.',
  usage: (name: string) => `Usage: ${name} COMMAND`,
  commandsTitle: 'Commands:',
  more: (name: string) => `Run ${name} help COMMAND for its flags and examples.`,
  commands: {
    setup: 'write what JuiceFS needs: format command, Secret, StorageClass, Helm values',
    check: 'check that the cluster is ready to migrate',
    plan: 'show what would be done (changes nothing)',
    diff: 'show each object before and after the migration',
    copy: 'copy the data in advance, while workloads keep running',
    apply: 'apply a plan, or resume one',
    status: 'show which groups are in progress or migrated',
    report: 'write a report of a plan, or of what was done (HTML or Markdown)',
    resume: 'resume interrupted groups',
    rollback: 'restore the original volumes',
    finish: 'list the old directories; delete the migration records',
    manifests: 'show what has to change in manifests that would bring the old volumes back',
    probe: 'test that a write on one node is visible on another',
    rbac: 'print the RBAC roles juicify needs',
    job: 'print the manifests of a Job or CronJob that runs juicify in the cluster',
    snapshot: 'save the cluster’s state to a file, for offline rehearsal',
    sandbox: 'serve an embedded cluster, for rehearsals',
    demo: 'walk through a migration on an embedded cluster',
    completion: 'print the completion script for bash, zsh, fish or kubectl',
    version: 'print the version',
  },
}

/** An edition of it: it has to say all that the English one says. */
export type OverviewWords = typeof overview

/** A command, as its help names it. */
export type CommandName = keyof OverviewWords['commands']
