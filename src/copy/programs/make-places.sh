#!/bin/sh
# Makes the directories `PLACES` (environment, one a line, relative) below the target where they are missing: with the owner and
# the mode of one that a kubelet makes for a host path.
. ./listing.sh

made=0
failed() { die 80 "$(printf '%s\n' "$place" | plain): $1"; }
# make PLACE: goes down to it part by part, and follows no link: what lies behind one is no place
make() {
  place=$1
  cd -P /target || failed 'the root of the file system cannot be entered'
  at=$(pwd -P)
  set -f
  IFS=/
  # shellcheck disable=SC2086 # a word for each part
  set -- $place
  unset IFS
  set +f
  for part do
    if [ -L "$part" ]; then failed 'a link is on the way'; fi
    if [ ! -e "$part" ]; then
      mkdir -m 755 -- "$part" || failed 'it cannot be made'
      made=$((made + 1))
    fi
    cd -P "./$part" 2>/dev/null || failed 'on the way is something that is no directory, or cannot be entered'
    # somebody may have put a link in its place since
    at=$at/$part
    [ "$(pwd -P)" = "$at" ] || failed 'a link is on the way'
  done
}
while IFS= read -r directory; do
  make "$directory"
done <<END
$PLACES
END
say "result made=$made" | tell
