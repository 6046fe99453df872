import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { claim, pod, volume, workload } from '../contract/manifests.ts'

const installed = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!installed)(
  `Real kubectl on the sandbox${installed ? '' : ' (skipped: kubectl is not installed)'}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'sandbox-kubectl-'))
    const kubeconfig = join(directory, 'kubeconfig')
    const base = ['--kubeconfig', kubeconfig, '--cache-dir', join(directory, 'cache'), '--namespace', 'jupyter']
    let sandbox: Sandbox

    const kubectl = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
      new Promise((resolve) => {
        execFile('kubectl', [...base, ...args], (error, out, err) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err })
        })
      })
    /** What kubectl prints where it succeeds. */
    const prints = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await kubectl(...args)
      expect(code, err).toBe(0)
      return out
    }
    const file = (name: string, ...manifests: unknown[]): string => {
      const path = join(directory, `${name}.json`)
      writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }))
      return path
    }
    const words = (line: string | undefined) => (line ?? '').split(/\s{2,}/).map((word) => word.trim())

    beforeAll(async () => {
      const nodes = ['node1', 'node2'].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } }))
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jupyter' } }
      sandbox = await startSandbox({
        objects: [namespace, ...nodes, volume('data'), claim('data', { volumeName: 'data' }, { namespace: 'jupyter' })],
      })
      writeFileSync(kubeconfig, sandbox.kubeconfig)
    })
    afterAll(async () => {
      await sandbox.close()
      rmSync(directory, { recursive: true })
    })

    it('get prints the columns of volumes and claims', async () => {
      const [head, row] = (await prints('get', 'pv')).split('\n')
      expect(words(head)).toEqual([
        'NAME',
        'CAPACITY',
        'ACCESS MODES',
        'RECLAIM POLICY',
        'STATUS',
        'CLAIM',
        'STORAGECLASS',
        'REASON',
        'AGE',
      ])
      expect(words(row).slice(0, 6)).toEqual(['data', '1Gi', 'RWX', 'Retain', 'Bound', 'jupyter/data'])
      expect(await prints('get', 'pvc', '-A')).toMatch(/jupyter +data +Bound +data +1Gi +RWX/)
      expect(await prints('get', 'pv', 'data', '-o', 'jsonpath={.spec.hostPath.path}')).toBe('/data/data')
      expect(
        await prints('get', 'pods,deployments,sts,ds,jobs,cronjobs,hpa,svc,secrets,cm,nodes,sc,csidrivers,leases,ns'),
      ).toContain('node1')
    })

    it('create, apply and delete take manifests, and apply changes only what it says', async () => {
      const name = file('web', workload('Deployment', 'web', { replicas: 2 }))
      expect(await prints('create', '-f', name)).toBe('deployment.apps/web created\n')
      const again = await kubectl('create', '-f', name)
      expect(again.code).toBe(1)
      expect(again.err).toContain('(AlreadyExists)')
      const extra = pod('alone', ['data'], {}, { labels: { user: 'someone' } })
      expect(await prints('apply', '-f', file('alone', extra))).toBe('pod/alone created\n')
      const map = file('map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: { a: 'b' } })
      expect(await prints('apply', '-f', map)).toBe('configmap/map created\n')
      expect(await prints('apply', '-f', map)).toBe('configmap/map unchanged\n')
      expect(await prints('wait', '--for=condition=Ready', 'pod/alone', '--timeout=20s')).toBe(
        'pod/alone condition met\n',
      )
      expect(await prints('delete', 'pod', 'alone')).toContain('pod "alone" deleted')
      expect((await kubectl('get', 'pod', 'alone')).err).toContain('(NotFound)')
    })

    it('scale, rollout and wait see the controllers at work', async () => {
      await prints('rollout', 'status', 'deployment/web', '--timeout=20s')
      expect(await prints('scale', 'deployment/web', '--replicas=3')).toBe('deployment.apps/web scaled\n')
      expect(await prints('rollout', 'status', 'deployment/web', '--timeout=20s')).toContain('successfully rolled out')
      expect(await prints('rollout', 'restart', 'deployment/web')).toBe('deployment.apps/web restarted\n')
      expect(await prints('rollout', 'status', 'deployment/web', '--timeout=20s')).toContain('successfully rolled out')
      expect(await prints('wait', '--for=condition=Available', 'deployment/web', '--timeout=20s')).toContain(
        'condition met',
      )
      expect((await prints('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n')).toHaveLength(3)
    })

    it('label, annotate and patch change what they say, and are refused what is immutable', async () => {
      expect(await prints('label', 'pv', 'data', 'a=b')).toBe('persistentvolume/data labeled\n')
      expect(await prints('annotate', 'pvc', 'data', 'c=d')).toBe('persistentvolumeclaim/data annotated\n')
      expect(
        await prints(
          'patch',
          'pv',
          'data',
          '--type=json',
          '-p',
          '[{"op":"replace","path":"/metadata/labels/a","value":"e"}]',
        ),
      ).toContain('patched')
      expect(
        await prints('patch', 'pv', 'data', '--type=merge', '-p', '{"metadata":{"annotations":{"f":"g"}}}'),
      ).toContain('patched')
      expect(await prints('patch', 'pv', 'data', '-p', '{"spec":{"mountOptions":["ro"]}}')).toContain('patched')
      expect(
        await prints(
          'get',
          'pv',
          'data',
          '-o',
          'jsonpath={.metadata.labels.a}{.metadata.annotations.f}{.spec.mountOptions[0]}',
        ),
      ).toBe('egro')
      const refused = await kubectl(
        'patch',
        'pv',
        'data',
        '--type=merge',
        '-p',
        '{"spec":{"hostPath":{"path":"/other"}}}',
      )
      expect(refused.code).toBe(1)
      expect(refused.err).toContain(
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      )
    })

    it('get -w prints a row for every change', async () => {
      const watching = spawn('kubectl', [...base, 'get', 'pv', '-w', '--no-headers'])
      let printed = ''
      const saw = (pattern: RegExp) =>
        new Promise<void>((resolve) => {
          const look = () => {
            if (pattern.test(printed)) resolve()
          }
          watching.stdout.on('data', look)
          look()
        })
      // kubectl writes a row piece by piece.
      watching.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
      })
      await saw(/^data .*Bound/m)
      await prints('delete', 'pv', 'data', '--wait=false')
      await saw(/^data .*Terminating/m)
      await prints('patch', 'pv', 'data', '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
      expect(await prints('wait', '--for=jsonpath={.status.phase}=Lost', 'pvc/data', '--timeout=20s')).toContain(
        'condition met',
      )
      watching.kill()
    })

    it('says in one line what the sandbox does not know', async () => {
      expect((await kubectl('get', 'unicorns')).err).toContain('the server doesn\'t have a resource type "unicorns"')
      expect((await kubectl('create', 'namespace', 'typed')).err).toContain('(UnsupportedMediaType)')
      expect((await kubectl('exec', 'web', '--', 'ls')).code).not.toBe(0)
    })
  },
)
