import type { SetupWords } from './setup.en.ts'

/** What `juicify setup` asks and says, in Chinese. */
export const setup: SetupWords = {
  juicefs: {
    example: '密钥取自环境变量：JUICIFY_METAURL、JUICIFY_ACCESS_KEY、JUICIFY_SECRET_KEY',
    questions: {
      name: { what: '文件系统的名称', question: '文件系统的名称' },
      storage: { what: '对象存储：minio、s3、oss、……', question: '对象存储（minio、s3、oss、……）' },
      bucket: { what: '存储桶的地址', question: '存储桶的地址（http://10.0.0.1:9000/data）' },
      metaurl: {
        what: '元数据引擎的地址，包括密码',
        question: '元数据引擎的地址，包括密码（redis://:…@10.0.0.1:6379/1）',
      },
      'access-key': { what: '对象存储的 access key', question: '对象存储的 access key（留空表示没有）' },
      'secret-key': { what: '对象存储的 secret key', question: '对象存储的 secret key（留空表示没有）' },
    },
    wrong: {
      name: (name) => `文件系统名称 ${name} 无效：必须由 3 到 63 个 a-z、0-9 和 - 组成，两端不能是 -。`,
      storageFile: '存储 "file" 是每个节点上的本地磁盘：无法共享任何内容。',
      noStorage: '缺少 storage：minio、s3、oss、……',
      noBucket: '缺少 bucket：例如 http://10.0.0.1:9000/data 这样的地址。',
      keysInBucket: '存储桶的地址中有 @：密钥请写入 access-key 和 secret-key。',
      noScheme: '元数据引擎的地址（metaurl）必须以协议开头，例如 redis://。',
      localEngine: (scheme) => `元数据引擎 ${scheme} 是单个节点上的文件：无法共享任何内容。`,
      noHost: '元数据引擎的地址中没有主机；带密码时写作 redis://:PASSWORD@HOST:6379/1。',
      controlCharacter: '元数据引擎的地址中有控制字符，例如换行。',
      passwordInQuery: '元数据引擎的密码必须在地址的 @ 之前。',
      oneKey: 'access key 和 secret key 要么都给出，要么都不给出。',
      secretName: (expected, className) =>
        `Secret 的名称必须是 ${expected}：Helm chart 为 StorageClass ${className} 使用这个名称。`,
      mountPath: (path) => `挂载路径 ${path} 无效：必须是绝对路径，由字母、数字和 . _ - @ + : % 组成`,
      mountSubdir: (subdir) => `挂载的子目录 ${subdir} 无效：必须是相对于文件系统根目录的路径。`,
      remedy: '修正之后再执行一次该命令。',
    },
    next: (d) => [
      '  format.sh          创建文件系统；在装有 juicefs 的机器上执行一次',
      '  values.yaml        用于 Helm chart，由它创建 Secret 和 StorageClass：',
      `                     helm install juicefs-csi-driver juicefs/juicefs-csi-driver -n ${d.namespace} -f ${d.values}`,
      '  secret.yaml        同样的内容，不使用 Helm，适用于已安装驱动的集群：',
      `  storageclass.yaml  kubectl create -f ${d.secret} -f ${d.storageClass}`,
      `  mount.sh、juicefs-mount.service、fstab、mount.env：把它挂载到节点本身的 ${d.mount}`,
      '                     （docs/setup.md），供继续使用主机路径的程序使用；Pod 不需要它们',
    ],
  },
  byHand: {
    csi: '按照驱动自己的文档安装驱动并创建 Secret；juicify check -f FILE 显示还缺少什么。',
    nfs: '用 no_root_squash 把目录导出给各节点，并在每个节点上安装 mount.nfs（nfs-common、nfs-utils）；juicify probe --volume 验证它是共享的。',
    curvefs:
      '安装它的驱动，并为每个目录创建一个空的文件系统：curve fs create fs --fsname NAME --fstype s3，并给出存储桶的密钥。',
  },
  file: {
    oneDocument: (file, found, apiVersion) => ({
      message: `${file}：应有一个 kind 为 Setup 的文档，找到 ${found} 个。`,
      remedy: `它以 "apiVersion: ${apiVersion}" 和 "kind: Setup" 开头。`,
    }),
    remedy: '请修正；docs/setup.md 中有示例。密钥应放在环境变量中，而不是这个文件里。',
  },
}
