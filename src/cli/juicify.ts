import path from 'node:path'
import yargs from 'yargs'
import { ExitCode, Failure } from '../domain/failure.ts'
import { nearest } from '../domain/text.ts'
import { COMMANDS, type Command } from './commands.ts'
import { layoutOf, say } from './terminal.ts'

class UsageError extends Error {}

/** The flags of the command that was being read, as its help names them: that is what yargs hands to who fails. */
function flagsOf(command: unknown): string[] {
  const help = (command as { help(): string }).help()
  return [...help.matchAll(/--([a-z][a-z-]*)/g)].map(([, flag = '']) => flag)
}

/** yargs names what it does not know; we name what was probably meant. */
function suggested(message: string, flags: string[]): string {
  const unknown = /^Unknown (?:argument|command)s?: ([^\s,]+)/.exec(message)?.[1]
  if (unknown === undefined) return message
  const commands = COMMANDS.map(({ usage }) => usage.split(' ')[0] ?? '')
  const isFlag = process.argv.some(
    (word) => word.replace(/^--?(no-)?/, '').split('=')[0] === unknown && word.startsWith('-'),
  )
  const near = nearest(unknown, isFlag ? flags : commands)
  const what = isFlag ? `There is no flag --${unknown}.` : `There is no command ${unknown}.`
  return near ? `${what} Did you mean ${isFlag ? '--' : ''}${near}?` : what
}
