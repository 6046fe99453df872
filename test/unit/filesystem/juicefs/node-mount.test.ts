import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  fstabText,
  mountProblems,
  mountScript,
  mountUnit,
  passwordText,
} from '../../../../src/filesystem/juicefs/node-mount.ts'
import { juicefsSetup } from '../../../../src/filesystem/juicefs/setup-questions.ts'

const mounted = { name: 'team-fs', mount: { path: '/data/k8s/kubeflow', subdir: 'kubeflow' } }
const secrets = { metaurl: "redis://:planted-'pass$word%@192.0.2.1:6379/1" }
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

describe('how nodes mount the file system themselves', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'juicify-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('holds the password in one file of its own, as a shell and systemd read it', () => {
    for (const text of [mountScript, mountUnit, fstabText]) expect(text(mounted, secrets)).not.toContain('planted')
    writeFileSync(path.join(folder, 'env'), passwordText(secrets))
    const said = execFileSync('sh', ['-c', '. ./env; printf %s "$META_PASSWORD"'], { cwd: folder, encoding: 'utf8' })
    expect(said).toBe("planted-'pass$word%")
  })

  test('is a line that juicefs takes', () => {
    writeFileSync(path.join(folder, 'juicefs'), '#!/bin/sh\nprintf "%s\\n" "$@" "$META_PASSWORD"\n')
    chmodSync(path.join(folder, 'juicefs'), 0o755)
    const at = path.join(folder, 'at')
    const script = mountScript({ ...mounted, mount: { path: at, subdir: 'a b' } }, secrets)
    const env = { PATH: `${folder}:${process.env.PATH}`, META_PASSWORD: 'm' }
    const lines = execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).trim().split('\n')
    expect(lines).toEqual(['mount', '--background', '--subdir', 'a b', 'redis://192.0.2.1:6379/1', at, 'm'])
    expect(() => execFileSync('sh', ['-c', script], { env: { PATH: env.PATH }, stdio: 'pipe' })).toThrow(
      /META_PASSWORD/,
    )
  })

  test.skipIf(!hasSystemd)('is a unit that systemd reads without a complaint, whatever its path is called', () => {
    const bin = '/usr/local/bin/juicefs'
    for (const at of ['/jfs', '/data/100%/数据']) {
      const unit = mountUnit({ ...mounted, mount: { path: at, subdir: '50%/x' } }, secrets)
      mkdirSync(path.join(folder, 'units'), { recursive: true })
      const file = path.join(folder, 'units', 'juicefs-mount.service')
      // systemd looks whether it is there
      writeFileSync(file, unit.replaceAll(bin, '/bin/true'))
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      const about = stderr.split('\n').filter((line) => line.includes('juicefs-mount'))
      expect([status, about]).toEqual([0, []])
    }
  })

  test('is a line of /etc/fstab of six fields, and the name that systemd gives its unit', () => {
    const text = fstabText({ ...mounted, mount: { path: '/data/my-disk/数', subdir: 'a' } }, secrets)
    const [line = '', ...more] = text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))
    expect(more).toEqual([])
    expect(line.split(' ')).toEqual([
      'redis://192.0.2.1:6379/1',
      '/data/my-disk/数',
      'juicefs',
      '_netdev,nofail,x-systemd.before=kubelet.service,subdir=a',
      '0',
      '0',
    ])
    const unit = 'data-my\\x2ddisk-\\xe6\\x95\\xb0.mount'
    expect(text).toContain(`systemctl start '${unit}'`)
    if (!hasSystemd) return
    const said = execFileSync('systemd-escape', ['--path', '--suffix=mount', '/data/my-disk/数'], { encoding: 'utf8' })
    expect(said.trim()).toBe(unit)
  })

  test('refuses a path that is none, or that a unit could not hold', () => {
    const at = (where: string, subdir = '') => mountProblems({ path: where, subdir }).length
    expect([at('/jfs'), at('/a/数-b', 'x/y')]).toEqual([0, 0])
    for (const where of ['jfs', '/', '/a/../b', '/a b', '/a\n/b', "/a'b", '/a//b', '/a/'])
      expect([where, at(where)]).toEqual([where, 1])
    for (const subdir of ['/x', 'x/../y', 'x y', 'x\ny', 'x/'])
      expect([subdir, at('/jfs', subdir)]).toEqual([subdir, 1])
  })

  test('refuses an address with a line end, which would end a line of a unit too', () => {
    const answers = { name: 'team-fs', storage: 'minio', bucket: 'http://h/b' }
    const write = (metaurl: string) => () => juicefsSetup.write({ answers: { ...answers, metaurl }, settings: {} })
    expect(write('redis://:p@h:6379/1')().contents.unit).toContain('redis://h:6379/1')
    expect(write('redis://:p@h:6379/1\nExecStartPost=/bin/sh -c id')).toThrow('control character')
  })
})
