// Provisions claims of StorageClasses whose provisioner is csi.juicefs.com, as the real controller does:
// one PV a claim, bound to it, its data under a folder of the PV's own name.
// usage: provisioner.mjs KUBECONFIG
import { execFileSync } from 'node:child_process'

const driver = 'csi.juicefs.com'
const kubectl = (args, input) =>
  execFileSync('kubectl', ['--kubeconfig', process.argv[2], ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
const list = (kind) => JSON.parse(kubectl(['get', kind, '-A', '-o', 'json'])).items

for (;;) {
  try {
    const classes = new Map(
      list('storageclass')
        .filter((c) => c.provisioner === driver)
        .map((c) => [c.metadata.name, c]),
    )
    for (const claim of classes.size ? list('persistentvolumeclaim') : []) {
      const storageClass = classes.get(claim.spec.storageClassName)
      if (!storageClass || claim.spec.volumeName || claim.metadata.deletionTimestamp) continue
      const name = `pvc-${claim.metadata.uid}`
      const { parameters } = storageClass
      kubectl(
        ['create', '-f', '-'],
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': driver } },
          spec: {
            accessModes: claim.spec.accessModes,
            capacity: { storage: claim.spec.resources.requests.storage },
            claimRef: {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              namespace: claim.metadata.namespace,
              name: claim.metadata.name,
              uid: claim.metadata.uid,
            },
            persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
            storageClassName: storageClass.metadata.name,
            csi: {
              driver,
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
        }),
      )
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
  }
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
