interface Said {
  message: string
  remedy: string
}

function choose(contexts: string): string {
  return contexts === ''
    ? 'it has no contexts at all: give another file with --kubeconfig or KUBECONFIG'
    : `choose one with --context: ${contexts}`
}

/** Why no cluster can be reached: what is wrong with a kubeconfig, or with a pod's service account. */
export const connection = {
  noKubeconfig: (places: string[]): Said => ({
    message: `no kubeconfig found: looked in ${places.join(', ')}, and this is not a pod in a cluster`,
    remedy: 'set one with --kubeconfig FILE or KUBECONFIG, or use --sandbox to work without a cluster',
  }),
  groupsWithoutUser: (groups: string[]): Said => ({
    message: `cannot impersonate the groups ${groups.join(', ')} without a user`,
    remedy: 'name the user too, with --as',
  }),
  notAKubeconfig: (source: string, field: string | undefined, expected: string): Said => ({
    message: `${source} is not a kubeconfig: ${field ?? 'the document'} should be ${expected}`,
    remedy: 'compare it with what `kubectl config view` prints',
  }),
  noCurrentContext: (where: string, contexts: string): Said => ({
    message: `${where} has no current-context`,
    remedy: choose(contexts),
  }),
  noContext: (context: string, where: string, contexts: string): Said => ({
    message: `context ${context} does not exist in ${where}`,
    remedy: choose(contexts),
  }),
  noServer: (context: string, where: string, cluster: string, contexts: string): Said => ({
    message: `context ${context} of ${where} refers to the cluster ${cluster}, which has no server there`,
    remedy: `correct it, or choose another context with --context: ${contexts}`,
  }),
  noUser: (context: string, where: string, user: string, contexts: string): Said => ({
    message: `context ${context} of ${where} refers to the user ${user}, which does not exist there`,
    remedy: `correct it, or choose another context with --context: ${contexts}`,
  }),
  unreadable: (file: string, why: string): Said => ({
    message: `cannot read the kubeconfig ${file}: ${why}`,
    remedy: 'set the path of a readable one with --kubeconfig or KUBECONFIG',
  }),
  noToken: (file: string): Said => ({
    message: `this pod has no service account token: ${file} does not exist`,
    remedy: 'set automountServiceAccountToken: true in the pod, or give a kubeconfig with --kubeconfig or KUBECONFIG',
  }),
  noContextInPod: (context: string): Said => ({
    message: `context ${context} does not exist: there is no kubeconfig in this pod`,
    remedy: 'leave --context out to use the pod’s service account, or give a kubeconfig with --kubeconfig',
  }),
  invalidYaml: (place: string, why: string | undefined): Said => ({
    message: `${place} is not valid YAML: ${why ?? 'it cannot be parsed'}`,
    remedy: 'correct that line, or give another file with --kubeconfig',
  }),
  notHttp: (where: string): Said => ({
    message: `the server in ${where} is not an http or https address`,
    remedy: 'write it as https://HOST:PORT in the cluster entry',
  }),
  userInServer: (where: string): Said => ({
    message: `the server address in ${where} contains a user`,
    remedy: 'set username and password in the user entry instead',
  }),
  proxy: (): Said => ({
    message: 'the proxy in the kubeconfig or HTTPS_PROXY is not a valid URL',
    remedy: 'write it as http://HOST:PORT',
  }),
  certificates: (why: string): Said => ({
    message: `cannot use the certificates or the key of the kubeconfig (${why})`,
    remedy: 'correct certificate-authority, client-certificate and client-key in it, or their -data',
  }),
  token: (): Said => ({
    message: 'the token of the kubeconfig has line breaks or other characters that no token can have',
    remedy: 'log in again, or correct token in its user entry',
  }),
  authProvider: (name: string, why: string): Said => ({
    message: `cannot log in with the auth provider ${name} of the kubeconfig: ${why}`,
    remedy:
      'log in again; the providers that were built into kubectl are gone since 1.26, and their successors are exec plugins (gke-gcloud-auth-plugin, kubelogin)',
  }),
  unreadablePart: (what: string, file: string, why: string): Said => ({
    message: `cannot read the ${what} file ${file} of the kubeconfig (${why})`,
    remedy: 'correct its path in the kubeconfig, or log in again',
  }),
}

/** An edition of it. */
export type ConnectionWords = typeof connection
