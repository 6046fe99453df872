#!/bin/sh
# Shell functions that compare two listings, entry by entry, and tell what came of it.

# compared EXPECTED: that listing with the target's; into /scratch/verdict the result, and what differs before it
compared() {
  { sed 's/$/ S/' "$1"; sed 's/$/ T/' /scratch/target; } | sort | awk -v times="$TIMES" -v extra="$EXTRA" -v stage="$STAGE" -v left="$(cat /scratch/source.left /scratch/attributes | wc -l)" -v holds="$(cat /scratch/target.sum)" -v newest="$(cat /scratch/target.newest)" -v lines="$(cat "$1" /scratch/target | wc -l)" '
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
}

# are_equal: whether nothing was told to differ
are_equal() { ! grep -q '^juicify differs' /scratch/verdict; }

# tell_compared: that, and what cannot be carried
tell_compared() {
  plain </scratch/verdict >/scratch/told
  { awk '{ print "juicify left " $2 " " $1 }' /scratch/source.left; sed 's/^/juicify left attributes /' /scratch/attributes; } | head -n 20 | plain
  { tail -n 1 /scratch/told; sed '$d' /scratch/told | head -c 3000; } | tell
}
