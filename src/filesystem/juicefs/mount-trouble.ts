import type { MountTrouble } from '../../domain/trouble.ts'
import { type TroubleWords, troubled } from '../../words/trouble.ts'
import type { JuiceFSTarget } from './target.ts'

interface Known {
  /** As juicefs, its metadata engines and object stores say it. */
  says: RegExp
  is: keyof TroubleWords['mount']['known']
  lasting: boolean
}

const KNOWN: Known[] = [
  {
    says: /\b(WRONGPASS|NOAUTH|invalid password|password authentication failed|Access denied for user)\b/i,
    is: 'password',
    lasting: true,
  },
  { says: /\b(InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|NoSuchBucket)\b/, is: 'keys', lasting: true },
  { says: /database is not formatted|please run `?juicefs format/i, is: 'unformatted', lasting: true },
  { says: /cannot update volume (name|storage|bucket)/i, is: 'other', lasting: true },
  {
    says: /connection refused|no route to host|network is unreachable|i\/o timeout|no such host|name resolution|context deadline exceeded|timed out after|signal: killed/i,
    is: 'unreachable',
    lasting: false,
  },
]

/** What the words mean with which the driver could not mount: the most specific, and its own remedy. */
export function mountTroubleOn({ secretRef: { namespace, name } }: JuiceFSTarget): MountTrouble {
  return (words) => {
    const known = KNOWN.find(({ says }) => says.test(words))
    return (
      known && {
        ...troubled(({ mount }) => mount.failed(mount.known[known.is], words, `${namespace}/${name}`)),
        lasting: known.lasting,
      }
    )
  }
}
