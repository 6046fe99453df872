import { LISTING } from './listing.ts'
import { MERGING } from './merging.ts'

/**
 * What the containers of our Jobs run: constant texts, for `sh -c`. Whatever differs comes in the environment or, for
 * a mover's command line, as arguments. /source and /target are mounted, /scratch is scratch.
 *
 * A line that begins with `juicify` is for whoever reads the log (see log.ts):
 * `juicify progress …`, `juicify result key=value …`, `juicify failed …`, and those of the single scripts.
 */

/** Reads the source and says what is in it, in whole and for each directory on top: `juicify top bytes files dirs links path`. */
export const ESTIMATE = String.raw`${LISTING}
# what comes and goes meanwhile is no reason to fail: it is an estimate
list /source /scratch/source metadata || true
awk '
  { bytes += $7; count[$2]++ }
  { slash = index($1, "/"); top = slash ? substr($1, 1, slash - 1) : ($2 == "d" ? $1 : "."); b[top] += $7; c[top, $2]++ }
  END {
    for (top in b) printf "%.0f %d %d %d %s\n", b[top], c[top, "f"], c[top, "d"], c[top, "l"], top >"/scratch/tops"
    printf "juicify result bytes=%.0f files=%d directories=%d links=%d\n", bytes, count["f"], count["d"], count["l"]
  }' /scratch/source | tell
sort -rn /scratch/tops | head -n 100 | plain | sed 's/^/juicify top /'
awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left | head -n 20 | plain
say "lefts $(wc -l </scratch/source.left | tr -d ' ')"
`

/** Says whether there is anything on the target. */
export const CHECK = String.raw`${LISTING}
first=$(walk /target | tr '\n' '?' | tr '\0' '\n' | sed -n '2{s/^\.\/\///;p;}' | plain)
if [ "$first" ]; then die 67 "the target is not empty: $first"; fi
say "result empty=yes" | tell
`

/** Compares source and target, entry by entry. With several nodes, the first compares what all of them have listed. */
export const VERIFY = String.raw`${LISTING}${MERGING}
if [ $count -gt 1 ]; then
  begin
  share "$CONTENT"
  mark listed
  if [ "$NODE" != 0 ]; then say "result listed=yes" | tell; exit 0; fi
  await listed
  merge
  report_conflicts
  expected=$SHARED/expected
else
  list /source /scratch/source "$CONTENT" &
  reading=$!
  expected=/scratch/source
fi
list /target /scratch/target "$CONTENT" || [ "$IN_USE" = yes ] || unread target
if [ $count = 1 ]; then wait $reading || [ "$IN_USE" = yes ] || unread source; fi
{ sed 's/$/ S/' "$expected"; sed 's/$/ T/' /scratch/target; } | sort | awk -v times="$TIMES" -v extra="$EXTRA" '
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
    flush()
    printf "juicify result missing=%d changed=%d extra=%d files=%d directories=%d links=%d bytes=%.0f target-files=%d target-directories=%d target-links=%d target-bytes=%.0f\n",
      missing, changed, more, n["Sf"], n["Sd"], n["Sl"], bytes["S"], n["Tf"], n["Td"], n["Tl"], bytes["T"]
  }' >/scratch/verdict
plain </scratch/verdict >/scratch/told
{ tail -n 1 /scratch/told; sed '$d' /scratch/told | head -c 3000; } | tell
awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left | head -n 20 | plain
say "lefts $(wc -l </scratch/source.left | tr -d ' ')"
if [ $count -gt 1 ]; then rm -rf /shared/*; fi
`

// What every mover's script begins with. The mover runs in the background, so that a signal reaches it at once.
const MOVING = String.raw`${LISTING}
progress() { while sleep 2 >/dev/null 2>&1; do report; done; }
run() {
  progress &
  reporter=$!
  "$@" >/scratch/out 2>/scratch/err &
  mover=$!
  trap 'kill $mover' TERM INT
  wait $mover
  code=$?
  kill $reporter
  trap - TERM INT
  return $code
}
ended() { tail -n 20 /scratch/err | cut -c 1-200 | tail -c 4000 | tell; }
# patterns: what cannot be carried was never on the other side, and bringing things back must not delete it here
patterns() {
  walk /target '(' -type p -o -type s -o -type b -o -type c ')' | (cd /target && xargs -0 -r stat -c '-,%n') | records | cut -d' ' -f1 \
    | sed '/[*?[]/{ s/\\0134/\\0134\\0134/g; s/[*?[]/\\0134&/g; }'
}
arrived() {
  if some /source && ! some /target; then die 66 "nothing arrived, although there is something to copy"; fi
}
`

/**
 * rsync, from /source to /target with the arguments given. What the target has no room for (extended attributes, ACLs)
 * is left out on a second try, and counted.
 */
const RSYNCING = String.raw`${MOVING}
report() { say "progress $(tail -c 400 /scratch/out | tr '\r' '\n' | grep 'xfr#\|%' | tail -n 1)"; }
copied=0 bytes=0 deleted=0
# one ARGUMENT...: runs rsync, and adds what it did to the sums
one() {
  run rsync "$@"
  set -- $code $(awk -F': *' '/^Number of regular files transferred/ { files = $2 } /^Total transferred file size/ { size = $2 }
    /^Number of deleted files/ { gone = $2 } END { gsub(/[^0-9]/, "", files); gsub(/[^0-9]/, "", size); sub(/ .*/, "", gone); gsub(/,/, "", gone); print files + 0, (size == "" ? 0 : size), gone + 0 }' /scratch/out)
  code=$1 copied=$((copied + $2)) bytes=$((bytes + $3)) deleted=$((deleted + $4))
}
moved() {
  one -A -X "$@"
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
    exit $code
  fi
}
done_with() { say "result copied=$copied bytes=$bytes deleted=$deleted" | tell; }
`

/** One node's directory, made equal on the target. */
export const RSYNC = String.raw`${RSYNCING}
patterns | while IFS= read -r path; do printf '/%b\0' "$path"; done >/scratch/keep
moved --from0 --exclude-from=/scratch/keep "$@" /source/ /target/
arrived
done_with
`

/** The directory of several nodes, merged on the target. */
export const RSYNC_MERGED = `${RSYNCING}${MERGING}
begin
share metadata
mark listed
if [ "$NODE" = 0 ]; then
  await listed
  merge
  list /target /scratch/target metadata || unread target
  # what is in the way, or is nowhere any more
  { cut -d' ' -f1,2 "$SHARED/expected" | sed 's/$/ S/'; cut -d' ' -f1,2 /scratch/target | sed 's/$/ T/'; } | sort | awk -v deletes="$DELETE" '
    function flush() { if (path != "" && target != "" && (source == "" ? deletes == "yes" : source != target)) print path >("/scratch/drop." target) }
    BEGIN { printf "" >"/scratch/drop.d"; printf "" >"/scratch/drop.f"; printf "" >"/scratch/drop.l" }
    $1 != path { flush(); path = $1; source = target = "" }
    $3 == "S" { source = $2 }
    $3 == "T" { target = $2 }
    END { flush() }' || die 75 "what is in the way on the target could not be told"
  deleted=$(cat /scratch/drop.f /scratch/drop.l /scratch/drop.d | wc -l)
  cat /scratch/drop.f /scratch/drop.l | names | (cd /target && xargs -0 -r rm -f --)
  sort -r /scratch/drop.d | names | (cd /target && xargs -0 -r rmdir --)
  report_conflicts
  mark merged
fi
await_of merged 0
names <"$SHARED/files.$NODE" >/scratch/files
moved --from0 --files-from=/scratch/files --ignore-missing-args "$@" /source/ /target/
names <"$SHARED/keep.$NODE" | (cd /source && xargs -0 -r -n 2 sh -c 'cp -a -- "$1" "/target/$2"' sh) || die 69 "both versions of a file could not be kept"
mark copied
await copied
# the directories last: what is put into them must not change them any more; the one on top would bring its content
grep -vx '[.]' "$SHARED/dirs.$NODE" | names >/scratch/dirs
moved -d --from0 --files-from=/scratch/dirs --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
if grep -qx '[.]' "$SHARED/dirs.$NODE"; then moved -d --exclude='/*' "$@" /source/ /target/; fi
arrived
done_with
`

/** juicefs sync, with the arguments given, until a last pass has nothing to copy any more. */
export const JUICEFS = String.raw`${MOVING}
report() { say "progress $( (wget -qO- http://127.0.0.1:9567/metrics || curl -s http://127.0.0.1:9567/metrics) 2>/scratch/metrics-error | grep '^juicefs_sync_' | sed 's/{[^}]*}//' | tr '\n' ' ')"; }
patterns >/scratch/keep
while IFS= read -r path; do set -- "--exclude=/$(printf '%b' "$path")" "$@"; done </scratch/keep
passes=0
while :; do
  run juicefs sync "$@" || { code=$?; ended; exit $code; }
  summary=$(cat /scratch/out /scratch/err | tr '\r' '\n' | grep -i 'found: *[0-9]' | tail -n 1)
  say "summary $summary"
  copied=$(printf '%s' "$summary" | sed -n 's/.*copied: *\([0-9][0-9]*\).*/\1/p')
  if [ -z "$copied" ]; then ended; die 70 "juicefs sync did not say what it copied"; fi
  passes=$((passes + 1))
  if [ "$PASS" = warm ] || [ "$copied" = 0 ]; then break; fi
  if [ $passes = 5 ]; then die 71 "juicefs sync still had something to copy in its fifth pass"; fi
done
# the directory itself is no part of a sync
set -- $(stat -c '%u:%g %a %Y' /source)
chown "$1" /target && chmod "$2" /target && touch -m -d "@$3" /target || die 72 "owner and mode of the directory itself could not be set"
arrived
say "result passes=$passes" | tell
`
