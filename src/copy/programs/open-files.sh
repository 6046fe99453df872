#!/bin/sh
# Names the processes of this node that have something of the source open: a file, a directory that they are in, a root, a
# program or a mapping. It sees all processes (hostPID), each in a mount namespace of its own, in which the source may have any
# name or none: so what they have open is told by device and inode. What is open and has no name any more, because somebody
# deleted it, is told by where it was on the source's own file system.
#
# `result processes`: how many; `open PID POD COMMAND HOW PATH`, one for each process: the uid of its pod, or -, and the first
# that it has open.
. ./listing.sh

# processes: "device inode pid how" of all that they have open. A process may end meanwhile, and its links with it.
processes() {
  # shellcheck disable=SC2016 # awk's
  printf '%s\0' /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd/* \
    | xargs -0 stat -L -c '%d %i %h %n' 2>/dev/null >/scratch/links
  awk '{ split($4, at, "/"); print $1, $2, at[3], at[4] }' /scratch/links
  # numbers of devices as the kernel writes them here are hex, and as stat tells them one number
  printf '%s\0' /proc/[0-9]*/maps | xargs -0 grep -s -H '' 2>/dev/null | awk '
    function hex(text,  i, n) {
      n = 0
      for (i = 1; i <= length(text); i++) n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
      return n
    }
    $5 > 0 && split($4, device, ":") == 2 {
      split($1, at, "/")
      major = hex(device[1])
      minor = hex(device[2])
      low = minor % 256
      print low + major % 4096 * 256 + (minor - low) * 4096, $5, at[3], "map"
    }'
}

# mounted PID ID|PATH: "major:minor root point" of a mount as that process sees it: the one with that number, or the last of
# those that a path is below
mounted() {
  awk -v wanted="$2" '
    function holds(point) { return point == "/" || wanted == point || substr(wanted, 1, length(point) + 1) == point "/" }
    wanted ~ /^\// ? holds($5) && length($5) >= length(point) : $1 == wanted { found = $3 " " $4 " " $5; point = $5 }
    END { if (found) print found }' "/proc/$1/mountinfo" 2>/dev/null
}

# named TEXT: a name as the kernel writes it there, white space as \ooo
named() { printf %b "$(printf %s "$1" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"; }

# placed MOUNT PATH: that path on the mount's own file system, as "major:minor path"
placed() {
  # shellcheck disable=SC2086 # three words, none of which has white space
  set -- "$2" $1
  [ $# -eq 4 ] || return 1
  root=$(named "$3")
  point=$(named "$4")
  echo "$2 ${root%/}${1#"${point%/}"}"
}

# left_out PATH: whether it is below what has not moved
left_out() {
  set -f
  IFS=$nl
  for pattern in $EXCLUDE; do
    # shellcheck disable=SC2254 # a pattern
    case $1 in $pattern | $pattern/*) unset IFS; set +f; return 0 ;; esac
  done
  unset IFS
  set +f
  return 1
}

# deleted: "path pid how" of what is open, was below the source, and has no name any more
deleted() {
  here=$(placed "$(mounted self "$source")" "$source")
  awk -v device="$device" '$1 == device && $3 == 0 && split($4, at, "/") == 5 { print at[3], at[5] }' /scratch/links \
    | while read -r pid number; do
      path=$(readlink "/proc/$pid/fd/$number") || continue
      id=$(sed -n 's/^mnt_id:[[:space:]]*//p' "/proc/$pid/fdinfo/$number" 2>/dev/null)
      was=$(placed "$(mounted "$pid" "$id")" "${path% (deleted)}") || continue
      case $was in "$here"/*) ;; *) continue ;; esac
      was=${was#"$here"/}
      if ! left_out "$was"; then printf 'D,%s,%s,.//%s\n' "$pid" fd "$was"; fi
    done | records | awk '{ print $1, $3, $4 }'
}

source=$(cd -P /source && pwd -P) || unread source
device=$(stat -c %d "$source")
processes | sort -u >/scratch/open
deleted >/scratch/found
walk /source 2>/scratch/source.errors | (cd /source && xargs -0 -r stat -c 'S,%d,%i,%n' 2>/dev/null) | records | awk '
  pass == 1 { held[$1 " " $2] = held[$1 " " $2] $3 " " $4 "\n"; next }
  ($3 " " $4) in held {
    count = split(held[$3 " " $4], who, "\n")
    for (i = 1; i < count; i++) print $1, who[i]
  }' pass=1 /scratch/open pass=2 - >>/scratch/found
# somebody who has something open there is named, whatever else could not be read
if [ -s /scratch/source.errors ] && [ ! -s /scratch/found ]; then unread source; fi
# the first for each process
sort -k 2,2n -k 1,1 /scratch/found | awk '$2 != pid { print; pid = $2 }' >/scratch/users
{
  say "result processes=$(wc -l </scratch/users | tr -d ' ')"
  head -n 20 /scratch/users | while read -r path pid how; do
    pod=$(sed -n 's/.*pod\([0-9a-f][0-9a-f_-]\{31,35\}\).*/\1/p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1 | tr _ -)
    command=$(head -n 1 "/proc/$pid/comm" 2>/dev/null | tr ' \t' '??')
    say "open $pid ${pod:--} ${command:--} $how $path"
  done | plain
} | awk '(size += length($0) + 1) < 4000' | tell
