import { size } from '../domain/quantity.ts'
import type { FindingCatalogue, LimitsRaisedBy, ReasonToStay, Sentences, UnsuitableBecause } from './findings.en.ts'
import { listed } from './list.zh.ts'

const UNSUITABLE: Record<UnsuitableBecause, string> = {
  database: '数据库每次提交都会 fsync（每次都要等待上传），还会产生大量小块随机写，在这里会形成碎片',
  posix: '其时序数据库需要本地 POSIX 文件系统',
  sqlite: '它使用 SQLite 数据库，需要本地磁盘',
  'object-store': '它自己管理数据块，而且文件系统可能依赖它',
}

/** What the planner names in English words. */
const SOFTWARE: Record<string, string> = {
  'a key-value store': '键值数据库',
  'a database': '数据库',
  'a message log': '消息队列',
  'an object store': '对象存储',
}

/** As a sentence without its full stop. */
function reason(stay: ReasonToStay): string {
  if ('title' in stay) return `${stay.title} 自身依赖这个卷：其 Secret 中的 ${stay.key} 指向 ${stay.user}`
  const software = SOFTWARE[stay.software] ?? stay.software
  return `${stay.user} 在该卷上运行 ${software}（${stay.image}）：${UNSUITABLE[stay.because]}`
}

const LIMITS: Record<Exclude<LimitsRaisedBy, object>, string> = {
  quota: '配额',
  'server-quota': '服务器配额',
  'either-quota': '文件系统或其服务器的配额',
}
const root = (subdir: string) => subdir || '根目录'
const otherPlace = '用另一份只选择该卷的迁移文件，给它单独的文件系统；或者排除它。'
const readers = '申请该权限（juicify rbac 会打印所需角色），或请有权限的人来生成计划。'
const exclude = '排除它。'
const keepClaim = '不要删除这个 PVC。'
const imageRemedy = ({ image, own, removable }: { image: string; own: boolean; removable: boolean }) =>
  `把 spec.copy.image 设为${own ? ' JuiceFS 1.2 或更高版本的 mount pod 镜像（juicedata/mount:ce-v…）' : ` ${image}`}；或者${removable ? '去掉 spec.copy.mover' : '在数据已经就位时设置 spec.copy.mode: none'}。`

/** What each finding says in Chinese, of the same data as in English. */
export const findings: FindingCatalogue = {
  'no-path-rule': (d) =>
    d.placeholders.length === 0
      ? {
          why: `spec.paths 中没有规则覆盖它的目录 ${d.directory}。`,
          remedy: `添加一条规则，例如 ${d.byDirectory} 或 ${d.byName}；或者排除该卷。`,
        }
      : {
          why: `它在 spec.paths 中的规则包含 ${d.placeholders.join('、')}，但该卷没有这个值：它没有 PVC，或者无法确定它在哪一个节点上。`,
          remedy: `为它添加一条规则：${d.byName}；或者排除该卷。`,
        },
  'partial-group': (d) => {
    const [moved, others] = [listed(d.moved), listed(d.others)]
    if (d.split)
      return {
        why: `只迁移 ${moved} 而不迁移 ${others}，但它们的目录相同或互相嵌套：两部分将不再看到彼此的文件。`,
        remedy: '用 --whole-groups 代替 --dangerous-split，把它们一起迁移。',
      }
    const whole =
      '用 --whole-groups 迁移整组，或者用 --dangerous-split 只迁移一部分：此后它的用户和其他用户将看不到彼此的文件。'
    const { stay = [] } = d
    const first = `排除 ${listed(stay.map(({ name }) => name))}（spec.select.exclude）：${stay.map((each) => reason(each.reason)).join('；')}。`
    return {
      why: `${others} 的目录与 ${moved} 的目录相同或互相嵌套：分开迁移后，它们将不再看到彼此的文件。`,
      remedy: stay.length === 0 ? whole : stay.length === d.others.length ? first : `${first}其余的卷：${whole}`,
    }
  },
  excluded: (d) => ({ why: `它留在 ${d.directory}：已被迁移文件排除。${d.stay ? `${reason(d.stay)}。` : ''}` }),
  'excluded-below': (d) => ({
    why: `它留在 ${d.directory}，该目录位于 ${listed(d.parents)} 的目录之内：这些卷的使用者将不再在那里看到它。`,
    remedy: '确认没有人通过那个路径读取它。它自己的 PVC 照常可用。',
  }),
  'excluded-shares': (d) => ({
    why: `它被排除了，但它的目录 ${d.directory} 与 ${listed(d.others)} 的目录相同，或是其上级目录：它们将不再看到彼此的文件。`,
    remedy: '把它从 spec.select.exclude 中去掉，或者把其他卷也排除。',
  }),
  'subdir-collision': (d) => ({
    why: `它的 subdir ${root(d.subdir)} 与 ${d.other} 的 subdir（${root(d.otherSubdir)}）相同或互相嵌套，但它们的目录并非如此，或者在不同的节点上：它们会看到彼此的文件。`,
    remedy: d.apart ? `在 spec.paths 中给它们各自的位置：${d.apart.join(' 或 ')}；或者排除其中一个。` : otherPlace,
  }),
  'relation-lost': (d) => ({
    why: `它的目录 ${d.directory} 与 ${d.upper} 的目录相同或在其之内，但它的 subdir ${root(d.subdir)} 没有以同样的方式嵌套在 ${root(d.upperSubdir)} 之内：它们将不再看到彼此的文件。`,
    remedy: '修改 spec.paths，使嵌套的目录保持同样的嵌套关系。',
  }),
  'subdir-invalid': (d) => ({
    why: `${d.title} 不能把 ${JSON.stringify(d.subdir)} 用作 subdir。原因：${d.problem}`,
    remedy: d.rule === undefined ? otherPlace : `在 spec.paths 中添加一条指向其他位置的规则：${d.rule}。`,
  }),
  'subdir-in-use': (d) => {
    const why = `${d.other} 已经在 ${d.title} 的 ${root(d.otherSubdir)}；该卷放到 ${root(d.subdir)} 后，两者会看到彼此的文件。`
    switch (d.is) {
      case 'root':
        return { why, remedy: '确认根目录的使用者不会写入这个位置。' }
      case 'root-merged':
        return {
          why: `${why}那里的文件可能属于它的使用者。`,
          remedy: '去掉 --into-existing（spec.copy.intoExisting），让 juicify 只复制到空的位置。',
        }
      case 'shared':
        return { why, remedy: '只有两者本来就应该显示相同的文件时才继续；不会复制任何数据。' }
      case 'taken': {
        const otherwise = '在 spec.paths 中给它单独的位置，或者排除它（spec.select.exclude）。'
        const record = `如果 ${d.other} 是从 ${d.from} 迁移来的，请记录下来：${d.command} ；之后该卷会并入那个位置，不再复制。`
        return {
          why: `${why}复制会覆盖使用者在那里写入的内容。`,
          remedy: `${d.command === undefined ? '' : record}${otherwise}`,
        }
      }
    }
  },
  joins: (d) => ({
    why: `${d.directory} 已随 ${listed(d.volumes)} 迁移到 ${root(d.subdir)}：该组将绑定到那个位置，不复制也不删除任何数据。${d.nodes.length > 0 ? `${listed(d.nodes)} 上 ${d.directory} 中那里缺少的、或那里较旧的文件，会在替换前统计并列出，并留在节点上。` : `不会与 ${d.directory} 比较，该目录保持原样。`}`,
    remedy:
      d.nodes.length > 0
        ? '用 --bring-missing 复制缺少的文件；它不会覆盖任何文件。'
        : '先手工比较两边；或者设置 spec.source.nodes，并为比较用的 Job 设置 spec.copy.image。',
  }),

  'volume-handle-invalid': (d): Sentences =>
    d.driver !== undefined
      ? {
          why: `${d.driver} 不能使用它的 volumeHandle ${d.handle}。原因：${d.problem}`,
          remedy:
            '排除它；或者先把它的回收策略设为 Retain，然后再用另一个 volumeHandle 重新创建它，否则它的数据会随之删除。',
        }
      : {
          why: `它的名字不能用作 volumeHandle${d.problem === undefined ? '：另一个卷正在使用它' : ''}。它的 volumeHandle 将是 ${d.handle}；卷的名字不变。${d.problem === undefined ? '' : `原因：${d.problem}`}`,
        },
  'csi-template': (d) =>
    'handle' in d
      ? {
          why: `它的 volumeHandle 将是 ${d.handle}，与 ${listed(d.others)} 相同：kubelet 会把它们当成同一个卷。`,
          remedy: '在 spec.target.csi.volumeHandle 中使用 {name}，或者排除该卷。',
        }
      : {
          why: `spec.target.csi 中的模板使用了 {${d.placeholder}}，但该卷没有 PVC。`,
          remedy: '改用 {name}，或者排除该卷。',
        },
  'reclaim-policy': (d) => ({
    why: `它的回收策略是 ${d.policy}：PVC 一旦消失，Kubernetes 就会删除数据。juicify 会首先把它设为 Retain；回滚会恢复为 ${d.policy}。`,
    remedy: '如果回滚之后也要保留数据，请自行设为 Retain。',
  }),
  unclaimed: (d) => ({
    why:
      d.reservedFor === undefined
        ? '没有 PVC 绑定到它。替换后的卷同样不带 PVC。'
        : `它为 PVC ${d.reservedFor} 预留，而该 PVC 还不存在；替换后的卷同样为它预留。`,
  }),
  'claim-not-bound': (d) => ({
    why: `${d.volume} 指向它，但它的状态是 ${d.phase ?? '新建'}${d.other === undefined ? '' : `，对应的卷是 ${d.other || '无'}`}。`,
    remedy: d.other
      ? `如果它本来就应该使用 ${d.other}，请排除 ${d.volume}（spec.select.exclude）。查看两者：kubectl get pv ${d.volume} ${d.other}`
      : `新建的 PVC 可能需要半分钟才能绑定，之后请重新生成计划。否则查看原因：kubectl describe pvc -n ${d.namespace} ${d.claim}`,
  }),
  'claim-missing': (d) => ({
    why: `${d.volume} 绑定到它，但${d.replaced ? '它已被删除，现在另一个 PVC 使用这个名字' : '它不存在'}。`,
    remedy: '为该卷创建 PVC，或者排除该卷。',
  }),
  'claim-lost': (d) =>
    d.there
      ? {
          why: `它的状态是 Lost：${d.volume} 被手工重建，但没有写入该 PVC 的 uid。替换时会设置 uid，使两者重新绑定。`,
          remedy: keepClaim,
        }
      : {
          why: `它的状态是 Lost：PersistentVolume ${d.volume} 已不存在，因此不知道它的数据在哪里。`,
          remedy: `按原样重新创建 ${d.volume}（使用它的旧目录），并在 spec.claimRef 中写上这个 PVC 的命名空间、名称和 uid，以免别的 PVC 得到它的数据；再重新生成计划。${keepClaim}`,
        },
  'claim-deleting': () => ({
    why: '它处于 Terminating，直到使用它的 Pod 消失。',
    remedy: '等待删除完成后重新创建它，或者排除它的卷。',
  }),
  'volume-released': (d): Sentences => {
    const why = `它的状态是 Released：它的 PVC ${d.claim} 已经消失，该卷不会迁移。`
    if (d.another !== undefined) return { why: `${why}同名的新 PVC 使用 ${d.another}。` }
    const remedy = `要迁移它，让它只等待新的 PVC ${d.claim}，不等待别的：kubectl patch pv ${d.volume} --type json -p '[{"op":"remove","path":"/spec/claimRef/uid"}]'；然后创建该 PVC。`
    return { why, remedy }
  },
  'volume-failed': (d) => ({
    why: `它的状态是 Failed${d.message ? `（${d.message}）` : ''}：不能使用，也不会迁移。${d.claim === undefined ? '' : `它原来的 PVC 是 ${d.claim}。`}`,
    remedy: '确认没有人再需要它的数据后，把它删除。',
  }),
  'not-on-a-disk': (d) => ({ why: `${listed(d.volumes)}（${d.source}）：不在节点的磁盘上，不会迁移。` }),
  'stuck-terminating': () => ({
    why: '它已被删除，处于 Terminating，直到它的 PVC 消失。替换时会完成删除，并在原处创建新卷。',
    remedy: keepClaim,
  }),
  'foreign-finalizer': (d) => ({
    why: `它带有 finalizer ${d.finalizers.join('、')}，因此无法删除：juicify 只移除 kubernetes.io/pv-protection。`,
    remedy:
      d.provisioned === undefined
        ? '查明是谁添加了这个 finalizer，让对方完成工作并移除它，然后重新生成计划。'
        : `回收策略是 Delete 时，它的 provisioner 会保留这个 finalizer。把策略设为 Retain，这样无论如何数据都会保留：kubectl patch pv ${d.provisioned} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'；finalizer 消失后重新生成计划。`,
  }),
  'block-mode': (d) => ({ why: `它是裸块设备卷，而 ${d.title} 是文件系统。`, remedy: exclude }),
  'not-a-directory': (d) => ({
    why:
      'type' in d
        ? `它的 hostPath 类型是 ${d.type}，但只能迁移目录。`
        : `${d.directory} 不在磁盘上：那里是节点的设备、进程、套接字和内存，没有可以迁移的文件。`,
    remedy: exclude,
  }),
  'read-only': () => ({ why: '它是只读的。替换后的卷访问模式不变；juicify 通过自己的 PVC 复制数据。' }),
  'selector-mismatch': (d) => ({
    why: `它的 selector 与 PersistentVolume ${d.volume} 的标签不匹配。两者目前保持绑定，但如果重新创建就不会再绑定。`,
    remedy: '给该卷加上 selector 要求的标签。',
  }),
  'request-exceeds-capacity': (d) => ({
    why: `它请求 ${d.requested}，但 ${d.volume} 的容量是 ${d.capacity}。两者目前保持绑定，但如果重新创建就不会再绑定。`,
    remedy: '保留这个 PVC；如果必须重新创建，请减小请求的容量。',
  }),

  'in-use': (d) => ({
    why: `正在被 ${listed(d.workloads.map(({ name, user }) => `${name}${user ? `（${user}）` : ''}`))} 使用：替换前停止，替换后重新启动。`,
    remedy: '把停机时间告知使用者。只读的工作负载可以通过 quiesce.rolling 继续运行。',
  }),
  unfinished: (d): Sentences => {
    const because = d.reason === undefined ? '' : `原因：${d.reason}`
    const cannot = '它不能停止后再启动。'
    switch (d.quiesce) {
      case 'wait':
        return { why: `${cannot}juicify 会等待它运行结束。${because}` }
      case 'delete':
        return {
          why: `${cannot}它会被删除，并且不会重新创建。${because}`,
          remedy: '先保存它到目前为止的结果，或者把 quiesce.unfinished 设为 wait。',
        }
      case 'refuse':
        return {
          why: `${cannot}${because}`,
          remedy: '等它结束后重新生成计划，或者把 quiesce.unfinished 设为 wait 或 delete。',
        }
    }
  },
  'unknown-controller': (d) => ({
    why: `它不能停止后再启动。${d.reason === undefined ? '' : `原因：${d.reason}`}`,
    remedy: '请自行停止它；如果它会运行结束，也可以等它结束。然后重新生成计划。',
  }),
  'claims-retained': () => ({
    why: '它的 persistentVolumeClaimRetentionPolicy.whenScaled 是 Delete。juicify 在把它缩容到 0 的同一个请求中改为 Retain，使它的 PVC 得以保留，并在启动它的请求中改回 Delete。',
    remedy: '该组正在进行时，不要修改这个策略，也不要调整它的副本数。',
  }),
  'pods-unreachable': (d) => ({
    why: `在未就绪的节点上：${listed(d.pods.map(({ pod, node }) => `Pod ${pod}（${node}）`))}。没有人能确认这样的 Pod 已经结束：节点恢复之前，不会为该组停止任何东西，该组也不会迁移。`,
    remedy: '恢复该节点。只有确定其上不再运行任何东西时，才在 apply 时使用 --force-delete-pods。',
  }),
  'pod-finalizer': (d) => ({
    why: `这些 Pod 被删除后，会一直保留到别人移除它们的 finalizer：${listed(d.pods.map(({ pod, finalizers }) => `Pod ${pod}（${finalizers.join('、')}）`))}。后续的 Pod 需要用它们的名字，在此之前该组的一切都处于停止状态。`,
    remedy: '确认设置该 finalizer 的组件正在运行，并会在 Pod 被删除时移除它。',
  }),
  'claim-owned': (d) => ({
    why:
      d.end === 'deleted'
        ? `它的所有者是 ${d.owner}，停止该组时会删除这个所有者：Kubernetes 会随之删除这个 PVC${d.moves ? '' : `；如果 ${d.volume || '其卷'} 的回收策略是 Delete，数据也会被删除`}。`
        : `它的所有者是 ${d.owner}，juicify 会等待它完成：这样的 PVC 通常在所有者完成后被删除。`,
    remedy: d.moves
      ? `排除 ${d.volume}（spec.select.exclude）：它不会比所有者存在得更久。`
      : '先保存其中需要的内容。通用临时卷会为下一个 Pod 重新创建，内容为空。',
  }),
  'claims-deleted': (d) => {
    const why = `它停止时，${d.statefulSet} 会缩容到 0，`
    if (d.custom === 'always')
      return {
        why: `${why}它的 operator 会删除被缩容的 Pod 的 PVC。`,
        remedy: `排除它使用的卷（spec.select.exclude）。查看它的 PVC：${d.command}`,
      }
    if (d.custom === 'policy')
      return {
        why: `${why}它的 operator 会删除它的 PVC：它的 persistentVolumeClaimRetentionPolicy.whenScaled 是 Delete。`,
        remedy: `迁移期间把它设为 Retain，然后重新生成计划。查看：${d.command}`,
      }
    return {
      why: d.by
        ? `它的 persistentVolumeClaimRetentionPolicy.whenScaled 是 Delete，而且它由 ${d.by} 管理：即使 juicify 把它改为 Retain，${d.by} 也可能在 StatefulSet 副本数为 0 时改回去，Kubernetes 就会删除它的 PVC。`
        : `${why}Kubernetes 会删除它的 PVC：该 StatefulSet 的 persistentVolumeClaimRetentionPolicy.whenScaled 是 Delete。`,
      remedy: `迁移期间在 ${d.by ?? d.owner ?? '它的所有者'} 中把它设为 Retain，然后重新生成计划。查看：${d.command}`,
    }
  },
  'false-owner': (d) => ({
    why: `它指向 ${d.owner} 的 ownerReference 不正确：它的命名空间里没有该 uid 的对象，或者那个对象并不创建、选择它。它会被单独停止，${d.owner} 不会因它而停止。`,
    remedy: `查明是谁创建了它：${d.command}`,
  }),
  'fs-group': (d) => ({
    why: `使用它的 Pod 设置了 fsGroup：${listed(d.users.map(({ name, fsGroup }) => `${name}（${fsGroup}）`))}。对 hostPath，kubelet 会忽略它；在新卷上，它会让该组可以读写每一个文件（权限 0600 的 ssh 密钥会变成 0660），带 --copy-back 的回滚会还原这些权限，前提是没有人另外改动过。`,
    remedy: `从这些 Pod 中去掉 fsGroup。在 CSIDriver ${d.driver} 中设置 fsGroupPolicy: None 也可以，但会影响该驱动的所有卷：先看还有哪些 Pod 依赖它们的 fsGroup。设置 fsGroupChangePolicy: OnRootMismatch 时，如果卷的根目录已属于该组，kubelet 会跳过它。`,
  }),
  'read-only-written': (d) => ({
    why: `它的 PVC 是 ReadOnlyMany，而 ${listed(d.writers)} 可以写入：hostPath 允许这样做，但驱动会以只读方式挂载新卷，写入可能失败。`,
    remedy: '确认它们只读不写（以 readOnly 挂载），或者排除该卷。',
  }),
  'mount-propagation': (d) => ({
    why: `${listed(d.users)} 以 mountPropagation 挂载它：节点上挂载在 ${d.directory} 之下的内容不会出现在新卷上，它们在那里所做的挂载也不再出现在节点的该路径上。`,
    remedy: '查明那里挂载了什么（在节点上执行 findmnt -R）。如果确实需要，请排除该卷；它不能迁移。',
  }),
  selinux: (d) => ({
    why: `${listed(d.users)} 设置了 seLinuxOptions：${
      d.mounted
        ? `CSIDriver ${d.driver} 设置了 seLinuxMount: true，kubelet 会以 Pod 的标签挂载（-o context=），标签不同的 Pod 不能在同一节点上使用它`
        : 'hostPath 保留各文件自己的标签；新卷的所有文件只有一个标签，由驱动设置，或由容器运行时逐个文件重新标记'
    }。`,
    remedy: '事先在启用 SELinux 的节点上，用一个带该标签的 Pod 和同一驱动的卷测试；让使用它的所有 Pod 使用同一个标签。',
  }),
  'sub-path': (d) => ({
    why: `${listed(d.users)} 挂载它的 subPath，而${d.copied ? '那个目录留在原处，不在新卷上' : '数据不复制（copy.mode: none）'}：目录缺少时，kubelet 会创建一个属于 root 的空目录，其他用户的 Pod 无法写入。`,
    remedy: '事先在文件系统上创建这些目录，属主和权限与节点上一致；或者完整复制该卷。',
  }),
  'volume-limit': (d) => ({
    why: `在那里运行的 Pod 将使用 ${d.driver} 的 ${d.volumes} 个卷，而它允许每个节点 ${d.limit} 个：其中一些将无法在那里重新启动。`,
    remedy: '在驱动的设置中提高上限，让 Pod 在其他节点运行，或者少迁移一些卷。',
  }),
  'rolling-writable': (d) => ({
    why: `它会逐个 Pod 重启而不是停止，但它可以写入 ${listed(d.claims)}：复制之后它写到旧目录的内容会被留下。`,
    remedy: '以 readOnly 挂载该卷，把该工作负载从 quiesce.rolling 中去掉，或者确认它只读不写。',
  }),
  'not-rolling': (d) => ({
    why: `虽然 quiesce.rolling 列出了它，它仍会被停止。原因：${d.reason}`,
    remedy: '如果它不能停机，请修改它，使其可以逐个 Pod 重启。',
  }),
  'direct-mount': (d) => ({
    why: `${listed(d.pods)} 直接以 hostPath 挂载 ${listed(d.paths)}（不经过 PVC），会继续使用旧目录。`,
    remedy: '改为使用 PVC 而不是 hostPath，或者停止它们。',
  }),
  'juicefs-dependency': (d) => ({
    why: `${reason(d)}，而后者正在使用它。迁移到 ${d.title} 之后，两者会永远互相等待。`,
    remedy: '排除它（spec.select.exclude）。',
  }),
  database: (d) => ({
    why: `${reason(d.stay)}。`,
    remedy: '排除它（spec.select.exclude），或者先在该文件系统上充分测试再使用。',
  }),
  managed: (d) =>
    'by' in d
      ? {
          why: `${d.by} 管理着 ${d.name}：它可能撤销这些修改，或者启动已停止的工作负载。`,
          remedy: '迁移期间暂停它的同步，之后按计划修改它的清单。',
        }
      : {
          why: `${d.scaler} 是最后一个设置其副本数的程序${d.at ? `（${d.at}）` : ''}：在 ${d.name} 停止期间，它可能再次这样做。`,
          remedy: '在此期间让它暂停；如果被停止的工作负载又被启动，迁移会立即报告。',
        },

  'driver-missing': (d) => ({
    why: `${d.registered ? 'CSIDriver 对象存在（卸载后会残留），但' : ''}没有任何节点运行驱动 ${d.driver}：Pod 无法挂载新卷。`,
    remedy: {
      juicefs:
        '安装 juicefs-csi-driver（juicify setup 会写出它的 values.yaml），或者在 spec.target.driver 中给出它的名字。',
      csi: '安装它，或者更正 spec.target.csi.driver：kubectl get csidrivers 会列出现有的驱动。',
      own: '按照它自己的文档安装它。',
    }[d.target],
  }),
  'driver-incomplete': (d) => ({
    why: `驱动 ${d.driver} 没有在 ${listed(d.nodes)} 上运行：那里的 Pod 无法挂载新卷。`,
    remedy:
      d.command === undefined
        ? '检查这些节点上的驱动 Pod，或者让工作负载避开这些节点。'
        : `查看原因：${d.command} ；或者让这些 Pod 避开那些节点。`,
  }),
  'driver-not-ready': (d) => ({
    why: `驱动 ${d.driver} 在 ${listed(d.nodes)} 上没有就绪的 Pod：在此期间那里的 Pod 无法挂载任何卷。`,
    remedy: `查看：${d.command}`,
  }),
  'driver-unseen': (d) => ({
    why: `驱动 ${d.driver} 已注册，但 ${listed(d.namespaces)} 中没有带标签 ${d.selector} 的 DaemonSet：无法检查它的 Pod 和版本。`,
    remedy: '请确认它正在运行（无论以何种方式安装）；juicify probe 可以测试它。',
  }),
  'driver-not-where-needed': (d) => ({
    why: `它的 Pod ${d.everywhere ? '' : '只能'}运行在 ${listed(d.nodes)} 上，而那里没有 ${d.driver}：${d.name} 会被停止，并且无法再启动。`,
    remedy:
      '让驱动也在那里运行（见其 DaemonSet 的 nodeSelector 和 tolerations），让这些 Pod 在其他节点运行，或者排除这些卷。',
  }),
  'driver-attach': (d) => ({
    why: `${d.there ? `CSIDriver ${d.driver} 设置了 attachRequired: true` : `CSIDriver ${d.driver} 不存在`}：Kubernetes 会为每个卷等待 attacher，而该驱动没有 attacher，任何 Pod 都无法启动。`,
    remedy: `${d.there ? `先执行 kubectl delete csidriver ${d.driver} ，再按驱动的安装方式重新创建它` : '按驱动的安装方式创建它'}，并设置 attachRequired: false；正在运行的 Pod 不受影响。`,
  }),
  'driver-mode': (d) => {
    const which = `juicefs-csi-driver ${d.version ?? '（版本未知）'}`
    switch (d.mounts) {
      case 'sidecars-only':
        return {
          why: `${which} 以 sidecar 方式在 Pod 中挂载，不在任何节点上挂载：juicify 不支持这种方式，它自己的 Pod 和被迁移的 Pod 都将挂载不到任何内容。`,
          remedy:
            '安装驱动时使用节点挂载方式（Helm values 中的 mountMode: mountpod）。运行中的 Pod 保留其 sidecar；新的 Pod 需要有驱动的节点。',
        }
      case 'by-process':
        return {
          why: `${which} 以进程方式挂载：它的 Pod 重启时，所在节点上的所有挂载都会断开。`,
          remedy:
            '在 0.10 或更高版本的 Helm values 中设置 mountMode: mountpod。这也会重启它的 Pod：与其他重启一样，只在没有挂载时进行。',
        }
      case 'some-sidecars':
        return {
          why: `${which} 在带有相应标签的命名空间中以 sidecar 方式挂载，在其他地方于节点上挂载：对前者，juicify 看不到挂载是否仍在使用。`,
          remedy:
            '如果要迁移的命名空间中的 Pod 都运行在有驱动的节点上，就从这些命名空间上去掉标签 juicefs.com/enable-injection：在其他节点上，新的 Pod 将挂载不到任何内容。',
        }
    }
  },
  'mount-options': (d) =>
    d.settings === undefined
      ? { why: '无法按 YAML 读取它：不知道它为挂载设置了什么。', remedy: '修正它：驱动也会读取它。' }
      : {
          why: `${d.settings} 为它设置了 ${d.sets}：${d.sets === 'subdir' ? '无论卷自身怎么写，它都会显示那个目录' : '任何人都无法写入'}。`,
          remedy: `让该 mountPodPatch 不包括这个 PVC（pvcSelector，operator: NotIn）。只有在其他卷都不需要时才去掉 ${d.sets}：否则别人的 Pod 从下次启动起会${d.sets === 'subdir' ? '看到另一个目录' : '可以写入'}。`,
        },
  writeback: (d) =>
    d.own
      ? {
          why: '它也为 juicify 自己的 Job 的 PVC 设置了 writeback：复制的数据在上传之前只在该节点的磁盘上，校验会在那里读到它，而其他节点都读不到。',
          remedy:
            '在那个 mountPodPatch 中排除它们：pvcSelector: {matchExpressions: [{key: app.kubernetes.io/managed-by, operator: NotIn, values: [juicify]}]}。',
        }
      : {
          why: `${d.settings === undefined ? 'spec.target.mountOptions 以 writeback 方式挂载这些卷' : `${d.settings} 以 writeback 方式挂载它`}：Pod 写入的数据在上传之前只在所在节点的磁盘上。在此之前，其他节点读取会得到 I/O 错误，rollback --copy-back 会因此失败，磁盘损坏时数据会丢失。`,
          remedy:
            '如果多个节点共用一个目录，请去掉 writeback。juicify 自己复制时不使用它；受影响的只是 Pod 之后写入的数据。',
        },
  'secret-missing': (d) => ({
    why: `${d.target === 'csi' ? 'spec.target.csi 指定的' : '文件系统的'} Secret 不存在：Pod 无法挂载新卷。`,
    remedy: {
      juicefs:
        '创建它，包含 name、metaurl、storage、bucket 和密钥（juicify setup 会写出），或者在 spec.target.secretRef 中指定另一个。',
      csi: '按驱动的文档创建它，或者在 spec.target.csi 中指定另一个。',
      own: '按驱动的文档创建它，或者在 spec.target 中指定另一个。',
    }[d.target],
  }),
  'secret-incomplete': (d) =>
    d.required
      ? { why: `它缺少 ${d.keys.join('、')}：Pod 无法挂载新卷。`, remedy: '补上缺少的键。' }
      : {
          why: `它缺少 ${d.keys.join('、')}：如果文件系统尚未格式化，第一次挂载会把它格式化到节点自己的磁盘上。`,
          remedy: '补上这些键，或者用 juicefs status 确认文件系统已经格式化。',
        },
  'secret-unread': () => ({
    why: '您没有读取它的权限，因此 juicify 无法判断 Pod 能否用它挂载，也无法判断文件系统是否依赖所选的卷。这样的计划不能执行。',
    remedy: readers,
  }),
  unread: (d) => ({
    why: {
      secret: '您没有读取它的权限。',
      'driver-settings': '您没有读取它的权限；它可能设置了挂载选项，使挂载显示的目录与卷的定义不同。',
      records: '您没有读取以往迁移记录的权限：本计划中的某个组可能正在迁移或已经迁移。',
      bindings: '您没有权限查看谁在那里被授予了权限，而 juicify 的 Pod 在那里以 root 挂载所有人的目录。',
      'for-pods': '您没有权限查看它是否存在；juicify 的 Pod 需要它。',
    }[d.part],
    remedy: readers,
  }),
  'missing-for-pods': (d) => ({
    why: `spec.copy 为 juicify 的 Pod 引用了它，但它在这些 Pod 的命名空间 ${d.namespace} 中不存在。`,
    remedy: `在那里创建它（${d.command}），或者从 spec.copy 中去掉它。juicify rbac | kubectl apply -f - 会创建该命名空间。`,
  }),
  'namespace-shared': (d) => ({
    why: `它在 juicify 的命名空间中把 ${d.role} 授予了 ${listed(d.subjects)}，而 juicify 的 Pod 在那里以 root 挂载所有人的目录。${d.trusted ? '计划信任他们（--trust-namespace）。' : ''}`,
    ...(d.trusted ? {} : { remedy: '请创建者撤销这项授权。如果他们是集群管理员，请用 --trust-namespace 生成计划。' }),
  }),
  'data-stays': (d) => ({
    why: `不复制数据（copy.mode: none）：旧目录中的文件留在原处，新卷显示 ${d.title} 上已有的内容。`,
    remedy: `先自行把数据复制到还没有人使用的位置（例如用 ${d.tool}），或者直接使用 ${d.title} 上已有的内容继续。`,
  }),
  'source-unclear': (d) => ({
    why: `${d.directory} 在 ${d.nodes} 个节点上可能是各不相同的目录，不知道数据在哪个节点上。${d.seen.length > 0 ? `${listed(d.seen)} 上的 Pod 正在使用它。` : '目前没有 Pod 使用它。'}`,
    remedy:
      '把 spec.source.nodes（或 --source-nodes）设为存放数据的节点；如果每个节点看到的都是相同的文件，则设为 shared。',
  }),
  'source-unread': (d) => {
    switch (d.because) {
      case 'no-node':
        return {
          why: `无法复制 ${d.directory}：没有节点符合该卷的 nodeAffinity。`,
          remedy: '恢复它所在的节点，或者排除该卷（spec.select.exclude）。',
        }
      case 'no-driver':
        return {
          why: `无法复制 ${d.directory}：${d.driver} 没有运行在任何可调度的节点上。`,
          remedy:
            '在 spec.source.nodes 中给出存放数据的节点；或者查明有驱动的节点为何被 cordon，等原因消失后再对其中一个执行 kubectl uncordon。',
        }
      case 'other-nodes':
        return {
          why: `它也在 ${listed(d.others)} 上，但它作为 ${d.directory} 的一部分复制，而后者只从 ${listed(d.copiedFrom)} 复制：它在 ${listed(d.others)} 上的文件会被留下。`,
          remedy:
            '先把其他节点上的文件复制过来，不要覆盖任何文件（rsync -a --ignore-existing），再在 spec.source.nodes 中只给出整个目录的来源节点。其他节点上的文件留在原处。',
        }
    }
  },
  'nodes-not-ready': (d) => ({
    why: `未就绪：${listed(d.nodes)}。这些节点磁盘上的数据无法复制，其上的 Pod 也无法停止。`,
    remedy: '先恢复这些节点。',
  }),
  'mover-missing': (d) => ({
    why: d.own
      ? '数据由文件系统自己的工具复制，但没有找到包含该工具的镜像：驱动所在的命名空间没有运行中的 mount pod，也没有驱动的 DaemonSet 设置了 mount 镜像，或使用 0.25 及以上版本的镜像。'
      : `数据用 ${d.title} 复制，但迁移文件没有给出包含它的镜像。`,
    remedy: imageRemedy(d),
  }),
  'mover-too-old': (d) => ({
    why: `数据将用镜像 ${d.found} 中的 ${d.title} 复制，但其中的 juicefs 版本过旧：juicefs sync 需要 1.2 或更高版本。`,
    remedy: imageRemedy({ ...d, own: true }),
  }),
  'places-not-made': (d) => ({
    why: `没有任何步骤保证各卷的目录存在，而 ${d.title} 的挂载不会创建目录：缺少目录时，使用该卷的 Pod 都无法启动。`,
    remedy: '把 spec.copy.image 设为带有 sh 的镜像，缺少的目录会因此被创建；或者自行确认每个目录都存在。',
  }),
  'mover-cannot-merge': (d) => ({
    why: `${d.directory} 由 ${listed(d.nodes)} 合并而来${d.byAffinity ? '（该卷的 nodeAffinity 允许这些节点）' : ''}，文件系统自己的工具做不到。`,
    remedy: `设置 spec.copy.mover: rsync 和包含它的镜像${d.byAffinity ? '' : '，或者在 spec.source.nodes 中只给出一个节点'}。`,
  }),
  'merge-not-split': (d) => ({
    why: `${d.directory} 由 ${listed(d.nodes)} 合并而来，每个节点一个 Job，不能再拆分到 ${d.parallel} 个 Job。`,
    remedy: `去掉 spec.copy.parallel${d.byAffinity ? '' : '，或者在 spec.source.nodes 中只给出一个节点'}。`,
  }),
  'not-measured': (d) => ({ why: `无法测量 ${d.directory}。原因：${d.failure}`, remedy: d.remedy }),
  'target-not-empty': (d) => {
    const where = d.subdir === '' ? '文件系统的根目录' : `文件系统上的 ${d.subdir}`
    const some = d.examples.length > 0 ? `：${listed(d.examples)}${d.state === 'taken' ? ' 等' : ''}` : ''
    const what =
      d.state === 'taken'
        ? `${where} 中有 ${d.entries.toLocaleString('en')} 个条目，它们不是从该目录复制过去的${some}。`
        : `${where} 中是以前一次迁移的副本，之后使用者又修改过${some || '：有内容被删除'}。`
    if (d.overwrites)
      return {
        why: `${what}它们会保留；同名文件会被覆盖。`,
        remedy: '去掉 --into-existing（spec.copy.intoExisting）可以避免这种情况。',
      }
    return {
      why: what,
      remedy:
        d.state === 'taken'
          ? '查明它们属于谁，并在 spec.paths 中选择其他位置。如果没有人需要它们，就移走；--into-existing 会覆盖同名文件。'
          : '把其中需要的内容复制到别处，或者在 spec.paths 中选择其他位置。--into-existing 会用节点上的文件覆盖使用者写入的内容。',
    }
  },
  'target-full': (d) => {
    const amount = (n: number) => (d.of === 'bytes' ? size(n) : `${n.toLocaleString('en')} 个 inode`)
    return {
      why: `${d.all ? '所有组的数据合计' : '该组的数据'}${d.certain ? '' : '可能'}需要文件系统上的 ${amount(d.needed)}，但只剩 ${amount(d.free)}。`,
      remedy: `提高文件系统的上限（${typeof d.raise === 'string' ? LIMITS[d.raise] : d.raise.commands}），或者删除其中没有人需要的内容，然后重新测量。`,
    }
  },
  'quota-impossible': (d) =>
    'name' in d
      ? {
          why: `${d.name} 显示文件系统的根目录，而根目录没有配额：它不会有上限。`,
          remedy: '用 juicefs config --capacity 可以限制整个文件系统。',
        }
      : {
          why: `无法设置配额。原因：${d.problem}`,
          remedy: '去掉 spec.target 中的 quota；在该版本提供的地方设置上限。',
        },
  'quota-too-small': (d) => ({
    why: `${d.directory} 在文件系统上占用 ${size(d.bytes)}，而按其卷的容量，配额将是 ${d.gib} GiB。`,
    remedy: '删除没有人需要的内容并重新测量；或者在这次迁移中去掉 spec.target 的 quota，改为手工设置。',
  }),
  'cannot-carry': (d) => ({
    why: `${d.directory} 中有 ${d.entries.toLocaleString('en')} 个条目不能完整复制：${listed(d.examples.map(({ path, kind }) => `${path}（${kind}）`))}。`,
    remedy: '程序会重新创建自己的 socket 和 FIFO。如果扩展属性或 ACL 很重要，请使用 rsync。',
  }),
  'under-way': (d) => ({
    why:
      'others' in d
        ? `它的一些卷已经在 ${listed(d.others)} 中迁移。`
        : `组 ${d.group} 已在进行中（${d.state}）：将按其记录继续。`,
    remedy: 'juicify resume 继续它；juicify rollback 回滚它。',
  }),
}
