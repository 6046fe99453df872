#!/bin/sh
# What every mover's script begins with. The mover runs in the background, so that a signal reaches it at once.
. ./listing.sh

progress() { while sleep 2 >/dev/null 2>&1; do report; done; }
run() {
  # or a signal that comes right after the fork is lost
  trap - TERM INT
  progress &
  reporter=$!
  "$@" >/scratch/out 2>/scratch/err &
  mover=$!
  trap 'kill $mover' TERM INT
  wait $mover
  code=$?
  kill $reporter
  trap 'exit 143' TERM INT
  return $code
}
# complaints: what the mover complained of, as far as it matters
complaints() { cat /scratch/err; }
ended() { complaints | tail -n 20 | cut -c 1-200 | tail -c 4000 | sed 's/^juicify / &/' | tell; }
# uncarried: what cannot be carried was never on the other side, and bringing things back must not delete it here, unless
# its directory is gone there, or something else has its place
uncarried() {
  walk /target '(' -type p -o -type s -o -type b -o -type c ')' \
    | (cd /source && xargs -0 -r sh -c 'for path do [ -d "${path%/*}" ] && [ ! -e "$path" ] && [ ! -L "$path" ] && printf "%s\0" "$path"; done; true' sh) \
    | tr '\0' '\n' | records | cut -d' ' -f1
}
# visible: what lies where the file system shows a file of its own would arrive, and nobody could see it
visible() {
  for name in $(internals /target); do
    case $nl$EXCLUDE$nl in *"$nl$name$nl"*) continue ;; esac
    if [ -e "/source/$name" ]; then die 76 "on top of every mount the file system has a $name of its own, which would hide the one in this directory"; fi
  done
}
# plausible: an empty side that was full is a mount that is missing, or a place that was lost, sooner than people's wish
plausible() {
  visible
  whole=yes
  if [ "$DELETE" = yes ] && ! some /source && some /target; then emptied; fi
  whole=
}
emptied() { die 73 "the source is empty, so everything copied before would be deleted"; }
# arrived: whether anything did, wherever there is something
arrived() {
  whole=yes
  if some /source && ! some /target; then die 66 "nothing was copied, although there is something to copy"; fi
}
