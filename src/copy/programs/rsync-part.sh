#!/bin/sh
# A part of one node's directory, made equal on the target. What is directly in an opened directory and nowhere in the
# source is deleted by the first Job, which also gives those directories their owner, mode and time: last, for what is
# put into them must not change them any more.
. ./rsync-mover.sh
. ./barrier.sh
. ./split.sh

begin
delete=
if [ "$DELETE" = yes ]; then delete=--delete; fi
# opened ARGUMENT...: the opened directories themselves; the one on top would bring its content
opened() {
  grep -vx '[.]' "$SHARED/opened.source" | names ./ >/scratch/opened
  moved -d --from0 --files-from=/scratch/opened --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
  moved -d --exclude='/*' "$@" /source/ /target/
}
prepare() {
  plausible
  # shellcheck disable=SC2119 # the program's arguments are rsync's
  deal
  keep >"$SHARED/keep"
  opened "$@"
  if [ "$delete" ]; then
    sed 's/$/\//' "$SHARED/opened.source" | names ./ >/scratch/opened
    # both together: what is there is not touched, what is missing is not made, and only the deletions are left
    moved -d --delete --existing --ignore-existing --from0 --exclude-from="$SHARED/keep" --files-from=/scratch/opened --no-implied-dirs "$@" /source/ /target/
  fi
}
once prepare "$@"
take source
names ./ <"$SHARED/part.source.$NODE" >/scratch/files
moved -r $delete --from0 --exclude-from="$SHARED/keep" --files-from=/scratch/files --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
mark copied
if [ "$NODE" = 0 ]; then
  await copied
  opened "$@"
  arrived
fi
done_with
