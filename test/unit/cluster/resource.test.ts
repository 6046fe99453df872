import { expect, test } from 'vitest'
import {
  apiPath,
  builtInResource,
  collectionPath,
  discoveredResources,
  objectPath,
  withQuery,
} from '../../../src/cluster/resource.ts'

const pods = { plural: 'pods', namespaced: true }
const volumes = { plural: 'persistentvolumes', namespaced: false }

test('the core group has its own root, all others are named', () => {
  expect(apiPath('v1')).toBe('/api/v1')
  expect(apiPath('apps/v1')).toBe('/apis/apps/v1')
})

test('a namespace is in the path of what has one, and of nothing else', () => {
  expect(collectionPath({ apiVersion: 'v1', kind: 'Pod' }, pods, 'jupyter')).toBe('/api/v1/namespaces/jupyter/pods')
  expect(collectionPath({ apiVersion: 'v1', kind: 'Pod' }, pods)).toBe('/api/v1/pods')
  expect(collectionPath({ apiVersion: 'v1', kind: 'PersistentVolume' }, volumes, 'jupyter')).toBe(
    '/api/v1/persistentvolumes',
  )
})

test('a name cannot leave its place in the path', () => {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: '../x', name: 'a/b?c' }
  expect(objectPath(ref, pods)).toBe('/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc')
})

test('a query holds what was asked for and nothing more', () => {
  expect(withQuery('/api/v1/pods', { limit: '500', continue: undefined })).toBe('/api/v1/pods?limit=500')
  expect(withQuery('/api/v1/pods', {})).toBe('/api/v1/pods')
  expect(withQuery('/p', { labelSelector: 'a=b,c in (d)' })).toBe('/p?labelSelector=a%3Db%2Cc+in+%28d%29')
})

test('the kinds of a migration need no discovery, those of operators do', () => {
  expect(builtInResource({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })?.plural).toBe('persistentvolumeclaims')
  expect(builtInResource({ apiVersion: 'batch/v1beta1', kind: 'CronJob' })?.plural).toBe('cronjobs')
  expect(builtInResource({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' })).toBeUndefined()
})

test('a kind is found in a discovery document by its objects, not by its subresources', () => {
  const document = {
    resources: [
      { name: 'jobs/status', kind: 'Job', namespaced: true },
      { name: 'jobs', kind: 'Job', namespaced: true },
    ],
  }
  expect(discoveredResources(document).get('Job')).toEqual({ plural: 'jobs', namespaced: true })
  expect(discoveredResources(document).get('Queue')).toBeUndefined()
})
