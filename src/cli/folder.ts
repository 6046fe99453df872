import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** What was found below a folder. */
export interface FoundFile {
  /** Below the folder, with slashes. */
  name: string
  /** Where it is, links followed. */
  path: string
}

/**
 * All files below a folder, in the order of their names: what can be read to its end, and no pipe or device. Links are followed,
 * to each folder once: they may lead round in circles, and many of them round a great many.
 * @param goesInto whether to look into a folder, by its name and where it really is
 */
export async function filesBelow(
  root: string,
  goesInto: (folder: FoundFile) => boolean = () => true,
): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  const seen = new Set<string>()
  const look = async (folder: FoundFile): Promise<void> => {
    if (seen.has(folder.path) || (folder.name !== '' && !goesInto(folder))) return
    seen.add(folder.path)
    // folders before links to folders, so that each is called by its own name
    const entries = await readdir(folder.path, { withFileTypes: true })
    const links = entries.filter((entry) => entry.isSymbolicLink())
    for (const { name: own } of [...entries.filter((entry) => !entry.isSymbolicLink()), ...links]) {
      const name = folder.name === '' ? own : `${folder.name}/${own}`
      const found = await real(path.join(folder.path, own))
      if (found?.is === 'folder') await look({ name, path: found.path })
      else if (found) files.push({ name, path: found.path })
    }
  }
  await look({ name: '', path: await realpath(root) })
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Undefined where a link leads nowhere, and of what is neither a file nor a folder. */
async function real(at: string): Promise<{ path: string; is: 'file' | 'folder' } | undefined> {
  try {
    const target = await realpath(at)
    const found = await stat(target)
    if (found.isDirectory()) return { path: target, is: 'folder' }
    return found.isFile() ? { path: target, is: 'file' } : undefined
  } catch {
    return undefined
  }
}
