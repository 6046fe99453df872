#!/bin/sh
# Says whether there is anything on the target, besides what it held when its digest was `DIGEST`.
. ./listing.sh

if [ "$DIGEST" ]; then
  list /target /scratch/target metadata || unread target
  if [ "$DIGEST" = "$(cat /scratch/target.sum)" ]; then say "result empty=no" | tell; exit 0; fi
  if [ "$(cat /scratch/target /scratch/target.left | wc -l)" -gt 1 ]; then
    changed=$(sort /scratch/target.since | head -n 5 | plain | awk '{ printf "%s%s", (NR == 1 ? "" : ", "), $0 }')
    [ "$changed" ] || changed='something was deleted, or its owner or mode changed'
    die 79 "users have written to the target since the migration: $changed"
  fi
else
  # what cannot be looked at is not empty: only the directory itself, and nothing to complain of, is
  walk /target 2>/scratch/target.errors | tr '\n' '?' | tr '\0' '\n' >/scratch/there
  if [ -s /scratch/target.errors ] || ! grep -qx '\.//' /scratch/there; then unread target; fi
  first=$(sed -n '2{s/^\.\/\///;p;}' /scratch/there | plain)
  [ "$(wc -l </scratch/there)" -eq 1 ] || die 67 "the target is not empty: $first"
fi
say "result empty=yes" | tell
