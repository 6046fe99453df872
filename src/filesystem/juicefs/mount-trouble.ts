import type { MountTrouble, Trouble } from '../../domain/trouble.ts'
import type { JuiceFSTarget } from './target.ts'

interface Known {
  /** As juicefs, its metadata engines and object stores say it. */
  says: RegExp
  why: string
  remedy: string
  lasting: boolean
}

const CORRECT = 'Correct it in the Secret'

const KNOWN: Known[] = [
  {
    says: /\b(WRONGPASS|NOAUTH|invalid password|password authentication failed|Access denied for user)\b/i,
    why: 'the metadata engine refuses the password',
    remedy: `${CORRECT} (metaurl)`,
    lasting: true,
  },
  {
    says: /\b(InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|NoSuchBucket)\b/,
    why: 'the object store refuses its keys, or has no such bucket',
    remedy: `${CORRECT} (bucket, access-key, secret-key)`,
    lasting: true,
  },
  {
    says: /database is not formatted|please run `?juicefs format/i,
    why: 'the file system is not formatted',
    remedy:
      'See whether that is the right database, and empty; then format it, with the line that juicify setup writes',
    lasting: true,
  },
  {
    says: /cannot update volume (name|storage|bucket)/i,
    why: 'the file system at that address has another name, or other storage, than the Secret says',
    remedy: `${CORRECT} (name, metaurl)`,
    lasting: true,
  },
  {
    says: /connection refused|no route to host|network is unreachable|i\/o timeout|no such host|name resolution|context deadline exceeded|timed out after|signal: killed/i,
    why: 'the servers that the file system depends on cannot be reached from that node',
    remedy: 'Make sure that the addresses in the Secret can be reached from that node, and that the servers are up',
    lasting: false,
  },
]

/** What the words mean with which the driver could not mount: the most specific, and its own remedy. */
export function mountTroubleOn({ secretRef: { namespace, name } }: JuiceFSTarget): MountTrouble {
  return (words): Trouble | undefined => {
    const known = KNOWN.find(({ says }) => says.test(words))
    return (
      known && {
        why: `the file system could not be mounted: ${known.why}. The driver says: ${words}`,
        remedy: `${known.remedy}: Secret ${namespace}/${name}. Pods then mount by themselves; juicify resume continues.`,
        lasting: known.lasting,
      }
    )
  }
}
