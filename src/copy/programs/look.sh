#!/bin/sh
# Says which directory the source, and each of `VOLUMES` (environment, one a line, relative) in it, really is, whatever path
# has led there. By its place among them, from 0: `juicify at PLACE DEVICE:INODE`; `juicify link PLACE PATH` where a link is on
# the way, the first one; and neither where it is not there. And what is mounted at the source and below it:
# `juicify mount DEVICE TYPE ROOT FROM WHERE`, ROOT being the path in that file system, and white space as `\0ooo`.
. ./listing.sh

ats=0
# at PLACE PATH: goes down to it part by part
at() {
  place=$1
  cd /source || die 74 'the source cannot be entered'
  way=
  set -f
  IFS=/
  # shellcheck disable=SC2086 # a word for each part
  set -- $2
  unset IFS
  set +f
  for part do
    way=$way/$part
    if [ -L "$part" ]; then
      say "link $place $(printf '%s\n' "${way#/}" | plain)"
      ats=$((ats + 1))
      return
    fi
    cd "./$part" 2>/dev/null || return 0
  done
  say "at $place $(stat -c '%d:%i' .)"
  ats=$((ats + 1))
}
number=0
while IFS= read -r volume; do
  at $number "$volume"
  number=$((number + 1))
done <<END
$VOLUMES
END
cd /
# the kernel writes white space and backslashes as \ooo
awk -v source="/source" '
  $5 == source || index($5, source "/") == 1 {
    for (from = 7; $from != "-" && from <= NF; from++) continue
    where = $5 == source ? "." : substr($5, length(source) + 2)
    print "juicify mount " $3 " " $(from + 1) " " $4 " " $(from + 2) " " where
  }' /proc/self/mountinfo | sed 's/\\/\\0/g' | plain >/scratch/mounts
cat /scratch/mounts
say "result ats=$ats mounts=$(wc -l </scratch/mounts | tr -d ' ')" | tell
