import path from 'node:path'
import { ExitCode } from '../domain/failure.ts'
import { languageOf, speak } from '../words/language.ts'
import { load } from './load.ts'
import { overview } from './overview.ts'
import { versionText } from './version.ts'

// Where a process begins. What is asked most often and needs least is answered from here: to load yargs and to let it
// lay out a text takes about as long as Node itself.

// whatever ends this process before a command has said how it went is no success
process.exitCode = ExitCode.failed
const words = process.argv.slice(2)
const only = words.length === 1 ? words[0] : undefined
// a longer line may ask for another one
speak(languageOf(process.env))
if (only === '--help' || only === '-h' || only === 'help') {
  answer(overview(path.basename(process.argv[1] ?? '') === 'kubectl-juicify' ? 'kubectl juicify' : 'juicify'))
} else if (only === 'version' || only === '--version') {
  answer(versionText())
} else {
  const { exports, keepCompiled } = load<typeof import('./juicify.ts')>('main.cjs', words[0])
  exports.main(words).then((code) => {
    process.exitCode = code
    keepCompiled()
  })
}

function answer(text: string): void {
  // who asked may be gone (`juicify --help | head`)
  process.stdout.on('error', () => {}).write(`${text}\n`)
  process.exitCode = ExitCode.done
}
