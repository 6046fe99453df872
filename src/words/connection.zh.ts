import type { ConnectionWords } from './connection.en.ts'

function choose(contexts: string): string {
  return contexts === ''
    ? '其中没有任何 context：请用 --kubeconfig 或 KUBECONFIG 给出另一个文件'
    : `用 --context 选择一个：${contexts}`
}

/** Why no cluster can be reached, in Chinese. */
export const connection: ConnectionWords = {
  noKubeconfig: (places) => ({
    message: `没有找到 kubeconfig：已查找 ${places.join('、')}，并且当前不在集群的 Pod 中`,
    remedy: '用 --kubeconfig FILE 或 KUBECONFIG 设置，或者用 --sandbox 在没有集群的情况下工作',
  }),
  groupsWithoutUser: (groups) => ({
    message: `没有用户，无法以组 ${groups.join('、')} 的身份执行`,
    remedy: '同时用 --as 给出用户',
  }),
  notAKubeconfig: (source, field, expected) => ({
    message: `${source} 不是 kubeconfig：${field ?? '文档'} 应为 ${expected}`,
    remedy: '与 `kubectl config view` 打印的内容比较',
  }),
  noCurrentContext: (where, contexts) => ({
    message: `${where} 中没有 current-context`,
    remedy: choose(contexts),
  }),
  noContext: (context, where, contexts) => ({
    message: `${where} 中没有 context ${context}`,
    remedy: choose(contexts),
  }),
  noServer: (context, where, cluster, contexts) => ({
    message: `${where} 的 context ${context} 引用了集群 ${cluster}，但其中没有它的服务器`,
    remedy: `请修正，或者用 --context 选择另一个 context：${contexts}`,
  }),
  noUser: (context, where, user, contexts) => ({
    message: `${where} 的 context ${context} 引用了用户 ${user}，但其中没有该用户`,
    remedy: `请修正，或者用 --context 选择另一个 context：${contexts}`,
  }),
  unreadable: (file, why) => ({
    message: `无法读取 kubeconfig ${file}：${why}`,
    remedy: '用 --kubeconfig 或 KUBECONFIG 给出可读的路径',
  }),
  noToken: (file) => ({
    message: `这个 Pod 没有 ServiceAccount 的 token：${file} 不存在`,
    remedy: '在 Pod 中设置 automountServiceAccountToken: true，或者用 --kubeconfig 或 KUBECONFIG 给出 kubeconfig',
  }),
  noContextInPod: (context) => ({
    message: `context ${context} 不存在：这个 Pod 中没有 kubeconfig`,
    remedy: '去掉 --context 以使用 Pod 的 ServiceAccount，或者用 --kubeconfig 给出 kubeconfig',
  }),
  invalidYaml: (place, why) => ({
    message: `${place} 不是有效的 YAML：${why ?? '无法解析'}`,
    remedy: '修正该行，或者用 --kubeconfig 给出另一个文件',
  }),
  notHttp: (where) => ({
    message: `${where} 中的服务器不是 http 或 https 地址`,
    remedy: '在 cluster 条目中写作 https://HOST:PORT',
  }),
  userInServer: (where) => ({
    message: `${where} 中的服务器地址里有用户`,
    remedy: '用户名和密码请写在 user 条目中',
  }),
  proxy: () => ({ message: 'kubeconfig 或 HTTPS_PROXY 中的代理不是有效的地址', remedy: '写作 http://HOST:PORT' }),
  certificates: (why) => ({
    message: `无法使用 kubeconfig 中的证书或密钥（${why}）`,
    remedy: '修正其中的 certificate-authority、client-certificate 和 client-key，或者相应的 -data',
  }),
  token: () => ({
    message: 'kubeconfig 中的 token 含有换行或其他 token 中不可能出现的字符',
    remedy: '重新登录，或者修正 user 条目中的 token',
  }),
  authProvider: (name, why) => ({
    message: `无法用 kubeconfig 中的 auth provider ${name} 登录：${why}`,
    remedy:
      '重新登录；kubectl 内置的 auth provider 从 1.26 起已被移除，取代它们的是 exec 插件（gke-gcloud-auth-plugin、kubelogin）',
  }),
  unreadablePart: (what, file, why) => ({
    message: `无法读取 kubeconfig 的 ${what} 文件 ${file}（${why}）`,
    remedy: '修正 kubeconfig 中的路径，或者重新登录',
  }),
}
