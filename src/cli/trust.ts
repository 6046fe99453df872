import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import { ExitCode, refused } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import { describeRef } from '../domain/object.ts'
import { grantsIn } from '../survey/grants.ts'
import { messages } from '../words/messages.ts'
import type { TrustArguments } from './arguments.ts'

/**
 * For the commands that make no plan, which would say it: throws Refusal where others than administrators have been given
 * rights in juicify's namespace, unless told to use it all the same. Who may not see that is not held up.
 */
export async function mustBeTrusted(cluster: Cluster, { trustNamespace }: TrustArguments): Promise<void> {
  const [first, ...others] = trustNamespace ? [] : await unlessForbidden(grantsIn(cluster), [])
  if (!first) return
  const { subjects, role } = first
  const said = messages().refusal.notTrusted({
    binding: describeRef(first.binding),
    subjects,
    role,
    others: others.map(({ binding }) => describeRef(binding)),
    namespace: NAMESPACE,
  })
  throw refused(said, { exitCode: ExitCode.blocked })
}
