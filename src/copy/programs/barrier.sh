#!/bin/sh
# Shell functions for Jobs that work together: each sets marks on a place that all of them see, and waits for those of
# the others.
#
# `SHARED` (environment): that place, a directory of this run; `NODES`: the node of each Job, one a line; `NODE`: this
# Job's place among them, from 0.

count=$(printf '%s\n' "$NODES" | wc -l)

# A Job that ends before its time says so, or the others would wait for ever. It ends at once when it is told to, which
# the first process of a container does not by itself.
begin() {
  trap 'exit 143' TERM INT
  mkdir -p "$SHARED"
  rm -f "$SHARED/failed.$NODE"
  trap 'status=$?; if [ $status -ne 0 ] && [ $status -lt 128 ]; then : >"$SHARED/failed.$NODE"; fi' EXIT
}

mark() { : >"$SHARED/$1.$NODE"; }

# await MARK: until every Job has set it
await() {
  i=0
  while [ "$i" -lt "$count" ]; do
    await_of "$1" $i
    i=$((i + 1))
  done
}

# await_of MARK JOB
await_of() {
  until [ -e "$SHARED/$1.$2" ]; do
    other=0
    for name in $NODES; do
      if [ -e "$SHARED/failed.$other" ]; then die 68 "the Job on $name failed"; fi
      other=$((other + 1))
    done
    sleep 1
  done
}
