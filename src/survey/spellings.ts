// A name may be written in other ways than letter by letter: in the address of something, in what was encoded to be carried
// somewhere, in what a program has escaped. All of these are read, and written again in the same way.

/** How deep one may lie in another: an encoded address in what is encoded. */
const DEEPEST = 3

interface Spelling {
  pattern: RegExp
  /** What a piece of text says; undefined where it says nothing in this way. */
  read(text: string): string | undefined
  write(text: string): string
}

const SPELLINGS: readonly Spelling[] = [
  {
    pattern: /[^\s"'<>/?&=#;,]*%[0-9a-f]{2}[^\s"'<>/?&=#;,]*/gi,
    read: (text) => attempted(() => decodeURIComponent(text)),
    write: encodeURIComponent,
  },
  {
    pattern: /(?:\\u[0-9a-f]{4})+/gi,
    read: (text) => attempted(() => JSON.parse(`"${text}"`) as string),
    write: (text) => text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  },
  {
    pattern: /[a-z0-9+/_-]{6,}={0,2}/gi,
    read: fromBase64,
    write: (text) => Buffer.from(text).toString('base64'),
  },
]

const STRICT = new TextDecoder('utf-8', { fatal: true })

/** Undefined for what is no text when it is decoded, as nearly all words are. */
function fromBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return undefined
  return attempted(() => STRICT.decode(bytes))
}

/** All that a text says, in whichever way: itself, and what is written in it in another way. */
export function readings(text: string, depth = DEEPEST): string[] {
  if (depth === 0) return [text]
  const others = SPELLINGS.flatMap(({ pattern, read }) =>
    [...text.matchAll(pattern)].flatMap(([piece]) => {
      const said = read(piece)
      return said === undefined || said === piece ? [] : readings(said, depth - 1)
    }),
  )
  return [text, ...others]
}

/** The text with `change` made in all that it says, each in the way in which it was written. */
export function changedInAll(text: string, change: (text: string) => string, depth = DEEPEST): string {
  if (depth === 0) return change(text)
  const within = SPELLINGS.reduce(
    (whole, { pattern, read, write }) =>
      whole.replace(pattern, (piece) => {
        const said = read(piece)
        if (said === undefined || said === piece) return piece
        const changed = changedInAll(said, change, depth - 1)
        return changed === said ? piece : write(changed)
      }),
    text,
  )
  return change(within)
}

function attempted<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
