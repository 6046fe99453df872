/** A line that takes in a library, as shellcheck and a shell in that folder follow it. */
const SOURCE = /^\. \.\/([a-z-]+\.sh)$/gm

/**
 * A shell program of one text, with the libraries that it sources (`. ./listing.sh`) in their places, each once.
 * @param libraries their texts by file name
 * Throws Error for a library that is not among them.
 */
export function assemble(text: string, libraries: Readonly<Record<string, string>>): string {
  return takeIn(text, libraries, new Set())
}

function takeIn(text: string, libraries: Readonly<Record<string, string>>, taken: Set<string>): string {
  return text.replace(SOURCE, (_, name: string) => {
    const library = libraries[name]
    if (library === undefined) throw new Error(`there is no library ${name}`)
    if (taken.has(name)) return ''
    taken.add(name)
    return takeIn(library, libraries, taken)
  })
}
