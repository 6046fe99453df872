import { DEALING } from './dealing.ts'
import { LISTING } from './listing.ts'
import { MERGING } from './merging.ts'
import { TOGETHER } from './together.ts'

/**
 * What the containers of our Jobs run: constant texts, for `sh -c`. Whatever differs comes in the environment or, for
 * a mover's command line, as arguments. /source and /target are mounted, /scratch is scratch.
 *
 * A line that begins with `juicify` is for whoever reads the log (see log.ts):
 * `juicify progress …`, `juicify result key=value …`, `juicify failed …`, and those of the single scripts.
 */

/**
 * The function `attributed DIRECTORY`: the entries that have extended attributes or ACLs, one a line as in a
 * listing, as far as the image has anything that can tell. Those that a node sets for itself (SELinux, capabilities) do not count.
 */
const ATTRIBUTED = String.raw`
attributed() {
  if command -v getfattr >/dev/null; then
    walk "$1" | (cd "$1" && xargs -0 -r getfattr -h -m '^user[.]|^system[.]posix_acl' 2>/dev/null) \
      | sed -n 's/^# file: //; T; s/^\.\/*//; s/^$/./; s/\\\([0-7][0-7][0-7]\)/\\0\1/g; s/ /\\0040/g; p'
  elif command -v perl >/dev/null; then
    # llistxattr; perl alone knows no name for it
    case $(uname -m) in x86_64) number=195 ;; aarch64) number=12 ;; *) return 0 ;; esac
    walk "$1" | (cd "$1" && NUMBER=$number perl -0 -ne '
      chomp; my $path = $_; my $names = "\0" x 65536;
      my $size = syscall($ENV{NUMBER} + 0, $path, $names, 65536);
      if ($size > 0 && substr($names, 0, $size) =~ /(^|\0)(user\.|system\.posix_acl)/) { $path =~ s!^\.//!!; $path = "." if $path eq ""; $path =~ s/([\\\s])/sprintf("\\0%03o", ord $1)/ge; print "$path\n" }')
  fi
}
`

/**
 * Reads the source and says what is in it, in whole and for each directory on top: `juicify top bytes files dirs links path`.
 * Of the whole file system in /target it says what is at `PLACE` (absent, empty, taken, or `same` where its digest is
 * `DIGEST`), and how much is free there; `juicify place path` names some of it, or of what was changed after `SINCE`.
 *
 * `space` is in bytes what JuiceFS charges: every entry in whole blocks of 4 KiB, one at least.
 */
export const ESTIMATE = String.raw`${LISTING}${ATTRIBUTED}
# totals LISTING: its sums as key=value
totals() {
  cat "$1" | awk '
    { bytes += $7; count[$2]++; space += $7 + 0 > 4096 ? int(($7 + 4095) / 4096) * 4096 : 4096 }
    END { printf "bytes=%.0f files=%d directories=%d links=%d space=%.0f", bytes, count["f"], count["d"], count["l"], space }'
}
reading /scratch/source
# what comes and goes meanwhile is no reason to fail: it is an estimate
list /source /scratch/source metadata || true
result=$(totals /scratch/source)
if [ "$ATTRIBUTES" = lost ]; then attributed /source >/scratch/attributes; else : >/scratch/attributes; fi
awk -v tops=/scratch/tops '
  BEGIN { printf "" >tops }
  { slash = index($1, "/"); top = slash ? substr($1, 1, slash - 1) : ($2 == "d" ? $1 : "."); b[top] += $7; c[top, $2]++ }
  END { for (top in b) printf "%.0f %d %d %d %s\n", b[top], c[top, "f"], c[top, "d"], c[top, "l"], top >tops }' /scratch/source
: >/scratch/place
if [ "$PLACE" ]; then
  at=$PLACE
  until [ -d "$at" ]; do at=$(dirname "$at"); done
  result="$result $(stat -f -c '%a %S %c %d' "$at" | awk '{ printf "free-bytes=%.0f", $1 * $2; if ($3 > 0) printf " free-inodes=%.0f", $4 }')"
  place=absent
  if [ -d "$PLACE" ]; then
    list "$PLACE" /scratch/target metadata || true
    result="$result $(totals /scratch/target | sed 's/^/there-/; s/ / there-/g')"
    place=empty
    if [ "$(cat /scratch/target /scratch/target.left | wc -l)" -gt 1 ]; then
      place=taken
      if [ "$DIGEST" ] && [ "$DIGEST" = "$(cat /scratch/target.sum)" ]; then place=same; fi
    fi
    if [ "$DIGEST" ]; then sort /scratch/target.since; else cut -d' ' -f1 /scratch/target; fi \
      | grep -vx '[.]' | head -n 5 | plain | sed 's/^/juicify place /' >/scratch/place
  fi
  result="$result place=$place"
fi
quiet
sort -rn /scratch/tops | head -n 100 | plain | sed 's/^/juicify top /'
{
  say "result $result"
  say "lefts $(cat /scratch/source.left /scratch/attributes | wc -l | tr -d ' ')"
  cat /scratch/place
  { awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left; sed 's/^/juicify left attributes /' /scratch/attributes; } | head -n 20 | plain
} | awk '(size += length($0) + 1) < 4000' | tell
`

/** Says whether there is anything on the target, besides what it held when its digest was `DIGEST`. */
export const CHECK = String.raw`${LISTING}
if [ "$DIGEST" ]; then
  list /target /scratch/target metadata || unread target
  if [ "$DIGEST" = "$(cat /scratch/target.sum)" ]; then say "result empty=no" | tell; exit 0; fi
  if [ "$(cat /scratch/target /scratch/target.left | wc -l)" -gt 1 ]; then
    changed=$(sort /scratch/target.since | head -n 5 | plain | awk '{ printf "%s%s", (NR == 1 ? "" : ", "), $0 }')
    [ "$changed" ] || changed='something was deleted, or its owner or mode changed'
    die 79 "people have written to the target since they were moved to it: $changed"
  fi
else
  # what cannot be looked at is not empty: only the directory itself, and nothing to complain of, is
  walk /target 2>/scratch/target.errors | tr '\n' '?' | tr '\0' '\n' >/scratch/there
  if [ -s /scratch/target.errors ] || ! grep -qx '\.//' /scratch/there; then unread target; fi
  first=$(sed -n '2{s/^\.\/\///;p;}' /scratch/there | plain)
  [ "$(wc -l </scratch/there)" -eq 1 ] || die 67 "the target is not empty: $first"
fi
say "result empty=yes" | tell
`

/**
 * Compares source and target, entry by entry. `WAY` (environment): where it is `merged`, the first Job compares what all of
 * them have listed; `split`, each one the part that it was dealt.
 */
export const VERIFY = String.raw`${LISTING}${ATTRIBUTED}${TOGETHER}${MERGING}${DEALING}
if [ "$WAY" != single ]; then begin; fi
if [ "$WAY" = split ]; then
  once deal both
  if [ "$NODE" = 0 ]; then
    count &
    counting=$!
  fi
  take source
  take target
fi
reading /scratch/source /scratch/target
: >/scratch/attributes
if [ "$ATTRIBUTES" = lost ]; then attributed /source >/scratch/attributes & fi
attributes=$!
if [ "$WAY" = merged ]; then
  share "$CONTENT"
  mark listed
  if [ "$NODE" != 0 ]; then quiet; say "result listed=yes" | tell; exit 0; fi
  await listed
  merge
  report_conflicts
  expected=$SHARED/expected
else
  list /source /scratch/source "$CONTENT" &
  source=$!
  expected=/scratch/source
fi
list /target /scratch/target "$CONTENT" || [ "$IN_USE" = yes ] || unread target
if [ "$WAY" != merged ]; then wait $source || [ "$IN_USE" = yes ] || unread source; fi
if [ "$ATTRIBUTES" = lost ]; then wait $attributes; fi
quiet
if [ "$WAY" = split ]; then
  if [ "$NODE" = 0 ]; then wait $counting || exit 74; fi
  add_up
fi
{ sed 's/$/ S/' "$expected"; sed 's/$/ T/' /scratch/target; } | sort | awk -v times="$TIMES" -v extra="$EXTRA" -v left="$(cat /scratch/source.left /scratch/attributes | wc -l)" -v holds="$(cat /scratch/target.sum)" -v newest="$(cat /scratch/target.newest)" -v lines="$(cat "$expected" /scratch/target | wc -l)" '
  BEGIN { missing = changed = more = 0 }
  function fields() { return $2 " " $3 " " $4 " " $5 " " ($2 == "f" || ($2 == "d" && times == "all") ? $6 : "-") " " $7 " " $8 }
  function flush() {
    if (path == "" || source == target) return
    if (source == "" && extra == "ignore") { more++; return }
    if (source == "") more++; else if (target == "") missing++; else changed++
    if (++shown <= 20) print "juicify differs " path " " (source == "" ? "-" : source) " : " (target == "" ? "-" : target)
  }
  $1 != path { flush(); path = $1; source = target = "" }
  $9 == "S" { source = fields(); n["S" $2]++; bytes["S"] += $7 }
  $9 == "T" { target = fields(); n["T" $2]++; bytes["T"] += $7 }
  END {
    # a sort that was killed must not make two directories equal
    if (NR != lines) exit 1
    flush()
    printf "juicify result missing=%d changed=%d extra=%d files=%d directories=%d links=%d bytes=%.0f target-files=%d target-directories=%d target-links=%d target-bytes=%.0f left=%d holds=%s newest=%s\n",
      missing, changed, more, n["Sf"], n["Sd"], n["Sl"], bytes["S"], n["Tf"], n["Td"], n["Tl"], bytes["T"], left, holds, newest
  }' >/scratch/verdict || die 75 "the listings could not be compared in whole"
plain </scratch/verdict >/scratch/told
{ awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left; sed 's/^/juicify left attributes /' /scratch/attributes; } | head -n 20 | plain
{ tail -n 1 /scratch/told; sed '$d' /scratch/told | head -c 3000; } | tell
if [ "$WAY" = split ]; then mark told; fi
if [ "$WAY" != single ] && [ "$NODE" = 0 ]; then
  if [ "$WAY" = split ]; then await told; fi
  # what copies have left there goes as well, unless others may be at work
  if [ "$PASS" = verify ]; then rm -rf /shared/*; else rm -rf "$SHARED"; fi
fi
`

// What every mover's script begins with. The mover runs in the background, so that a signal reaches it at once.
const MOVING = String.raw`${LISTING}
progress() { while sleep 2 >/dev/null 2>&1; do report; done; }
run() {
  # or a signal that comes right after the fork is lost
  trap - TERM INT
  progress &
  reporter=$!
  "$@" >/scratch/out 2>/scratch/err &
  mover=$!
  trap 'kill $mover' TERM INT
  wait $mover
  code=$?
  kill $reporter
  trap 'exit 143' TERM INT
  return $code
}
# juicefs complains of every owner that the image has no name for
ended() { grep -v ': lookup [ug]id ' /scratch/err | tail -n 20 | cut -c 1-200 | tail -c 4000 | sed 's/^juicify / &/' | tell; }
# uncarried: what cannot be carried was never on the other side, and bringing things back must not delete it here, unless
# its directory is gone there, or something else has its place
uncarried() {
  walk /target '(' -type p -o -type s -o -type b -o -type c ')' \
    | (cd /source && xargs -0 -r sh -c 'for path do [ -d "${'$'}{path%/*}" ] && [ ! -e "$path" ] && [ ! -L "$path" ] && printf "%s\0" "$path"; done; true' sh) \
    | tr '\0' '\n' | records | cut -d' ' -f1
}
# visible: what lies where JuiceFS shows a file of its own would arrive, and nobody could see it
visible() {
  for name in $(internals /target); do
    case $nl$LEAVE$nl in *"$nl$name$nl"*) continue ;; esac
    if [ -e "/source/$name" ]; then die 76 "on top of every mount JuiceFS has a $name of its own, which would hide the one in this directory: it takes the mount option prefix-internal"; fi
  done
}
# plausible: an empty side that was full is a mount that is missing, or a place that was lost, sooner than people's wish
plausible() {
  visible
  whole=yes
  if [ "$DELETE" = yes ] && ! some /source && some /target; then emptied; fi
  whole=
}
emptied() { die 73 "there is nothing to copy, and all that was copied before would be deleted"; }
# arrived: whether anything did, wherever there is something
arrived() {
  whole=yes
  if some /source && ! some /target; then die 66 "nothing arrived, although there is something to copy"; fi
}
`

/**
 * rsync, from /source to /target with the arguments given. What the target has no room for (extended attributes, ACLs)
 * is left out on a second try, and counted.
 */
const RSYNCING = String.raw`${MOVING}${ATTRIBUTED}
report() {
  # while it is at one file rsync does not say how many it has done
  tail -c 40000 /scratch/out | tr '\r' '\n' | grep '%' >/scratch/progress
  say "progress $(tail -n 1 /scratch/progress) $(grep -o 'xfr#[0-9]*' /scratch/progress | tail -n 1)"
}
copied=0 bytes=0 deleted=0
# one ARGUMENT...: runs rsync, and adds what it did to the sums
one() {
  run rsync "$@"
  set -- $code $(awk -F': *' '/^Number of regular files transferred/ { files = $2 } /^Total transferred file size/ { size = $2 }
    /^Number of deleted files/ { gone = $2 } END { gsub(/[^0-9]/, "", files); gsub(/[^0-9]/, "", size); sub(/ .*/, "", gone); gsub(/,/, "", gone); print files + 0, (size == "" ? 0 : size), gone + 0 }' /scratch/out)
  code=$1 copied=$((copied + $2)) bytes=$((bytes + $3)) deleted=$((deleted + $4))
}
# stopped_by ERRNO: whether rsync says so of anything: it ends such a line with the number, where no name of a file can
# stand, and writes line ends in names as numbers
stopped_by() { grep -q "^rsync: .*: [A-Z][A-Za-z ]* ($1)\$" /scratch/err; }
# attributes_too: not from a file system that shows none at all: it need not have room for them, and those that the node has
# would be taken off
attributes_too() {
  if [ "$PASS" = back ] && [ ! "$(whole=yes; attributed /source | head -n 1)" ]; then plain_only=yes; fi
}
plain_only=
moved() {
  if [ "$plain_only" ]; then one "$@"; else one -A -X "$@"; fi
  attributes='xattr\|acl'
  if [ $code = 4 ] || { [ $code = 23 ] && grep -q "$attributes" /scratch/err && ! grep -v "$attributes\|^rsync error" /scratch/err | grep -q .; }; then
    say "attributes $(grep -c "$attributes" /scratch/err)"
    one "$@"
  fi
  if [ $code = 24 ]; then
    if [ "$PASS" = warm ]; then code=0; else one "$@"; fi
  fi
  report
  if [ $code != 0 ]; then
    ended
    if stopped_by 28; then die 77 "no space is left where it writes"; fi
    if stopped_by 122; then die 78 "the quota is used up where it writes"; fi
    exit $code
  fi
}
# keep: patterns of what cannot be carried, or is JuiceFS' own; a backslash is an escape only in one with a wildcard in it
keep() { { uncarried; internals /source; internals /target; } | sed '/[*?[]/{ s/\\0134/\\0134\\0134/g; s/[*?[]/\\0134&/g; }' | names /; }
done_with() { say "result copied=$copied bytes=$bytes deleted=$deleted" | tell; }
attributes_too
`

/** One node's directory, made equal on the target. */
export const RSYNC = `${RSYNCING}
plausible
keep >/scratch/keep
moved --from0 --exclude-from=/scratch/keep "$@" /source/ /target/
arrived
done_with
`

/** The directory of several nodes, merged on the target. */
export const RSYNC_MERGED = `${RSYNCING}${TOGETHER}${MERGING}
begin
visible
share "$CONTENT"
mark listed
if [ "$NODE" = 0 ]; then
  await listed
  merge
  list /target /scratch/target metadata || unread target
  if [ "$DELETE" = yes ] && ! grep -q '^[^ ]* [fl] ' "$SHARED/expected" && grep -q '^[^ ]* [fl] ' /scratch/target; then emptied; fi
  # what is in the way, or is nowhere any more
  { cut -d' ' -f1,2 "$SHARED/expected" | sed 's/$/ S/'; cut -d' ' -f1,2 /scratch/target | sed 's/$/ T/'; } | sort | awk -v deletes="$DELETE" '
    function flush() { if (path != "" && target != "" && (source == "" ? deletes == "yes" : source != target)) print path >("/scratch/drop." target) }
    BEGIN { printf "" >"/scratch/drop.d"; printf "" >"/scratch/drop.f"; printf "" >"/scratch/drop.l" }
    $1 != path { flush(); path = $1; source = target = "" }
    $3 == "S" { source = $2 }
    $3 == "T" { target = $2 }
    END { flush() }' || die 75 "what is in the way on the target could not be told"
  deleted=$(cat /scratch/drop.f /scratch/drop.l /scratch/drop.d | wc -l)
  cat /scratch/drop.f /scratch/drop.l | names ./ | (cd /target && xargs -0 -r rm -f --)
  sort -r /scratch/drop.d | names ./ | (cd /target && xargs -0 -r rmdir --)
  report_conflicts
  mark merged
fi
await_of merged 0
names ./ <"$SHARED/files.$NODE" >/scratch/files
moved --from0 --files-from=/scratch/files --ignore-missing-args "$@" /source/ /target/
names ./ <"$SHARED/keep.$NODE" | (cd /source && xargs -0 -r -n 2 sh -c 'cp -a -- "$1" "/target/$2"' sh) || die 69 "both versions of a file could not be kept"
mark copied
await copied
# the directories last: what is put into them must not change them any more; the one on top would bring its content
grep -vx '[.]' "$SHARED/dirs.$NODE" | names ./ >/scratch/dirs
moved -d --from0 --files-from=/scratch/dirs --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
if grep -qx '[.]' "$SHARED/dirs.$NODE"; then moved -d --exclude='/*' "$@" /source/ /target/; fi
arrived
done_with
`

/**
 * A part of one node's directory, made equal on the target. What is directly in an opened directory and nowhere in the
 * source is deleted by the first Job, which also gives those directories their owner, mode and time: last, for what is
 * put into them must not change them any more.
 */
export const RSYNC_PART = String.raw`${RSYNCING}${TOGETHER}${DEALING}
begin
delete=
if [ "$DELETE" = yes ]; then delete=--delete; fi
# opened ARGUMENT...: the opened directories themselves; the one on top would bring its content
opened() {
  grep -vx '[.]' "$SHARED/opened.source" | names ./ >/scratch/opened
  moved -d --from0 --files-from=/scratch/opened --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
  moved -d --exclude='/*' "$@" /source/ /target/
}
prepare() {
  plausible
  deal
  keep >"$SHARED/keep"
  opened "$@"
  if [ "$delete" ]; then
    sed 's/$/\//' "$SHARED/opened.source" | names ./ >/scratch/opened
    # both together: what is there is not touched, what is missing is not made, and only the deletions are left
    moved -d --delete --existing --ignore-existing --from0 --exclude-from="$SHARED/keep" --files-from=/scratch/opened --no-implied-dirs "$@" /source/ /target/
  fi
}
once prepare "$@"
take source
names ./ <"$SHARED/part.source.$NODE" >/scratch/files
moved -r $delete --from0 --exclude-from="$SHARED/keep" --files-from=/scratch/files --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
mark copied
if [ "$NODE" = 0 ]; then
  await copied
  opened "$@"
  arrived
fi
done_with
`

const SYNCING = String.raw`${MOVING}
report() { say "progress seconds $(($(date +%s) - began)) $( (wget -qO- http://127.0.0.1:9567/metrics || curl -s http://127.0.0.1:9567/metrics) 2>/scratch/metrics-error | grep '^juicefs_sync_' | sed 's/{[^}]*}//' | tr '\n' ' ')"; }
# globs: paths as patterns that match nothing else. A backslash is an escape to some versions always, and to others only
# beside a wildcard; in brackets, which are one, all agree
globs() { sed 's/[*?[]/[&]/g; s/\\0134/[\\0134\\0134]/g'; }
# as_text WORD: into $text, the line ends at its end too
as_text() { text=$(printf '%bx' "$1"); text=${'$'}{text%x}; }
# kept: patterns of what is left alone on both sides. With --links juicefs takes a FIFO for a link, and fails
kept() {
  { uncarried; walk /source '(' -type p -o -type s -o -type b -o -type c ')' | tr '\0' '\n' | records | cut -d' ' -f1; } | globs
}
# leaves_out: whether juicefs leaves out what it is told to. To 1.1 a pattern that begins with a slash is none, and what
# has to stay would be copied, or deleted
leaves_out() {
  rm -rf /scratch/leaving
  mkdir -p /scratch/leaving/from /scratch/leaving/to
  : >'/scratch/leaving/from/a=b [1]*\c'; : >/scratch/leaving/from/other
  juicefs sync --exclude '/a=b [[]1][*][\\]c' file:///scratch/leaving/from/ file:///scratch/leaving/to/ >/scratch/out 2>/scratch/err
  if [ "$(ls /scratch/leaving/to)" != other ]; then
    ended
    die 71 "this juicefs does not leave out what it is told to leave out: it takes 1.2 or later, or the mover rsync"
  fi
}
# sync ARGUMENT...: into $copied, how much it copied
sync() {
  began=$(date +%s)
  # again, for what has another kind than its copy may be in the way until that is deleted
  run juicefs sync "$@" || run juicefs sync "$@" || { code=$?; ended; exit $code; }
  summary=$(cat /scratch/out /scratch/err | tr '\r' '\n' | grep -i 'found: *[0-9]' | tail -n 1)
  say "summary $summary"
  copied=$(printf '%s' "$summary" | sed -n 's/.*copied: *\([0-9][0-9]*\).*/\1/p')
  if [ -z "$copied" ]; then ended; die 70 "juicefs sync did not say what it copied"; fi
  passes=$((passes + 1))
}
# synced ARGUMENT...: what is newer, with owners and modes; and, once nothing changes any more, what differs otherwise.
# Not both at once: with --check-all, --perms asks what a link leads to, and fails where that is nothing
synced() {
  passes=0
  case " $* " in *' --exclude '*) leaves_out ;; esac
  sync --update --perms "$@"
  if [ "$PASS" = warm ]; then return; fi
  sync --check-all "$@"
  if [ "$copied" != 0 ]; then sync --update --perms "$@"; fi
}
# alike: owner, mode and time of what both sides have. Of what is older than its copy, as directories are, juicefs looks at
# neither. (With zeros in front, a mode takes a set-group-ID away from a directory too.)
alike() {
  list /source /scratch/source metadata || unread source
  list /target /scratch/target metadata || unread target
  { sed 's/$/ S/' /scratch/source; sed 's/$/ T/' /scratch/target; } | sort | awk '
    $1 == path && $2 == type && ($3 " " $4 " " $5 != owned || (type == "f" && $6 != time)) { print path }
    { path = $1; type = $2; owned = $3 " " $4 " " $5; time = $6 }' >/scratch/unlike
  names ./ </scratch/unlike | (cd /source && xargs -0 -r sh -c '
    for path do
      set -- $(stat -c "%u:%g %a %Y" "$path")
      chown -h "$1" "/target/$path" || exit 1
      if [ ! -L "$path" ]; then chmod "00$2" "/target/$path" || exit 1; fi
      if [ -f "$path" ] && [ ! -L "$path" ]; then touch -m -d "@$3" "/target/$path" || exit 1; fi
    done' sh) || die 72 "owners, modes and times could not be set"
}
# the directory itself is no part of a sync
top() {
  set -- $(stat -c '%u:%g %a %Y' /source)
  chown "$1" /target && chmod "00$2" /target && touch -m -d "@$3" /target || die 72 "owner and mode of the directory itself could not be set"
}
`

/** juicefs sync, with the arguments given. */
export const JUICEFS = `${SYNCING}
plausible
kept >/scratch/keep
while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text" "$@"; done </scratch/keep
synced "$@"
if [ "$PASS" != warm ]; then alike; fi
top
arrived
say "result passes=$passes" | tell
`

/**
 * The same for a part of the directory. Patterns say which: the others leave out all that is not theirs, and the first
 * all that is others', so that what is new, or only on the target, is the first one's.
 */
export const JUICEFS_PART = `${SYNCING}${TOGETHER}${DEALING}
begin
prepare() {
  plausible
  deal rules
  kept >"$SHARED/keep"
}
once prepare
# the rule that is added last is asked first
if [ "$NODE" = 0 ]; then
  job=1
  while [ $job -lt $count ]; do
    globs <"$SHARED/part.source.$job" >/scratch/rules
    while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text" "$@"; done </scratch/rules
    job=$((job + 1))
  done
else
  grep -vx '[.]' "$SHARED/opened.source" | globs >/scratch/opened
  globs <"$SHARED/part.source.$NODE" | cat /scratch/opened - >/scratch/rules
  set -- --exclude '/*' "$@"
  while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text/*" "$@"; done </scratch/opened
  while IFS= read -r path; do as_text "$path"; set -- --include "/$text" "$@"; done </scratch/rules
fi
while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text" "$@"; done <"$SHARED/keep"
synced "$@"
mark copied
if [ "$NODE" = 0 ]; then
  await copied
  if [ "$PASS" != warm ]; then alike; fi
  top
  arrived
fi
say "result passes=$passes" | tell
`
