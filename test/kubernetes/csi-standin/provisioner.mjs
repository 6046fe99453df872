// Provisions claims of StorageClasses whose provisioner is csi.juicefs.com, as the real controller does:
// one PV a claim, bound to it, its data under a folder of the PV's own name.
// usage: provisioner.mjs KUBECONFIG
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { load } from 'js-yaml'

const DRIVER = 'csi.juicefs.com'
/** Milliseconds between two looks. */
const PAUSE = 1000

const { clusters, users } = load(readFileSync(process.argv[2], 'utf8'))
const { server, 'certificate-authority': ca } = clusters[0].cluster
const agent = new Agent({ keepAlive: true, ca: readFileSync(ca) })
const headers = { authorization: `Bearer ${users[0].user.token}`, 'content-type': 'application/json' }

/** The body of an answer; throws where it is an error. */
function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), { method, headers, agent }, async (response) => {
      const text = (await response.setEncoding('utf8').toArray()).join('')
      // one that is there already has yet to be bound
      if (response.statusCode < 300 || (method === 'POST' && response.statusCode === 409)) resolve(JSON.parse(text))
      else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
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

for (;;) {
  try {
    const found = await ask('GET', '/apis/storage.k8s.io/v1/storageclasses')
    const classes = new Map(found.items.filter((c) => c.provisioner === DRIVER).map((c) => [c.metadata.name, c]))
    const claims = classes.size ? (await ask('GET', '/api/v1/persistentvolumeclaims')).items : []
    for (const claim of claims) {
      const storageClass = classes.get(claim.spec.storageClassName)
      if (!storageClass || claim.spec.volumeName || claim.metadata.deletionTimestamp) continue
      await ask('POST', '/api/v1/persistentvolumes', volumeFor(claim, storageClass))
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE))
}
