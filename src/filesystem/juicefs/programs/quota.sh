#!/bin/sh
# Quotas of directories of a JuiceFS, at its metadata engine `META` (environment). `DO`: `look` whether each has one; `set` one
# where there is none; `remove` it where it is still the one that was set. `QUOTAS`: a directory a line, relative, after how many
# GiB it is to get, or, to remove it, what juicefs showed of it.
#
# A line of what is told: `quota PLACE STATE SIZE USED`, place by place in the order of the lines, sizes as juicefs shows them, with
# `_` for a space, or `-`. States: `none`, `there` (somebody else's), `set`, `full` (it holds that much already, and got none),
# `missing` (no such directory), `removed`, `changed` (not the one that was set).

say() { printf 'juicify %s\n' "$*"; }
tell() { tee /dev/termination-log; }
# heard COUNT: the last lines that juicefs said, without what may be a password in an address: pods' logs have other readers
heard() { tail -n "$1" /scratch/err | sed -e 's|://[^ ]*@|://***@|g' -e 's/\([Pp]assw[a-z]*\)=[^& ]*/\1=***/g' | cut -c 1-300; }
# ask VERB FLAG...: of the directory in $path; into $size and $used what juicefs shows, or $none why it shows nothing
ask() {
  verb=$1
  shift
  size=- used=- percent=- none=
  if juicefs quota "$verb" "$META" --path "/$path" "$@" </dev/null >/scratch/out 2>/scratch/err; then
    # | Path | Size | Used | Use% | Inodes | IUsed | IUse% |
    row=$(grep '^|' /scratch/out | tail -n 1 | awk -F '|' '{ for (i = 3; i <= 5; i++) { gsub(/^ +| +$/, "", $i); gsub(/ /, "_", $i); gsub(/%/, "", $i) } print $3, $4, $5 }')
    if [ "$row" ]; then size=${row%% *} percent=${row##* } used=${row#* } used=${used% *}; fi
    return 0
  fi
  # what it says of a directory, whose path is the operator's, at the end of its last line
  case $(tail -n 1 /scratch/err) in
    *': no quota for inode '*) none=none ;;
    *': resolve dir /'*': no such file or directory'*) none=missing ;;
    *)
      heard 5
      say "failed juicefs quota $verb did not work: $(heard 1)" | tell
      exit 86
      ;;
  esac
  return 1
}
look() { if ask get; then state=there; else state=$none; fi; }
set_one() {
  look
  [ "$state" = none ] || return 0
  ask set --capacity "$1"
  ask get || :
  state='set'
  case $percent in
    '' | *[!0-9]*) ;;
    *)
      if [ "$percent" -ge 100 ]; then
        held=$used
        ask delete
        state=full size=- used=$held
      fi
      ;;
  esac
}
remove_one() {
  look
  [ "$state" = there ] || return 0
  if [ "$size" != "$1" ]; then state=changed; return 0; fi
  ask delete
  state=removed
}

place=0
: >/scratch/told
while IFS=' ' read -r what path; do
  case $DO in
    look) look ;;
    set) set_one "$what" ;;
    remove) remove_one "$what" ;;
  esac
  say "quota $place $state $size $used" | tee -a /scratch/told
  place=$((place + 1))
done <<END
$QUOTAS
END
head -c 3500 /scratch/told >/dev/termination-log
say "result places=$place" >>/dev/termination-log
say "result places=$place"
