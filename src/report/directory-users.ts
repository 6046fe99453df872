import type { DirectoryLook, DirectoryUser } from '../domain/old-directory.ts'
import { dateAndTime } from '../domain/time.ts'
import { messages } from '../words/messages.ts'

/** `Deployment infra/neo4j mounts /data/k8s/kubeflow/neo4j`, one a line; those that only see a directory apart. */
export function directoryUserLines(users: DirectoryUser[]): string[] {
  return users.map(({ user, path, directory, node, uses }) => {
    const lies = path === '/' || directory.startsWith(`${path}/`) ? 'above' : 'below'
    return messages().directoryUser.line({
      user,
      isVolume: user.startsWith('PersistentVolume '),
      path,
      directory,
      uses,
      ...(node ? { node } : {}),
      ...(path === directory ? {} : { lies }),
    })
  })
}

/** The same in one sentence; undefined where nobody uses them. */
export function directoryUsersInShort(users: DirectoryUser[]): string | undefined {
  const names = [...new Set(users.filter(({ uses }) => uses).map(({ user }) => user))]
  return names.length === 0 ? undefined : messages().directoryUser.inShort(names)
}

/** How many of the entries that were changed are named, and of the processes that have something open. */
const NAMED = 5

/** What was found on the nodes: of each directory a line, and one for each process that has something of it open. */
export function directoryLookLines(looks: DirectoryLook[]): string[] {
  const says = messages().finish
  return looks.flatMap(({ directory, node, since, found, gone, failure }) => {
    const place = `${node}:${directory}`
    if (gone) return [says.gone(place)]
    if (!found) return [says.notLookedAt(place, failure ?? '')]
    const { changed, examples, open } = found
    const at = dateAndTime(since)
    if (changed === 0 && (open ?? []).length === 0) return [says.unchanged(place, at, open !== undefined)]
    return [
      ...(changed > 0 ? [says.changed(place, changed, at, examples.slice(0, NAMED))] : []),
      ...(open ?? []).map(({ command, pid, pod, how, path }) =>
        says.open(place, says.process(command, pid, pod), says.how(how, path)),
      ),
    ]
  })
}

/**
 * Why the old directories are not known to be unused, in one sentence; undefined where they are: who uses them, what was found
 * on the nodes, and what could not be looked at.
 */
export function whyNotUnused(
  users: DirectoryUser[],
  looks: DirectoryLook[],
  unread: string[],
): { why: string; use: boolean } | undefined {
  const places = (is: (found: NonNullable<DirectoryLook['found']>) => boolean) =>
    looks.flatMap(({ node, directory, found }) => (found && is(found) ? [`${node}:${directory}`] : []))
  const says = messages().directoryUser
  const [used, changed, open] = [
    directoryUsersInShort(users),
    places((found) => found.changed > 0),
    places((found) => (found.open ?? []).length > 0),
  ]
  const uses = [
    ...(used === undefined ? [] : [used]),
    ...(changed.length > 0 ? [says.changed(changed)] : []),
    ...(open.length > 0 ? [says.open(open)] : []),
  ]
  if (uses.length > 0) return { why: says.together(uses), use: true }
  const failed = looks.flatMap(({ node, directory, failure }) =>
    failure === undefined ? [] : [`${node}:${directory}`],
  )
  const unknown = [
    ...(failed.length > 0 ? [says.notLookedAt(failed)] : []),
    ...(unread.length > 0 ? [says.unread(unread)] : []),
  ]
  return unknown.length > 0 ? { why: says.together(unknown), use: false } : undefined
}
