// Makes standalone/juicify-linux-x64 and -arm64: Node.js with the bundle, the plans and the fixtures inside, for machines
// that have no Node.js. `npm run standalone` makes the one for this machine, `npm run standalone -- x64 arm64` those named.
// Node.js itself comes from npm's registry, in the version that runs this, for the two have to fit.
import { execFileSync } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'postject'
import { bundle } from './bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const SYSTEMS = ['x64', 'arm64']
/** Where Node.js looks for what is inside (https://nodejs.org/docs/latest-v20.x/api/single-executable-applications.html). */
const RESOURCE = 'NODE_SEA_BLOB'
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const LICENSES = 'dist/THIRD-PARTY-LICENSES'

/** @param {string} arch @param {string} work a folder for what is only needed meanwhile */
async function standalone(arch, work) {
  const node = await nodeFor(arch, work)
  const folder = join(root, 'standalone')
  await mkdir(folder, { recursive: true })
  const program = join(folder, `juicify-linux-${arch}`)
  const blob = await blobFor(arch, node.licence, work)
  await copyFile(node.program, program)
  await chmod(program, 0o755)
  await inject(program, RESOURCE, blob, { sentinelFuse: FUSE })
  return program
}

/** The official build of Node.js, and its licence. */
async function nodeFor(arch, work) {
  const spec = `node-linux-${arch}@${process.versions.node}`
  const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', work, spec], { encoding: 'utf8' })
  const folder = join(work, arch)
  await mkdir(folder)
  execFileSync('tar', ['-xzf', join(work, tarball.trim()), '-C', folder, '--strip-components=1'])
  return { program: join(folder, 'bin/node'), licence: await readFile(join(folder, 'LICENSE'), 'utf8') }
}

/** What goes in: the bundle, the package's files, and the licences of all of it. */
async function blobFor(arch, nodeLicence, work) {
  const licences = join(work, `licences-${arch}`)
  const line = '='.repeat(80)
  const title = `${line}\nNode.js ${process.versions.node}\n${line}\n`
  await writeFile(licences, `${await readFile(join(root, LICENSES), 'utf8')}\n${title}${nodeLicence}`)
  const own = ['package.json', 'LICENSE', ...(await filesBelow('plans')), ...(await filesBelow('fixtures'))]
  const list = join(work, `files-${arch}.json`)
  await writeFile(list, JSON.stringify([...own, LICENSES]))
  const config = {
    main: join(root, 'dist/juicify.cjs'),
    output: join(work, `blob-${arch}`),
    disableExperimentalSEAWarning: true,
    // what V8 makes of the code fits the machine that makes it
    useCodeCache: arch === process.arch,
    assets: {
      files: list,
      'main.cjs': join(root, 'dist/main.cjs'),
      [LICENSES]: licences,
      ...Object.fromEntries(own.map((name) => [name, join(root, name)])),
    },
  }
  const file = join(work, `config-${arch}.json`)
  await writeFile(file, JSON.stringify(config))
  execFileSync(process.execPath, ['--experimental-sea-config', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  return readFile(config.output)
}

async function filesBelow(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

const asked = process.argv.length > 2 ? process.argv.slice(2) : [process.arch]
const unknown = asked.find((arch) => !SYSTEMS.includes(arch))
if (unknown !== undefined) throw new Error(`juicify is made for ${SYSTEMS.join(' and ')}, and not for ${unknown}`)
const work = await mkdtemp(join(tmpdir(), 'juicify-standalone-'))
try {
  await bundle()
  for (const arch of asked) process.stdout.write(`${relative(root, await standalone(arch, work))}\n`)
} finally {
  await rm(work, { recursive: true, force: true })
}
