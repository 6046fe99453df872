import { listed } from './list.zh.ts'
import { number } from './number.zh.ts'
import type { Expected, FileKind, Refusals } from './refusals.en.ts'
import { state } from './state.zh.ts'

const FILE_KINDS: Record<FileKind, string> = {
  migration: '迁移文件',
  plan: '计划',
  'plan or migration': '计划或迁移文件',
  manifest: '清单',
  licence: '许可证',
  answers: '答案文件',
  secrets: '密钥文件',
  folder: '文件夹',
  other: '清单',
}

const MAINTAINER = '这份 juicify 的维护者（其 CONTRIBUTING.md 说明了需要哪些信息）'

function expectedAs(flag: string, expected: Expected): [must: string, remedy: string] {
  switch (expected.is) {
    case 'selector':
      return ['标签选择器', "写作 -l app=web、-l 'tier in (a,b)' 或 -l '!old'。"]
    case 'duration':
      return ['时长', '写作 30s、10m 或 1h30m。']
    case 'duration-or-none':
      return ['时长，或者 0（不限）', '写作 30s 或 2m。']
    case 'resource':
      return [
        '资源的复数名称加上它的 API 组',
        '写作 notebooks.kubeflow.org；kubectl api-resources -o name 列出所有名称。',
      ]
    case 'schedule':
      return ['五个字段：分、时、日、月、星期', '写作 "0 1 * * 6"，表示每周六 1:00。']
    case 'kubernetes-version':
      return ['版本号，例如 1.20', 'kubectl version 显示服务器的版本。']
    case 'whole-number': {
      const { least, most, example } = expected
      return [
        most === undefined ? `不小于 ${least} 的整数` : `${least} 到 ${most} 之间的整数`,
        `可以试试 --${flag} ${example}。`,
      ]
    }
    case 'namespaced-name':
      return ['NAMESPACE/NAME', `写作 kube-system/${expected.name}。`]
    case 'job-name':
      return [`小写字母、数字和 "-"，最多 ${expected.longest} 个字符`, '例如 juicify-friday。']
  }
}

function flagsOf(missing: { key: string; secret?: unknown }[]): string[] {
  const flags = missing.flatMap(({ key, secret }) => (secret ? [] : [`--${key}`]))
  return flags.length > 0 ? [`请给出 ${flags.join('、')}，或写在文件中（-f）。`] : []
}

/** What juicify declines and why, in Chinese. */
export const refusals: Refusals = {
  noTerminal: () => ({ message: '无法询问确认：当前不是终端。', remedy: '用 --yes 可以不经确认直接执行。' }),
  outOfDate: (d) => ({
    message: `计划已过期：${d.object} 的 ${d.field} 原来是 ${d.was}，现在是 ${d.is}${d.more > 0 ? `（另有 ${number(d.more)} 处）` : ''}。`,
    remedy: '重新生成计划，审阅之后执行新的计划。',
  }),
  otherCluster: (d) => ({
    message: `这份计划是为另一个集群生成的：${d.planned}；kube-system 的 uid 应为 ${d.expected}，而 ${d.cluster} 上是 ${d.found}。`,
    remedy: '用 --context 或 --kubeconfig 选择正确的集群，或者为当前集群生成计划。',
  }),
  noPlan: () => ({
    message: '还没有为这个集群生成过计划。',
    remedy: '用 juicify plan 生成计划，或者用 -f、-n、-l 或 -A 选择卷。',
  }),
  otherPlan: (d) => ({
    message: `组 ${d.group} 正在按另一份计划进行：${d.object} 的 ${d.field} 不同。`,
    remedy: 'juicify resume 显示它的记录，并按那份计划继续；juicify rollback 回滚该组。',
  }),
  planForMigration: (file) => ({
    message: `${file} 是保存下来的计划，而这里需要迁移文件。`,
    remedy: 'juicify diff 显示它要改什么，juicify apply 执行它。',
  }),
  secretUnread: (secret) => ({
    message: `您没有读取 ${secret} 的权限。没有它，juicify 无法判断文件系统本身是否依赖所选的卷。`,
    remedy: '请管理员授予该权限（juicify rbac --role operator 会打印），或请有权限的人来执行。',
  }),
  nothingSelected: () => ({
    message: '没有选择任何卷。',
    remedy: '用迁移文件（-f，例如 plans/jupyter.yaml）、命名空间（-n）、标签（-l）选择，或选择全部（-A）。',
  }),
  notMigrated: (group, phase) => ({
    message: `组 ${group} 尚未迁移完成：${state(phase)}。`,
    remedy: 'juicify resume 会完成它。',
  }),
  directoriesInUse: (inShort) => ({
    message: `记录已保留：${inShort}。`,
    remedy: '让它们改用文件系统上的 PVC，并查看它们写入旧目录的内容；如果确定这些内容都不重要，使用 --forget-in-use。',
  }),
  directoriesUnread: (why) => ({
    message: `记录已保留：${why}。`,
    remedy: '请有全部读取权限的人在节点可以响应时执行（juicify rbac）；如果已知没有人使用它们，使用 --forget-in-use。',
  }),
  neverCopied: (names) => ({
    message: `${listed(names)} 迁移时没有复制数据（copy.mode: none），因此不能拷回。`,
    remedy: '不加 --copy-back 回滚：数据留在文件系统上。其中需要的内容请手工复制。',
  }),
  notTrusted: (d) => ({
    message: `${d.binding} 把 ${d.role} 授予了 ${listed(d.subjects)}${d.others.length > 0 ? `，另有 ${listed(d.others)}` : ''}：在命名空间 ${d.namespace} 中，juicify 的 Pod 以 root 挂载所有人的目录。`,
    remedy: '请创建者撤销这项授权。如果他们是集群管理员，请使用 --trust-namespace。',
  }),
  noGroup: (group, near) => ({
    message: `没有找到组 ${group} 的记录。${near ? `是否想输入 ${near}？` : ''}`,
    remedy: 'juicify status 列出所有组。',
  }),
  notConverted: (group) => ({
    message: `组 ${group} 的记录由 juicify 0.1.0 写入，尚未转换。`,
    remedy: '阅读它（juicify status -o yaml），然后使用 --adopt-records。',
  }),
  noGroupIn: (namespace) => ({
    message: `有记录的组在命名空间 ${namespace} 中都没有 PVC。`,
    remedy: 'juicify status 列出所有组。',
  }),
  noGroupWith: (labels) => ({
    message: `有记录的组中，没有带标签 ${labels} 的卷或 PVC。`,
    remedy: 'juicify status -o wide 显示标签。',
  }),
  nothingToReport: (planned) => ({
    message: `没有可报告的内容：${planned ? '' : '没有正在进行或已迁移的组，'}也还没有为这个集群生成过计划。`,
    remedy: '先生成计划（juicify plan），或者用 -f、-n 或 -A 选择卷。',
  }),

  savedIsUnchanged: (flags) => ({
    message: `没有 -f、-n、-l 或 -A 时，会原样执行最后一个计划，因此不能使用${flags} 。`,
    remedy: `用 -f、-n、-l 或 -A 选择卷，或者把${flags} 用于 juicify plan。`,
  }),
  planIsUnchanged: (file, flags) => ({
    message: `${file} 是保存下来的计划，会原样使用，因此不能使用${flags} 。`,
    remedy: `去掉${flags} ，或者把它和迁移文件一起交给 juicify plan，再使用由此生成的计划。`,
  }),
  interactive: (why) => ({
    message: `--interactive 在每一步之前询问，但${why === 'dumb' ? '这个终端不能显示菜单（TERM=dumb）' : '当前不是终端'}。`,
    remedy: '在终端上执行，或者用 --yes 不经确认直接执行。',
  }),
  interactiveJson: () => ({ message: '--interactive 与 -o json 不能同时使用。', remedy: '去掉其中一个。' }),
  outIsMigration: () => ({
    message: '--out 与 --filename 是同一个文件：计划会覆盖迁移文件。',
    remedy: '另选一个文件，例如 --out friday.plan.yaml。',
  }),
  htmlOnTerminal: () => ({
    message: 'HTML 不会输出到终端。',
    remedy: '使用 --output report.html，或者 --format markdown。',
  }),
  formatAsFile: (format) => ({
    message: `--output ${format}：应为写入报告的文件。`,
    remedy: `使用 --format ${format} --output 文件；以 .md 结尾的文件为 Markdown。`,
  }),
  demoDiffers: (version) => ({
    message: '卷与迁移之前不同。',
    remedy: `这是 juicify ${version} 的缺陷：请把全部输出发给${MAINTAINER}。`,
  }),
  bug: (version, message) => ({
    message: `juicify ${version} 有缺陷：${message}`,
    remedy: `用 --verbose 再执行同一条命令，并把全部输出发给${MAINTAINER}。`,
  }),

  noVolumes: (fileSystem) => ({
    message: `这个集群中没有位于节点磁盘或 ${fileSystem} 上的卷。`,
    remedy: '请确认集群是否正确（--context、--kubeconfig）；kubectl get pv 列出其中的卷。',
  }),
  labelsSelectNothing: (flag, labels) => ({
    message: `${flag}：${labels} 没有选中任何位于节点磁盘上的卷`,
    remedy: '请修正；kubectl get pv --show-labels 和 kubectl get pvc -A --show-labels 显示现有的标签。',
  }),
  selectsNothing: (place, names, namespaces) => ({
    message: `${place}：${names.join('、')} 没有选中任何位于节点磁盘上的卷；${
      namespaces.length > 0 ? `有这类卷的命名空间：${namespaces.join('、')}` : '存在这类卷，但没有 PVC 与它们绑定'
    }`,
    remedy: '请修正选择；kubectl get pvc -A 列出 PVC 及其命名空间和卷。',
  }),
  noSuchName: (place, kind, name, near) =>
    `${place}：没有名为 ${name} 的${{ namespace: '有 PVC 的命名空间', volume: '卷', node: '节点' }[kind]}${near === undefined ? '' : `；是否想写 ${near}？`}`,
  unknownNames: (problems, show) => ({
    message: problems.join('\n'),
    remedy: `请修正；kubectl get ${show} 列出名称。`,
  }),
  notAPlan: (file, found, asTyped) => ({
    message: `${file}：应为 Plan，${found === 'nothing' ? '但文件是空的' : found === 'else' ? '但不是' : `但找到的是 ${found.kind}`}`,
    remedy:
      typeof found === 'object' && found.kind === 'Migration'
        ? `迁移文件要用 -f 给出：-f ${asTyped} ；同一条命令会由它生成计划。`
        : '用 juicify plan --out FILE 生成计划',
  }),
  otherPlanVersion: (file, expected, found) => ({
    message: `${file}：apiVersion 应为 ${expected}，找到的是 ${found}`,
    remedy: '用这个版本的 juicify 重新生成计划，或者使用生成它的版本。',
  }),
  planEdited: (file, expected, found) => ({
    message: `${file}：计划被编辑过：摘要应为 ${expected}，找到的是 ${found}`,
    remedy: '不要编辑计划：请修改迁移文件，再重新生成计划。',
  }),
  planUnreadable: (place, what, why) => ({
    message: `${place}：${what} 无效：${why}`,
    remedy: '给出由 juicify plan --out 写入的文件。',
  }),

  probeEmbedded: () => ({
    message: '嵌入式集群不运行 Pod，因此无法在那里测试。',
    remedy: '在真实集群上执行 juicify probe。',
  }),
  noClass: (name, classes) => ({
    message: name === undefined ? '没有给出要测试的 StorageClass 或卷。' : `StorageClass ${name} 不存在。`,
    remedy: `用 --class 选择一个（${classes.join('、') || '目前没有'}），或者创建它：juicify setup。`,
  }),
  twoNodes: (driver, found) => ({
    message: `测试需要两个 Ready 并且有 ${driver} 的节点，只找到 ${found} 个。`,
    remedy: 'juicify check 显示哪些节点有它。',
  }),
  noSecretUsed: (fileSystem, secret) => ({
    message: `${fileSystem} 不使用 Secret，但 --secret 给出了 ${secret}。`,
    remedy: '去掉 --secret。',
  }),

  jobWithoutCommand: () => ({
    message: '没有给出 Job 要执行的命令。',
    remedy: '写在 -- 之后，例如：juicify job --image IMAGE -- apply friday.plan.yaml',
  }),
  versionWithoutSchedule: () => ({
    message: '--kubernetes-version 只与 --schedule 一起使用才有意义：Job 在每个版本中都相同。',
    remedy: '去掉 --kubernetes-version，或者同时给出 --schedule，再执行该命令。',
  }),
  jobWithoutImage: (build, image, again) => ({
    message: '没有指定镜像：juicify 在公共镜像仓库中没有镜像。',
    remedy: `先构建：${build} && docker push ${image}；然后执行 ${again}`,
  }),
  tooLargeForJob: (file, bytes, most) => ({
    message: `${file} 有 ${bytes} 字节，而 ConfigMap 最多容纳 ${most} 字节。`,
    remedy: '使用卷更少的计划（-n、-l），或者用迁移文件代替计划：-- apply -f MIGRATION。',
  }),
  notInJob: (command, why, commands) => ({
    message: `juicify ${command} 不能在 Job 中运行：${
      {
        log: '它的输出会进入 Pod 的日志，日志采集会复制它，kubelet 会在 10 MiB 处截断',
        files: '它处理本机上的文件',
        local: '它不在集群中做任何事',
      }[why]
    }。`,
    remedy: `Job 可以运行 ${commands.join('、')}；请在本机执行 juicify ${command}。`,
  }),
  flagNotInJob: (flag, why) => ({
    message: `${flag} 不能在 Job 中使用：${
      {
        nobody: '没有人能回答',
        endless: '它永远不会结束',
        account: 'Pod 使用自己的 ServiceAccount',
        cluster: 'Pod 使用它所在的集群',
        log: 'Pod 中的文件会随 Pod 一起消失；kubectl logs 有同样的内容',
        plan: 'Pod 中的文件会随 Pod 一起消失；-o yaml 会把计划输出到 Pod 的日志中',
        report: 'Pod 中的文件会随 Pod 一起消失；不给出文件时，报告会输出到 Pod 的日志中',
        'last-plan': '最后一个计划只保存在本机',
        records: '删除记录之前写下的报告会随 Pod 一起消失',
      }[why]
    }。`,
    remedy: `去掉 ${flag}。`,
  }),
  jobSelects: (command, takesPlan) => ({
    message: `Job 中的 juicify ${command} 需要指明对象：最后一个计划只保存在本机。`,
    remedy: takesPlan
      ? `用 juicify plan --out FILE 保存计划，再使用 -- ${command} FILE；或者用 -f、-n、-l 或 -A 选择卷。`
      : '用 -f、-n、-l 或 -A 选择卷。',
  }),
  wordTwice: (word) => ({
    message: `${word} 在命令中出现了不止一次。`,
    remedy: '换一种写法给出文件路径，例如 ./FILE，以便区分。',
  }),

  noSetupPart: (kind, name, parts) => ({
    message: `${kind} 没有名为 ${name} 的部分。`,
    remedy: `用 -o 选择 ${parts.join('、')} 之一。`,
  }),
  noSetup: (kind, kinds) => ({
    message: `juicify 没有用于 ${kind} 的 setup。`,
    remedy: `用 --kind 选择 ${kinds.join('、')} 之一。`,
  }),
  unknownTarget: (why) => ({
    message: `迁移的目标：${why}`,
    remedy: '在 spec.target.kind 中另选一种，或者使用支持它的 juicify 版本。',
  }),
  nothingToSetUp: (kind) => `对于 ${kind}，juicify 没有需要准备的内容。`,
  setupFileExists: (file) => ({
    message: `${file} 已存在。`,
    remedy: '用 --force 覆盖它，或者用 --out 另选文件夹。',
  }),
  noSetupInCluster: (secret) => ({
    message: `既没有找到 Secret ${secret}，也没有找到引用它的 StorageClass。`,
    remedy: '用 --secret 和 --class 给出其他名称，或者创建它们：juicify setup。',
  }),
  otherKindsFlag: (flag, kind, own) => ({
    message: `--${flag} 不适用于 ${kind}。`,
    remedy: `去掉它，或者用 --kind 选择文件系统：${kind} 可用 --${own.join('、--')}。`,
  }),
  missingAnswers: (missing) => ({
    message: `缺少：${missing.map(({ key }) => key).join('、')}。`,
    remedy: [
      ...flagsOf(missing),
      ...missing.flatMap(({ secret }) =>
        secret ? [`请在环境变量 ${secret.variable} 或 --secrets-file 中给出${secret.what}。`] : [],
      ),
    ].join(''),
  }),
  secretsFile: (file, why, keys) => ({
    message: `密钥文件 ${file} ${
      why.is === 'no-yaml'
        ? '不是有效的 YAML'
        : why.is === 'no-map'
          ? '不是映射'
          : why.is === 'no-text'
            ? `的 ${why.key} 必须是字符串`
            : `中有未知的键${why.near === undefined ? '' : `；是否想写 ${why.near}？`}`
    }。`,
    remedy: `它必须是 YAML，键为 ${keys.join('、')}。`,
  }),

  portTaken: (port, why) => ({
    message: `无法监听 127.0.0.1 的端口 ${port}：${why}`,
    remedy: '用 --port 另选一个，或者不给出该参数，使用任意空闲端口。',
  }),
  notLoaded: (places, why) => ({
    message: `无法载入 ${places.join('、')} 中的清单：${why}`,
    remedy: '修正它们，再执行一次该命令。',
  }),
  manifestsRejected: (amount, list) => ({
    message: `无法载入 ${number(amount)} 个清单：${list}`,
    remedy: '真实集群也会拒绝。修正之后再执行一次该命令。',
  }),
  noManifests: (places, unreadable) => ({
    message: `在 ${places.join('、')} 中没有找到清单。${unreadable}`,
    remedy: '给出一个文件，或者含有 .yaml、.yml 或 .json 文件的文件夹。',
  }),
  invalidYaml: (place, why) => ({
    message: `${place}：YAML 无效：${why}。`,
    remedy: '修正之后再执行一次该命令。',
  }),
  aTemplate: (place) => ({
    message: `${place}：这是模板（{{ … }}），还不是清单。`,
    remedy: '请给出它渲染后的结果（helm template CHART），或者集群中已有的内容（helm get manifest RELEASE）。',
  }),

  cannotRead: (what, file, why) => ({
    message: `无法读取${what === 'other' ? '' : FILE_KINDS[what]} ${file}：${why}。`,
    remedy:
      what === 'other'
        ? '给出一个清单文件或文件夹，或者用 - 表示标准输入。'
        : what === 'folder'
          ? '给出一个清单文件或文件夹。'
          : '给出一个可读文件的路径。',
  }),
  inputReadTwice: (what) => ({
    message: `标准输入只能读取一次，但它还被用作${FILE_KINDS[what]}。`,
    remedy: '把其中之一写入文件，再给出该文件。',
  }),
  cannotCreate: (folder, why, flag) => ({
    message: `无法创建文件夹 ${folder}：${why}。`,
    remedy: `用 ${flag} 另选路径。`,
  }),
  fileExists: (file, flag) => ({
    message: `${file} 已存在。`,
    remedy: `用 --force 覆盖它，或者用 ${flag} 另选路径。`,
  }),
  cannotWrite: (file, why, flag) => ({
    message: `无法写入 ${file}：${why}。`,
    remedy: `用 ${flag} 另选路径，所在文件夹须存在并且可写。`,
  }),
  cannotWriteLog: (file, why) => ({
    message: `无法写入日志 ${file}：${why}。`,
    remedy: '用 --log 另选路径，所在文件夹须存在并且可写。',
  }),
  linkOfAnother: (file) => ({
    message: `${file} 是另一个用户在他人可写的文件夹中创建的符号链接：写入它可能覆盖您的任何文件。`,
    remedy: '另选路径，放在只有您可写的文件夹中；或者删除该链接。',
  }),
  notPrivate: (file, flag) => ({
    message: `${file} 已存在，属于另一个用户，他能读到写入的内容。`,
    remedy: `用 ${flag} 另选路径，或者删除该文件。`,
  }),
  cannotReplace: (file, why) => ({
    message: `无法写入 ${file}：${why}。`,
    remedy: '让它和所在的文件夹对您可写，再执行一次同样的命令。',
  }),
  changedMeanwhile: (file) => ({
    message: `${file} 在读取之后被改动过，保持原样。`,
    remedy: '再执行一次同样的命令。',
  }),
  otherEncoding: (place, encoding, convert) => ({
    message: `${place}：${encoding === undefined ? '不是 UTF-8 编码' : `编码是 ${encoding}，应为 UTF-8`}。`,
    remedy: `在编辑器中另存为 UTF-8，或者执行：${convert}`,
  }),
  lastPlanNotYours: (file) => ({
    message: `${file} 属于其他用户，或者其他人可以写入：不能当作您的最后一个计划。`,
    remedy: '把 XDG_STATE_HOME 设为自己的文件夹再执行 juicify plan，或者给出保存下来的计划。',
  }),

  invalid: (flag, given, expected) => {
    const [must, remedy] = expectedAs(flag, expected)
    return { message: `--${flag} 的值 "${given}" 无效：必须是${/^\w/.test(must) ? ' ' : ''}${must}`, remedy }
  },
  notAWebhook: () => ({
    message: '--notify 的值无效：必须是不含用户名的 http 或 https 地址',
    remedy: '复制群机器人的 webhook 地址，并加引号：其中有 & 和 ?。',
  }),

  usage: {
    remedy: 'juicify --help 列出所有命令；juicify help COMMAND 列出某个命令的参数。',
    noCommand: '请给出命令。',
    needsValue: (flag) => `${flag} 需要一个值。`,
    missingFlag: (flag) => `缺少必需的参数 ${flag}`,
    missingArgument: (words) => `其后缺少参数：${words}`,
    together: (one, other) => `${one} 与 ${other} 不能同时使用`,
    notOneOf: (what, given, choices) => `${what} 的值 "${given}" 无效：必须是 ${choices} 之一`,
    unexpected: (word, command, near) =>
      `juicify ${command} 不接受参数 "${word}"${near === undefined ? '' : `；是否想输入 ${near}？`}`,
    unknownCommand: (word, near) => `未知的命令 "${word}"。${near === undefined ? '' : `是否想输入 ${near}？`}`,
    unknownFlag: (flag, near) => `未知的参数 ${flag}。${near === undefined ? '' : `是否想输入 ${near}？`}`,
    twice: (flag) => `${flag} 只能给出一次`,
  },
}
