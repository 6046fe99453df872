import { describe, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import { readiness } from '../../src/planner/readiness.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { migration } from '../laboratory/migration.ts'
import { kubeconfigOfNobody } from '../laboratory/real.ts'

const here = process.env.JUICIFY_TEST_CLUSTER === '1'

async function check(kubeconfigText: string | undefined) {
  const cluster = await connect(kubeconfigText === undefined ? {} : { kubeconfigText })
  try {
    return readiness(await checkFacts(cluster, migration()))
  } finally {
    cluster.close()
  }
}

describe.skipIf(!here)('juicify check on a real API server (JUICIFY_TEST_CLUSTER=1)', () => {
  test('lets an administrator migrate, and warns of the driver, which is only a stand-in', async () => {
    const lines = await check(undefined)
    expect(lines.filter(({ level }) => level === 'problem')).toEqual([])
    const said = Object.fromEntries(lines.map(({ subject, level }) => [subject, level]))
    expect(said).toMatchObject({ api: 'ok', permissions: 'ok', driver: 'note', secret: 'ok', nodes: 'ok' })
    expect(JSON.stringify(lines)).not.toContain('not-a-real')
  })

  test('tells a user without any rights what to ask for', async () => {
    const [, permissions] = await check(await kubeconfigOfNobody())
    expect(permissions).toMatchObject({ level: 'problem', remedy: expect.stringContaining('juicify rbac') })
    expect(permissions?.text).toContain('nodes (list)')
  })
})
