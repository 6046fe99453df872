#!/bin/sh
# juicefs sync, with the arguments given; where it is known what was equal before, only what changed since, and without it.
. ./sync-mover.sh
. ./by-listing.sh

plausible
if [ "$STAGE" = catch-up ] && by_listing "$@"; then
  say "summary by the listing of both sides, copied: $copied"
  top
  arrived
  compare_again
  exit
fi
kept >/scratch/keep
while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text" "$@"; done </scratch/keep
synced "$@"
if [ "$STAGE" != warm ]; then alike; fi
top
arrived
say "result passes=$passes" | tell
