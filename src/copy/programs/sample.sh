#!/bin/sh
# Copies some files of the source to a place of its own at the root of the file system, and says how long it took: at
# most 200 files, 4 MiB of each, for 20 seconds. Every `EVERY`th file is taken, so that all of the directory is tried.
# The place is taken away again; so are those of samples that were killed.
#
# `result files bytes ms listed list-ms`: what was copied in that time, and how many of the copies were looked at in the other.
. ./listing.sh
# now: milliseconds, in $now; no process is started for it
now() { read -r now _ </proc/uptime; now=${now%.*}${now#*.}0; }

# there PLACE: whether this is that very directory, and no link to it was followed
there() { [ "$(pwd -P)" = "$1" ]; }
# clear PLACE: takes away what a sample has made, and nothing else
clear() {
  (cd -P "$1" && there "$1" && find . -maxdepth 1 -type f '(' -name '[0-9]' -o -name '[0-9][0-9]' -o -name '[0-9][0-9][0-9]' ')' -exec rm -f {} +) 2>/dev/null
  rmdir "$1" 2>/dev/null
}
leave() { cd /; clear "$place"; }

root=$(cd -P /target && pwd -P) || die 85 "the file system is not mounted"
for old in "$root/$PREFIX"*; do clear "$old"; done
place=$root/$PREFIX$(hostname)-$$
trap 'leave; exit 143' TERM INT
if ! mkdir -m 700 "$place" || ! cd -P "$place" || ! there "$place"; then die 85 "the place of the sample could not be made"; fi

walk /source -type f ! -path "*$nl*" | tr '\0' '\n' | awk -v every="$EVERY" 'NR % every == 0' | head -n 200 >/scratch/chosen
# what somebody puts in the place of a file between the look at it and its opening, a FIFO say, would be waited for until a writer
# comes: the tool for that is there, or the Job's own deadline has to do
limit=
if timeout 20 true 2>/dev/null; then limit='timeout 20'; fi
# piece FILE NUMBER: never into what is there already, nor through a link: people may be at the root of the file system too
# shellcheck disable=SC2086 # two words, or none
piece() { (set -C; exec $limit head -c 4194304 "$1" >"$2") 2>/dev/null; }
# what the processes of this program take is none of the file system's time
now; began=$now
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do piece /dev/null /dev/null; done
now; starting=$((now - began))

now; began=$now
files=0 number=0
while IFS= read -r path; do
  number=$((number + 1))
  file=/source/$path
  # of those that were files when they were listed, only what still is one is opened at all
  if [ -f "$file" ] && [ ! -L "$file" ] && piece "$file" $number; then files=$((files + 1)); fi
  now
  [ $((now - began)) -lt 20000 ] || break
done </scratch/chosen
copied=$now
[ "$files" -gt 0 ] || { leave; die 85 "not one file could be copied"; }
find . -type f -exec stat -c %s {} + >/scratch/sizes
now; looked=$now
leave
ms=$((copied - began - starting * files / 20))
[ "$ms" -gt 0 ] || ms=1
say "result $(awk '{ bytes += $1 } END { printf "bytes=%.0f listed=%d", bytes, NR }' /scratch/sizes) files=$files ms=$ms list-ms=$((looked - copied))" | tell
