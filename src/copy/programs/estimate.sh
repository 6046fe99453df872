#!/bin/sh
# Reads the source and says what is in it, in whole and for each directory on top: `juicify top bytes files dirs links path`.
# Of the whole file system in /target it says what is at `PLACE` (absent, empty, taken, or `same` where its digest is
# `DIGEST`), and how much is free there; `juicify place path` names some of it, or of what was changed after `SINCE`.
#
# `space` is in bytes what the file system charges: every entry in whole blocks of `BLOCK` bytes, one at least.
. ./listing.sh
. ./attributes.sh

# totals LISTING: its sums as key=value
totals() {
  cat "$1" | awk -v block="$BLOCK" '
    { bytes += $7; count[$2]++; space += $7 + 0 > block + 0 ? int(($7 + block - 1) / block) * block : block }
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
