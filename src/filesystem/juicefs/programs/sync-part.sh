#!/bin/sh
# The same for a part of the directory. Patterns say which: the others leave out all that is not theirs, and the first
# all that is others', so that what is new, or only on the target, is the first one's.
. ./sync-mover.sh
. ./barrier.sh
. ./split.sh

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
  while [ "$job" -lt "$count" ]; do
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
  if [ "$STAGE" != warm ]; then alike; fi
  top
  arrived
fi
say "result passes=$passes" | tell
