#!/bin/sh
# Compares source and target, entry by entry. `LAYOUT` (environment): where it is `merged`, the first Job compares what all of
# them have listed; `split`, each one the part that it was dealt.
. ./listing.sh
. ./attributes.sh
. ./barrier.sh
. ./compared.sh
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
list /target /scratch/target "$CONTENT" || in_use target || unread target
if [ "$LAYOUT" != merged ]; then wait "$source" || in_use source || unread source; fi
if [ "$ATTRIBUTES" = lost ]; then wait "$attributes"; fi
quiet
if [ "$LAYOUT" = split ]; then
  if [ "$NODE" = 0 ]; then wait "$counting" || exit 74; fi
  add_up
fi
compared "$expected"
# one that compares again, after a copy, goes by it as well
if [ "$VERIFIED" ] && are_equal; then rm -f /shared/verified; fi
tell_compared
if [ "$LAYOUT" = split ]; then mark told; fi
if [ "$LAYOUT" != single ] && [ "$NODE" = 0 ]; then
  if [ "$LAYOUT" = split ]; then await told; fi
  # what copies have left there goes as well, unless others may be at work
  if [ "$STAGE" = verify ]; then rm -rf /shared/*; else rm -rf "$SHARED"; fi
fi
