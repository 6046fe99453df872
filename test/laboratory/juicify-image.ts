import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { inNode, state } from './own-cluster.ts'

/** What pods name it by. */
export const JUICIFY_IMAGE = 'local/juicify:1'

const ROOT = path.join(import.meta.dirname, '../..')
const ENTRYPOINT = ['/bin/node', '/opt/juicify/dist/juicify.cjs']

/**
 * Brings an image of juicify to the nodes, as build/Dockerfile makes one, without a registry: this machine's Node.js with
 * the libraries that it needs, and the bundle.
 * @param bundle the bundled command
 */
export async function bringJuicifyImage(bundle: string, nodes: string[]): Promise<void> {
  const work = await mkdtemp(path.join(state, 'juicify-image-'))
  try {
    await fillRoot(path.join(work, 'root'), path.dirname(bundle))
    const archive = await archiveOf(work)
    for (const node of nodes)
      inNode(node, 'ctr', '-a', path.join(state, node, 'containerd.sock'), '-n', 'k8s.io', 'images', 'import', archive)
  } finally {
    await rm(work, { recursive: true })
  }
}

async function fillRoot(root: string, dist: string): Promise<void> {
  for (const folder of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc'])
    await mkdir(path.join(root, folder), { recursive: true })
  await cp(process.execPath, path.join(root, 'bin/node'), { dereference: true })
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? []
  for (const library of libraries) await cp(library, path.join(root, library), { dereference: true })
  const home = path.join(root, 'opt/juicify')
  for (const file of ['juicify.cjs', 'main.cjs']) await cp(path.join(dist, file), path.join(home, 'dist', file))
  for (const name of ['package.json', 'plans'])
    await cp(path.join(ROOT, name), path.join(home, name), { recursive: true })
}

/** An archive in the layout of the Open Container Initiative, of one layer; its name. */
async function archiveOf(work: string): Promise<string> {
  const blobs = path.join(work, 'oci/blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const tar = path.join(work, 'layer.tar')
  execFileSync('tar', ['-C', path.join(work, 'root'), '--owner=0', '--group=0', '--mode=a+rX', '-cf', tar, '.'])
  const layer = { ...(await digestOf(tar)), mediaType: 'application/vnd.oci.image.layer.v1.tar' }
  await rename(tar, path.join(blobs, layer.digest.slice('sha256:'.length)))
  const blob = async (content: object, mediaType: string) => {
    const text = JSON.stringify(content)
    const hash = createHash('sha256').update(text).digest('hex')
    await writeFile(path.join(blobs, hash), text)
    return { mediaType, digest: `sha256:${hash}`, size: text.length }
  }
  const config = await blob(
    {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: ENTRYPOINT, Env: ['PATH=/bin'], User: '65532:65532' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    },
    'application/vnd.oci.image.config.v1+json',
  )
  const manifestType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = await blob({ schemaVersion: 2, mediaType: manifestType, config, layers: [layer] }, manifestType)
  const annotations = { 'io.containerd.image.name': `docker.io/${JUICIFY_IMAGE}` }
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] }
  await writeFile(path.join(work, 'oci/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(path.join(work, 'oci/index.json'), JSON.stringify(index))
  const archive = path.join(work, 'image.tar')
  execFileSync('tar', ['-C', path.join(work, 'oci'), '-cf', archive, '.'])
  return archive
}

async function digestOf(file: string): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
    }
  })
  return { digest: `sha256:${hash.digest('hex')}`, size }
}
