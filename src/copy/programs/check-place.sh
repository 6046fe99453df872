#!/bin/sh
# Says whether there is anything on the target, besides what it held when its digest was `DIGEST`; or, where only `SINCE` is
# given, besides what was changed since then, in seconds.
. ./listing.sh

if [ "$DIGEST" ]; then
  list /target /scratch/target metadata || unread target
  if [ "$DIGEST" = "$(cat /scratch/target.sum)" ]; then say "result empty=no" | tell; exit 0; fi
  if [ "$(cat /scratch/target /scratch/target.left | wc -l)" -gt 1 ]; then
    changed=$(sort /scratch/target.since | head -n 5 | plain | awk '{ printf "%s%s", (NR == 1 ? "" : ", "), $0 }')
    [ "$changed" ] || changed='something was deleted, or its owner or mode changed'
    die 79 "users have written to the target since the migration: $changed"
  fi
elif [ "$SINCE" ]; then
  { walk /target | (cd /target && xargs -0 -r stat -c 'S,%Z,%n'); } 2>/scratch/complaints | records >/scratch/there
  # a mover of an earlier run may take something away
  went </scratch/complaints >/scratch/target.errors
  # what cannot be looked at is nobody's copy
  if [ -s /scratch/target.errors ] || ! grep -q '^\. S ' /scratch/there; then unread target; fi
  older=$(awk -v since="$SINCE" '$1 != "." && $3 + 0 < since + 0 && ++older <= 5 { printf "%s%s", (older == 1 ? "" : ", "), $1 }' /scratch/there | plain)
  [ "$older" = "" ] || die 87 "the target holds what is older than the note that it is a copy: $older"
  if [ "$(wc -l </scratch/there)" -gt 1 ]; then say "result empty=no" | tell; exit 0; fi
else
  # what cannot be looked at is not empty: only the directory itself, and nothing to complain of, is
  walk /target 2>/scratch/target.errors | tr '\n' '?' | tr '\0' '\n' >/scratch/there
  if [ -s /scratch/target.errors ] || ! grep -qx '\.//' /scratch/there; then unread target; fi
  first=$(sed -n '2{s/^\.\/\///;p;}' /scratch/there | plain)
  [ "$(wc -l </scratch/there)" -eq 1 ] || die 67 "the target is not empty: $first"
fi
say "result empty=yes" | tell
