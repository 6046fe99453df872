#!/bin/sh
# The function `by_listing`: when everything has stopped, brings what changed since both sides were compared ahead of time (see
# verified.sh) without looking into anything else. Both sides are listed once. What differs, or was touched since on either
# side, is copied anew or taken away, entry by entry, in directories that were entered and found to be where they should be, so
# that a link that somebody puts in the place of one leads nowhere.
#
# What was brought is listed again then, on both sides and with its content, and takes its place in the two listings, which are
# compared in whole as verify.sh does it: no mover was here that could be believed or not.
#
# It is for the few entries of an evening: where there is more, or anything is not as expected, it returns 1, and what the mover
# does then begins from whatever is there. It keeps what `cp -p` keeps, and no times of directories; hard links become copies.
. ./attributes.sh
. ./compared.sh
. ./verified.sh

# as many entries as this, or a tenth of all files; as many bytes, or a tenth of all; and no more where bandwidth is limited
MANY=2000
MUCH=1073741824
GENTLE=67108864
# those that are copied at the same time: each waits for the store most of the time
HANDS=8

# by_listing ARGUMENT...: with the mover's arguments; sets $copied
by_listing() {
  recall
  if [ ! -s /scratch/verified.source ]; then return 1; fi
  limited=
  case " $* " in *' --bwlimit'*) limited=yes ;; esac
  # or a signal to what reports the progress, right after its fork, is lost
  trap - TERM INT
  : >/scratch/attributes
  if [ "$ATTRIBUTES" = lost ]; then attributed /source >/scratch/attributes & fi
  attributes=$!
  tell_apart && apply && return
  if [ "$ATTRIBUTES" = lost ]; then kill $attributes; fi
  echo "the whole directory is gone through: $why" >&2
  return 1
}

# compare_again: what the two sides have come to
compare_again() {
  if [ "$ATTRIBUTES" = lost ]; then wait "$attributes"; fi
  equal=yes
  # only the directory itself may have got another owner or mode where nothing was to be done
  if [ "$todo" != 0 ] || ! compare_listed; then
    if ! list_brought || ! compare_listed; then
      # or it would be a part again that is listed, and taken for the whole
      rm -f /scratch/opened.* /scratch/part.*
      reading /scratch/source /scratch/target
      list /source /scratch/source content &
      source=$!
      list /target /scratch/target content || unread target
      wait $source || unread source
      quiet
      compare_listed || equal=
    fi
  fi
  if [ "$equal" ]; then rm -f /shared/verified; fi
  tell_compared
}

compare_listed() {
  compared /scratch/source
  are_equal
}

# list_brought: puts what was done into the two listings, as it is seen now; returns 1 where it is not what was to be done
list_brought() {
  # with the directories that hold it, whose times have changed, up to the whole
  awk '
    { path = $1; while (!(path in seen)) { seen[path]; print path; path = path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "." } }
    END { if (!("." in seen)) print "." }' /scratch/by.remove /scratch/by.rmdir /scratch/by.mkdir /scratch/by.copy /scratch/by.owned >/scratch/by.touched || return 1
  awk 'NR == FNR { touched[$1]; next } $1 in touched { print $1 " " $2 }' /scratch/by.touched /scratch/source >/scratch/by.there || return 1
  awk 'NR == FNR { there[$1]; next } !($1 in there) { print $1 }' /scratch/by.there /scratch/by.touched >/scratch/by.gone || return 1
  # shellcheck disable=SC2016 # for the inner shell
  (cd /target && names .// </scratch/by.gone | xargs -0 -r sh -c 'for path do if [ -e "$path" ] || [ -L "$path" ]; then exit 1; fi; done' sh) || return 1
  for side in source target; do
    cut -d' ' -f1 /scratch/by.there | names .// >"/scratch/opened.$side"
    : >"/scratch/part.$side"
    awk 'NR == FNR { touched[$1]; next } $1 in touched' /scratch/by.touched "/scratch/verified.$side" >"/scratch/by.known" || return 1
    mv /scratch/by.known "/scratch/verified.$side"
  done
  whole=
  relisted=0
  list /source /scratch/again.source content &
  source=$!
  list /target /scratch/again.target content || relisted=1
  wait $source || relisted=1
  rm -f /scratch/opened.* /scratch/part.*
  if [ "$relisted" != 0 ] || [ -s /scratch/again.target.left ]; then return 1; fi
  # a directory in the place of something else may hold what nobody has listed
  cut -d' ' -f1,2 /scratch/again.source | cmp -s - /scratch/by.there || return 1
  for listing in source target source.held target.held; do
    with_brought "$listing" || return 1
  done
  sha256sum </scratch/target.held | cut -c -64 >/scratch/target.sum
  sort -n /scratch/target.newest /scratch/again.target.newest | tail -n 1 >/scratch/by.newest
  mv /scratch/by.newest /scratch/target.newest
}

# with_brought LISTING: that one, with the lines of what was touched as they are now
with_brought() {
  awk 'NR == FNR { touched[$1]; next } !($1 in touched)' /scratch/by.touched "/scratch/$1" >/scratch/by.others || return 1
  sort -m /scratch/by.others "/scratch/again.$1" >/scratch/by.whole || return 1
  mv /scratch/by.whole "/scratch/$1"
}

# tell_apart: what is to be done, as paths one a line: remove, rmdir, mkdir, copy; and owned, with owner and mode
tell_apart() {
  why='a listing is not whole'
  reading /scratch/source /scratch/target
  held=yes
  list /source /scratch/source metadata &
  source=$!
  list /target /scratch/target metadata
  listed=$?
  held=
  wait $source || listed=1
  quiet
  if [ "$listed" != 0 ]; then return 1; fi
  why='on the target is what no copy has brought'
  if [ -s /scratch/target.left ]; then return 1; fi
  why='the listings could not be compared'
  for verb in remove rmdir mkdir copy owned; do : >"/scratch/by.$verb"; done
  cat /scratch/source.plain /scratch/source.odd /scratch/target.plain /scratch/target.odd >/scratch/touched
  { sed 's/$/ S/' /scratch/source; sed 's/$/ T/' /scratch/target; sed 's/$/ - - - - - - - U/' /scratch/touched; } | sort | awk -v deletes="$DELETE" -v lines="$(cat /scratch/source /scratch/target /scratch/touched | wc -l)" '
    function octal(hex,  i, n) { for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return sprintf("%o", n) }
    # words of a line: type mode uid gid mtime size value
    function note(verb) { print path >("/scratch/by." verb); todo++ }
    function own() { print path, s[3] ":" s[4], s[1] == "l" ? "-" : octal(s[2]) >"/scratch/by.owned"; todo++ }
    function bring() { if (s[1] == "d") { note("mkdir"); own() } else { note("copy"); bytes += s[6] } }
    function flush() {
      if (path == "" || path == ".") return
      if (source == "") { if (target != "" && deletes == "yes") note(t[1] == "d" ? "rmdir" : "remove"); return }
      if (s[1] == "f") { files++; all += s[6] }
      if (target == "") { bring(); return }
      if (s[1] != t[1]) { note(t[1] == "d" ? "rmdir" : "remove"); bring(); return }
      if (s[1] == "l" && s[7] != t[7]) { bring(); return }
      if (s[1] == "f" && (touched || s[5] != t[5] || s[6] != t[6])) { bring(); return }
      if (s[2] " " s[3] " " s[4] != t[2] " " t[3] " " t[4]) own()
    }
    $1 != path { flush(); path = $1; source = target = touched = "" }
    { rest = substr($0, length($1) + 2) }
    $9 == "S" { source = rest; split(rest, s, " ") }
    $9 == "T" { target = rest; split(rest, t, " ") }
    $9 == "U" { touched = 1 }
    END {
      # a sort that was killed must not leave anything out
      if (NR != lines) exit 1
      flush()
      printf "%d %d %.0f %.0f\n", todo, files, bytes, all
    }' >/scratch/by.sum && read -r todo files bytes all </scratch/by.sum || return 1
  why="$todo entries and $bytes bytes are to be brought"
  [ "$todo" -le "$MANY" ] || [ "$todo" -le $((files / 10)) ] || return 1
  if [ "$limited" ]; then [ "$bytes" -le "$GENTLE" ]; else [ "$bytes" -le "$MUCH" ] || [ "$bytes" -le $((all / 10)) ]; fi
}

# apply: what is in the way goes first, and what a directory holds before it; owners and modes are set at last
apply() {
  why='some of it could not be brought'
  names ./ </scratch/by.remove | hand remove || return 1
  sort -r /scratch/by.rmdir | names ./ | hand rmdir || return 1
  names ./ </scratch/by.mkdir | hand mkdir || return 1
  # neighbours to one, for the sake of the directory that they share
  awk -v hands="$HANDS" '{ print >("/scratch/by.copy." int((NR - 1) / 10) % hands) }' /scratch/by.copy || return 1
  for part in /scratch/by.copy.*; do
    [ -e "$part" ] || continue
    { names ./ <"$part" | hand copy || : >/scratch/by.failed; } &
    hands="$hands $!"
  done
  copying &
  reporter=$!
  # not for all: what reports the progress never ends
  # shellcheck disable=SC2086 # a word for each
  if [ "$hands" ]; then wait $hands; fi
  quiet
  if [ -e /scratch/by.failed ]; then return 1; fi
  while IFS=' ' read -r path owner mode; do printf './%b\0%s\0%s\0' "$path" "$owner" "$mode"; done </scratch/by.owned | hand own || return 1
  copied=$(wc -l </scratch/by.copy | tr -d ' ')
}
hands=

# copying: says from time to time how much has arrived
copying() {
  began=$(date +%s)
  while sleep 5 >/dev/null 2>&1; do
    now=$(date +%s)
    names ./ </scratch/by.copy | (cd /target && xargs -0 -r stat -c %s 2>/dev/null) | awk -v of="$bytes" -v seconds=$((now - began)) '
      { files++; bytes += $1 }
      END { printf "juicify progress listed=%d read=%d bytes=%.0f of=%.0f seconds=%d\n", files, files, bytes < of ? bytes : of, of, seconds }'
    sleep $((9 * ($(date +%s) - now))) >/dev/null 2>&1
  done
}

# hand VERB: does that to every path that is read (own: path, owner, mode); the first that cannot be ends it
hand() {
  # shellcheck disable=SC2016 # for the inner shell
  xargs -0 -r -n 300 sh -c '
    umask 077
    # enter ROOT DIRECTORY: goes there, where nothing on the way is a link
    enter() {
      case $2 in .) wanted=$1 ;; *) wanted=$1/${2#./} ;; esac
      cd -P -- "$wanted" && [ "$(pwd -P; echo x)" = "$wanted
x" ]
    }
    verb=$1 at=
    shift
    while [ $# -gt 0 ]; do
      parent=${1%/*} name=./${1##*/}
      if [ "$parent" != "$at" ]; then
        enter /target "$parent" || exit 1
        if [ "$verb" = copy ]; then
          exec 3<. || exit 1
          enter /source "$parent" || exit 1
        fi
        at=$parent
      fi
      case $verb in
        remove) rm -f "$name" ;;
        rmdir | mkdir) $verb "$name" ;;
        # as the kind that it is, so that what is put in its place is not waited for, or followed
        copy) rm -f "/proc/self/fd/3/${name#./}" && cp -R -P -p "$name" /proc/self/fd/3/ ;;
        own)
          chown -h "$2" "$name" || exit 1
          if [ "$3" != - ]; then
            if [ -L "$name" ]; then exit 1; fi
            chmod "00$3" "$name" || exit 1
          fi
          shift 2
          ;;
      esac || exit 1
      shift
    done' sh "$1"
}
