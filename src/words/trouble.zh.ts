import { WHERE_TO_REPORT } from '../domain/bug.ts'
import type { ExitCodes } from '../domain/exit-codes.ts'
import { NAMESPACE } from '../domain/names.ts'
import { listed } from './list.zh.ts'
import type { TroubleWords } from './trouble.en.ts'

const AGAIN = '再次执行同一条命令'

const MAKE_ROOM =
  '请提高文件系统的上限，或删除其中没有人需要的内容，然后执行 juicify resume：已复制的内容不会重新复制。'
const RUN_AGAIN = `请执行 juicify resume。如果再次发生，则是 juicify 的缺陷：请把 Job 的日志和 juicify version 的输出发送到 ${WHERE_TO_REPORT}。`
const SEE_MOUNTS = '请检查该节点上的 mount pod 和驱动，然后重新执行 probe。'

const exitCodes: ExitCodes = {
  65: {
    means: '各节点上同一个文件的版本不同',
    remedy:
      '没有合并任何内容。请在迁移文件中把 spec.copy.onConflict 设为 keep-both 或 newest，执行 juicify rollback 之后生成新的计划。或者让这些文件的所有者使各节点上的文件一致（如果它在一个节点上是目录而在另一个节点上不是，则必须这样做），然后执行 juicify resume。',
  },
  66: {
    means: '有内容需要复制，却什么都没有复制',
    remedy: '请检查该节点上文件系统是否已挂载且可写。juicify resume 会重试。',
  },
  67: {
    means: '目标不为空',
    remedy:
      '请查明其中的数据属于谁，并在 spec.paths 中选择其他位置。如果没有人需要它，请将其移走；--into-existing 会覆盖同名文件。',
  },
  68: { means: '同一次复制的另一个 Job 失败了' },
  69: { means: '无法同时保留文件的两个版本', remedy: '日志中有无法写入的文件名。juicify resume 会重试。' },
  70: { means: '复制工具没有报告它复制了什么', remedy: RUN_AGAIN },
  71: {
    means: '复制工具忽略了排除选项',
    remedy: '请把 spec.copy.image 设为含有较新版本该工具的镜像，或者把 spec.copy.mover 设为 rsync。',
  },
  72: {
    means: '无法设置属主、权限和时间',
    remedy: '请检查文件系统是否允许 root 修改属主（没有 root squash）。juicify resume 会重试。',
  },
  73: {
    means: '源目录为空，继续下去会删除此前复制的所有内容',
    remedy:
      '请检查源目录是否已挂载在 Job 所在的节点上，以及是否是正确的目录。如果它本来就应为空，请把目标上的数据移到安全的位置，然后执行 juicify resume。',
  },
  74: {
    means: '无法完整读取源或目标',
    remedy: '请检查日志中提到的内容在该节点上是否可读：节点的磁盘，以及文件系统的挂载。juicify resume 会重试。',
  },
  75: { means: '合并文件清单失败', remedy: RUN_AGAIN },
  76: {
    means: '目录中使用了文件系统保留的文件名',
    remedy: '请让该文件的所有者在节点上重命名它，然后执行 juicify resume。',
  },
  77: { means: '目标没有剩余空间，或已达到其配额', remedy: MAKE_ROOM },
  78: { means: '超出目标的磁盘配额', remedy: MAKE_ROOM },
  79: {
    means: '迁移之后已有用户写入目标',
    remedy:
      '请把其中需要的内容复制到别处，或在 spec.paths 中选择其他位置。--into-existing 会用节点上的文件覆盖用户在那里写入的内容。',
  },
  80: {
    means: '无法创建卷的目录',
    remedy:
      '请在文件系统上手工创建，或检查 root 是否有权创建（没有 root squash），以及该位置是否已有其他内容。juicify resume 会重试。',
  },
  81: { means: '卷不可写', remedy: SEE_MOUNTS },
  82: { means: '在一个节点上的写入在另一个节点上不可见', remedy: SEE_MOUNTS },
  83: {
    means: '它的程序不是 juicify 创建的那一个',
    remedy: `有人修改了命名空间 ${NAMESPACE} 中的 ConfigMap：kubectl get rolebindings -n ${NAMESPACE} 显示谁有此权限。请收回该权限，删除该 Job，然后执行 juicify resume。`,
  },
  84: {
    means: '无法删除目标上的符号链接',
    remedy: '请检查该节点上文件系统是否可写。juicify resume 会重试。',
  },
  85: {
    means: '没有一个文件能作为样本复制',
    remedy: '请检查该节点上文件系统是否已挂载且可写。样本只用于预测。',
  },
  86: {
    means: '无法向文件系统查询配额',
    remedy:
      '请检查该节点上的 Pod 能否访问 Secret 中的地址（这里只使用该地址，不使用 Secret 的其他内容）。从 spec.target 中去掉 quota 则不设配额。juicify resume 会重试。',
  },
  87: {
    means: '目标中有早于“它是副本”这一记录的内容',
    remedy:
      '请查明其中的数据属于谁。如果它是 juicify 的副本但早于其记录（juicify 0.1.0 没有写下可以证明副本的记录），或没有人需要其中的内容，请在文件系统上将其移走，并再次执行同一条命令：全部内容会重新复制。如果该节点的时钟有误，请校正。或者执行 juicify rollback，并在 spec.paths 中选择其他位置。',
  },
  126: { means: '镜像中没有可执行的 sh', remedy: '请把 spec.copy.image 设为含有 shell 的镜像。' },
  127: { means: '镜像中缺少所需的命令', remedy: '请把 spec.copy.image 设为含有该命令的镜像；日志中有命令的名称。' },
  137: { means: '它被强制终止' },
  143: { means: '它被外部终止' },
}

const NEW_PLAN = '请生成新的计划（juicify plan）并审阅。'
const SEE_RECORD = '请查看有何变化（juicify status），然后用 juicify resume 继续，或用 juicify rollback 回滚。'
const SEE_DRIVER = '请检查其节点上是否有该驱动，以及能否拉取镜像（--image）；juicify check 显示更多信息。'
const LEAVE_OUT =
  '请排除上述各组的所有卷（spec.select.exclude），以迁移其他组。如果这些卷也要迁移，它们必须以同一个路径使用该目录：那样它们就是同一组。'

const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: '连接被拒绝',
  ENOTFOUND: '找不到主机',
  EAI_AGAIN: '域名解析暂时失败',
  ETIMEDOUT: '连接超时',
}

function maybeMade(open: boolean): string {
  return open ? '；该更改可能已经生效' : ''
}

function bringBack(node: string | undefined): string {
  return `请恢复节点 ${node}。只有在确定该节点上不再运行任何内容时，才可加上 --force-delete-pods 再次执行。`
}

const NODE_STATES = { 'not ready': '未就绪', gone: '已不存在' }

/** The same in Chinese. */
export const troubles: TroubleWords = {
  language: 'zh',

  server: {
    notJson: (server, what, open) => ({
      message: `${server} 对 ${what} 的响应不是 JSON${maybeMade(open)}`,
      remedy: '它是 Kubernetes API server，还是其前面的代理？请检查 kubeconfig 中的 server',
    }),
    notFinished: (server, what, status) => ({
      message: `${server} 没有完成 ${what}（${status}）${maybeMade(true)}`,
      remedy: '请检查 API server 是否正常，然后再次执行该命令',
    }),
    cannot: (what, why) => `无法执行 ${what}：${why}`,
    invalidSecret: (fields) => `API server 认为它无效而拒绝${fields.length > 0 ? `：${fields.join('、')}` : ''}`,
    wantsHttps: () => '该 server 使用 https，但 kubeconfig 中写的是 http',
    answered: (status, reason) => `server 返回 ${status} ${reason}`,
    loginAgain: (server) => `${server} 不接受你的凭据：请重新登录，或用 --context 或 --kubeconfig 选择其他用户`,
    overloaded: () => 'server 过载或正在启动：请稍等，然后再次执行该命令',
    unanswered: (what, why, tries, open) =>
      `无法执行 ${what}：${why}${tries > 1 ? `（尝试了 ${tries} 次）` : ''}${maybeMade(open)}`,
    timedOut: (server) => ({
      message: `等待 ${server} 的响应超时`,
      remedy: '请检查 API server 是否正常，或给它更多时间',
    }),
    broke: (server, code) => ({
      message: `与 ${server} 的连接中断（${code}）`,
      remedy: '请检查 API server 是否正常，然后再次执行该命令',
    }),
    unreachable: (server, code) => ({
      message: `无法连接 ${server} ：${UNREACHABLE[code] ?? code}`,
      remedy: '请检查 kubeconfig 中的 server 和代理、网络或 VPN，以及集群是否在运行',
    }),
    expired: (server) => ({
      message: `${server} 的证书已过期`,
      remedy: '请更新该 server 的证书，或检查本机的时钟',
    }),
    otherName: (server) => ({
      message: `${server} 的证书对该名称无效`,
      remedy: '请在 server 中使用证书里的名称，或在 kubeconfig 中设置 tls-server-name',
    }),
    noTls: (server, code) => ({
      message: `无法与 ${server} 建立 TLS 连接（${code}）`,
      remedy: '请检查它是否使用 https，以及是否接受 kubeconfig 中的客户端证书',
    }),
    untrusted: (server, code) => ({
      message: `${server} 的证书不是由 kubeconfig 中的证书颁发机构签发的（${code}）`,
      remedy: '请检查集群是否正确，或修正 kubeconfig 中的 certificate-authority',
    }),
    replaced: (object) => ({ message: `无法读取 ${object}：现在使用该名称的是另一个对象` }),
    noKind: (server, kind, version) => ({
      message: `${server} 的 ${version} 中没有类型 ${kind}`,
      remedy: '提供该类型的 CustomResourceDefinition 或 operator 是否已安装？',
    }),
    notReady: (server) => ({ message: `${server} 未就绪` }),
    changedByOthers: (object, attempts) => ({
      message: `无法更新 ${object}：${attempts} 次尝试中每次都有其他程序修改了它。`,
      remedy: `它的 managedFields 显示是谁在写入；请停止写入，然后${AGAIN}。`,
    }),
    timeout: (seconds, what) => `等待 ${seconds} s 后超时：${what}`,
    login: (command, how, hint) => ({
      message: `kubeconfig 中的登录命令 ${command} ${how}`,
      remedy: hint || '请手工执行该命令查看原因，或重新登录；用同一个 kubeconfig 应能执行 `kubectl get ns`',
    }),
    loginEmpty: () => '既没有返回令牌，也没有返回证书',
    loginTimedOut: (minutes) => `在 ${minutes} 分钟后超时`,
    loginMissing: () => '没有安装',
    loginNotRun: (code) => `无法运行（${code}）`,
    loginKilled: (signal) => `被 ${signal} 终止`,
    loginFailed: (code) => `失败，退出码 ${code}`,
    notKubernetes: (server) => ({
      message: `${server} ：应为 Kubernetes API server，但无法读取其版本或命名空间 kube-system`,
      remedy: '请检查 kubeconfig 中的 server 是否正确。',
    }),
  },

  denied: {
    rbac: () => '请让有权限的人授予该权限：`juicify rbac` 会打印 juicify 需要的角色。',
    webhook: (name) =>
      `admission webhook ${name} 拒绝了它，与权限无关：请让其负责人放行（kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations），或按其要求修改对象。`,
    'webhook-away': (name) =>
      `server 必须先询问 admission webhook ${name}，但它没有响应：请使其恢复运行，然后再次执行该命令。`,
    policy: (name) =>
      `该策略拒绝了它，与权限无关：请查看策略（kubectl get validatingadmissionpolicy ${name} -o yaml），让其制定者放行，或按其要求修改对象。`,
    'pod-security': () =>
      '命名空间的 Pod 安全级别拒绝了它：请查看其标签 pod-security.kubernetes.io/…，并让其负责人允许该 Pod。',
    quota: () =>
      '命名空间的配额或限制拒绝了它：请在该命名空间中查看 kubectl describe resourcequotas,limitranges，让其负责人提高上限，或让 Pod 声明所要求的资源。',
    terminating: () => '该命名空间正在被删除，不能再创建任何内容：请排除它，或等它删除并重新创建之后再试。',
    admission: () =>
      'server 的原话说明了是什么拒绝了它。如果缺少权限，`juicify rbac` 会打印 juicify 需要的角色；如果是 server 的插件，请询问集群的负责人。',
  },

  lease: {
    taken: (owner) => ({
      message: `该集群上有另一个 juicify 正在运行：${owner}。`,
      remedy: '请等它结束（juicify status --watch），或使用 --wait 并给出时长，例如 10m。',
    }),
    lost: (lease, holder) => ({
      message: `本次运行不再持有租约 ${lease}：${holder ? `现在由 ${holder} 持有` : '现在无人持有'}。`,
      remedy: '请查看另一次运行做了什么（juicify status），然后使用 juicify resume 或 juicify rollback。',
    }),
    givenUp: (server, since, why) => ({
      message: `${server} 自 ${since} 起没有响应${why}。`,
      remedy: '等它恢复响应后，juicify resume 会继续；juicify rollback 会回滚。',
    }),
    tooLong: (seconds) => `，已持续 ${seconds} s`,
    interrupted: () => '；等待期间被中断',
  },

  exitCodes,

  job: {
    failed: (what, node, part, why) =>
      `${what}在 ${node} 上失败${part ? `（第 ${part.replace(' of ', '/')} 部分）` : ''}：${why}`,
    seeLog: (namespace, name) => `请查看 kubectl logs -n ${namespace} job/${name}；juicify resume 会重试。`,
    noDirectory: (directory, node) => ({
      message: `${directory} 在${node === undefined ? '其节点' : ` ${node} `}上不存在，或不是目录`,
      remedy: '请检查 spec.source.nodes 是否列出了存放数据的节点。',
    }),
    podSecurity: (words) => ({
      message: `命名空间 ${NAMESPACE} 的 Pod 安全级别不允许它的 Pod：${words}`,
      remedy: `juicify 的 Job 会挂载 hostPath。如果命名空间 ${NAMESPACE} 只供 juicify 使用，请执行：kubectl label namespace ${NAMESPACE} pod-security.kubernetes.io/enforce=privileged --overwrite，然后执行 juicify resume。`,
    }),
    outOfMemory: () => ({ message: '它的容器内存不足', remedy: '请提高 spec.copy.resources.limits.memory。' }),
    podTerminated: (reason, message) => ({ message: `它的 Pod 被终止：${reason}，${message}` }),
    podGone: () => ({ message: '它的 Pod 已不存在，原因未知' }),
    exited: (tool, code, means, line) =>
      `${tool} 失败，退出码 ${code}（${means ?? '含义未知'}）${line === undefined ? '' : `：${line}`}`,
    deleted: () => ({ message: '有人删除了它的 Job' }),
    peerFailed: (name) => ({ message: `${name} 之外的另一个 Job 失败了` }),
    logGone: () => ({ message: '它已成功，但日志已丢失，因此结果未知' }),
    notStarted: () => '它没有启动',
    startTimedOut: (minutes, why) => `等待其 Pod 启动 ${minutes} 分钟后超时：${why}`,
    notCopied: (failed, isAll, free, pod) => ({
      message: `到目前为止有 ${failed} 个文件无法复制${isAll ? '，没有一个文件复制成功' : ''}${free === undefined ? '' : `：目标剩余空间 ${free}`}`,
      remedy: `请查看 kubectl logs -n ${NAMESPACE} ${pod}：会再次尝试，如果仍不成功则失败。`,
    }),
    noNode: (node) => ({ message: `节点 ${node} 不存在` }),
    nodeNotReady: (node, since, why) => ({
      message: `节点 ${node} ${since === undefined ? '' : `自 ${since} 起`}处于 NotReady：${why ?? '没有给出原因'}`,
      remedy: '节点恢复后它的 Job 会继续；juicify resume 会等待它。',
    }),
    tooLong: (seconds) => ({
      message: `它在 ${seconds} s 内没有结束，已被终止`,
      remedy: '请查看该节点的磁盘和文件系统是否有响应，以及目录中是否有读不完的内容。',
    }),
    leftAlone: (what) => ({
      message: `不再等待${what}，它会在集群中继续`,
      remedy: '同一条命令会找到它，并从那里继续。',
    }),
    lookEnded: (what) => ({ message: `不再等待${what}`, remedy: '同一条命令会重新执行。' }),
    refused: (words, remedy) => ({ message: `它的 Pod 被拒绝：${words}`, remedy }),
    pull: (words, node) => ({ message: words, remedy: `请确保节点 ${node} 能访问镜像仓库并拉取该镜像。` }),
    unscheduled: (words) => ({
      message: words,
      remedy: '一旦有节点可以运行它，它会自行启动：请查看调度器对每个节点的说明。',
    }),
    claimNotBound: (seconds, claim, name, phase) => ({
      message: `等待 ${claim} 变为 Bound，${seconds} s 后超时；它的状态是 ${phase}`,
      remedy: `请查看原因：kubectl describe pvc -n ${NAMESPACE} ${name}`,
    }),
    toBeDeleted: (object) => `${object} 的删除`,
    noDefinition: (definition, why) => ({
      message: `${definition} 不存在，而你没有权限创建它：${why}`,
      remedy: '请让管理员连同角色一起创建它：juicify rbac | kubectl apply -f -',
    }),
    otherDefinition: (definition, name, field, expected, found) => ({
      message: `${definition} 与 juicify 创建的不同：${field} 应为 ${expected}，实际为 ${found}。`,
      remedy: `请查明是谁创建的（kubectl get crd ${name} -o yaml）。如果它来自较早的 juicify，请用 juicify rbac | kubectl apply -f - 更新；已有的记录会保留。`,
    }),
    none: () => '无',
    definitionNotServed: (seconds, definition, name) => ({
      message: `等待 ${definition} 可用，${seconds} s 后超时。`,
      remedy: `请检查其状态条件：kubectl describe crd ${name}`,
    }),
  },

  swap: {
    finalizer: (volume, finalizers) => ({
      message: `PersistentVolume ${volume} 因 finalizer ${finalizers.join('、')} 而停留在 Terminating，juicify 不会移除该 finalizer。`,
      remedy: `请让该 finalizer 的所有者完成处理（只有在所有者已彻底不存在时才移除它），然后${AGAIN}。`,
    }),
    claimedSince: (volume, claim) => ({
      message: `PersistentVolume ${volume} 在记录时没有 PVC，现在绑定到 PersistentVolumeClaim ${claim}。`,
      remedy:
        '如果它还没有替换，请执行 juicify rollback，再生成包含该 PVC 的新计划。如果已经替换，请保持原样：该 PVC 有自己的使用者。',
    }),
    claimDeleted: (claim) => ({
      message: `PersistentVolumeClaim ${claim} 在计划被记录之后被删除。`,
      remedy: '它的清单在记录中（juicify status -o yaml）。请决定是否重新创建它。',
    }),
    claimReplaced: (claim, was, is) => ({
      message: `PersistentVolumeClaim ${claim} 被换成了另一个：记录的 uid 是 ${was}，实际为 ${is}。`,
      remedy: '有人删除并重新创建了它。请决定哪一个是正确的，然后回滚该组，或生成新的计划。',
    }),
    claimTerminating: (claim) => ({
      message: `PersistentVolumeClaim ${claim} 正在被删除。`,
      remedy: '删除无法撤销。请等待该 PVC 消失，然后决定是否重新创建它。',
    }),
    differs: ({ field, is, expected }) => `${field} 为 ${is ?? '空'}，应为 ${expected ?? '空'}`,
    neither: (volume, fromRecorded, fromNew) => ({
      message: `PersistentVolume ${volume} 既不是记录中的卷（差异：${fromRecorded.join('、')}），也不是新卷（差异：${fromNew.join('、')}）。`,
      remedy:
        '请查明是谁手工修改了它，并生成新的计划。如果有人要删除它以恢复两者之一（juicify status -o yaml 有两者的清单），必须先把它的 persistentVolumeReclaimPolicy 设为 Retain，否则数据可能随之丢失。',
    }),
    keepsChanging: (volume) => ({
      message: `juicify 替换 PersistentVolume ${volume} 时，它不断被修改。`,
      remedy: `它的 managedFields 和事件显示还有谁在写入；请停止写入，然后${AGAIN}。`,
    }),
    toBecome: (volume, phase) => `PersistentVolume ${volume} 变为 ${phase}`,
    isIn: (object, phase) => `${object} ${phase === undefined ? '没有状态' : `的状态是 ${phase}`}`,
    isGone: (object) => `${object} 已不存在`,
    notBound: (why, states, events, claim) => ({
      message: `${why}。${states.join('，')}。${events.length > 0 ? `最近的事件：${events.join('；')}` : ''}`,
      remedy: `kubectl describe pvc -n ${claim?.namespace ?? ''} ${claim?.name ?? ''} 显示更多信息；然后${AGAIN}，或执行 juicify rollback。`,
    }),
    notAtHome: (group, states, directory) => ({
      message: `${group} 没有回滚：${listed(states)}，应为 Bound 到原来的卷。该组被记录之后，有程序或人删除了它。`,
      remedy: `数据仍在 ${directory} 中，记录也会保留。请停止删除该 PVC 的程序（对 StatefulSet 是 spec.persistentVolumeClaimRetentionPolicy）。请用该名称创建 PVC，并在 spec.volumeName 中写上该卷；卷的 claimRef 中的 uid 与它相同或没有 uid 时就会绑定（juicify status -o yaml 有两者的清单）。然后再次执行 juicify rollback ${group}。`,
    }),
    stillMounted: (group, seconds, pods) => ({
      message: `${group} 的卷没有回滚：等待 ${pods} 卸载它们，${seconds} s 后超时。`,
      remedy: `节点上最后一个使用该卷的 Pod 结束后不久，或经过驱动中配置的延迟之后，这些 mount pod 就会终止（见 kubectl describe pod）。然后${AGAIN}；--timeout 可以等待更久。`,
    }),
    otherPlaceMounted: (volume, expected, pod, found, see) => ({
      message: `PersistentVolume ${volume} 应显示文件系统的 ${expected || '根目录'}，但它的挂载 ${pod} 显示的是 ${found || '根目录'}：用户看到的不是自己的文件。`,
      remedy: `请检查驱动的设置是否覆盖了它的挂载选项，并修正：${see}。然后停止使用它的工作负载，重新启动，再执行 juicify resume（会再次检查），或执行 juicify rollback。`,
    }),
    policyChanged: (volume, found) => ({
      message: `PersistentVolume ${volume} 的回收策略：设为 Retain，但实际为 ${found}。`,
      remedy: '有 admission webhook 或 operator 把它改回：它的 managedFields 显示是谁；请先停止它。',
    }),
    deletedWhileRetained: (volume) => ({
      message: `设置回收策略时，PersistentVolume ${volume} 被删除。`,
      remedy: '请再次执行同一条命令：它会读取当前状态。',
    }),
  },

  group: {
    changedSinceShown: (group) => ({
      message: `组 ${group} 的记录在显示之后被修改。`,
      remedy: '请再次执行同一条命令，并审阅它显示的内容。',
    }),
    rollingBack: (group) => ({
      message: `组 ${group} 正在回滚。`,
      remedy: `juicify rollback ${group} 会完成回滚。`,
    }),
    blocked: (group, findings, remedies) => ({
      message: `组 ${group} 被阻塞：${findings.map(({ code, why }) => `${code}：${why}`).join(' ')}`,
      remedy: remedies.length > 0 ? remedies.join(' ') : 'juicify plan 显示完整的检查结果。',
    }),
    denied: (object, others, why, remedy) => ({
      message: `API server 会拒绝 ${listed([object, ...others])}：${why}`,
      remedy,
    }),
    asItIs: (object) => `${object}（现在的样子，回滚时需要重新创建）`,
    otherVolume: (differs) => ({
      message: `集群的某个策略会把它变成另一个卷：${differs.join('、')}`,
      remedy: '请让该策略（mutating webhook 或 MutatingAdmissionPolicy）的制定者不要改动这个卷。',
    }),
    newPod: (workload) => `${workload} 的新 Pod`,
    sharedPlace: (group, others) => ({
      message: `${listed(others)} 与 ${group} 使用文件系统上的同一个位置，单独回滚会使它们独自留在那里。`,
      remedy: `请一起回滚：juicify rollback ${[group, ...others].join(' ')}。`,
    }),
    sharedCopyBack: (group, others) => ({
      message: `${group} 与其他卷共用文件系统上的位置：不能脱离它们单独拷回。`,
      remedy:
        others.length > 0
          ? `请一起回滚：juicify rollback --copy-back ${[group, ...others].join(' ')}；或只回滚这一组并加上 --no-copy-back：其用户看到的是没有变化的旧目录。`
          : '请加上 --no-copy-back 回滚：其用户看到的是没有变化的旧目录。',
    }),
    tooLateToCopyBack: (group) => ({
      message: `${group} 的部分卷已经回滚：来不及拷回数据。`,
      remedy: '请不带 --copy-back 执行 juicify rollback。数据留在文件系统上：请手工复制。',
    }),
    wouldForget: (group, volumes) => ({
      message: `${group} 的记录中有 ${listed(volumes)}，而本计划不迁移它们：这部分记录会丢失。`,
      remedy: '请按当前状态生成新的计划（juicify plan）并审阅。',
    }),
    volumeGone: (volume) => ({ message: `PersistentVolume ${volume} 已不存在。`, remedy: NEW_PLAN }),
    volumeReplaced: (volume) => ({
      message: `PersistentVolume ${volume} 在计划生成之后被更换或修改。`,
      remedy: NEW_PLAN,
    }),
    claimReplaced: (claim, was, is) => ({
      message: `${claim} 被换成了另一个：计划中的 uid 是 ${was}，实际为 ${is}。`,
      remedy: NEW_PLAN,
    }),
    claimGone: (claim, was) => ({ message: `${claim}（uid ${was}）已不存在。`, remedy: NEW_PLAN }),
    link: (group, node, directory, link) => ({
      message: `组 ${group}：在 ${node} 上，卷的目录 ${directory} 要经过符号链接（${link}）才能到达。副本中只会有该链接，而没有它指向的内容，卷也无法经由它挂载。`,
      remedy: LEAVE_OUT,
    }),
    twofold: ({ node, group, one, other, inside }) => {
      const named = (each: { directory: string; group: string }) =>
        group === undefined ? `${each.directory}（组 ${each.group}）` : each.directory
      const are = inside
        ? `${named(one)} 实际是设备 ${one.device} 上的 ${one.path}，位于 ${named(other)} 之内`
        : `${named(one)} 和 ${named(other)} 是同一个目录${one.device === undefined ? '' : `（设备 ${one.device} 上的 ${one.path}）`}`
      return {
        message: `${group === undefined ? '' : `组 ${group}：`}在 ${node} 上，由于链接或挂载，${are}。它会被复制两次，使用其中一个路径的人将看不到从另一个路径写入的内容。`,
        remedy: LEAVE_OUT,
      }
    },
  },

  record: {
    changedSinceShown: (object) => ({
      message: `${object} 在显示之后被修改。`,
      remedy: '请再次执行同一条命令，并重新审阅。',
    }),
    otherVersion: (object, expected, found, group) => ({
      message: `${object}：记录的版本应为 ${expected}，实际为 ${found}。`,
      remedy: `它是由其他版本的 juicify 写入的：请用那个版本完成组 ${group}，或回滚它。`,
    }),
    unreadable: (object) => ({
      message: `${object} 不是可读的 juicify 记录。`,
      remedy: '请从备份恢复：只有记录中保存着原来的卷。',
    }),
    notTrusted: (object, problem) => ({
      message: `记录 ${object} 不可信：${problem}。`,
      remedy:
        'juicify 不会这样写。请查明是谁修改的（kubectl get 加 -o yaml --show-managed-fields），并从备份恢复；在此之前不会改动它的组。',
    }),
    writtenBy: (group, by) => ({
      message: `组 ${group} 的记录在本次运行读取之后，由${by === undefined ? '其他人' : ` ${by} `}写入。`,
      remedy: SEE_RECORD,
    }),
    deleted: (group) => ({ message: `组 ${group} 的记录在本次运行读取之后被删除。`, remedy: SEE_RECORD }),
  },

  workload: {
    waiting: (pods) => `正在等待 ${pods}`,
    timedOut: (seconds, claims, pods, remedies) => ({
      message: `等待使用 ${claims.slice(0, 3).join('、')}${claims.length > 3 ? ' 等' : ''} 的 Pod 结束，${seconds} s 后超时：${pods}`,
      remedy: remedies.join(''),
    }),
    nodesAway: (pods, node) => ({
      message: `没有停止任何内容，因为无法确认以下 Pod 会结束：${pods}`,
      remedy: bringBack(node),
    }),
    pods: (pods) => `${pods.slice(0, 5).join('；')}${pods.length > 5 ? ` 等 ${pods.length} 个 Pod` : ''}。`,
    pod: (name, parts) => `${name}（${parts.join('；')}）`,
    notScheduled: () => '未调度',
    onNode: (node, state) => `在 ${node} 上${state === undefined ? '' : `，该节点${NODE_STATES[state]}`}`,
    ownedBy: (owner) => `属于 ${owner}`,
    noOwner: () => '没有所有者',
    standalone: (madeBy) => `独立的 Pod，由 ${madeBy} 创建`,
    appeared: () => '在 juicify 开始等待之后创建',
    nameNeeded: () => '已结束，但新 Pod 需要它的名称',
    notDeleted: () => '没有被删除',
    goingUntil: (until) => `正在终止，宽限期到 ${until} 为止`,
    heldBy: (finalizers) => `被 finalizer ${finalizers.join('、')} 阻止`,
    removeFinalizer: (finalizer, command) =>
      `请让 finalizer ${finalizer} 的所有者移除它；如果所有者已彻底不存在：${command}。`,
    bringBack,
    waitLonger: () => '请再次执行同一条命令以继续等待，或使用更长的 --timeout。',
    stopIt: (object) => `请等 ${object} 结束，或让其负责人停止它，然后${AGAIN}。`,
    unfinished: (workload) => ({
      message: `${workload} 尚未结束，也不能停止后再启动。`,
      remedy: '请等它结束，或让 juicify 等待它（在迁移文件中设置 quiesce.unfinished: wait）。',
    }),
    noManifest: (pod) => ({ message: `${pod} 无法重新创建：记录中没有它的清单。` }),
    notSuspended: (workload, dropped) => ({
      message: `${workload} 没有停止：server 丢弃了其 spec 中的 ${dropped}。`,
      remedy: `它的 operator 版本不支持暂停。请手工停止它，然后${AGAIN}。`,
    }),
    rolloutFailed: (workload, namespace) => ({
      message: `${workload} 重启后的 Pod 没有就绪：超过了其 rollout 的进度期限。`,
      remedy: `请查看新 Pod 为何没有启动（kubectl describe pods -n ${namespace}），然后${AGAIN}。`,
    }),
    oldPodsStay: (workload, pods) => ({
      message: `${workload} 已重启，但旧 Pod 仍在终止：${pods.join('、')}。`,
      remedy: '请再次执行同一条命令以继续等待。',
    }),
    noRollout: (kind, version) => ({ message: `${kind}（${version}）不能逐个 Pod 重启。` }),
    toBeReady: (workload, isPod) => `${workload} ${isPod ? '' : '的 Pod '}重新就绪`,
    toBeRestarted: (workload) => `${workload} 的 Pod 逐个重启`,
    toFinish: (workload) => `${workload} 结束`,
    toBeGone: (pod) => `${pod} 的删除，之后才能重新创建它`,
    seeWhyWaiting: (namespace) => `请查看原因（kubectl describe pods -n ${namespace}），然后${AGAIN}：它会继续等待。`,
    seeWhatKeeps: (namespace, pod) =>
      `请查看是什么阻止了删除（kubectl describe pod -n ${namespace} ${pod}），然后${AGAIN}。`,
    waitOrStop: () => '请加上更长的 --timeout 再次执行同一条命令以继续等待，或自行停止该工作。',
    startedAgain: (workload, by, at, tool) =>
      `${workload} 已被停止，但又被启动了${by === undefined ? '，它的 managedFields 没有说明是谁' : `，由 ${by}${at === undefined ? '' : ` 于 ${at}`}`}${tool === undefined ? '' : `；它带有 ${tool} 的标记`}。请暂停使它保持运行的程序，并再次停止它：之后本次运行会继续。`,
    staysScaledDown: (workload, replicas) => `${workload} 原有 ${replicas} 个副本，保持为 0：期间有人缩减了它。`,
    staysScaled: (workload, replicas, found) =>
      `${workload} 原有 ${replicas} 个副本，保持为 ${found}：期间有人修改了副本数。`,
    staysSuspended: (workload) => `${workload} 保持暂停：期间有人暂停了它。`,
    staysStopped: (workload) => `${workload} 保持停止：期间有人停止了它。`,
    deletedMeanwhile: (workload) => `没有启动 ${workload}：期间有人删除了它。`,
    otherPod: (pod) => `没有重新创建 ${pod}：有人创建了同名的另一个 Pod，它保持原样。`,
    retentionManaged: (set, by) => ({
      message: `${set} 的 persistentVolumeClaimRetentionPolicy.whenScaled 是 Delete，并且由 ${by} 管理：在它为 0 期间，${by} 可能保持或改回该策略，Kubernetes 就会删除它的 PVC。`,
      remedy: `请在 ${by} 的设置中把 whenScaled 设为 Retain，然后${AGAIN}。`,
    }),
    retentionChanged: (workload) =>
      `${workload} 的 persistentVolumeClaimRetentionPolicy.whenScaled 原为 Delete，现在不是：期间有人修改了它。`,
  },

  work: {
    warm: (directory) => `${directory} 的首次复制`,
    'catch-up': (directory) => `${directory} 的追平复制`,
    verify: (directory) => `${directory} 的校验`,
    verifyAhead: (directory) => `${directory} 的提前校验`,
    compare: (directory) => `${directory} 的比较`,
    missing: (directory, subdir) => `从 ${directory} 向 ${subdir} 补充缺少内容的复制`,
    back: (directory) => `${directory} 的拷回`,
    owners: (subdir) => `${subdir || '/'} 的属主和权限的恢复`,
    estimate: (directory) => `${directory} 的测量`,
    inspect: (directory) => `${directory} 的检查`,
    sample: (directory) => `${directory} 的取样`,
    unused: (directory) => `${directory} 的检查`,
    openFiles: (directory) => `${directory} 中打开文件的查找`,
    places: (group) => `${group} 的目录的创建`,
    preflight: (subdir) => `${subdir === '' ? '文件系统根目录' : `子目录 ${subdir} `}的预检`,
  },

  copy: {
    differ: (directory, { missing, changed, extra }, first) => ({
      message: `${directory} 与其副本不同：目标上缺少 ${missing} 项，不同 ${changed} 项，多出 ${extra} 项。前几项：${first.join('；')}`,
      remedy: '没有替换任何内容。juicify resume 会再次复制并校验；juicify rollback 会启动已停止的工作负载。',
    }),
    noneToCopyBack: (fileSystem, group) => ({
      message: `${fileSystem} 上的数据不能拷回：${group} 迁移时没有复制数据（copy.mode: none）。`,
      remedy: '请不带 --copy-back 回滚：数据留在那里。请手工复制所需的内容。',
    }),
    noNodeForPlaces: (driver) => ({
      message: `${driver}在所有节点上都没有就绪：无法查看目录是否存在。`,
      remedy: '请检查节点和驱动；恢复之后，juicify resume 会继续。',
    }),
    mounted: (directory, place, fileSystem, users, group) => ({
      message: `没有把 ${directory} 复制到 ${fileSystem} 的 ${place || '根目录'}：${listed(users)} 挂载了该目录，或其内部或上层的目录，复制会覆盖用户在那里写入的内容。`,
      remedy: `没有向那里复制任何内容。如果 ${group} 正在进行，juicify rollback ${group} 会将其回滚。然后请生成新的计划：目录此前已迁移的卷会加入那个位置，其他的卷需要在 spec.paths 中有自己的位置。`,
    }),
    used: (directory, users) => ({
      message: `没有拷回 ${directory}：${listed(users)} 挂载了它，或其内部或上层的目录，用户在那里写入的内容会被覆盖或删除。`,
      remedy:
        '请先迁移该卷（juicify plan）：它会加入文件系统上的同一个位置，并与其他卷一起回滚。或者加上 --no-copy-back 回滚：数据留在文件系统上。',
    }),
    merged: (directory, nodes) => ({
      message: `${directory} 由 ${nodes.join('、')} 上的目录合并而成，因此不知道新文件属于哪个节点`,
      remedy: '请不带 --copy-back 回滚：各节点保留旧数据。然后手工复制新文件。',
    }),
    unknownNode: (directory) => ({ message: `不知道 ${directory} 在哪个节点上` }),
    cannotMerge: (mover, directory, nodes) => ({
      message: `${mover} 不能合并多个节点（${nodes.join('、')}）上的 ${directory}`,
      remedy: '请设置 spec.copy.mover: rsync 和含有它的镜像，或在 spec.source.nodes 中只给出一个节点。',
    }),
    notInside: (path, directory) => ({ message: `无法在复制时排除 ${path}：它不在 ${directory} 之内` }),
    controlCharacter: (path) => ({ message: `无法复制 ${path}：其中有控制字符` }),
    partOfLog: (node, directory) => ({
      message: `${node} 上的 Job 对 ${directory} 的检查结果，只能从其日志中读到一部分。`,
      remedy: 'juicify resume 或 apply 会重新检查。',
    }),
    moverNeedsImage: (mover, image, others) => ({
      message: `复制工具 ${mover} 需要含有它的镜像，但迁移文件没有给出`,
      remedy: `请把 spec.copy.image 设为 ${image}${others.map((other) => `，或使用 spec.copy.mover: ${other}`).join('')}。`,
    }),
    noImage: (why, image) => ({
      message: `没有找到 Job 的镜像：${why}`,
      remedy: `请把 spec.copy.image 设为 ${image}。`,
    }),
    noteDeleted: (object) => ({
      message: `juicify 写入 ${object} 时，它被删除。`,
      remedy: '请再次执行同一条命令：它会把现有的副本与其目录比较。',
    }),
    noMover: (fileSystem, mover, known) => ({
      message: `${fileSystem} 没有复制工具 ${mover}；可用的有 ${known.join('、')}`,
      remedy: '请用这个版本的 juicify 重新生成计划，或使用生成该计划的版本。',
    }),
    noResult: () => ({ message: '没有 Job 报告结果', remedy: '请加上 --estimate 再次执行。' }),
  },

  mount: {
    known: {
      password: { why: '元数据引擎拒绝了密码', remedy: '请在 Secret 中修正（metaurl）' },
      keys: {
        why: '对象存储拒绝了密钥，或没有该存储桶',
        remedy: '请在 Secret 中修正（bucket、access-key、secret-key）',
      },
      unformatted: {
        why: '文件系统没有格式化',
        remedy: '请先确认数据库正确，并且是空的；然后用 juicify setup 写出的命令行格式化',
      },
      other: {
        why: '该地址上的文件系统，其名称或存储与 Secret 中的不同',
        remedy: '请在 Secret 中修正（name、metaurl）',
      },
      unreachable: {
        why: '从该节点无法访问文件系统所依赖的服务器',
        remedy: '请确保从该节点可以访问 Secret 中的地址，并且这些服务器在运行',
      },
    },
    failed: (known, words, secret) => ({
      message: `无法挂载文件系统：${known.why}。驱动的原话：${words}`,
      remedy: `${known.remedy}：Secret ${secret}。之后 Pod 会自行挂载；juicify resume 会继续。`,
    }),
  },

  target: {
    unknown: (kind, found) => ({
      message: `迁移的目标不是这个版本的 juicify 支持的 ${kind} 目标：${found}`,
      remedy: '请用这个版本的 juicify 重新生成计划，或使用生成该计划的版本。',
    }),
    stillNamed: (object, text) => ({
      message: `${object} 中仍有名称：${text}。`,
      remedy: '没有写入任何内容。请从该对象中去掉它，或不带 --anonymize 保存快照。',
    }),
  },

  quota: {
    cannotBeSet: (fileSystem, lacks) => ({
      message: `无法设置 ${fileSystem} 的配额：${lacks}。`,
      remedy: '请查看驱动及其 Pod，或从 spec.target 中去掉 quota，再生成新的计划。',
    }),
    noNode: (driver) => `没有${driver}就绪的节点`,
    job: (doing, group) => `${group} 的配额的${{ look: '读取', set: '设置', remove: '取消' }[doing]}`,
    byHand: (why, command) => ({ message: why, remedy: `请手工取消：${command}` }),
    full: (used, gib) => `它已有 ${used}，而配额将是 ${gib} GiB`,
    missing: () => '它还不存在',
    other: (size, forward) => `它的配额是 ${size}，${forward ? '不是由 juicify 设置的' : '不是 juicify 所设置的'}`,
    stays: () => '它保持原样。',
    setOnceLess: (command) => `它没有上限。等它的内容减少之后再设置：${command}`,
    setOnceThere: (command) => `等它存在之后手工设置：${command}`,
    removeByHand: (command) => `它保持原样。如果设置它的人同意，手工取消：${command}`,
  },

  probe: {
    twoNodes: (driver, nodes) => ({
      message: `${driver}${nodes.length > 0 ? `只在 ${nodes.join('、')} 上就绪` : '在所有节点上都没有就绪'}；probe 需要两个节点。`,
      remedy: '请检查节点和驱动的 Pod；恢复之后，juicify resume 会继续。',
    }),
    onDisk: (volume) => ({
      message: `PersistentVolume ${volume} 在节点的磁盘上，其他节点看不到它。`,
      remedy: '请选择已迁移的卷；juicify status 会列出它们。',
    }),
    otherFileSystem: (volume, fileSystem, driver) => ({
      message: `PersistentVolume ${volume} 不在使用${driver}的 ${fileSystem} 上。`,
      remedy: '请用 -f 给出它所属的迁移文件。',
    }),
    cannotStart: (pod, why, remedy) => ({ message: `${pod} 无法启动：${why}`, remedy: remedy ?? SEE_DRIVER }),
    startTimedOut: (pod, seconds, why, remedy) => ({
      message: `等待 ${pod} 启动，${seconds} s 后超时：${why}`,
      remedy: remedy ?? SEE_DRIVER,
    }),
    toEnd: (pod) => `${pod} 结束`,
    deleted: (pod) => ({ message: `${pod} 被人删除。`, remedy: '请再次执行 probe。' }),
    failed: (node, why, see) => ({
      message: `probe 在${node === undefined ? '其节点' : ` ${node} `}上失败：${why || '没有输出'}`,
      remedy: `请查看 ${see}。`,
    }),
    noReport: (writer, node) => ({
      message: `${writer} 上的 Pod 没有报告 ${node} 何时响应。`,
      remedy: '请再次执行 probe。',
    }),
    noImage: (why) => ({
      message: `没有找到 probe 的 Pod 的镜像：${why}。`,
      remedy: '请用 --image 选择一个含有 sh、且节点上已有或可以拉取的镜像。',
    }),
  },
}
