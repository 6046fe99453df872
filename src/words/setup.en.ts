/** What `juicify setup` asks, and what it says of the answers and of the files that it writes. */
export const setup = {
  juicefs: {
    example: 'the secrets from the environment: JUICIFY_METAURL, JUICIFY_ACCESS_KEY, JUICIFY_SECRET_KEY',
    /** For the help of a flag, and as it is asked on a terminal. */
    questions: {
      name: { what: 'the name of the file system', question: 'Name of the file system' },
      storage: { what: 'the object store: minio, s3, oss, …', question: 'Object store (minio, s3, oss, …)' },
      bucket: {
        what: 'the address of the bucket',
        question: 'Address of the bucket (http://10.0.0.1:9000/data)',
      },
      metaurl: {
        what: 'the metadata engine’s address, including its password',
        question: 'Address of the metadata engine, including its password (redis://:…@10.0.0.1:6379/1)',
      },
      'access-key': {
        what: 'the access key of the object store',
        question: 'Access key of the object store (empty: none)',
      },
      'secret-key': {
        what: 'the secret key of the object store',
        question: 'Secret key of the object store (empty: none)',
      },
    },
    wrong: {
      name: (name: string) =>
        `Invalid file system name ${name}: must be 3 to 63 of a-z, 0-9 and -, without - at either end.`,
      storageFile: 'The storage "file" is a local disk on every node: nothing would be shared.',
      noStorage: 'Missing storage: minio, s3, oss, …',
      noBucket: 'Missing bucket: an address such as http://10.0.0.1:9000/data.',
      keysInBucket: 'The bucket address contains an @: put keys into access-key and secret-key.',
      noScheme: 'The address of the metadata engine (metaurl) must start with a scheme, such as redis://.',
      localEngine: (scheme: string) => `The metadata engine ${scheme} is a file on one node: nothing would be shared.`,
      noHost: 'The address of the metadata engine has no host; with a password it is redis://:PASSWORD@HOST:6379/1.',
      controlCharacter: 'The address of the metadata engine contains a control character, such as a line end.',
      passwordInQuery: 'The password of the metadata engine must be before the @ of its address.',
      oneKey: 'Give both access key and secret key, or neither.',
      secretName: (expected: string, className: string) =>
        `The Secret must have the name ${expected}: that is the name the Helm chart gives it for StorageClass ${className}.`,
      mountPath: (path: string) => `Invalid mount path ${path}: must be absolute, of letters, digits and . _ - @ + : %`,
      mountSubdir: (subdir: string) =>
        `Invalid subdir ${subdir} of the mount: must be relative to the root of the file system.`,
      remedy: 'Correct it, and run the command again.',
    },
    next: (d: { namespace: string; values: string; secret: string; storageClass: string; mount: string }) => [
      '  format.sh          creates the file system; run it once, on a machine with juicefs',
      '  values.yaml        for the Helm chart, which creates the Secret and the StorageClass:',
      `                     helm install juicefs-csi-driver juicefs/juicefs-csi-driver -n ${d.namespace} -f ${d.values}`,
      '  secret.yaml        the same without Helm, if the driver is already installed:',
      `  storageclass.yaml  kubectl create -f ${d.secret} -f ${d.storageClass}`,
      `  mount.sh, juicefs-mount.service, fstab, mount.env: to mount it at ${d.mount} of the nodes themselves`,
      '                     (docs/setup.md), for programs that keep using host paths; pods need none of them',
    ],
  },
  /** What to do for a file system for which it writes nothing. */
  byHand: {
    csi: 'Install the driver and make its Secret as its own documentation says; juicify check -f FILE says what is missing.',
    nfs: 'Export a directory to the nodes with no_root_squash, and install mount.nfs on each (nfs-common, nfs-utils); juicify probe --volume proves that it is shared.',
    curvefs:
      'Install its driver, and make an empty file system for each directory: curve fs create fs --fsname NAME --fstype s3 with the keys of its bucket.',
  },
  file: {
    oneDocument: (file: string, found: number, apiVersion: string) => ({
      message: `${file}: expected one document of kind Setup, found ${found === 0 ? 'none' : found}.`,
      remedy: `It starts with "apiVersion: ${apiVersion}" and "kind: Setup".`,
    }),
    remedy: 'Correct it; docs/setup.md has an example. Secret values belong in the environment, not in this file.',
  },
}

/** An edition of it. */
export type SetupWords = typeof setup
