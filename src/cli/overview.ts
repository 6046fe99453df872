import { COMMANDS } from './commands.ts'

/** What `juicify --help` prints: what it is for, and the commands, each in a line. `name` is how it was called. */
export function overview(name: string): string {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length))
  return [
    'Moves cube-studio’s volumes from the nodes’ local disks to JuiceFS, in place.',
    '',
    `Usage: ${name} COMMAND`,
    '',
    'Commands:',
    ...COMMANDS.map(({ usage, describe }) => `  ${name} ${usage.padEnd(width)}  ${describe}`),
    '',
    `Run ${name} help COMMAND for its flags and examples.`,
  ].join('\n')
}
