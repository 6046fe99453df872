import { overviewWords } from '../words/overview.ts'
import { COMMANDS, commandName } from './commands.ts'

/** What `juicify --help` prints: what it is for, and the commands, each in a line. `name` is how it was called. */
export function overview(name: string): string {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length))
  const says = overviewWords()
  return [
    says.about,
    '',
    says.usage(name),
    '',
    says.commandsTitle,
    ...COMMANDS.map((each) => `  ${name} ${each.usage.padEnd(width)}  ${says.commands[commandName(each)]}`),
    '',
    says.more(name),
  ].join('\n')
}
