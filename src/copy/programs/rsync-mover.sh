#!/bin/sh
# rsync, from /source to /target with the arguments given. What the target has no room for (extended attributes, ACLs)
# is left out on a second try, and counted.
. ./mover.sh
. ./attributes.sh

report() {
  # while it is at one file rsync does not say how many it has done
  tail -c 40000 /scratch/out | tr '\r' '\n' | grep '%' >/scratch/progress
  say "progress $(tail -n 1 /scratch/progress) $(grep -o 'xfr#[0-9]*' /scratch/progress | tail -n 1)"
}
copied=0 bytes=0 deleted=0
# one ARGUMENT...: runs rsync, and adds what it did to the sums
one() {
  run rsync "$@"
  # shellcheck disable=SC2046 # three numbers
  set -- "$code" $(awk -F': *' '/^Number of regular files transferred/ { files = $2 } /^Total transferred file size/ { size = $2 }
    /^Number of deleted files/ { gone = $2 } END { gsub(/[^0-9]/, "", files); gsub(/[^0-9]/, "", size); sub(/ .*/, "", gone); gsub(/,/, "", gone); print files + 0, (size == "" ? 0 : size), gone + 0 }' /scratch/out)
  code=$1 copied=$((copied + $2)) bytes=$((bytes + $3)) deleted=$((deleted + $4))
}
# stopped_by ERRNO: whether rsync says so of anything: it ends such a line with the number, where no name of a file can
# stand, and writes line ends in names as numbers
stopped_by() { grep -q "^rsync: .*: [A-Z][A-Za-z ]* ($1)\$" /scratch/err; }
# attributes_too: not from a file system that shows none at all: it need not have room for them, and those that the node has
# would be taken off
attributes_too() {
  if [ "$STAGE" = back ] && [ ! "$(whole=yes; attributed /source | head -n 1)" ]; then plain_only=yes; fi
}
plain_only=
moved() {
  if [ "$plain_only" ]; then one "$@"; else one -A -X "$@"; fi
  attributes='xattr\|acl'
  if [ "$code" = 4 ] || { [ "$code" = 23 ] && grep -q "$attributes" /scratch/err && ! grep -v "$attributes\|^rsync error" /scratch/err | grep -q .; }; then
    say "attributes $(grep -c "$attributes" /scratch/err)"
    one "$@"
  fi
  if [ "$code" = 24 ]; then
    if [ "$STAGE" = warm ]; then code=0; else one "$@"; fi
  fi
  report
  if [ "$code" != 0 ]; then
    ended
    if stopped_by 28; then die 77 "no space left on the target"; fi
    if stopped_by 122; then die 78 "disk quota exceeded on the target"; fi
    exit "$code"
  fi
}
# keep: patterns of what cannot be carried, or is the file system's own; a backslash is an escape only in one with a wildcard in it
keep() { { uncarried; internals /source; internals /target; } | sed '/[*?[]/{ s/\\0134/\\0134\\0134/g; s/[*?[]/\\0134&/g; }' | names /; }
done_with() { say "result copied=$copied bytes=$bytes deleted=$deleted" | tell; }
attributes_too
