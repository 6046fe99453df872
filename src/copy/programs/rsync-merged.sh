#!/bin/sh
# The directory of several nodes, merged on the target.
. ./rsync-mover.sh
. ./barrier.sh
. ./merge.sh

begin
visible
share "$CONTENT"
mark listed
if [ "$NODE" = 0 ]; then
  await listed
  merge
  list /target /scratch/target metadata || unread target
  if [ "$DELETE" = yes ] && ! grep -q '^[^ ]* [fl] ' "$SHARED/expected" && grep -q '^[^ ]* [fl] ' /scratch/target; then emptied; fi
  # what is in the way, or is nowhere any more
  { cut -d' ' -f1,2 "$SHARED/expected" | sed 's/$/ S/'; cut -d' ' -f1,2 /scratch/target | sed 's/$/ T/'; } | sort | awk -v deletes="$DELETE" '
    function flush() { if (path != "" && target != "" && (source == "" ? deletes == "yes" : source != target)) print path >("/scratch/drop." target) }
    BEGIN { printf "" >"/scratch/drop.d"; printf "" >"/scratch/drop.f"; printf "" >"/scratch/drop.l" }
    $1 != path { flush(); path = $1; source = target = "" }
    $3 == "S" { source = $2 }
    $3 == "T" { target = $2 }
    END { flush() }' || die 75 "what is in the way on the target could not be told"
  deleted=$(cat /scratch/drop.f /scratch/drop.l /scratch/drop.d | wc -l)
  cat /scratch/drop.f /scratch/drop.l | names ./ | (cd /target && xargs -0 -r rm -f --)
  sort -r /scratch/drop.d | names ./ | (cd /target && xargs -0 -r rmdir --)
  report_conflicts
  mark merged
fi
await_of merged 0
names ./ <"$SHARED/files.$NODE" >/scratch/files
moved --from0 --files-from=/scratch/files --ignore-missing-args "$@" /source/ /target/
names ./ <"$SHARED/keep.$NODE" | (cd /source && xargs -0 -r -n 2 sh -c 'cp -a -- "$1" "/target/$2"' sh) || die 69 "both versions of a file could not be kept"
mark copied
await copied
# the directories last: what is put into them must not change them any more; the one on top would bring its content
grep -vx '[.]' "$SHARED/dirs.$NODE" | names ./ >/scratch/dirs
moved -d --from0 --files-from=/scratch/dirs --no-implied-dirs --ignore-missing-args "$@" /source/ /target/
if grep -qx '[.]' "$SHARED/dirs.$NODE"; then moved -d --exclude='/*' "$@" /source/ /target/; fi
arrived
done_with
