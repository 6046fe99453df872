// Bundles src/cli/start.ts into dist/, so that a command loads what it needs and no more. What each line is for was
// measured as whole processes: unbundled, `juicify plan` takes 0.9 s longer.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Bundles the command into a folder, with the licences of what went into it: a small file that answers what needs
 * little, and one with all the rest, which it loads as a script, because what V8 makes of a script can be kept.
 * @param {{ outdir?: string }} [options]
 * @returns {Promise<import('esbuild').Metafile>}
 */
export async function bundle({ outdir = join(root, 'dist') } = {}) {
  const { version } = await readPackage(root)
  await rm(outdir, { recursive: true, force: true })
  const options = {
    absWorkingDir: root,
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Names stay: errors tell theirs, and keeping them in a minified bundle costs a call for every function.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    loader: { '.sh': 'text' },
    metafile: true,
    logLevel: 'warning',
    define: { JUICIFY_VERSION: JSON.stringify(version) },
  }
  const start = build({
    ...options,
    outExtension: { '.js': '.cjs' },
    entryPoints: { juicify: join(root, 'src/cli/start.ts') },
    // Node starts faster without its loader of ES modules
    format: 'cjs',
    define: { ...options.define, 'import.meta.url': 'url' },
    // its help names the commands, and it calls none
    external: ['./commands/*'],
    banner: { js: `#!/usr/bin/env node\n${URL_OF_FILE}` },
  })
  // Twice, because esbuild takes what is loaded when it is needed as a whole, unless it may be a file of its own.
  const modules = join(outdir, 'modules')
  const { metafile } = await build({
    ...options,
    entryPoints: { main: join(root, 'src/cli/juicify.ts') },
    outdir: modules,
    splitting: true,
    format: 'esm',
    plugins: [leanClientNode, leanTerminal],
  })
  await build({
    ...options,
    entryPoints: [join(modules, 'main.js')],
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    define: { 'import.meta.url': 'url' },
    banner: { js: `((require,__filename)=>{const module={exports:{}};${URL_OF_FILE}` },
    footer: { js: 'return module.exports})' },
  })
  await rm(modules, { recursive: true })
  Object.assign(metafile.outputs, (await start).metafile.outputs)
  await chmod(join(outdir, 'juicify.cjs'), 0o755)
  await writeFile(join(outdir, 'THIRD-PARTY-LICENSES'), await licences(metafile))
  return metafile
}

// What import.meta.url is in CommonJS.
const URL_OF_FILE = "const url=require('node:url').pathToFileURL(__filename).href;"

/**
 * Of @kubernetes/client-node we use KubeConfig. Its package.json does not say that its modules have no side effects,
 * so without this all 967 of them would be bundled. Two of the imports of KubeConfig itself are for methods that we
 * do not call: js-yaml (an older major than ours; src/cluster reads kubeconfigs itself) and node-fetch.
 */
const leanClientNode = {
  name: 'lean-client-node',
  setup(build) {
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolving') return undefined
      const { path: index, errors } = await build.resolve(path, { ...from, pluginData: 'resolving' })
      return { path: index, errors, sideEffects: false }
    })
    build.onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      if (!importer.includes('/@kubernetes/client-node/') || kind !== 'import-statement') return undefined
      return { path: join(dirname(importer), path), sideEffects: false }
    })
    build.onResolve({ filter: /^(js-yaml|node-fetch)$/ }, ({ path, importer }) => {
      if (!importer.includes('/@kubernetes/client-node/')) return undefined
      return { path, namespace: 'left-out', sideEffects: false }
    })
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `const absent = () => { throw new Error('${path} is left out of this bundle') }
        export default { load: absent }; export { absent as Headers, absent as AbortError, absent as FetchError, absent as editAsync }`,
    }))
  },
}

/**
 * What is only loaded, or only weighs, and is never used: the emoji table of string-width; Node's assert, of which yargs
 * takes two functions; and the 500 kB of encodings that @inquirer/prompts brings for a prompt that we do not have.
 */
const leanTerminal = {
  name: 'lean-terminal',
  setup(build) {
    // who asks with `require` expects the function itself
    build.onResolve({ filter: /^string-width$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: join(root, 'build/string-width.mjs') },
    )
    build.onResolve({ filter: /^assert$/ }, ({ importer }) => {
      return importer.includes('/yargs/') ? { path: join(root, 'build/assert.mjs') } : undefined
    })
    build.onResolve({ filter: /^@inquirer\/external-editor$/ }, ({ path }) => ({ path, namespace: 'left-out' }))
  },
}

/** Name, version and licence text of each package that has code in the bundle. */
async function licences({ inputs, outputs }) {
  const used = new Set(
    Object.values(outputs).flatMap((output) =>
      Object.keys(output.inputs).filter((input) => output.inputs[input].bytesInOutput > 0),
    ),
  )
  const folders = new Set(
    Object.keys(inputs)
      .filter((input) => used.has(input))
      .map(packageFolder)
      .filter(Boolean),
  )
  const entries = await Promise.all([...folders].sort().map(licenceOf))
  return `juicify contains the following packages.\n\n${entries.join('\n')}`
}

/** The folder of the package that a file is of, below the last node_modules; undefined for our own files. */
function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

async function licenceOf(folder) {
  const { name, version, license } = await readPackage(join(root, folder))
  const files = (await readdir(join(root, folder))).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort()
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')))
  if (texts.length === 0) throw new Error(`${relative(root, folder)} comes without the text of its licence`)
  return `${'='.repeat(80)}\n${name} ${version} (${license ?? 'see below'})\n${'='.repeat(80)}\n${texts.join('\n').trim()}\n`
}

async function readPackage(folder) {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
