import { plain } from '../domain/text.ts'

const ESCAPE = String.fromCharCode(0x1b)

/** What our own texts have of what is not shown: line ends, tabs, and what picocolors writes for bold, dim and colours, and their ends. */
const OURS = new RegExp(`(\n|\t|${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m)`)

/**
 * A text for a terminal that shows it and obeys none of it: names, events, file names and logs of a cluster are other
 * people's. What is not for showing comes out as its code, `\u001b`; our own colours and lines stay.
 */
export function printable(text: string): string {
  return text
    .split(OURS)
    .map((part, index) => (index % 2 === 0 ? plain(part) : part))
    .join('')
}
