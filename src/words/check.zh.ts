import type { CheckWords, MissingAccess } from './check.en.ts'
import { listed } from './list.zh.ts'

const PLACE = { cluster: '', juicify: '，在 juicify 中', secret: '，文件系统的' }
const access = (missing: MissingAccess[]) =>
  listed(missing.map(({ resource, where, verbs }) => `${resource}（${verbs.join('、')}${PLACE[where]}）`))
const askFor = '请管理员应用 juicify rbac --user YOU 的输出。'
const mounted = (d: { title: string; node: string; name?: string }) =>
  `${d.title} 已在 ${d.node} 上挂载${d.name === undefined ? '' : `，名称为 ${d.name}`}`
const withWarnings = (warnings: number) => (warnings > 0 ? `，有 ${warnings} 条警告` : '')

/** What `juicify check` says in Chinese, of the same data. */
export const check: CheckWords = {
  api: (version, cluster) => ({ text: `Kubernetes ${version}，集群：${cluster}` }),
  apiOld: (version, cluster, oldest) => ({
    text: `Kubernetes ${version}，集群：${cluster}，低于测试过的最低版本 ${oldest}`,
    remedy: '先在该版本的集群上演练。',
  }),
  unread: () => ({
    text: '没有检查驱动、Secret、卷和节点：没有读取权限。',
    remedy: '申请缺少的权限，然后重新检查。',
  }),
  granted: (asked, createsNamespace) => ({
    text: `RBAC：所需的 ${asked} 项权限均已授予${createsNamespace ? '；第一次运行会创建命名空间 juicify' : ''}`,
  }),
  required: (missing) => ({ text: `缺少必需的权限：${access(missing)}`, remedy: askFor }),
  optional: (missing) => ({ text: `缺少可选的权限：${access(missing)}`, remedy: askFor }),
  noNamespace: () => ({ text: '命名空间 juicify 尚不存在，或者您没有权限查看它。', remedy: askFor }),
  unmanaged: () => ({ text: '卷、PVC 和工作负载没有由 Argo CD、Flux、Helm、Fleet 等工具管理' }),
  managed: (managers) => ({
    text: managers.map(({ by, objects }) => `${by} 管理着 ${listed(objects, 3)}`).join('；'),
    remedy: '迁移期间暂停它的同步，之后按计划修改它的清单。',
  }),
  noNodes: () => ({ text: '集群没有节点', remedy: '先添加节点。' }),
  nodes: (nodes, kubelets, closed) => ({
    text: `${nodes} 个节点，kubelet ${kubelets.map((each) => `${each.version ?? '版本未知'}（${each.nodes} 个）`).join('、')}${closed.length > 0 ? `，不可调度：${listed(closed)}` : ''}`,
  }),
  classes: (d) => {
    const text = `${d.ours.length > 0 ? `${d.provisioner} 的 StorageClass：${listed(d.ours)}` : `没有 ${d.provisioner} 的 StorageClass`}（${d.defaults.length > 0 ? `默认类：${d.defaults.join('、')}` : '没有默认类'}）`
    if (d.defaults.length > 1)
      return { text, remedy: '与使用者商定只保留一个默认类：没有指定类的 PVC 可能得到其中任何一个。' }
    if (d.ours.length === 0) return { text, remedy: '只有 juicify probe 和新建的 PVC 需要它；juicify setup 会写出它。' }
    return { text }
  },
  oldDirectoriesUnused: () => ({ text: '集群中没有任何对象引用已迁移的目录' }),
  oldDirectoriesUsed: (users) => ({
    text: `已迁移的目录仍被使用：${listed(users)}`,
    remedy: '让它们改用文件系统上的 PVC：它们写在节点上的内容，别人看不到。',
  }),
  inProgress: (groups) => ({
    text: `进行中：${listed(groups)}`,
    remedy: 'juicify status 显示它们；juicify resume 继续它们。',
  }),
  records: (groups) => ({ text: groups === 0 ? '没有以往迁移的记录' : `${groups} 个组已迁移` }),
  searches: (where, paths) => ({
    text: `${where}：WORKSPACE_HOST_PATH 是 ${listed(paths)}，cube-studio 在每次 NNI 搜索时以 hostPath 挂载它：搜索日志留在节点上`,
    remedy: '不会因此丢失任何东西：它们不是用户的数据。让这个设置保持绝对路径。',
  }),
  archives: (where, paths) => ({
    text: `${where}：ARCHIVES_HOST_PATH 是 ${listed(paths)}：cube-studio 以 hostPath 挂载的那部分留在节点上`,
    remedy: '在模板和任务的“挂载”中改用 PVC：kubeflow-archives(pvc)。',
  }),
  notDeleted: (where, paths) => ({
    text: `${where}：DELETE_OLD_DATA 每晚通过 PVC 删除 ${listed(paths)} 中的旧文件，而这个 PVC 会迁移，该目录留在原处：之后它找不到该目录，也没有任何提示，磁盘会逐渐写满`,
    remedy:
      '改为在存储桶上设置生命周期，天数与 cube-studio 保留文件的天数相同，因为桶中更早的内容都会被删除：mc ilm rule add --expire-days DAYS ALIAS/mlpipeline 。',
  }),

  notAskedEmbedded: () => ({
    text: '没有询问文件系统：嵌入式集群不真正运行 Pod。',
    remedy: '在真实的集群上执行 juicify check --ask 。',
  }),
  notAskedYet: () => ({
    text: '没有询问文件系统：它现在无法挂载，或者会被创建在某个节点上。',
    remedy: '先解决驱动和 Secret 的问题。',
  }),
  noNodeMounts: (see) => ({ text: '没有节点能挂载它。', remedy: `查看 ${see} 。` }),
  askFailed: (title, message, remedy) => ({
    text: `已询问 ${title}：${message}`,
    ...(remedy === undefined ? {} : { remedy }),
  }),
  otherName: (title, name, expected) => ({
    text: `该地址上的 ${title} 名称为 ${name}，而 Secret 中写的是 ${expected}：它可能是别人的。`,
    remedy: '查明它是谁的。如果没有其他卷使用该 Secret，就更正其中的名称或地址；否则另建一个自己的 Secret。',
  }),
  full: (d) => ({
    text: `${mounted(d)}，但已满：没有剩余空间，或者不能再创建文件。`,
    remedy: '在生成计划之前提高它的上限，或者删除其中没有人需要的内容。',
  }),
  empty: (d) => ({
    text: `${mounted(d)}，可以写入，是空的。如果之前没有人格式化过它，驱动现在已经格式化了。`,
    remedy: '如果不是您自己格式化的，请确认它把数据存放在应该存放的地方。',
  }),
  writable: (d) => ({ text: `${mounted(d)}，可以写入` }),

  well: (well) => {
    switch (well.is) {
      case 'registered':
        return `驱动 ${well.driver} 已在所有可运行 Pod 的节点上注册`
      case 'driver-ready':
        return `驱动 ${well.driver} 已在${well.nodes === 1 ? '唯一的节点' : `全部 ${well.nodes} 个节点`}上注册，其 Pod 已就绪`
      case 'mount-pods':
        return `${well.driver} ${well.version ?? '（版本未知）'}，使用 mount pod 挂载`
      case 'secret':
        return `Secret ${well.name} 包含 ${well.keys.join('、') || '（没有键）'}`
      case 'settings':
        return well.options.length > 0
          ? `${well.config} 追加了 ${well.options.join('、')}`
          : `${well.config} 没有覆盖挂载选项`
      case 'mover':
        return `Job 用 ${well.title} 复制，镜像 ${well.image}`
      case 'kubelets':
        return `kubelet 自己挂载 ${well.place}：不需要驱动，但每个节点上都要有 ${well.needs}`
    }
  },
  about: (objects, why) => (objects.length === 0 ? why : `${listed(objects)}：${why}`),

  ready: (warnings) => `具备迁移条件${withWarnings(warnings)}。`,
  notReady: (problems, warnings) => `不具备迁移条件：${problems} 个问题${withWarnings(warnings)}。`,
}
