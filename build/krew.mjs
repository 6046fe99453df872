// Prints the manifest of a krew plugin for the archives that are named: `npm run krew -- juicify-linux-x64.tar.gz …`. Each holds
// the one file of `npm run standalone` and LICENSE. Where they are to be had is said by KREW_BASE_URL, for there is no public place.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dump } from 'js-yaml'

const root = new URL('..', import.meta.url)

/** What krew calls the processors. */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

/**
 * The manifest, as https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ describes it.
 * @param {{ version: string, description: string }} pack package.json
 * @param {{ name: string, bytes: Uint8Array }[]} archives
 * @param {string} baseUrl where the archives are to be had
 */
export function krewManifest({ version, description }, archives, baseUrl) {
  return {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'juicify' },
    spec: {
      version: `v${version}`,
      homepage: baseUrl,
      shortDescription: 'Migrate volumes from local disks to JuiceFS',
      description: `${description}\n`,
      caveats: 'It needs RBAC roles, which kubectl juicify rbac prints.\n',
      platforms: archives.map((archive) => platform(archive, baseUrl)),
    },
  }
}

function platform({ name, bytes }, baseUrl) {
  const [, arch] = /^juicify-linux-(\w+)\.tar\.gz$/.exec(name) ?? []
  if (!(arch in ARCHITECTURES))
    throw new Error(`${name} is no archive of juicify: it has to be juicify-linux-x64.tar.gz or -arm64`)
  return {
    selector: { matchLabels: { os: 'linux', arch: ARCHITECTURES[arch] } },
    uri: `${baseUrl.replace(/\/+$/, '')}/${name}`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bin: `juicify-linux-${arch}`,
    files: [
      { from: `juicify-linux-${arch}`, to: '.' },
      { from: 'LICENSE', to: '.' },
    ],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { KREW_BASE_URL } = process.env
  if (!KREW_BASE_URL) throw new Error('KREW_BASE_URL has to say where the archives are to be had')
  const pack = JSON.parse(await readFile(new URL('package.json', root), 'utf8'))
  const archives = process.argv.slice(2).map(async (file) => ({ name: basename(file), bytes: await readFile(file) }))
  process.stdout.write(dump(krewManifest(pack, await Promise.all(archives), KREW_BASE_URL), { lineWidth: -1 }))
}
