#!/bin/sh
# Shell functions for one directory whose entries are dealt out to several Jobs (see barrier.sh), each of which takes a
# part of it. The first Job deals, and the others wait for that.
#
# A directory that weighs more than a fourth of a part is opened: its entries are dealt out one by one, and so on below
# it. Names of one file stay together, for a mover knows hard links only among what it moves at once. An opened
# directory is nobody's part: the first Job looks after its own owner, mode and time.
#
# On the shared place, one path a line as in a listing: `part.SIDE.N`, what Job N takes with all below it; and
# `opened.SIDE`. A side is source or target.

# deal [both|rules]: both: what is only on the target is dealt out too, for a comparison; rules: to movers that are told
# their part by patterns, the heaviest hundred only, and all the rest stays with the first
# shellcheck disable=SC2120 # without one, only the source is dealt out
deal() {
  census 2>/scratch/source.errors >/scratch/census
  if [ -s /scratch/source.errors ] && [ "$IN_USE" != yes ]; then unread source; fi
  : >/scratch/there
  if [ "$1" = both ]; then walk /target | tr '\0' '\n' | records >/scratch/there; fi
  open_up && keep_together && hand_out "$1" || die 75 "the directory could not be dealt out"
}

# census: path S mode links inode size
census() { walk /source | (cd /source && xargs -0 -r stat -c 'S,%f,%h,%d:%i,%s,%n') | records; }

# open_up: which directories are too heavy for one, what is directly in them (entries: path weight side), and which of
# that holds names of one file (joined: path path)
open_up() {
  : >"$SHARED/opened.source"; : >"$SHARED/opened.target"; : >/scratch/entries; : >/scratch/joined
  awk -v jobs="$count" -v shared="$SHARED" '
    function parent(path) { return path == "." ? "" : match(path, "/[^/]*$") ? substr(path, 1, RSTART - 1) : "." }
    # a small file takes as long as a quarter MiB of a large one
    function weigh() { return 262144 + (substr($3, 1, 1) == "8" ? $6 : 0) }
    function choose(  path, above, most) {
      for (path in own) for (above = path; above != ""; above = parent(above)) below[above] += own[path]
      most = below["."] / jobs / 4
      for (path in own) if (below[path] > most) opened[path]
      opened["."]
      chosen = 1
    }
    function root(path) { while (path in joined) path = joined[path]; return path }
    function join_links(path, file,  up) {
      while (!((up = parent(path)) in opened)) path = up
      if (!(file in first)) first[file] = path
      else if (root(path) != root(first[file])) joined[root(path)] = root(first[file])
    }
    pass == 1 { own[parent($1)] += weigh(); next }
    !chosen { choose() }
    $1 in opened { print $1 >(shared "/opened." (pass == 2 ? "source" : "target")); next }
    pass == 2 && $4 > 1 && substr($3, 1, 1) == "8" { join_links($1, $5) }
    parent($1) in opened { printf "%s %.0f %s\n", $1, pass == 2 ? weigh() + below[$1] : 0, pass == 2 ? "S" : "T" >"/scratch/entries" }
    END { for (path in joined) print path, root(path) >"/scratch/joined" }
  ' pass=1 /scratch/census pass=2 /scratch/census pass=3 /scratch/there
}

# keep_together: the heaviest first, what is joined as one (dealt: weight group path sides)
keep_together() {
  sort /scratch/entries | awk '
    function flush() {
      if (path == "") return
      if (!(path in group)) { printf "%.0f %s %s %s\n", weight, path, path, sides; return }
      together[group[path]] += weight
      line[++n] = group[path] " " path " " sides
    }
    pass == 1 { group[$1] = $2; group[$2] = $2; next }
    $1 != path { flush(); path = $1; weight = 0; sides = "" }
    { weight += $2; sides = sides $3 }
    END { flush(); for (i = 1; i <= n; i++) { split(line[i], at, " "); printf "%.0f %s\n", together[at[1]], line[i] } }
  ' pass=1 /scratch/joined pass=2 - | sort -k1,1nr -k2,2 >/scratch/dealt
}

# hand_out [rules]: each group to the Job that has least
hand_out() {
  most=$(wc -l </scratch/dealt)
  if [ "$1" = rules ]; then most=100; fi
  job=0
  while [ "$job" -lt "$count" ]; do
    : >"$SHARED/part.source.$job"; : >"$SHARED/part.target.$job"
    job=$((job + 1))
  done
  awk -v jobs="$count" -v shared="$SHARED" -v most="$most" '
    pass == 1 { if (FNR > most && $2 != group) load[0] += $1; group = $2; next }
    FNR > most { next }
    FNR == 1 || $2 != group {
      group = $2
      job = 0
      for (i = 1; i < jobs; i++) if (load[i] + 0 < load[job] + 0) job = i
      load[job] += $1
    }
    $4 ~ /S/ { print $3 >(shared "/part.source." job) }
    $4 ~ /T/ { print $3 >(shared "/part.target." job) }
  ' pass=1 /scratch/dealt pass=2 /scratch/dealt
}

# once FUNCTION...: of the first Job, and not a second time where its pod is another one's successor: the others are at
# work on their parts; the others wait until it is done
once() {
  if [ "$NODE" = 0 ] && [ ! -e "$SHARED/dealt.0" ]; then "$@"; mark dealt; fi
  await_of dealt 0
}

# take SIDE: from now on walk sees this Job's part only
take() {
  names .// <"$SHARED/part.$1.$NODE" >"/scratch/part.$1"
  if [ "$NODE" = 0 ]; then names .// <"$SHARED/opened.$1"; fi >"/scratch/opened.$1"
}

# count: how many entries each side has, found without dealing; the parts have to add up to that
count() {
  whole=yes
  for at in /source /target; do
    case $at in *source) here=source ;; *) here=target ;; esac
    walk $at 2>/scratch/whole.errors | tr -cd '\0' | wc -c >"$SHARED/all.$here"
    if [ -s /scratch/whole.errors ] && [ "$IN_USE" != yes ]; then die 74 "the $here could not be counted: $(head -n 3 /scratch/whole.errors | plain)"; fi
  done
}

# add_up: a part that nobody took would not be missed otherwise; and what all of them know of the target together
add_up() {
  for side in source target; do cat "/scratch/$side" "/scratch/$side.left" | wc -l >"$SHARED/listed.$side.$NODE"; done
  cp /scratch/target.held "$SHARED/held.$NODE"
  cp /scratch/target.newest "$SHARED/newest.$NODE"
  mark listed
  if [ "$NODE" != 0 ]; then return; fi
  await listed
  sort -m "$SHARED"/held.* | sha256sum | cut -c -64 >/scratch/target.sum
  sort -n "$SHARED"/newest.* | tail -n 1 >/scratch/target.newest
  for side in source target; do
    listed=$(cat "$SHARED/listed.$side".* | awk '{ sum += $1 } END { print sum + 0 }')
    all=$(cat "$SHARED/all.$side")
    [ "$all" -ge 1 ] && { [ "$listed" -eq "$all" ] || [ "$IN_USE" = yes ]; } || die 75 "the parts of the $side have $listed entries, and the whole has $((all))"
  done
}
