import type { OverviewWords } from './overview.en.ts'

/** What `juicify --help` says, in Chinese. */
export const overview: OverviewWords = {
  about: '把 cube-studio 的卷从节点本地磁盘原地迁移到 JuiceFS。',
  usage: (name) => `用法：${name} COMMAND`,
  commandsTitle: '命令：',
  more: (name) => `${name} help COMMAND 显示某个命令的参数和示例。`,
  commands: {
    setup: '生成 JuiceFS 所需的内容：format 命令、Secret、StorageClass、Helm values',
    check: '检查集群是否具备迁移条件',
    plan: '显示将要做什么（不做任何改动）',
    diff: '显示每个对象迁移前后的内容',
    copy: '在工作负载继续运行时预先复制数据',
    apply: '执行计划，或者继续执行',
    status: '显示哪些组正在进行或已迁移',
    report: '生成计划或已完成迁移的报告（HTML 或 Markdown）',
    resume: '继续被中断的组',
    rollback: '恢复原来的卷',
    finish: '列出旧目录；删除迁移记录',
    manifests: '显示会把旧卷带回来的清单需要改什么',
    probe: '测试一个节点上的写入在另一个节点上是否可见',
    rbac: '打印 juicify 所需的 RBAC 角色',
    job: '打印在集群中运行 juicify 的 Job 或 CronJob 清单',
    snapshot: '把集群的状态保存到文件，供离线演练使用',
    sandbox: '启动嵌入式集群，供演练使用',
    demo: '在嵌入式集群上演示一次迁移',
    completion: '打印 bash、zsh、fish 或 kubectl 的补全脚本',
    version: '打印版本',
  },
}
