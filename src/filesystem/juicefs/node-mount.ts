import { shellWord } from '../../domain/shell.ts'
import { setupWords } from '../../words/setup.ts'
import { publicAddress, type SetupSecrets } from './setup.ts'

/** How the nodes themselves mount the file system, for what goes on using host paths. */
export interface NodeMount {
  /** Where, on every node: absolute and normalised. */
  path: string
  /** Which directory of the file system; all of it where empty. */
  subdir: string
}

/** What is mounted, without what is secret. */
interface Mounted {
  /** The file system's name. */
  name: string
  mount: NodeMount
}

/** Where the installation script of JuiceFS puts it: https://juicefs.com/docs/community/getting-started/installation */
const JUICEFS = '/usr/local/bin/juicefs'

/** The file on a node that holds META_PASSWORD, root's alone. */
function passwordFile({ name }: Mounted): string {
  return `/etc/juicefs/${name}.env`
}

/** What is wrong with where it is to be mounted, each in a sentence. */
export function mountProblems({ path, subdir }: NodeMount): string[] {
  const isPath = /^(\/[\p{L}\p{M}\p{N}._@+:%-]+)+$/u.test(path) && !/\/\.{1,2}(\/|$)/.test(path)
  const isSubdir =
    subdir === '' || (/^[\p{L}\p{M}\p{N}._/@+:%-]+$/u.test(subdir) && !/(^|\/)\.{0,2}(\/|$)/.test(subdir))
  const says = setupWords().juicefs.wrong
  return [...(isPath ? [] : [says.mountPath(path)]), ...(isSubdir ? [] : [says.mountSubdir(subdir)])]
}

/** What the file of the password holds, for systemd and a shell. */
export function passwordText({ metaurl }: SetupSecrets): string {
  const { password } = publicAddress(metaurl)
  // read by systemd as a shell would: between single quotes nothing means anything but the quote itself
  return password === undefined
    ? '# The metadata engine has no password.\n'
    : `META_PASSWORD='${password.replaceAll("'", "'\\''")}'\n`
}

/** The `juicefs mount` line, to be tried by hand; it goes to the background. */
export function mountScript(mounted: Mounted, { metaurl }: SetupSecrets): string {
  const { mount } = mounted
  const { address, hasPassword } = publicAddress(metaurl)
  return [
    '#!/bin/sh',
    `# Mounts the file system at ${mount.path} of this node, as root. juicefs umount ${shellWord(mount.path)} takes it away again.`,
    ...(hasPassword
      ? [
          '# Needs META_PASSWORD in its environment: nothing secret is on its command line.',
          `: "\${META_PASSWORD:?is not set}"`,
          'export META_PASSWORD',
        ]
      : []),
    `mkdir -p ${shellWord(mount.path)}`,
    'exec juicefs mount --background \\',
    ...(mount.subdir === '' ? [] : [`    --subdir ${shellWord(mount.subdir)} \\`]),
    `    ${shellWord(address)} \\`,
    `    ${shellWord(mount.path)}`,
    '',
  ].join('\n')
}

/** A unit for systemd that mounts it before the kubelet starts pods, and again where it was lost. */
export function mountUnit(mounted: Mounted, { metaurl }: SetupSecrets): string {
  const { name, mount } = mounted
  const { address, hasPassword } = publicAddress(metaurl)
  const subdir = mount.subdir === '' ? [] : ['--subdir', mount.subdir]
  return [
    `# ${mount.path} of this node shows ${mount.subdir === '' ? 'JuiceFS' : `${mount.subdir} of JuiceFS`} ${name}.`,
    ...(hasPassword ? [`# Its password is in ${passwordFile(mounted)}, owner root, mode 0600.`] : []),
    '[Unit]',
    `Description=JuiceFS ${name} at ${unitText(mount.path)}`,
    'Documentation=https://juicefs.com/docs/community/administration/mount_at_boot',
    'Wants=network-online.target',
    'After=network-online.target',
    '# pods with host paths below it must not start before it',
    'Before=kubelet.service',
    '',
    '[Service]',
    ...(hasPassword ? [`EnvironmentFile=${passwordFile(mounted)}`] : []),
    `ExecStartPre=/bin/mkdir -p ${unitWord(mount.path)}`,
    `ExecStart=${[JUICEFS, 'mount', ...subdir, address, mount.path].map(unitWord).join(' ')}`,
    `ExecStop=${[JUICEFS, 'umount', mount.path].map(unitWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=5',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/** A line for /etc/fstab, and how its mount gets the password, which everybody could read there. */
export function fstabText(mounted: Mounted, { metaurl }: SetupSecrets): string {
  const { mount } = mounted
  const { address, hasPassword } = publicAddress(metaurl)
  const options = [
    '_netdev',
    'nofail',
    'x-systemd.before=kubelet.service',
    ...(mount.subdir === '' ? [] : [`subdir=${mount.subdir}`]),
  ]
  const unit = `${unitName(mount.path)}.mount`
  return [
    '# In place of the unit: a line for /etc/fstab. It needs /sbin/mount.juicefs, a link to juicefs:',
    `#   ln -s ${JUICEFS} /sbin/mount.juicefs`,
    ...(hasPassword
      ? [
          `# Everybody can read /etc/fstab, so the password is in ${passwordFile(mounted)} (owner root, mode 0600), and systemd, which`,
          '# mounts at boot, is told of it by a file of its own:',
          `#   mkdir -p '/etc/systemd/system/${unit}.d'`,
          `#   printf '[Mount]\\nEnvironmentFile=${passwordFile(mounted)}\\n' > '/etc/systemd/system/${unit}.d/password.conf'`,
          '#   systemctl daemon-reload',
          `# By hand: systemctl start '${unit}'. (mount -a, which does not read that file, fails.)`,
        ]
      : []),
    `${fstabWord(address)} ${fstabWord(mount.path)} juicefs ${options.map(fstabWord).join(',')} 0 0`,
    '',
  ].join('\n')
}

/** A word of a line that systemd runs: https://www.freedesktop.org/software/systemd/man/systemd.service.html#Command%20lines */
function unitWord(word: string): string {
  const text = unitText(word).replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** In a unit a per cent sign begins a specifier. */
function unitText(text: string): string {
  return text.replaceAll('%', '%%')
}

/** A field of /etc/fstab: fstab(5). */
function fstabWord(word: string): string {
  return word.replace(/[\s\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The name of the unit that mounts a path, as `systemd-escape --path` has it. */
function unitName(path: string): string {
  const bytes = (char: string) =>
    [...Buffer.from(char, 'utf8')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replace(/^\./, bytes).replace(/[^A-Za-z0-9:_.\\]/gu, bytes))
    .join('-')
}
