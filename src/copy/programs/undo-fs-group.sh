#!/bin/sh
# Takes back on the target what a kubelet has made of it for a pod's fsGroup, where nobody has changed anything besides, so that
# it is not brought to the source: the owners and modes that the source has still. Changes nothing else.
#
# `VOLUMES` (environment, one a line, relative, `.` for all of it): the directories that volumes have shown. A kubelet gives
# all of a volume, itself included, to the group; a directory is then 02770 besides what it was, a file 0660.
. ./listing.sh

# marked VOLUME: whether a kubelet has done so. Most have no such pods, and need not be listed
marked() {
  [ -d "/target/$1" ] && [ -d "/source/$1" ] || return 1
  now=$(stat -c %f "/target/$1") then=$(stat -c %f "/source/$1")
  [ $((0x$now)) = $((0x$then | 0x5f8)) ] && [ "$(stat -c '%f %g' "/target/$1")" != "$(stat -c '%f %g' "/source/$1")" ]
}
: >/scratch/marked
while IFS= read -r volume; do
  case $volume in .) path= ;; *) path=$volume ;; esac
  if marked "$volume"; then printf '%s\n' "X,$(stat -c %g "/target/$volume"),.//$path" | records >>/scratch/marked; fi
done <<END
$VOLUMES
END
if [ ! -s /scratch/marked ]; then
  say "result restored=0" | tell
  exit 0
fi
list /source /scratch/source metadata || unread source
list /target /scratch/target metadata || unread target
awk '
  function parent(path) { return path == "." ? "" : match(path, "/[^/]*$") ? substr(path, 1, RSTART - 1) : "." }
  function number(hex,  i, n) { for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return n }
  function has(mode, bit) { return int(mode / bit) % 2 }
  # the mode with those of the bits that the mask has
  function with(mode, mask,  bit) { for (bit = 1; bit <= mask; bit *= 2) if (has(mask, bit) && !has(mode, bit)) mode += bit; return mode }
  function is_given(path, group) { for (; path != ""; path = parent(path)) if ((path " " group) in given) return 1; return 0 }
  pass == 1 { given[$1 " " $3]; next }
  pass == 2 { type[$1] = $2; mode[$1] = $3; user[$1] = $4; group[$1] = $5; next }
  $2 != type[$1] || $4 != user[$1] || ($3 == mode[$1] && $5 == group[$1]) || !is_given($1, $5) { next }
  $2 == "l" { print $1, $4 ":" group[$1], "-"; next }
  number($3) == with(number(mode[$1]), $2 == "d" ? 1528 : 432) { printf "%s %s:%s %o\n", $1, $4, group[$1], number(mode[$1]) }
' pass=1 /scratch/marked pass=2 /scratch/source pass=3 /scratch/target >/scratch/given
: >/scratch/restored
while IFS=' ' read -r path owner mode; do printf './%b\0%s\0%s\0' "$path" "$owner" "$mode"; done </scratch/given | xargs -0 -r -n 300 sh -c '
  # enter DIRECTORY: goes there, where nothing on the way is a link
  enter() {
    case $1 in .) wanted=/target ;; *) wanted=/target/${1#./} ;; esac
    cd -P -- "$wanted" 2>/dev/null && [ "$(pwd -P; echo x)" = "$wanted
x" ]
  }
  restore() (
    if [ "$1" = ./. ]; then enter . && chown "$2" . && chmod "00$3" .; return; fi
    enter "${1%/*}" || return 1
    name=./${1##*/}
    chown -h "$2" "$name" || return 1
    if [ "$3" = - ]; then return 0; fi
    [ ! -L "$name" ] && chmod "00$3" "$name"
  )
  while [ $# -gt 0 ]; do
    if restore "$1" "$2" "$3" 2>/dev/null; then printf . >>/scratch/restored; fi
    shift 3
  done' sh
say "result restored=$(wc -c </scratch/restored | tr -d ' ')" | tell
