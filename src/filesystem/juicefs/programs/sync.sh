#!/bin/sh
# juicefs sync, with the arguments given.
. ./sync-mover.sh

plausible
kept >/scratch/keep
while IFS= read -r path; do as_text "$path"; set -- --exclude "/$text" "$@"; done </scratch/keep
synced "$@"
if [ "$STAGE" != warm ]; then alike; fi
top
arrived
say "result passes=$passes" | tell
