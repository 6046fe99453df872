import { groupOf, type ObjectRef } from '../domain/object.ts'

/** How the operators of some kinds have them stopped and started again, as commands. */
const COMMANDS: Readonly<Record<string, { stop: string; start: string }>> = {
  'kubeflow.org/Notebook': {
    stop: 'annotate notebooks.kubeflow.org NAME kubeflow-resource-stopped="$(date -u +%FT%TZ)"',
    start: 'annotate notebooks.kubeflow.org NAME kubeflow-resource-stopped-',
  },
}

/** What a person can do to stop something that juicify cannot, and to start it again. */
export function stopByHand({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const commands = COMMANDS[`${groupOf(apiVersion)}/${kind}`]
  if (!commands) return 'Stop it yourself, and plan again.'
  const typed = (command: string) => `kubectl -n ${namespace} ${command.replace('NAME', name)}`
  return `Stop it yourself, and plan again: ${typed(commands.stop)}; afterwards it is started with: ${typed(commands.start)}`
}
