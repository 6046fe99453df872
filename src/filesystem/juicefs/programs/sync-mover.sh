#!/bin/sh
# juicefs sync between two mounted directories, with the arguments given and what it cannot be told before.
. ./mover.sh

# of every owner that the image has no name for it complains
complaints() { grep -v ': lookup [ug]id ' /scratch/err; }
report() { say "progress seconds $(($(date +%s) - began)) $( (wget -qO- http://127.0.0.1:9567/metrics || curl -s http://127.0.0.1:9567/metrics) 2>/scratch/metrics-error | grep '^juicefs_sync_' | sed 's/{[^}]*}//' | tr '\n' ' ')free $(room)"; }
# room: how many bytes are free on the target, within its quota too
room() { stat -f -c '%a %S' /target 2>/dev/null | awk '{ printf "%.0f", $1 * $2 }'; }
# crowded: whether there is no room for what has not arrived: juicefs says no more than that something failed
crowded() {
  free=$(room)
  [ "$free" ] || return 1
  [ "$free" -ge 65536 ] || return 0
  # shellcheck disable=SC2016 # for the inner shell
  [ "$(walk /source -type f -size "+$((free / 512))" \
    | (cd /source && xargs -0 -r sh -c 'for path do [ -e "/target/$path" ] || { echo large; break; }; done' sh) | head -c 1)" ]
}
# globs: paths as patterns that match nothing else. A backslash is an escape to some versions always, and to others only
# beside a wildcard; in brackets, which are one, all agree
globs() { sed 's/[*?[]/[&]/g; s/\\0134/[\\0134\\0134]/g'; }
# as_text WORD: into $text, the line ends at its end too
as_text() { text=$(printf '%bx' "$1"); text=${text%x}; }
# kept: patterns of what is left alone on both sides, and the file system's own files with it. With --links juicefs takes
# a FIFO for a link, and fails
kept() {
  { internals /source; internals /target; uncarried; walk /source '(' -type p -o -type s -o -type b -o -type c ')' | tr '\0' '\n' | records | cut -d' ' -f1; } | globs
}
# leaves_out: whether juicefs leaves out what it is told to. To 1.1 a pattern that begins with a slash is none, and what
# has to stay would be copied, or deleted; nor does it know all of the flags. An image need not say its version
leaves_out() {
  rm -rf /scratch/leaving
  mkdir -p /scratch/leaving/from /scratch/leaving/to
  : >'/scratch/leaving/from/a=b [1]*\c'; : >/scratch/leaving/from/other
  juicefs sync --exclude '/a=b [[]1][*][\\]c' file:///scratch/leaving/from/ file:///scratch/leaving/to/ >/scratch/out 2>/scratch/err
  if [ "$(ls /scratch/leaving/to)" != other ]; then
    ended
    die 71 "this juicefs does not leave out what it is told to leave out: it takes 1.2 or later, or the mover rsync"
  fi
}
# no_links: takes the links off the target that juicefs would write through, for it follows them: those where the source has
# something else. While people write to the source, a link there may be a directory in a moment: then all, for juicefs
# makes them anew; but of a place that held something before, what is only there stays
no_links() {
  all=
  if [ "$STAGE" = warm ] && [ "$EXTRA" != ignore ]; then all=yes; fi
  # shellcheck disable=SC2016 # for the inner shell
  walk /target -type l | (cd /target && xargs -0 -r sh -c '
    all=$1
    shift
    for link do
      if [ "$all" ] || { [ -e "/source/$link" ] && [ ! -L "/source/$link" ]; }; then rm -f -- "$link" || exit 1; fi
    done' sh "$all") || die 84 "the links on the target that are directories or files in the source could not be taken away"
}
pass() {
  no_links
  run juicefs sync "$@"
}
# sync ARGUMENT...: into $copied, how much it copied
sync() {
  began=$(date +%s)
  # again, for what has another kind than its copy may be in the way until that is deleted
  pass "$@" || pass "$@" || {
    code=$?
    ended
    if crowded; then die 77 "no space left on the target, or its quota is reached: $free bytes are free"; fi
    exit $code
  }
  summary=$(cat /scratch/out /scratch/err | tr '\r' '\n' | grep -i 'found: *[0-9]' | tail -n 1)
  say "summary $summary"
  copied=$(printf '%s' "$summary" | sed -n 's/.*copied: *\([0-9][0-9]*\).*/\1/p')
  if [ -z "$copied" ]; then ended; die 70 "juicefs sync did not say what it copied"; fi
  passes=$((passes + 1))
}
# synced ARGUMENT...: what is newer, with owners and modes; and, once nothing changes any more, what differs otherwise.
# Not both at once: with --check-all, --perms asks what a link leads to, and fails where that is nothing
synced() {
  passes=0
  leaves_out
  sync --update --perms "$@"
  if [ "$STAGE" = warm ]; then return; fi
  sync --check-all "$@"
  if [ "$copied" != 0 ]; then sync --update --perms "$@"; fi
}
# alike: owner, mode and time of what both sides have. Of what is older than its copy, as directories are, juicefs looks at
# neither. (With zeros in front, a mode takes a set-group-ID away from a directory too.)
alike() {
  list /source /scratch/source metadata || unread source
  list /target /scratch/target metadata || unread target
  { sed 's/$/ S/' /scratch/source; sed 's/$/ T/' /scratch/target; } | sort | awk '
    $1 == path && $2 == type && ($3 " " $4 " " $5 != owned || (type == "f" && $6 != time)) { print path }
    { path = $1; type = $2; owned = $3 " " $4 " " $5; time = $6 }' >/scratch/unlike
  names ./ </scratch/unlike | (cd /source && xargs -0 -r sh -c '
    for path do
      set -- $(stat -c "%u:%g %a %Y" "$path")
      chown -h "$1" "/target/$path" || exit 1
      if [ ! -L "$path" ]; then chmod "00$2" "/target/$path" || exit 1; fi
      if [ -f "$path" ] && [ ! -L "$path" ]; then touch -m -d "@$3" "/target/$path" || exit 1; fi
    done' sh) || die 72 "owners, modes and times could not be set"
}
# the directory itself is no part of a sync
top() {
  # shellcheck disable=SC2046 # three words
  set -- $(stat -c '%u:%g %a %Y' /source)
  chown "$1" /target && chmod "00$2" /target && touch -m -d "@$3" /target || die 72 "owner and mode of the directory itself could not be set"
}
