#!/bin/sh
# Shell functions that every Job of ours begins with: a directory as a sorted listing, one line an entry, whatever
# bytes its names hold. Only what busybox and the GNU tools have in common is used.
#
# `EXCLUDE` (environment) holds the patterns of the paths to leave out, one a line, relative to the directory.
#
# A line of a listing: `path type mode uid gid mtime size value`
# - path: relative, `.` for the directory itself; backslash and white space as `\0ooo`, so that it is one word to
#   awk and the shell, and printf's %b gives it back
# - type: f, d or l; anything else cannot be carried and goes to `<listing>.left`, as `path type`
# - mode: the permission bits in hex; mtime: seconds; size: of files only
# - value: a file's sha256 where the content is asked for, a link's target in hex
#
# Beside a listing, at the same name with an ending: `.compared`, what a later comparison may remember of its files (see verified.sh); `.plain`, the paths of files of which nothing is remembered, and `.odd`, those that a sum tool would write differently; `.left`; `.sum`, a digest of what the directory holds that
# anybody could miss: not the times of directories, but when a file was changed as the kernel tells it, which nobody can
# set (of a part, and where $held is set, `.held` has the lines that the digest is made of); `.newest`, the latest of these times, in seconds; and `.since`, the paths that were changed after `SINCE`
# (environment), directories aside.
#
# A path begins with `.//`, and two slashes stand nowhere else in what find prints: that is how a line of stat's or
# sha256sum's output is told from the rest of a name with a newline in it.

LC_ALL=C
export LC_ALL
nl='
'
tab=$(printf '\t')
vt=$(printf '\v')
ff=$(printf '\f')
cr=$(printf '\r')

say() { printf 'juicify %s\n' "$*"; }
# What counts goes into the pod's status as well, which outlives a node's logs; there is room for 4 KiB.
tell() { tee /dev/termination-log; }
die() { status=$1; shift; say failed "$*" | tell; quiet; exit "$status"; }

# reading LISTING...: says from time to time how far the listings that are being made are, until quiet
reading() {
  began=$(date +%s)
  while sleep 5 >/dev/null 2>&1; do
    now=$(date +%s)
    for listing do
      awk -v sums="$(cat "$listing.sums" 2>/dev/null | wc -l)" '
        { of += $1; if (NR <= sums) bytes += $1 }
        END { printf "%d %d %.0f %.0f\n", NR, sums, bytes, of }' "$listing.sizes" 2>/dev/null
    done | awk -v seconds=$((now - began)) '
      { files += $1; sums += $2; bytes += $3; of += $4 }
      END { printf "juicify progress listed=%d read=%d bytes=%.0f of=%.0f seconds=%d\n", files, sums, bytes, of, seconds }'
    # of millions of files this takes its time: not more than a tenth of all
    sleep $((9 * ($(date +%s) - now))) >/dev/null 2>&1
  done &
  reporter=$!
}
quiet() { if [ "$reporter" ]; then kill "$reporter"; reporter=; fi; }
reporter=
whole=
held=
SETTLED=

# internals DIRECTORY: what every mount of the file system has on top besides what is in it, one name a line; to read
# one may never end. `OWN_FILES` (environment) has their names, words; and `OWN_INODES` a pattern of their inodes' numbers,
# for people may have files of such names too
internals() {
  for name in $OWN_FILES; do
    [ -e "$1/$name" ] || continue
    # shellcheck disable=SC2254 # a pattern
    case $(stat -c %i "$1/$name") in $OWN_INODES) echo "$name" ;; esac
  done
}

# side DIRECTORY
side() { case $1 in *source) echo source ;; *) echo target ;; esac; }

# walk DIRECTORY TEST...: every entry that passes, as .//path, each followed by NUL
walk() { found "$@" -print0; }

# found DIRECTORY TEST... ACTION: what find does with every entry that passes; of a part of it, where only a part is this
# Job's, unless $whole
found() {
  below=$1
  shift
  set -f
  IFS=$nl
  for pattern in $EXCLUDE; do set -- -path ".//$pattern" -prune -o "$@"; done
  unset IFS
  set +f
  for name in $(internals "$below"); do set -- -path ".//$name" -prune -o "$@"; done
  here=$(side "$below")
  if [ -e "/scratch/part.$here" ] && [ ! "$whole" ]; then
    found_from "/scratch/part.$here" "$@"
    found_from "/scratch/opened.$here" -maxdepth 0 "$@"
  else
    (cd "$below" && find .// "$@")
  fi
}

# found_from NAMES TEST... ACTION: find takes the places before the tests, and xargs gives them after
found_from() {
  places=$1
  shift
  (cd "$below" && xargs -0 -r sh -c 'tests=$1; shift; while [ $tests -gt 0 ]; do set -- "$@" "$1"; shift; tests=$((tests - 1)); done; exec find "$@"' sh $# "$@" <"$places")
}

# records: "kind,field,.//path" lines to "path kind field" lines
records() {
  sed "s/\\\\/\\\\0134/g; s/ /\\\\0040/g; s/$tab/\\\\0011/g; s/$vt/\\\\0013/g; s/$ff/\\\\0014/g; s/$cr/\\\\0015/g" | awk '
    function flush(  at, head, path) {
      if (record == "") return
      at = index(record, ".//")
      head = substr(record, 1, at - 2)
      path = substr(record, at + 3)
      gsub(/,/, " ", head)
      print (path == "" ? "." : path) " " head
    }
    index($0, ".//") { flush(); record = $0; next }
    { record = record "\\0012" $0 }
    END { flush() }'
}

# sums DIRECTORY: "path X sum" lines, of every file
sums() {
  { walk "$1" -type f ! -path "*$nl*" ! -path "*$cr*" ! -path '*\\*' | hashed "$1"
    walk "$1" -type f '(' -path "*$nl*" -o -path "*$cr*" -o -path '*\\*' ')' | hashed_singly "$1"; } | records
}

# touched_sums DIRECTORY LISTING: the same, of those that are not known to be as they were
touched_sums() { { names .// <"$2.plain" | hashed "$1"; names .// <"$2.odd" | hashed_singly "$1"; } | records; }

# hashed DIRECTORY; hashed_singly DIRECTORY: of the names that are read, as "X,sum,name"; the second for those that a sum
# tool would write differently
hashed() { (cd "$1" && xargs -0 -r sha256sum) | sed 's/^\([0-9a-f]*\) [ *]/X,\1,/'; }
hashed_singly() {
  (cd "$1" && xargs -0 -r sh -c 'for file do sum=$(sha256sum <"$file") && printf "X,%s,%s\n" "$(printf %.64s "$sum")" "$file"; done' sh)
}

# targets DIRECTORY: path and target of every link, each followed by NUL; a process for each, where find cannot tell them
targets() {
  if [ "$(find . -maxdepth 0 -printf x 2>/dev/null)" = x ]; then
    found "$1" -type l -printf '%p\0%l\0'
  else
    walk "$1" -type l \
      | (cd "$1" && xargs -0 -r sh -c 'for link do printf "%s\0" "$link"; readlink -n "$link"; printf "\0"; done' sh)
  fi
}

# links DIRECTORY: "path L target" lines
links() {
  targets "$1" \
    | od -An -v -tx1 | awk '
      BEGIN {
        for (i = 1; i < 256; i++) text[sprintf("%02x", i)] = sprintf("%c", i)
        text["5c"] = "\\0134"; text["20"] = "\\0040"; text["09"] = "\\0011"; text["0a"] = "\\0012"
        text["0b"] = "\\0013"; text["0c"] = "\\0014"; text["0d"] = "\\0015"
      }
      {
        for (i = 1; i <= NF; i++) {
          if ($i == "00") {
            if (target) { print substr(path, 4) " L " value; path = value = "" }
            target = !target
          } else if (target) value = value $i
          else path = path text[$i]
        }
      }'
}

# count_sums FILE: passes them on, and writes a line for each to it
count_sums() { awk -v sums="$1" '{ print; print "" >sums; fflush() }'; }

# list DIRECTORY LISTING content|metadata: of what is as it was when it was compared, the content is not read (see verified.sh)
list() {
  digest="sha256sum | cut -c -64 >'$2.sum'"
  if [ "$held" ]; then digest="tee '$2.held' | $digest"; fi
  if [ -e /scratch/part.source ]; then digest="cat >'$2.held'"; fi
  for ending in errors left held sizes sums since sum newest compared plain odd; do : >"$2.$ending"; done
  known=/scratch/verified.$(side "$1") knows=
  if [ -e "$known" ]; then knows=yes; fi
  {
    walk "$1" | (cd "$1" && xargs -0 -r stat -c 'S,%f,%u,%g,%Y,%s,%Z,%i,%d,%n') | records \
      | awk -v sizes="$2.sizes" '{ print } substr($3, 1, 1) == "8" { print $7 >sizes }'
    links "$1"
    if [ "$knows" ]; then cat "$known"; elif [ "$3" = content ]; then sums "$1" | count_sums "$2.sums"; fi
  } 2>"$2.errors" | sort | awk -v left="$2.left" -v content="$3" -v since="$2.since" -v SINCE="$SINCE" -v newest="$2.newest" -v digest="$digest" -v compared="$2.compared" -v knows="$knows" -v plain="$2.plain" -v odd="$2.odd" -v sums="$2.sums" -v SETTLED="$SETTLED" -v device="$(stat -c %d "$1")" '
    BEGIN { type["8"] = "f"; type["4"] = "d"; type["a"] = "l"; type["1"] = "fifo"; type["2"] = type["6"] = "device"; type["c"] = "socket" }
    function flush(  kind) {
      if (path == "" || entry == "") return
      split(entry, at, " ")
      kind = type[substr(at[1], 1, 1)]
      if (kind == "f" && knows) {
        if (then != "" && then == at[7] " " at[5] " " at[4] " " at[6]) { sum = before; print "" >sums }
        else print path >(path ~ /\\0134|\\0012|\\0015/ ? odd : plain)
      }
      print path " " kind " " substr(at[1], 2) " " at[2] " " at[3] (kind == "d" ? "" : " " at[4] " " at[5] " " at[6] " " target) | digest
      if (at[6] > latest) latest = at[6]
      if (SINCE != "" && kind != "d" && at[6] > SINCE + 0) print path >since
      if (kind == "f" && sum != "" && at[8] == device && at[6] + 0 < SETTLED + 0) print path " " at[7] " " at[5] " " at[4] " " at[6] " " sum >compared
      if (kind == "f") print path " f " substr(at[1], 2) " " at[2] " " at[3] " " at[4] " " at[5] " " (content == "content" ? (sum == "" ? "?" : sum) : "-")
      else if (kind == "d") print path " d " substr(at[1], 2) " " at[2] " " at[3] " " at[4] " - -"
      else if (kind == "l") print path " l - " at[2] " " at[3] " " at[4] " - " (target == "" ? "?" : target)
      else print path " " kind >left
    }
    $1 != path { flush(); path = $1; entry = sum = target = then = "" }
    $2 == "S" { entry = $3 " " $4 " " $5 " " $6 " " $7 " " $8 " " $9 " " $10 }
    $2 == "X" { sum = $3 }
    $2 == "L" { target = $3 }
    $2 == "K" { then = $3 " " $4 " " $5 " " $6; before = $7 }
    END { flush(); close(digest); print latest + 0 >newest }' >"$2"
  if [ "$3" = content ] && [ "$knows" ]; then
    touched_sums "$1" "$2" 2>>"$2.errors" | count_sums "$2.sums" | sort | sort -m - "$2" | awk '
      $2 == "X" { path = $1; sum = $3; next }
      $1 == path && $2 == "f" && $8 == "?" { $8 = sum }
      { print }' >"$2.whole"
    mv "$2.whole" "$2"
  fi
  # counted apart: a tool that failed must not make two directories equal because nothing is said of either
  entries=$(walk "$1" 2>>"$2.errors" | tr -cd '\0' | wc -c)
  listed=$(cat "$2" "$2.left" | wc -l)
  [ "$entries" = "$listed" ] || echo "$entries entries, but $listed in the listing: some came or went" >>"$2.errors"
  [ "$entries" -gt 0 ] || [ -e /scratch/part.source ] || echo "not even the directory itself was found" >>"$2.errors"
  if grep -q ' ?$' "$2"; then echo "some files cannot be read: $(grep ' ?$' "$2" | head -n 3 | cut -d' ' -f1 | plain | tr '\n' ' ')" >>"$2.errors"; fi
  [ ! -s "$2.errors" ]
}

# unread source|target: its listing is not whole
unread() { die 74 "the $1 could not be read in whole: $(head -n 3 "/scratch/$1.errors" | cut -c 1-500 | tr '\n' ' ' | plain)"; }

# went: complaints of anything else than that it has gone meanwhile
went() { grep -v -e 'No such file or directory$' -e 'Not a directory$' -e 'Stale \(NFS \)\{0,1\}file handle$'; }

# in_use source|target: whether its listing is whole but for what came or went meanwhile, where that may be; what could not be
# read otherwise must not be taken for what is not there
in_use() {
  [ "$IN_USE" = yes ] && ! went <"/scratch/$1.errors" | grep -qv -e ' in the listing: some came or went$' -e '^some files cannot be read: '
}

# names PREFIX: the words of every line as the paths they are, below it, each followed by NUL
names() {
  prefix=$1
  while IFS=' ' read -r path second; do
    printf '%s%b\0' "$prefix" "$path"
    if [ "$second" ]; then printf '%s%b\0' "$prefix" "$second"; fi
  done
}

# plain: every byte that is no printable ASCII as \0ooo, for a log
plain() {
  awk '
    BEGIN { for (i = 1; i < 256; i++) if (i < 32 || i > 126) text[sprintf("%c", i)] = sprintf("\\0%03o", i) }
    { line = ""; for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); line = line (c in text ? text[c] : c) }; print line }'
}

# some DIRECTORY: whether there is anything in it that counts
some() { [ "$(walk "$1" '(' -type f -o -type l ')' | head -c 1 | wc -c)" -gt 0 ]; }
