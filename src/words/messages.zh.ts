import { connection } from './connection.zh.ts'
import { listed } from './list.zh.ts'
import type { Messages } from './messages.en.ts'
import { number } from './number.zh.ts'
import { refusals } from './refusals.zh.ts'
import { state } from './state.zh.ts'

/** The first five, and how many there are in all. */
function some(items: string[]): string {
  return items.length > 5 ? `${items.slice(0, 5).join('；')} 等 ${items.length} 个` : items.join('；')
}

const volumes = (amount: number) => `${number(amount)} 个卷`
const entries = (amount: number) => `${number(amount)} 个条目`
const groups = (amount: number) => `${number(amount)} 个组`
const files = (amount: number) => `${number(amount)} 个文件`

const STEPS: Record<string, { title: string; undo: string }> = {
  record: { title: '把当前状态记录到集群中，供回滚使用', undo: '删除该记录' },
  retain: { title: '把 persistentVolumeReclaimPolicy 设为 Retain', undo: '恢复记录中的回收策略' },
  copy: {
    title: '在工作负载继续运行时，把数据复制到文件系统并在那里比较',
    undo: '副本留在文件系统上；Job 会被删除',
  },
  quota: { title: '按卷的容量设置各目录的配额', undo: '取消这些配额' },
  stop: { title: '停止使用这些卷的工作负载，并等待其 Pod 消失', undo: '重新启动它们' },
  join: {
    title: '与旧目录比较，列出文件系统上缺少或较旧的文件',
    undo: '无需撤销；已复制的文件留在文件系统上',
  },
  'catch-up': { title: '工作负载已停止，复制首次复制之后的变化', undo: '副本留在文件系统上' },
  verify: { title: '逐项比较目录与副本', undo: '无需撤销' },
  swap: { title: '替换 PersistentVolume；PVC 保持不变', undo: '根据记录重新创建原来的 PersistentVolume' },
  probe: { title: '在一个新卷上验证：在一个节点写入的内容在另一个节点可见', undo: '无需撤销' },
  start: { title: '启动已停止的工作负载，并等待其就绪', undo: '换回卷之前会再次停止它们' },
  finish: { title: '把该组标记为已迁移；记录和旧目录保留', undo: '把该组标记为回滚中' },
}

const VERBS: Record<string, string> = { apply: '迁移', rollback: '回滚', copy: '复制' }

const WAYS: Record<string, string> = { content: '内容', type: '类型', target: '链接目标', size: '大小', time: '时间' }

/** All that is said to people beside findings, in Chinese. */
export const messages: Messages = {
  state,
  volumes,
  entries,
  files,
  directories: (amount) => `${number(amount)} 个目录`,
  links: (amount) => `${number(amount)} 个链接`,
  inodes: (amount) => `${number(amount)} 个 inode`,
  pods: (amount) => `${number(amount)} 个 Pod`,
  details: (details) => details.join('，'),
  of: (name, what) => `${name}：${what}`,
  undo: (step) => `撤销 ${step}`,

  plan: {
    of: (name, cluster) => `计划 ${name}，集群：${cluster}`,
    to: (fileSystem) => `目标：${fileSystem}`,
    withSecret: (driver, secret) => `${driver}，Secret ${secret}`,
    jobs: (mover, image) => `使用 ${mover}${image === undefined ? '' : `，Job 运行镜像 ${image}`}`,
    toMigrate: (what) => `待迁移：${what}`,
    nothingToMigrate: '没有需要迁移的卷',
    inProgress: (amount) => `进行中：${groups(amount)}`,
    alreadyMigrated: (amount) => `已迁移：${volumes(amount)}`,
    blocked: (what) => `被阻塞：${what}`,
    volumesIn: (amount, inGroups) => `${amount > 0 ? `${volumes(amount)}，共 ` : ''}${groups(inGroups)}`,
    group: (name, blocked) => `组 ${name}${blocked ? '（被阻塞）' : ''}`,
    stays: '保留  ',
    data: '数据  ',
    steps: '步骤  ',
    time: '时间  ',
    limit: '上限  ',
    forecastFrom: (basis) => `预测依据：${basis}`,
    excluded: (names) =>
      `提示 excluded ${volumes(names.length)}留在原处，由迁移文件排除：${names.length > 3 ? `${names.slice(0, 2).join('、')} 等 ${names.length} 个` : names.join('、')}`,
    groupColumns: ['组', '目录', '卷', '停止', '数据', '复制', '停机', '阻塞原因'],
    showGroups: 'juicify plan --show-groups 会完整显示每个组和每条检查结果。',
    stopped: (workloads) => `期间停止 ${number(workloads)} 个工作负载`,
    people: (people) => `影响 ${number(people)} 人`,
    withoutForecast: (words, amount) => `${words}（${groups(amount)}没有预测）`,
    quota: (gib, subdir, sumOf) => `${subdir} 的配额 ${gib} GiB${sumOf > 1 ? `，为 ${volumes(sumOf)}之和` : ''}`,
    forUser: (user) => `使用者 ${user}`,
    unmeasuredLabel: '数据    ',
    notMeasured: '尚未测量：juicify plan --estimate 会在集群中用 Job 测量',
    blockedLabel: '被阻塞  ',
    nextLabel: '下一步  ',
    nothingUntilResolved: '解决之前无法迁移任何卷。',
    nothingToDo: '无需操作。',
    try: '建议：',
    alreadyThere: '已在文件系统上',
    on: (nodes) => `（${nodes.join('、')}）`,
    root: '文件系统的根目录',
    noClaim: '（无 PVC）',
    unknownAmount: (directory) => `${directory}：未知`,
    amountsOn: (amounts, size, node) => `${node} 上 ${amounts}，${size}`,
    alreadyCopied: (amount) => `文件系统上已有 ${entries(amount)}`,
    free: (room) => `剩余空间：${room}`,
    asOf: (directory, parts, at) => `${directory}：${parts.join('；')}；截至 ${at}`,
    treatment: {
      stop: '停止，之后启动',
      rolling: '替换后重启',
      wait: '等待结束',
      refuse: '无法停止',
      delete: '删除',
      stopped: '保持停止',
    },
    severity: { block: '阻塞', warn: '警告', note: '提示' },
  },

  question: {
    apply: (d) => {
      const what = [
        ...(d.migrate > 0 ? [`迁移 ${volumes(d.migrate)}`] : []),
        ...(d.resume > 0 ? [`继续 ${groups(d.resume)}`] : []),
      ].join('，并')
      return `在 ${d.where} 上${what}？${d.stopping > 0 ? `期间将停止 ${number(d.stopping)} 个工作负载${d.down === undefined ? '' : `，预计${d.each ? '每组' : ''}停机 ${d.down}`}。` : ''}`
    },
    resumeGroups: (amount, where) => `在 ${where} 上继续 ${groups(amount)}？`,
    resumeOne: (what, group, where) => `在 ${where} 上继续${what === 'rollback' ? '回滚' : '迁移'} ${group}？`,
    rollBack: (d) =>
      [
        `在 ${d.where} 上把 ${volumes(d.volumes)}回滚到旧目录？`,
        d.left > 0 ? `迁移之后有改动的 ${files(d.left)}将【留在】文件系统上，不会拷回。` : '',
        d.brought > 0 ? `有改动的 ${files(d.brought)}将拷回，并覆盖旧目录中的文件。` : '',
      ].join(''),
    copy: (where) => `现在开始在 ${where} 上复制？工作负载继续运行。`,
    forget: (amount, where) => `在 ${where} 上删除 ${groups(amount)}的记录？之后将无法回滚。`,
    convert: (records, where) =>
      `转换 ${where} 上 juicify 0.1.0 的 ${number(records)} 条记录？请确认内容与当时的计划一致：凡是能在命名空间 juicify 中写 ConfigMap 的人都可能写入它们。`,
    declined: '没有任何改动。',
    onCluster: (title) => `集群 ${title}：`,
    step: (group, step) => `${group}：${step}？`,
    show: (page, pages) => `显示差异${pages > 1 ? `，第 ${page} 页，共 ${pages} 页` : ''}`,
    do: '执行这一步',
    all: '执行这一步以及该组之后的所有步骤',
    skip: '跳过该组，保持现状',
    rollBackGroup: '回滚该组',
    stop: '在此停止 juicify',
    undoIs: '撤销：',
    stepTitle: (name, title) => STEPS[name]?.title ?? title,
    stepUndo: (name, undo) => STEPS[name]?.undo ?? undo,
  },

  rollback: {
    nothing: (where) => `${where} 上没有可回滚的内容：没有任何组有记录。`,
    copiedBackFirst: '迁移之后写入文件系统的数据会先拷回。',
    staysThere: '迁移之后写入文件系统的数据留在那里；旧目录不变。',
    comparing: '正在比较文件系统与旧目录……',
    nothingWritten: '迁移之后没有数据写入文件系统。',
    copyBackHint: '--copy-back 会先把它们拷回。',
    notCompared: (directory, what, why) =>
      `${directory}：不知道文件系统上有哪些不同、${what === 'left' ? '将被留下' : '将先拷回'}：${why}`,
    differs: (directory, amount, what, paths) =>
      `${directory}：文件系统上有 ${entries(amount)}不同，${what === 'left' ? '将被留下' : '将先拷回并覆盖旧目录'}：${paths.join('、')}${amount > 5 ? ' 等' : ''}`,
  },
  resume: { nothing: (where) => `${where} 上没有可继续的内容：没有正在进行的组。` },
  finish: {
    nothing: (where) => `${where} 上没有可结束的内容：没有已迁移的组有记录。`,
    oldDirectories: (where) => `${where} 的旧目录：`,
    notKnown: (names) => `未知：没有读取权限，不清楚以下对象使用什么：${names.join('、')}`,
    kept: '记录已保留，因此仍可回滚。--forget 会删除记录；juicify 从不删除目录。',
    looking: (amount, open) =>
      `正在节点上检查 ${number(amount)} 个旧目录自替换以来的变化${open ? '，以及打开的文件' : ''} …`,
    notLooked: '未在节点上检查：嵌入式集群没有数据。',
    unchanged: (place, since, open) =>
      `未使用：${place}，自 ${since} 替换以来没有变化${open ? '，也没有进程打开其中的内容' : ''}`,
    changed: (place, amount, since, examples) =>
      `有变化：${place}，自 ${since} 替换以来有 ${entries(amount)}：${examples.join('；')}${amount > examples.length ? '；…' : ''}`,
    open: (place, who, how) => `被打开：${place}，${who}${how}`,
    process: (command, pid, pod) => `进程 ${command}（${pid}${pod === undefined ? '' : `，Pod ${pod}`}）`,
    how: (how, path) =>
      ({ cwd: `的工作目录是 ${path}`, root: `的根目录是 ${path}`, exe: `正在运行 ${path}`, map: `映射了 ${path}` })[
        how
      ] ?? `打开了 ${path}`,
    gone: (place) => `未使用：${place} 已不存在`,
    notLookedAt: (place, why) => `未知：${place}：${why}`,
    deleted: (names) => `已删除以下组的记录：${names.join('、') || '无'}。`,
    interrupted: (kept) => `已中断：${kept.join('、')} 的记录已保留，这些组仍可回滚。`,
    report: (file) => `迁移报告在 ${file}。`,
  },
  copy: { nothing: (where) => `${where} 上没有可复制的内容；juicify plan 会说明原因。` },
  logIs: (file) => `日志在 ${file}。`,
  noRecordSoPlan: (plan, kept) => `没有组有记录，因此这是最后一个计划 ${plan} 的报告。${kept}`,
  reportIs: (file) => `报告在 ${file}。`,
  notBound: (names) =>
    `以下卷目前未绑定，使用其 PVC 的 Pod 无法启动：PersistentVolume ${names}。juicify resume 会创建并绑定它们。`,
  notConverted: (records, where) =>
    `未转换：${where} 上 juicify 0.1.0 的 ${number(records)} 条记录。阅读之后，用 --adopt-records 可不经确认直接转换。`,

  unknownKind: (kinds, kind, near) =>
    `文件系统的种类应为 ${kinds.join('、')} 之一，找到的是 ${JSON.stringify(kind)}${near === undefined ? '' : `；是否想写 ${near}？`}`,
  fileTrouble: {
    ENOENT: '文件或文件夹不存在',
    EACCES: '没有权限',
    EPERM: '没有权限',
    EEXIST: '已存在',
    EISDIR: '它是目录',
    ENOTDIR: '路径中有一部分不是目录',
    EROFS: '文件系统是只读的',
    ENOSPC: '磁盘已满',
  },
  failure: { error: '错误：', try: '建议：', because: '原因：' },
  notification: {
    from: (cluster, by) => `juicify（${cluster}，执行者 ${by}）`,
    begun: (from, verb, names) =>
      `${from}：开始${VERBS[verb] ?? ` ${verb} `}，共 ${groups(names.length)}：${names.join('、')}`,
    failed: (from, message, group) => `${from}：${group ? `组 ${group} 【失败】` : '【失败】'}：${message}`,
    ended: (from, totals) => `${from}：已结束。${totals}`,
    notDelivered: (host, why) => `发往 ${host} 的通知没有送达：${why}。运行不受影响。`,
    answered: (status) => `对方返回 ${status}`,
    noAnswer: (seconds) => `${seconds} 秒内没有响应`,
    unreachable: '无法连接',
    unfinished: '没有完成',
  },
  directoryUser: {
    line: (d) =>
      `${d.uses ? '使用中' : '可看到'}  ${d.user}${d.node ? `（${d.node}）` : ''} ${d.isVolume ? '位于' : '挂载'} ${d.path}${d.lies === undefined ? '' : `，在 ${d.directory} 之${d.lies === 'above' ? '上' : '下'}`}${d.uses ? '' : '，不能写入'}`,
    inShort: (users) => `旧目录仍被 ${listed(users, 3)} 使用`,
    more: (inShort) => `${inShort}；juicify finish 显示详情`,
    changed: (places) => `${listed(places, 5)} 中有内容在替换之后被改动`,
    open: (places) => `${listed(places, 5)} 中有打开的文件`,
    notLookedAt: (places) => `无法查看 ${listed(places, 5)}`,
    unread: (kinds) => `${kinds.length} 种对象无法读取：${listed(kinds, 5)}`,
    together: (reasons) => reasons.join('；'),
  },
  probe: {
    seen: (d) => `${d.what}：${d.writer} 上的写入在 ${d.node} 上可见，往返 ${d.roundTrip}`,
    lessThan: (span) => `不到 ${span}`,
  },
  interrupt: {
    atOnce: '已立即停止。juicify status 显示每个组的状态；juicify resume 继续。',
    copyAtOnce:
      '已立即停止；没有停止或替换任何内容。复制的 Job 在集群中继续运行：juicify status 会显示它们，同一条命令会接着进行。',
    probeAtOnce: '已立即停止。为询问文件系统而创建的内容仍然留着；下一次 juicify probe 或 check --ask 会删除它们。',
    comparingAtOnce: '已立即停止，没有任何改动。用于比较的 Job 可能仍然留着；同一条命令会替换它们。',
    adoptingAtOnce: '已立即停止。juicify status 显示哪些记录已经转换；同一条命令会继续转换其余的记录。',
    forgettingAtOnce: (deleted, rest) =>
      `已立即停止。已删除记录的组：${deleted.join('、') || '无'}。juicify status 显示 ${rest.join('、')} 中哪些还有记录：这些组仍可回滚。`,
    stopping: (signal) => `${signal}：将在下一个安全的位置停止。再按一次则立即停止。`,
    nothingWritten: '已中断，没有写入任何内容。',
    nothingChanged: '已中断，没有任何改动。',
    probe: '已中断；测试创建的内容都已删除。',
  },
  embedded: {
    like: (served, insteadOf) => `嵌入式集群模仿 Kubernetes ${served}，它是所支持的版本中最接近 ${insteadOf} 的。`,
    listening: (url) => `嵌入式集群的地址是 ${url} 。Ctrl-C 会停止它，并丢弃其全部状态。`,
    unknownKinds: (objects, kinds) =>
      `没有载入嵌入式集群：${number(objects)} 个对象，其类型不受支持：${kinds.join('、')}。`,
    rejected: (manifests) => `没有载入嵌入式集群：真实集群会拒绝的 ${number(manifests)} 个清单：`,
    noObjects: (documents) => `没有载入嵌入式集群：${number(documents)} 个文档不是 Kubernetes 对象：`,
    unreadable: (amount) => `没有载入嵌入式集群：${files(amount)}无法作为清单读取：`,
    aManifest: '某个清单',
    more: (lines) => `另有 ${number(lines)} 个`,
  },
  measuring: {
    now: '正在测量各目录和文件系统……',
    not: (why) => `没有测量：${why}`,
    noData: '嵌入式集群没有数据。',
    resolveFirst: (codes) => `需要先解决 ${codes.join('、')}。`,
    nothingToCopy: '没有需要复制的目录。',
    noForecast: (why) => `没有预测：${why}`,
  },
  savedIn: (file) => `已保存到 ${file}`,
  planAndApply: (flags) => `先 juicify plan --out FILE ，再 juicify apply FILE${flags}`,
  manifests: {
    linkLeadsOut: (file) => `${file}：指向文件夹之外的链接。`,
    volumeInTemplate: (place) => `${place}：模板中的 PersistentVolume。`,
    volumeIs: (place, volume, phase) => `${place}：PersistentVolume ${volume} 的状态是${state(phase)}。`,
    trouble: (place, why, template) => `${place}：${template ? '是模板，不是 YAML：' : ''}${why}。`,
    compared: (cluster) => `与 ${cluster} 比较：`,
    leftAlone: (why) => `保持原样  ${why}`,
    none: '这些清单中没有集群里存在的 PersistentVolume。',
    nothingDiffers: (manifests) => `没有差异：${number(manifests)} 个 PersistentVolume 清单，没有一个会把旧卷带回来。`,
    toChange: (changed, amount) =>
      `${files(amount)}中有 ${number(changed)} 个 PersistentVolume 需要修改。--write 会写入。`,
    written: (changed, amount) => `已写入：${files(amount)}中的 ${number(changed)} 个 PersistentVolume。`,
  },
  snapshot: {
    without: (missing) => `${missing} 快照中没有它。`,
    saved: (objects, cluster, file) =>
      `已把 ${cluster} 的 ${number(objects)} 个对象保存到 ${file} 。用 --sandbox ${file} 使用它：演练显示会对这些对象做什么，\n但不能显示 Pod 能否启动，也不能显示目录中有什么。`,
  },
  setup: {
    written: (folder) => `已写入 ${folder}：`,
    secrets: (names) => `${names.join('、')} 中有密钥：不要提交到代码仓库。`,
    next: '下一步：juicify check，juicify probe。',
    readable: (file) => `其他用户可以读取 ${file}：请执行 chmod 600 ${file}`,
  },
  demo: {
    notShown: '嵌入式集群没有数据，也不运行 Pod：它无法演示复制、校验和 probe，也无法演示各自需要多长时间。',
    interrupts: '演示在这里按下 Ctrl-C：运行在下一个安全的位置停止。',
    asBefore: '卷和 PVC 都与之前相同（由服务器设置的字段除外）。',
  },

  refusal: refusals,
  connection,

  workload: {
    alreadyStopped: '已经停止，保持停止',
    rolling: '替换之后逐个 Pod 重启',
    deleted: '删除，不会重新创建',
    waits: 'juicify 等待它运行结束',
    cannotBeStopped: '无法停止',
    stoppedAndStarted: '停止，之后重新启动',
    replicas: (replicas) => `副本数 ${replicas} → 0 → ${replicas}`,
    patched: (change) => (change.startsWith('removed from all nodes') ? '从所有节点移除，之后重新调度' : change),
    retained: (change) => `${change}，whenScaled Delete → Retain → Delete`,
    annotated: (annotation) => `设置注解 ${annotation}，之后恢复原样`,
    recreated: '删除，之后重新创建',
  },

  record: {
    head: (group, phase, since, by) => `${group}：${state(phase)}，始于 ${since}，最后由 ${by} 更新`,
    copy: '复制',
    of: (claim) => `（${claim}）`,
    unknown: '未知',
    otherVolume: '其他类型的卷',
    staysStopped: (name) => `${name} 此前已停止，保持停止`,
    untouched: (name) => `${name} 不会被停止：该组的卷都是原来的卷`,
    recreated: (name, images) => `${name} 会被删除，之后用 ${images} 重新创建`,
    rolling: (name) => `${name} 逐个 Pod 重启`,
    other: (name, quiesce) =>
      `${name}：${{ wait: '等待结束', refuse: '无法停止', delete: '删除' }[quiesce] ?? quiesce}`,
    started: (name, replicas) =>
      `${name} 会被停止，之后重新启动${replicas === undefined ? '' : `（${replicas} 个副本）`}`,
    noImage: '无镜像',
  },

  summary: {
    unboundFor: (span) => `未绑定 ${span}`,
    stopped: (each) => each.map(({ group, workloads }) => `${workloads.join('、')}（组 ${group}）`).join('、'),
    stillStopped: '仍处于停止状态：',
    next: '下一步：',
    restarted: '已重启',
    nothingToDo: '无需操作',
    part: (amount, outcome) => `${amount} 个${state(outcome)}`,
    totals: (amount, parts) => `${volumes(amount)}：${parts.join('，')}`,
    noDowntime: '逐个 Pod 重启，没有停机',
    down: (span) => `逐个 Pod 重启，停机 ${span}`,
    orRollback: (command) => `，或 ${command}`,
  },

  status: {
    none: (where) => `${where} 上没有正在进行或已迁移的组。`,
    nothingKept: (logs) => `已回滚的组在集群中不保留任何内容；从本机执行的日志在 ${logs}。`,
    stopped: '已停止  ',
    ahead: (subdir) => `位于${subdir === '' ? '文件系统的根目录' : ` ${subdir}`}；还没有人使用该副本`,
    copyAgain: (copy, apply) => `${copy} 或 ${apply} 会复制此后的变化`,
    standsSince: (name, time, age) => `${name}，自 ${time} 起（${age}）`,
    at: (step) => `当前步骤 ${step}`,
    steps: (done, total) => `第 ${done} 步，共 ${total} 步`,
    started: (age) => `${age} 前开始`,
    by: (who) => `由 ${who} 执行`,
    next: '下一步：',
    recorded: (failure) => `停下的原因（记录以英文保存）：${failure}`,
    waitFor: (runner, command) => `等待 ${runner} 的运行结束；用 ${command} 跟踪`,
    continueOrRevert: (resume, rollback) => `继续：${resume}；回滚：${rollback}`,
    part: (part) => `第 ${part} 部分`,
    copying: (stage, directory, where, progress) =>
      `${stage}  ${where} 上的 ${directory}${progress === '' ? '' : `：${progress}`}`,
    preCopy: '预复制',
    notSeen: {
      records: '您没有权限查看哪些组正在进行或已迁移；juicify rbac 会打印所需角色。',
      copies: '您没有权限查看哪些复制正在运行；juicify rbac 会打印所需角色。',
      lease: '您没有权限查看是否有另一次运行正在进行；juicify rbac 会打印所需角色。',
    },
    ofEarlier: '该记录由 juicify 0.1.0 写入：下一条命令会显示它，并询问是否转换',
  },

  wayBack: {
    since: (time) => `自 ${time} 开始回滚`,
    down: (longest) => `最长停机时间：${longest}`,
    stoppedFor: (workload, span) => `${workload} 停机 ${span}`,
    copied: (what) => `已拷回：${what}`,
    copiedTo: (amount, size, directory) => `${amount}${size === undefined ? '' : `（${size}）`}到 ${directory}`,
    stays: (what) => `留在文件系统上：${what}`,
    staying: (what, subdir) =>
      ({
        copy: `${subdir} 处的副本，没有人使用过`,
        'to-copy-back': `${subdir} 处的内容，拷回之后仍保留`,
      })[what] ?? `替换以来写入 ${subdir} 的内容，不会拷回`,
    nothing: '无',
  },

  progress: {
    failed: (amount) => `${amount} 个失败`,
    left: (age) => `剩余 ${age}`,
    of: (done, all) => `${done} / ${all}`,
    groups: (done, all) => `已完成 ${done} 个组，共 ${all} 个`,
    standingFor: (workload, age) => `${workload}（${age}）`,
    standing: (workloads) => `已停止：${some(workloads)}`,
    nothingStopped: '没有停止的工作负载',
  },

  forecast: {
    upTo: (most) => `至多 ${most}`,
    range: (least, most) => `${least} 到 ${most}`,
    amount: (size, amount) => `${files(amount)}，${size}`,
    copied: (range) => `复制需要 ${range}`,
    down: (range, each) => `工作负载${each ? '每组' : ''}停机 ${range}`,
    fromSample: '试复制的样本',
    fromHistory: (amount) => (amount === undefined ? '该集群以往的迁移' : `该集群以往迁移的 ${groups(amount)}`),
  },

  event: {
    runStarted: (verb, amount) =>
      `${{ apply: '开始迁移', rollback: '开始回滚', copy: '开始预先复制' }[verb]}，共 ${groups(amount)}`,
    kindsDefined: (names) => `已创建 juicify 记录的定义：CustomResourceDefinition ${names.join('、')}`,
    groupStarted: (amount, steps) => `${volumes(amount)}：${steps}`,
    ended: (outcome, why) => `${outcome}${why === undefined ? '' : `：${why}`}`,
    alreadyDone: (step) => `${step}：此前已完成`,
    putBack: (volume) => `${volume}：已恢复原样`,
    swapped: (volume, span) => `${volume}：已替换${span === undefined ? '' : `，PVC 未绑定 ${span}`}`,
    progress: (directory, node, part, progress) =>
      `${node} 上的 ${directory}${part ? `，第 ${part} 部分` : ''}：${progress}`,
    verifiedAhead: (directory, amount, of, size) =>
      `${directory}：${files(of)}中已有 ${number(amount)} 个（${size}）两边一致`,
    missingBrought: (directory, node, amount) => `${node} 上的 ${directory}：已复制缺少的 ${entries(amount)}`,
    missingLeft: (directory, node, amount) => `${node} 上的 ${directory}：${entries(amount)}无法复制`,
    on: (directory, node, why) => `${node} 上的 ${directory}：${why}`,
    doesNotStart: (object, why) => `${object} 无法启动：${why}`,
    stalled: (directory, node, age, command) =>
      `${node} 上的 ${directory}：${age} 没有进展，磁盘、文件系统或网络可能卡住；请查看 ${command} 。juicify 继续等待。Ctrl-C 只结束等待，不结束 Job；之后 juicify resume 会找到它。`,
    quotaSet: (subdir, size, used) => `${subdir}：上限 ${size}，已用 ${used}`,
    quotaLeft: (subdir, why, remedy) => `${subdir}：${why}。${remedy}`,
    quotaRemoved: (subdir) => `${subdir}：配额已取消`,
    placesMade: (made) => `在文件系统上创建了 ${number(made)} 个目录`,
    waitingForMounts: (pods) => `等待 ${some(pods)} 结束：驱动仍挂载着这些卷。`,
    usedMeanwhile: (pods) => `最后一次复制之后，这些卷被 ${some(pods)} 使用过；重新复制并校验。`,
    held: (workload, group) => `${workload} 保持停止，直到组 ${group} 迁移完成。`,
    stopped: (workload) => `${workload}：已停止`,
    started: (workload) => `${workload}：已重新就绪`,
    marksKept: (keys, volume) =>
      `迁移之后，PersistentVolume ${volume} 的 ${keys.join('、')} 被修改过；原来的卷保留这些修改。`,
    objectEventsDenied: (message) =>
      `无法写入对象的 Event，因此 kubectl describe 不会显示对它们做了什么；juicify rbac 会打印所需角色。原因：${message}`,
    leaseHeld: (holder) => `${holder} 持有租约；正在检查那次运行是否仍在进行`,
    serverAway: (since, until) => `API server 自 ${since} 起没有响应；持续重试到 ${until}`,
    serverBack: (age) => `API server 在 ${age} 后恢复响应；继续`,
    copied: (directory, amount, size, back, deleted) =>
      `${directory}：已${back ? '拷回' : '复制'} ${files(amount)}${size === undefined ? '' : `（${size}）`}${deleted ? `，删除 ${entries(deleted)}` : ''}`,
    moreConflicts: (directory, more) => `${directory}：另有 ${files(more)}在各节点之间不同`,
    attributesLost: (directory, lost) => `${directory}：目标不支持扩展属性；${number(lost)} 个属性没有复制`,
    differ: (directory, missing, changed, extra, again) =>
      `${directory} 与副本不一致（缺少 ${missing} 个，改变 ${changed} 个，多出 ${extra} 个）${again ? '：再次复制差异部分' : ''}`,
    verified: (directory, amounts) => `${directory}：已校验，${amounts.join('、')}一致`,
    joinedWhole: (directory, node) => `${node} 上的 ${directory}：文件系统上全部都有，没有较旧的`,
    joined: (d) =>
      `${d.node} 上的 ${d.directory}：文件系统上缺少 ${entries(d.missing)}，较旧 ${entries(d.older)}；它们留在节点上：${d.examples}${d.more ? ' 等' : ''}`,
    older: (path) => `${path}（较旧）`,
    conflict: (path, differsIn, taken, left) =>
      `${path} 的${WAYS[differsIn] ?? ` ${differsIn} `}不同：从 ${taken} 复制，而不是 ${left}`,
    notCarried: (directory, amount, shown, more) =>
      `${directory}：${entries(amount)}不能完整复制：${shown}${more ? ' 等' : ''}`,
    probeSkipped: '跳过 probe：嵌入式集群不运行 Pod。',
    copySkipped: (step, back) => `跳过 ${back ? '拷回' : step}：嵌入式集群没有数据。`,
    probeStarted: (nodes) => `在 ${nodes.join('、')} 上各启动一个测试 Pod`,
    probed: (volume, writer, readers) =>
      `${volume}：${writer} 的写入在 ${readers.map(({ node, span }) => `${node}（往返 ${span}）`).join('、')} 可见`,
    probeLeftover: (probe) => `正在清理一次中断的测试的残留（${probe}）`,
    probeDirectory: (volume) => `provisioner 没有删除 ${volume}：它的空目录留在文件系统上`,
    podOf: (pod, owner) => `${pod}（属于 ${owner}）`,
    podBy: (pod, madeBy) => `${pod}（由 ${madeBy} 创建）`,
    admitted: (object, fields) =>
      `${object}，集群策略会修改：${fields.map(({ field, sent, admitted }) => `${field} 为 ${admitted}${sent === 'absent' ? '' : `，而不是 ${sent}`}`).join('；')}`,
    uncertain: (object, message) => `无法预先知道 ${object} 能否创建：${message}`,
    mountsSeen: (seen, unseen) =>
      seen === 0
        ? `没有可查看的挂载：请自行确认使用者能看到他们的文件（${some(unseen)}）。`
        : `${volumes(seen)}的挂载与计划一致${unseen.length === 0 ? '' : `；${some(unseen)} 没有可查看的挂载`}。`,
  },

  diff: {
    blocked: (group, codes, names) => `组 ${group} 被阻塞（${codes}）${names === '' ? '' : `：${names} 不变`}`,
    group: (name) => `组 ${name}`,
    unchanged: (claim) => `PersistentVolumeClaim ${claim}：不变`,
    nothingElse: '没有其他操作；juicify status 会显示正在进行的组',
    none: (where, inProgress) =>
      inProgress ? `${where} 上没有更多差异；juicify status 会显示正在进行的组。` : `${where} 上没有差异：无需操作。`,
  },

  markdown: {
    plan: (name) => `# 计划 ${name}`,
    inShort: (totals, cluster, fileSystem, jobs) =>
      `${totals}；集群：${cluster}；目标 ${fileSystem}${jobs === undefined ? '' : `；${jobs}`}。`,
    findings: '## 检查结果',
    diff: '## 差异',
    about: (severity, code, object) => `**${severity} ${code}**，${object}：`,
    aboutGroup: (group) => `组 ${group}`,
    aboutCluster: '整个集群',
    workload: (treatment, name, pods, user) =>
      `${treatment}：${name}，${pods}${user === undefined ? '' : `，使用者 ${user}`}`,
    group: (name, blocked) => `## 组 ${name}${blocked ? '（被阻塞）' : ''}`,
    columns: ['PVC', 'PersistentVolume', '目录 → subdir', '容量'],
    stays: (directory) => `- 保留：${directory}`,
    steps: (steps) => `步骤：${steps}`,
    data: (words) => `- 数据：${words}`,
    forecast: (words) => `- 预测：${words}`,
  },

  report: {
    changeRequest: (name) => `变更申请：${name}`,
    migration: (names) => `迁移报告：${names}`,
    cluster: '集群',
    inShort: '概要',
    onto: '目标',
    digest: '摘要值',
    made: '生成',
    madeBy: (at, version) => `${at}，由 juicify ${version} 生成`,
    forecast: (basis, words) => `预测（依据：${basis}）：${words}`,
    forecasts: '预测与实际',
    forecastColumns: ['内容', '预测', '实际', ''],
    forecastCopy: (group) => `${group}：使用中的复制`,
    forecastDown: (group) => `${group}：工作负载停机`,
    shorter: '较短',
    longer: '较长',
    asForecast: '与预测一致',
    inPhase: (amount, phase) => `${groups(amount)}${state(phase)}`,
    findings: '事先须知',
    findingColumns: ['级别', '代码', '对象', '原因', '处理方法'],
    notes: (amount) => `${number(amount)} 条提示`,
    directories: '目录的去向',
    directoriesTitle: '目录及其去向',
    directoriesWords: (amount) => `${number(amount)} 个目录；图后的表格列出每个目录及其位置。`,
    moreDirectories: (amount) => `另有 ${number(amount)} 个目录，见表格`,
    more: (amount) => `另有 ${number(amount)} 个，见表格`,
    directoryColumns: ['目录', '节点', '去向', '卷', '大小'],
    staysThere: '留在原处',
    staysOnNode: '留在节点上',
    asTable: (title) => `${title}（表格）`,
    whoIsStopped: '受影响的使用者',
    whoIsStoppedWords:
      '首次复制数据时所有人照常工作。之后停止使用该组卷的工作负载，复制期间的变化，比较两边，替换卷，再启动所有被停止的工作负载。',
    stoppedColumns: ['使用者', '命名空间', '工作负载', '处理方式', 'Pod'],
    groups: '组',
    groupsWords: '同一组的卷共享目录，要么一起替换，要么都不替换。',
    group: (name, blocked) => `${name}${blocked ? '（被阻塞）' : ''}`,
    steps: (steps) => `步骤：${steps}`,
    volumeColumns: ['PVC', 'PersistentVolume', '目录 → 位置', '容量'],
    changes: '集群中的改动',
    wayBack: '如何回滚',
    wayBackWords:
      '在执行 juicify finish --forget 之前，每个组都可以单独回滚，无论迁移在何处中断。旧目录保持工作负载停止时的样子；--copy-back 会先把此后写入文件系统的内容拷回。',
    oneAlone: '或者只回滚一个组：',
    became: '各组的结果',
    becameColumns: ['组', '状态', '开始', '最后更新', '执行者', '最长停机时间', '中止原因'],
    takenBack: '正在回滚的内容',
    takenBackWords: '回滚结束之前，记录会说明其情况。之后集群中不再保留该组的任何内容；执行日志保留在执行的机器上。',
    takenBackColumns: ['组', '开始', '最长停机时间', '已拷回', '留在文件系统上'],
    when: '执行时间',
    stepsTitle: '各组的步骤',
    stepsWords: (steps, amount) =>
      `${groups(amount)}的 ${number(steps)} 个步骤；图后的表格列出每一步的开始时间和时长。`,
    stepColumns: ['组', '步骤', '日期', '开始', '用时', '结果'],
    downtime: '各工作负载的停机时间',
    downtimeWords: (workloads) => `${number(workloads)} 个工作负载，上方是期间的步骤；图后的表格列出每一个。`,
    downtimeColumns: ['工作负载', '组', '日期', '停止', '重新就绪', '停机'],
    notYet: '尚未',
    notReady: '尚未就绪',
    stoodStill: '停机',
    standsStill: '停机中',
    never: '没有',
    restarted: '逐个 Pod 重启：',
    restartedColumns: ['工作负载', '没有就绪 Pod 的时间'],
    backToNode: (step) => `${step}，拷回节点`,
    equal: '一致',
    unequal: (missing, changed, extra) => `缺少 ${missing} 个，改变 ${changed} 个，多出 ${extra} 个`,
    copied: '复制的内容',
    copiedColumns: ['时间', '步骤', '目录', '文件', '字节', '删除'],
    compared: '比较的内容',
    comparedColumns: ['时间', '目录', '结果', '文件', '字节'],
    besides: '旧目录中另有的内容',
    besidesColumns: ['目录', '节点', '缺少', '较旧'],
    differed: '各节点之间不同的文件',
    first: '其中一部分',
    differedColumns: ['目录', '文件', '采用', '未采用', '不同之处'],
    differsIn: (what) => WAYS[what] ?? what,
    notCarried: '不能完整复制的内容',
    notCarriedColumns: ['目录', '路径', '类型'],
    attributes: (amount) => `${number(amount)} 个扩展属性或 ACL`,
    unbound: '各卷未绑定的时间',
    atMost: (span) => `最长 ${span}。`,
    unboundColumns: ['PVC', 'PersistentVolume', '未绑定'],
    unread: (lines) => `记录的历史中有 ${number(lines)} 行无法读取：由另一版本的 juicify 写入。`,
    of: (directory, amount) => `${directory}：${amount}`,
  },

  denied: (group, message) => `${group} 被阻塞：${message}`,

  leftBehind: {
    head: '已没有任何组的记录。juicify 在集群中留下以下内容，供下次迁移使用：',
    unknownCopies: '  文件系统上哪些位置是副本的标记（如果有）：没有读取权限',
    copies: (directories) =>
      `  ${number(directories.length)} 个标记，说明文件系统上的位置是副本：${listed(directories, 3)}。之后的迁移会从它们继续；没有它们，就会把那里的内容当作别人的`,
    namespace: (namespace, jobs) =>
      `  命名空间 ${namespace} 及其 Lease${jobs.length > 0 ? `，以及 Job ${listed(jobs, 3)}` : ''}`,
    definitions: (names) => `  自定义资源的定义：${names.join('、')}`,
    remove:
      '如果不再计划迁移，并且 juicify status 没有显示任何组，管理员可以这样删除（届时已迁移的组，其记录也会一并删除，从此无法回滚）：',
    shared: (namespace, others) =>
      `  但不要删除命名空间 ${namespace}：其中的 ${listed(others, 3)} 不属于 juicify，会随它一起被删除`,
    roles: '  以及角色（如果创建过），用 juicify rbac 打印的内容：kubectl delete -f FILE',
  },
}
