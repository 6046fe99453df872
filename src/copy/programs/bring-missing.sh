#!/bin/sh
# Brings to the target what it lacks and the source has, and changes nothing that is there, while people write to it: every
# name is made as a new one, which fails where somebody has made it meanwhile; in a directory that was entered and found to be
# where it should be, so that a link that somebody puts in its place leads nowhere; and owner, mode and time are set on what was
# opened, and not on what has its name by then. A link, which cannot be opened, stays whoever made it here; a directory that is
# not empty, or not of our making, is somebody's who has put it there.
. ./listing.sh

list /source /scratch/source metadata || in_use source || unread source
list /target /scratch/target metadata || in_use target || unread target
# a directory comes before what is in it; below what is none on the target nothing can be brought
: >/scratch/refused
awk -v refused=/scratch/refused '
  function parent(path) { return path == "." ? "" : match(path, "/[^/]*$") ? substr(path, 1, RSTART - 1) : "." }
  pass == 1 { type[$1] = $2; next }
  $1 in type { next }
  type[parent($1)] == "d" { type[$1] = $2; print $1; next }
  { print $1 >refused }
' pass=1 /scratch/target pass=2 /scratch/source >/scratch/missing
: >/scratch/brought
: >/scratch/left
names ./ </scratch/missing | xargs -0 -r sh -c '
  umask 077
  set -C
  # enter ROOT DIRECTORY: goes there, where nothing on the way is a link
  enter() {
    case $2 in .) wanted=$1 ;; *) wanted=$1/${2#./} ;; esac
    cd -P -- "$wanted" 2>/dev/null && [ "$(pwd -P; echo x)" = "$wanted
x" ]
  }
  bring() (
    name=./${1##*/}
    parent=${1%/*}
    enter /source "$parent" || return 1
    about=$(stat -c "%u:%g %a %Y" "$name") || return 1
    set -- $about
    if [ -L "$name" ]; then
      link=$(readlink -n "$name"; echo x)
      enter /target "$parent" && ln -s -n -- "${link%x}" "$name"
    elif [ -d "$name" ]; then
      enter /target "$parent" && mkdir "$name" && enter /target "$parent/${name#./}" && [ -O . ] &&
        [ -z "$(find . -mindepth 1 -maxdepth 1)" ] && chown "$1" . && chmod "00$2" .
    elif [ -f "$name" ]; then
      enter /target "$parent" || return 1
      new=./.juicify-$(cat /proc/sys/kernel/random/uuid)
      exec 3>"$new" || return 1
      enter /source "$parent" && cat "$name" >&3 && chown "$1" /proc/self/fd/3 && chmod "00$2" /proc/self/fd/3 &&
        touch -m -d "@$3" /proc/self/fd/3 && enter /target "$parent" && [ ! -e "$name" ] && [ ! -L "$name" ] && ln -n "$new" "$name"
      done=$?
      enter /target "$parent" && rm -f "$new"
      return $done
    else
      return 1
    fi
  )
  for path do
    if bring "$path" 2>/dev/null; then printf . >>/scratch/brought; else printf "%s\0" "${path#./}" >>/scratch/left; fi
  done' sh
say "result brought=$(wc -c </scratch/brought | tr -d ' ') left=$(($(tr -cd '\0' </scratch/left | wc -c) + $(wc -l </scratch/refused)))" | tell
