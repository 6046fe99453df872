import { expect, test } from 'vitest'
import { changesBy } from '../../../src/engine/admission.ts'

const pod = (spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'notebook', namespace: 'jupyter', ...metadata },
  spec: { containers: [{ name: 'notebook', image: 'jupyter' }], ...spec },
})

test('a node that the user chose for a pod is no change of a policy, and a label that a policy adds is one', () => {
  const sent = pod({ nodeName: 'node1' })
  const managedFields = [{ manager: 'juicify', fieldsV1: { 'f:spec': { 'f:nodeName': {} } } }]
  expect(changesBy(sent, pod({ nodeName: 'node1' }, { managedFields }))).toEqual([])
  expect(changesBy(sent, pod({ nodeName: 'node1' }, { managedFields, labels: { checked: 'yes' } }))).toEqual([
    { field: 'metadata.labels', sent: 'absent', admitted: '{"checked":"yes"}' },
  ])
})
