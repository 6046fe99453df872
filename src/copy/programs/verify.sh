#!/bin/sh
# Compares source and target, entry by entry. `LAYOUT` (environment): where it is `merged`, the first Job compares what all of
# them have listed; `split`, each one the part that it was dealt.
. ./listing.sh
. ./attributes.sh
. ./barrier.sh
. ./merge.sh
. ./split.sh
. ./verified.sh

if [ "$LAYOUT" != single ]; then begin; fi
if [ "$LAYOUT" = split ]; then
  once deal both
  if [ "$NODE" = 0 ]; then
    count &
    counting=$!
  fi
  take source
  take target
fi
recall
reading /scratch/source /scratch/target
: >/scratch/attributes
if [ "$ATTRIBUTES" = lost ]; then attributed /source >/scratch/attributes & fi
attributes=$!
if [ "$LAYOUT" = merged ]; then
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
if [ "$LAYOUT" != merged ]; then wait "$source" || [ "$IN_USE" = yes ] || unread source; fi
if [ "$ATTRIBUTES" = lost ]; then wait $attributes; fi
quiet
if [ "$LAYOUT" = split ]; then
  if [ "$NODE" = 0 ]; then wait "$counting" || exit 74; fi
  add_up
fi
{ sed 's/$/ S/' "$expected"; sed 's/$/ T/' /scratch/target; } | sort | awk -v times="$TIMES" -v extra="$EXTRA" -v stage="$STAGE" -v left="$(cat /scratch/source.left /scratch/attributes | wc -l)" -v holds="$(cat /scratch/target.sum)" -v newest="$(cat /scratch/target.newest)" -v lines="$(cat "$expected" /scratch/target | wc -l)" '
  BEGIN { missing = changed = more = 0 }
  function fields() { return $2 " " $3 " " $4 " " $5 " " ($2 == "f" || ($2 == "d" && times == "all") ? $6 : "-") " " $7 " " $8 }
  # what a place that people write to lacks or has older, and nothing else
  function is_behind(  a, b) {
    if (source == "") return 0
    if (target == "") return 1
    split(source, a, " ")
    split(target, b, " ")
    if (a[1] != b[1]) return 1
    return a[1] == "f" ? a[5] + 0 > b[5] + 0 : a[1] == "l" && a[7] != b[7]
  }
  function flush() {
    if (path == "" || source == target || (stage == "join" && !is_behind())) return
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
# one that compares again, after a copy, goes by it as well
if [ "$VERIFIED" ] && ! grep -q '^juicify differs' /scratch/verdict; then rm -f /shared/verified; fi
plain </scratch/verdict >/scratch/told
{ awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left; sed 's/^/juicify left attributes /' /scratch/attributes; } | head -n 20 | plain
{ tail -n 1 /scratch/told; sed '$d' /scratch/told | head -c 3000; } | tell
if [ "$LAYOUT" = split ]; then mark told; fi
if [ "$LAYOUT" != single ] && [ "$NODE" = 0 ]; then
  if [ "$LAYOUT" = split ]; then await told; fi
  # what copies have left there goes as well, unless others may be at work
  if [ "$STAGE" = verify ]; then rm -rf /shared/*; else rm -rf "$SHARED"; fi
fi
