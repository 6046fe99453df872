#!/bin/sh
# What a probe's pod runs, in any POSIX shell. The first pod writes a word when all are there, the others answer it when
# they see it, each with a word of its own; so every node has written, and every node has read. The time is that of one
# clock only, the first node's, from its word until the answer; in hundredths of a second, as /proc/uptime has it.
# What it tells goes into its pod's status too, which outlives its log.
# The volume holds people's data, and its own directory has a time that was carried along: the first pod, before which
# none writes, gives it back.

place=/probe/.juicify-probe-$RUN
now() { read -r up rest </proc/uptime; echo "${up%.*}${up#*.}"; }
nap() { sleep 0.02 2>/dev/null || sleep 1; }
tell() { echo "juicify $*"; echo "juicify $*" >>/dev/termination-log; }
fail() { status=$1; shift; tell "failed $*"; exit "$status"; }
trap 'exit 143' TERM INT
put() { { printf %s "$2" >"$place/$1.tmp" && mv "$place/$1.tmp" "$place/$1"; } 2>/dev/null || fail 81 "it cannot write"; }
await() {
  until [ "$(cat "$place/$1" 2>/dev/null)" = "$2" ]; do
    [ "$(now)" -lt "$deadline" ] || fail 82 "it did not see within $SECONDS_TO_WAIT s $3"
    nap
  done
}
deadline=$(( $(now) + SECONDS_TO_WAIT * 100 ))
# named: what the file system is called, as one of its own files says it
named() { for file in $NAME_FILES; do sed -n 's/.*"Name": *"\([^"]*\)".*/\1/p' "/probe/$file" 2>/dev/null; done | head -n 1; }
if [ "$INDEX" = 0 ]; then
  name=$(named)
  if [ "$name" ]; then tell "named $name"; fi
  # a file system need not refuse a few bytes where it is full: it counts what there is from time to time
  tell "room $(stat -f -c '%a %c %d' /probe/)"
  if ! find /probe -mindepth 1 -maxdepth 1 | sed 's|.*/||' | grep -qvxF "$OWN_FILES"; then tell empty; fi
  touch -r /probe/ /scratch/time
  trap 'rm -rf "$place"; touch -m -r /scratch/time /probe/' EXIT
  for run in $LEFT; do rm -rf "/probe/.juicify-probe-$run"; done
else
  until [ -d "$place" ] || [ "$(now)" -ge "$deadline" ]; do nap; done
fi
mkdir -p "$place" 2>/dev/null || fail 81 "it cannot write"
if [ "$INDEX" = 0 ]; then
  i=1; while [ $i -lt "$COUNT" ]; do await "ready-$i" "$RUN" "that the pod of the other node ($i) is there"; i=$((i + 1)); done
  began=$(now)
  put word "$RUN"
  i=1; while [ $i -lt "$COUNT" ]; do
    await "answer-$i" "$RUN-$i" "the answer of the other node ($i)"
    tell "answered $i $(( ($(now) - began) * 10 ))"
    i=$((i + 1))
  done
else
  put "ready-$INDEX" "$RUN"
  await word "$RUN" "what the first node wrote"
  put "answer-$INDEX" "$RUN-$INDEX"
fi
