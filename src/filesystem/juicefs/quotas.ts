import type { FileSystemQuotas } from '../../domain/filesystem.ts'
import { shellWord } from '../../domain/shell.ts'
import { installationAmong } from './parts.ts'
import program from './programs/quota.sh'
import type { JuiceFSTarget } from './target.ts'

/**
 * Quotas of directories: https://juicefs.com/docs/community/guide/quota. They are the metadata engine's, so it takes its
 * address, which is in the Secret and stays there.
 */
export function quotasOn(target: JuiceFSTarget): FileSystemQuotas {
  const { namespace, name } = target.secretRef
  return {
    tool: 'juicefs quota',
    ofRoot: 'juicefs config --capacity limits it all.',
    namespace,
    program,
    env: [{ name: 'META', valueFrom: { secretKeyRef: { name, key: 'metaurl' } } }],
    // mount pods have the network of the driver's pods, where the engine may listen on a node's loopback alone
    onHostNetwork: (objects) => {
      const { daemonSet } = installationAmong(target, objects)
      const { template } = (daemonSet?.spec ?? {}) as { template?: { spec?: { hostNetwork?: boolean } } }
      return template?.spec?.hostNetwork === true
    },
    problem: ({ keys }) =>
      keys.includes('metaurl')
        ? undefined
        : `Quotas are set at the metadata engine, and Secret ${namespace}/${name} has no metaurl.`,
    commands: (subdir, gib) => ({
      set: `juicefs quota set METAURL --path ${shellWord(`/${subdir}`)} --capacity ${gib}`,
      remove: `juicefs quota delete METAURL --path ${shellWord(`/${subdir}`)}`,
    }),
  }
}
