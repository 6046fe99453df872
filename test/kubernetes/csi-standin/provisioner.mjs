// Provisions claims of StorageClasses whose provisioner is csi.juicefs.com, as the real controller does:
// one PV a claim, bound to it, its data under a folder of the PV's own name.
// usage: provisioner.mjs KUBECONFIG
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import { load } from 'js-yaml'

const DRIVER = 'csi.juicefs.com'
const CLAIMS = '/api/v1/persistentvolumeclaims'
/** Milliseconds until it is tried again where the server does not answer, or a claim could not be provisioned. */
const PAUSE = 1000

const { clusters, users } = load(readFileSync(process.argv[2], 'utf8'))
const { server, 'certificate-authority': ca } = clusters[0].cluster
const agent = new Agent({ keepAlive: true, ca: readFileSync(ca) })
const headers = { authorization: `Bearer ${users[0].user.token}`, 'content-type': 'application/json' }

/** The answer, as it begins. */
function open(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), { method, headers, agent }, resolve)
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

/** The body of an answer; throws where it is an error. */
async function ask(method, path, body) {
  const response = await open(method, path, body)
  const text = (await response.setEncoding('utf8').toArray()).join('')
  // one that is there already has yet to be bound
  if (response.statusCode < 300 || (method === 'POST' && response.statusCode === 409)) return JSON.parse(text)
  throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
}

function volumeFor({ metadata, spec }, { metadata: { name: storageClassName }, parameters, reclaimPolicy }) {
  const name = `pvc-${metadata.uid}`
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': DRIVER } },
    spec: {
      accessModes: spec.accessModes,
      capacity: { storage: spec.resources.requests.storage },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
      },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName,
      csi: {
        driver: DRIVER,
        fsType: 'juicefs',
        volumeHandle: name,
        nodePublishSecretRef: {
          name: parameters['csi.storage.k8s.io/node-publish-secret-name'],
          namespace: parameters['csi.storage.k8s.io/node-publish-secret-namespace'],
        },
        volumeAttributes: { subPath: name },
      },
      mountOptions: [`subdir=${name}`],
    },
  }
}

/** The volume of a claim that waits for one, where its class is ours. */
async function provision(claim) {
  const { storageClassName, volumeName } = claim.spec
  if (!storageClassName || volumeName || claim.metadata.deletionTimestamp) return
  const storageClass = await ask('GET', `/apis/storage.k8s.io/v1/storageclasses/${storageClassName}`)
  if (storageClass.provisioner !== DRIVER) return
  await ask('POST', '/api/v1/persistentvolumes', volumeFor(claim, storageClass))
}

/** Provisions every claim that is there, and then each that comes or changes, until the server ends the watch. */
async function follow() {
  const { items, metadata } = await ask('GET', CLAIMS)
  // one that cannot be provisioned yet, for want of its class, keeps no other from it
  await Promise.all(items.map(provision))
  const response = await open('GET', `${CLAIMS}?watch=1&resourceVersion=${metadata.resourceVersion}`)
  for await (const line of createInterface({ input: response })) {
    const { type, object } = JSON.parse(line)
    if (type === 'ADDED' || type === 'MODIFIED') await provision(object)
    if (type === 'ERROR') throw new Error(`the watch ended: ${object.message}`)
  }
}

for (;;) {
  try {
    await follow()
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}
