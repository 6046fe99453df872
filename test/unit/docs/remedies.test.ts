import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

// Whoever prints a remedy has it followed by somebody at two in the morning. So each that changes something which others may
// use is known here, with the test that tries it, or why it hurts nobody. A new one, or one in other words, is not.

const ROOT = path.join(import.meta.dirname, '../../..')

/** What others may use or rely on is changed by: kubectl, a flag that takes a guard away, or a hand that removes, moves or stops. */
const CHANGES =
  /kubectl (?:label|patch|annotate|delete|uncordon|scale|apply|create)|--(?:into-existing|dangerous-split|forget-in-use|force|force-delete-pods|trust-namespace|adopt-records)\b|\bDelete (?:it|what|the)|\b[Rr]emove (?:it|fsGroup|only)|\bmove (?:it|the data)|\b[Cc]reate it again|\bCreate \$\{|\bstop (?:it|them|what|that)\b|\bStop (?:it|them|what)\b|\brestart its pods|\btake it away|\bRevoke|fsGroupPolicy|\bmc ilm\b|\brecord that: \$\{|\b[Cc]opy (?:the (?!webhook)|what |new )\w+|\b[Dd]eletes? (?:what|it)|\bformat it\b|\b[Rr]ename\b|\b[Rr]estore it\b|\bInstall\b|mountMode|mountPodPatch|\bTake the label\b|\bsame on all nodes\b|\b[Cc]orrect (?:it|the name) .*Secret|\bAgree on\b|\bCreate a claim\b|\bCreate it on\b|\bAdd the (?:labels|missing)\b|\bAdd them\b|\bSuspend its\b|\bwhenScaled to Retain\b|\b[Ss]et (?:it to )?Retain\b|\bhave that finish and remove\b|\bhave whoever runs it stop\b|: \$\{command\}|\bMake those directories\b|--bring-missing to\b/

/** What is said of trouble deep in a run, and what of it is a part of a remedy. */
const TROUBLE = path.join('words', 'trouble.en.ts')
const ADVICE =
  /^'?(?:rbac|webhook|webhook-away|policy|pod-security|quota|terminating|admission|loginAgain|overloaded|seeLog|removeFinalizer|bringBack|waitLonger|stopIt|seeWhyWaiting|seeWhatKeeps|waitOrStop|stays|setOnceLess|setOnceThere|removeByHand)'?$/

/** Every text below `src` that is a remedy: of a `remedy` field, or the last argument of what makes findings and lines. */
function remedies(): { file: string; text: string }[] {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.zh.ts') && !file.startsWith('sandbox'))
    .flatMap((file) => remediesIn(file, readFileSync(path.join(ROOT, 'src', file), 'utf8')))
}

function remediesIn(file: string, text: string): { file: string; text: string }[] {
  const found: { file: string; text: string }[] = []
  // what has a name, and is given as a remedy by it
  const named = new Set([...text.matchAll(/\bremedy: ([A-Za-z_]+)\b/g)].map(([, name = '']) => name))
  const visit = (node: ts.Node) => {
    if ((ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && isRemedy(node, named, file === TROUBLE))
      found.push({ file, text: node.getText().slice(1, -1) })
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

function isRemedy(node: ts.Node, named: ReadonlySet<string>, ofTrouble: boolean): boolean {
  for (let child = node, up = node.parent; up; child = up, up = up.parent) {
    if (ts.isPropertyAssignment(up))
      return up.name.getText() === 'remedy' || (ofTrouble && ADVICE.test(up.name.getText()))
    if (ts.isCallExpression(up) && /^(?:finding|line)$/.test(up.expression.getText()))
      return up.arguments.length > 3 && up.arguments.at(-1) === child
    if (ts.isVariableDeclaration(up) && (/remedy/i.test(up.name.getText()) || named.has(up.name.getText()))) return true
    if (ts.isFunctionDeclaration(up)) return /remedy/i.test(up.name?.text ?? '')
  }
  return false
}

/** `tried`: a test's file below `test`, and its name. `harmless`: why nobody loses anything by it. */
type Known = { tried: [file: string, name: string] } | { harmless: string }

/** By how a remedy begins, or by a part of it that no other has. */
const KNOWN: Record<string, Known> = {
  'then use --adopt-records': { tried: ['sandbox/earlier-versions.test.ts', '--adopt-records'] },
  'Then copy new files by hand': { harmless: 'who does it chooses what, and sees what is there' },
  'Copy what you need of it by hand': { harmless: 'who does it chooses what, and sees what is there' },
  'where nobody uses the place yet; or continue': { harmless: 'says where nobody may be overwritten' },
  'Copy the files of the other nodes there first, overwriting none': {
    harmless: 'a command that overwrites nothing; the files stay where they are, too',
  },
  'Raise the limit of the file system (${': { harmless: 'more room comes first, and what may go is what nobody needs' },
  'Raise the limit of the file system, or delete': {
    harmless: 'more room comes first, and what may go is what nobody needs',
  },
  'Raise the limit that it was given, or delete': {
    harmless: 'more room comes first, and what may go is what nobody needs',
  },
  'Before anybody deletes it to restore one of the two': {
    tried: ['unit/engine/exchange.test.ts', 'says how nothing is lost by the way back'],
  },
  'See whether that is the right database, and empty': {
    harmless: 'asks first whether anybody’s data is in it',
  },
  'Have its owner rename that file': { harmless: 'who uses the file does it' },
  'Or have the owners of these files make them the same': {
    tried: ['unit/jobs/exit-codes.test.ts', 'nobody is told to overwrite one version of a file with the other'],
  },
  'juicify did not write that. Find out who changed it': {
    harmless: 'what is restored is checked again, and shown, before anything is done by it',
  },
  'Restore it from a backup: only the record': {
    harmless: 'what is restored is checked again, and shown, before anything is done by it',
  },
  'Install the driver so that it mounts on the nodes': { harmless: 'says what becomes of pods that have sidecars' },
  'That restarts its pods too: do so': { harmless: 'says when nobody has a mount that would break' },
  'if all of their pods run on nodes with the driver': { harmless: 'says whose pods would mount nothing' },
  'Leave this claim out of that mountPodPatch': {
    harmless: 'concerns that claim alone, and says whom the other way would concern',
  },
  'Leave them out of that mountPodPatch': { harmless: 'concerns claims of juicify’s own' },
  'if no other volume uses it; else make a Secret of your own': { harmless: 'says whose mounts would change' },
  'Correct it in the Secret (metaurl)': { harmless: 'by that Secret nobody can mount' },
  'Correct it in the Secret (bucket, access-key, secret-key)': { harmless: 'by that Secret nobody can read or write' },
  'Correct it in the Secret (name, metaurl)': { harmless: 'by that Secret nobody can mount' },
  'Ask an administrator to create it with the roles': { harmless: 'who gives rights is asked' },
  'Agree on one default with who uses them': { harmless: 'who relies on one is asked' },
  'Create a claim for the volume, or exclude': { harmless: 'makes a claim where none is' },
  'Create it on the file system by hand': { harmless: 'makes an empty directory where none is' },
  'Add the labels that the selector requires': { harmless: 'the volume is bound, and stays so' },
  'Add the missing keys': { harmless: 'without them nobody can mount' },
  'Add them, or check with juicefs status': { harmless: 'keys that a mount of a formatted file system does not read' },
  'Suspend its synchronisation during the migration': { harmless: 'until its manifests say what the cluster has' },
  'Set whenScaled to Retain where': { harmless: 'keeps claims that would be deleted' },
  'Set it to Retain during the migration': { harmless: 'keeps claims that would be deleted' },
  'set Retain yourself': { harmless: 'keeps data that would be deleted' },
  'have that finish and remove it; then plan again': { harmless: 'whoever waits for something by it is waited for' },
  'have whoever runs it stop it, then run': { harmless: 'who runs it decides when' },
  'To set this one once it holds less': { harmless: 'says when nobody is kept from writing by it' },
  'To set one by hand when it does': { harmless: 'a limit that the migration asks for, of a directory without users' },
  'Take it away by hand: ${command}': { harmless: 'takes away a limit that juicify has set, and no data' },
  'Make those directories on the file system beforehand': { harmless: 'makes empty directories where none are' },
  'Use --bring-missing to copy the missing files': {
    tried: ['shell/bring-missing.test.ts', 'nothing that is there is overwritten'],
  },
  'Remove it, or choose the file system with --kind': { harmless: 'a flag of a command that writes files' },
  'Use --force to overwrite it, or choose another path': {
    harmless: 'says in the same sentence that a file of the operator’s own is overwritten',
  },
  'Use --force to overwrite it, or choose another folder': {
    harmless: 'says in the same sentence that files of the operator’s own are overwritten',
  },
  'give --trust-namespace': { tried: ['sandbox/trust.test.ts', 'is not used for the way back either, unless told to'] },
  'plan with --trust-namespace': {
    tried: ['sandbox/trust.test.ts', 'is not used: every group is held back, and it is said who has which'],
  },
  'stop that, and run the same command again': {
    harmless: 'what writes an object again and again is looked for first, and is its operator’s to stop',
  },
  'its managedFields show which; stop that first': {
    harmless: 'what writes the volume again and again is looked for first',
  },
  'Let the owner of the finalizer finish': { harmless: 'removes nothing while somebody waits for it' },
  'Decide whether to create it again': { harmless: 'asks for a decision, and says where the manifest is' },
  'then decide whether to create it again': { harmless: 'waits for a deletion that somebody else has made' },
  'Then stop what uses it, start it again': {
    harmless: 'stops only who has the wrong mount, which he must not write to',
  },
  'To take it away, if whoever set it agrees': { harmless: 'who has set the limit is asked, and no data is concerned' },
  'Stop what deletes the claim': { harmless: 'keeps data and record, and makes a claim where none is' },
  'update it with juicify rbac': { harmless: 'asks first whose it is, and existing records stay' },
  'pod-security.kubernetes.io/enforce=privileged': {
    harmless: 'only where nobody else uses the namespace, which it says',
  },
  'Check that the source is mounted on the node': {
    harmless: 'keeps what is moved, and is asked for only where the source is known to be the right one',
  },
  'Revoke that, delete the Job': { harmless: 'a Job of juicify’s own, which was refused its program and did nothing' },
  'Nothing was written. Remove it from the object': {
    harmless: 'a name in a label or an annotation, which its owner knows',
  },
  'Get the owner of the finalizer ${finalizer} to remove it': {
    tried: ['sandbox/remedies.test.ts', 'a finalizer whose owner is gone is taken off a pod that others hold, too'],
  },
  'with as many days as cube-studio keeps files': {
    harmless: 'says what it deletes, which cube-studio deletes each night as it is',
  },
  'again with --force-delete-pods': {
    harmless: 'only when it is certain that nothing runs on that node, which it says',
  },
  'runs on it any more, apply with --force-delete-pods': {
    harmless: 'only when it is certain that nothing runs on that node, which it says',
  },
  'Its operator is of a version that cannot suspend it': { harmless: 'who runs it decides when' },
  'Stop it yourself, or let it finish': { harmless: 'who runs it decides when' },
  'or use --forget-in-use if you know that': {
    tried: [
      'sandbox/old-directories.test.ts',
      'no record is deleted while something uses an old directory, unless that is known',
    ],
  },
  'or remove it from spec.copy': {
    harmless: 'a name in the migration, and a Secret or account of juicify’s own namespace',
  },
  'Remove fsGroup from these pods': { harmless: 'says first whom the other way would concern' },
  'Delete it when nobody needs its data any more': {
    harmless: 'a Failed volume, whose deletion has been tried; says when',
  },
  'Set Retain, which keeps the data whatever happens': {
    harmless: 'keeps the data; the finalizer is its provisioner’s to take off',
  },
  'have it wait for a new claim': {
    tried: [
      'sandbox/remedies.test.ts',
      'a Released volume is made ready for its own claim, and nobody else’s claim gets the data',
    ],
  },
  'again as it was, with its old directory': {
    tried: [
      'sandbox/remedies.test.ts',
      'a volume whose claim is Lost is made again, while another tenant waits for any volume',
    ],
  },
  'Use --whole-groups instead of --dangerous-split': { harmless: 'takes a danger away' },
  'or --dangerous-split to migrate only a part': {
    tried: ['sandbox/remedies.test.ts', 'a part of a group is split off, and the rest is planned later'],
  },
  'Remove it from spec.select.exclude': { harmless: 'plans more volumes, and shows them' },
  'Change them to use the claim instead of the host path': {
    harmless: 'who runs them decides when; they would go on with the old directory',
  },
  'and only then create it again with another volumeHandle': {
    harmless: 'keeps the data before the volume goes, which it says',
  },
  'Remove --into-existing (spec.copy.intoExisting), so': { harmless: 'takes a danger away' },
  'Remove --into-existing (spec.copy.intoExisting) to': { harmless: 'takes a danger away' },
  'kubectl delete csidriver ${d.driver}, then create it again': {
    harmless: 'the object says how volumes are mounted, and holds none; mounts that are there stay',
  },
  'record that: ${': {
    tried: [
      'sandbox/join.test.ts',
      'what 0.1.0 has moved is known by its record, and without one by a word of an administrator’s',
    ],
  },
  'Delete what nobody needs and measure again': { harmless: 'says what may go' },
  'If nobody needs it, move it away': {
    tried: ['sandbox/remedies.test.ts', 'is copied over all the same, onto a place that somebody mounts'],
  },
  'or nobody needs what is there, move it away': {
    tried: ['sandbox/earlier-versions.test.ts', 'is proved by what is newer than its record, and one that is older'],
  },
  'Copy what is needed of it somewhere else': {
    tried: ['sandbox/remedies.test.ts', 'is copied over all the same, onto a place that somebody mounts'],
  },
  'run kubectl uncordon on one when that is over': { harmless: 'asks first why it is cordoned' },
  'Let the deletion finish and create it again': { harmless: 'waits for a deletion that somebody else has made' },
  'or stop that work yourself': { harmless: 'whose work it is decides' },
  'if you have to create it again, request less': { harmless: 'says to keep it' },
}

const CHANGING = remedies().filter(({ text }) => CHANGES.test(text))

test('remedies are found in the source at all', () => {
  expect(remedies().length).toBeGreaterThan(150)
  expect(CHANGING.length).toBeGreaterThan(80)
})

test.each(CHANGING.map(({ file, text }) => [file, text]))('who follows %s: %s hurts nobody', (_, text) => {
  expect(Object.keys(KNOWN).filter((part) => text.includes(part))).toHaveLength(1)
})

/** How the sentences of all other remedies begin: what each of these words has people do changes nothing that others use. */
const LOOKS = 'Check Compare Find See Try check compare is'
const GOES_ON = 'Continue Decide Migrate Rehearse Roll Run juicify kubectl log measure plan run'
const OWN_FILES =
  'Add Build Change Copy Do Leave Take Choose Correct Exclude Fix Give Keep Make Name Put Raise Remove Save Select Set Use Write choose correct give leave name renew set use write'
const WAITS_OR_ASKS = 'Announce Ask Get Have Let Mount Wait'
const TELLS =
  'A a If In It it Its Nothing nothing Only only Or or once Otherwise Pods Programs Secret Somebody That The the Then then These This To What When Where where To With'
const HARMLESS = new Set([LOOKS, GOES_ON, OWN_FILES, WAITS_OR_ASKS, TELLS].flatMap((words) => words.split(' ')))

/** The first word of each sentence; of what is no sentence, a part of one, none. */
function firstWords(text: string): string[] {
  if ((text.match(/ /g) ?? []).length < 3) return []
  return text.split(/^|(?<=[a-z)’][.;?]) /).flatMap((sentence) => /^[A-Za-z]+(?=[ ,])/.exec(sentence)?.[0] ?? [])
}

test('whatever else a remedy says looks, waits, asks, or changes what is the operator’s own', () => {
  const others = remedies().filter(({ text }) => !CHANGES.test(text))
  const unknown = others.flatMap(({ file, text }) =>
    firstWords(text).flatMap((word) => (HARMLESS.has(word) ? [] : [`${file}: ${word} … (${text})`])),
  )
  expect(unknown).toEqual([])
})

describe('what is said of a remedy is said of one that is printed, and of a test that there is', () => {
  test.each(Object.entries(KNOWN))('%s', (part, known) => {
    expect(CHANGING.some(({ text }) => text.includes(part))).toBe(true)
    if ('harmless' in known) expect(known.harmless).not.toBe('')
    else expect(readFileSync(path.join(ROOT, 'test', known.tried[0]), 'utf8')).toContain(known.tried[1])
  })
})
