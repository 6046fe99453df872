#!/bin/sh
# Counts what was made, changed or taken away in the source after `SINCE`, in seconds by this node's clock, and names the
# first of it. Nothing is opened: a FIFO is an entry like any other. A file's ctime is what nobody can set back; a directory's
# tells what was in it and is gone. The source itself does not count: who moves its parts away, as is to be done in the end,
# changes it.
#
# `result changed entries now`: how many of how many, and what this node's clock said at the beginning; `changed path`.
# `result covered=yes`: the file system itself is mounted there now, over the directory.
. ./listing.sh

now=$(date +%s)
if [ "$(internals /source)" ]; then say "result covered=yes now=$now" | tell; exit 0; fi
walk /source 2>/scratch/source.errors | (cd /source && xargs -0 -r stat -c 'S,%Z,%n' 2>/scratch/complaints) | records \
  | awk -v since="$SINCE" -v now="$now" -v names=/scratch/changed '
    BEGIN { printf "" >names }
    $1 != "." && $3 + 0 > since + 0 && ++changed <= 20 { print $1 >names }
    END { printf "result changed=%d entries=%d now=%d\n", changed, NR, now }' >/scratch/verdict
# nothing is proved by what could not be read
went </scratch/complaints >>/scratch/source.errors
if [ -s /scratch/source.errors ] || grep -q ' entries=0 ' /scratch/verdict; then unread source; fi
{
  say "$(cat /scratch/verdict)"
  plain </scratch/changed | sed 's/^/juicify changed /'
} | awk '(size += length($0) + 1) < 4000' | tell
