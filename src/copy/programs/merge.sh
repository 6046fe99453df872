#!/bin/sh
# Shell functions for one directory that several nodes hold in part, each with a Job of its own (see barrier.sh): their
# listings are merged into what the target is to become.
#
# `ON_CONFLICT` (environment): newest, refuse or keep-both.

# share content|metadata: this node's listing, for all to see; while it is in use, things may come and go meanwhile
share() {
  list /source /scratch/source "$1" || in_use source || unread source
  cp /scratch/source "$SHARED/list.$NODE.part" && mv "$SHARED/list.$NODE.part" "$SHARED/list.$NODE" \
    || die 75 "the listing could not be left for the other nodes"
}

# merge: of all listings the one that the target is to have (expected), which node gives what (files.N, dirs.N,
# keep.N), and what differed (conflicts)
merge() {
  i=0
  : >/scratch/unsorted
  while [ "$i" -lt "$count" ]; do
    : >"$SHARED/files.$i"; : >"$SHARED/dirs.$i"; : >"$SHARED/keep.$i"
    sed "s/\$/ $i/" "$SHARED/list.$i" >>/scratch/unsorted || die 75 "the listing of a node could not be read"
    i=$((i + 1))
  done
  sort /scratch/unsorted >/scratch/all || die 75 "the listings could not be sorted"
  : >/scratch/conflicts
  NODES=$NODES awk -v shared="$SHARED" -v keep="$ON_CONFLICT" '
    BEGIN { split(ENVIRON["NODES"], name, "\n") }
    function differ(a, b,  p, q) {
      split(a, p, " "); split(b, q, " ")
      if (p[2] != q[2]) return "type"
      if (p[2] == "d") return ""
      if (p[2] == "l") return p[8] != q[8] ? "target" : ""
      if (p[7] != q[7]) return "size"
      if (p[6] != q[6]) return "time"
      return p[8] != q[8] ? "content" : ""
    }
    function flush(  i, best, why, p) {
      if (!n) return
      best = 1
      for (i = 2; i <= n; i++) if (time[i] > time[best] || (time[i] == time[best] && owner[i] < owner[best])) best = i
      print line[best]
      split(line[best], p, " ")
      print path >(shared "/" (p[2] == "d" ? "dirs." : "files.") owner[best])
      for (i = 1; i <= n; i++) {
        why = i == best ? "" : differ(line[best], line[i])
        if (why == "") continue
        print path, name[owner[best] + 1], name[owner[i] + 1], why >"/scratch/conflicts"
        if (keep != "keep-both" || (line[best] " " line[i]) ~ / d /) continue
        print path, path "." name[owner[i] + 1] >(shared "/keep." owner[i])
        print path "." name[owner[i] + 1] substr(line[i], length(path) + 1)
      }
    }
    $1 != path { flush(); n = 0; path = $1 }
    { n++; owner[n] = $9; time[n] = $6 + 0; line[n] = $1 " " $2 " " $3 " " $4 " " $5 " " $6 " " $7 " " $8 }
    END { flush() }' /scratch/all >/scratch/expected && sort /scratch/expected >"$SHARED/expected" || die 75 "the listings could not be merged"
  # an entry for which no node, or no place, was written down would not be missed
  taken=$(cat "$SHARED"/files.* "$SHARED"/dirs.* "$SHARED"/keep.* | wc -l)
  [ "$taken" -eq "$(wc -l <"$SHARED/expected")" ] || die 75 "the listings could not be merged in whole"
  if grep -q ' type$' /scratch/conflicts; then
    report_conflicts
    die 65 "$(grep ' type$' /scratch/conflicts | head -n 1 | plain) is not of the same type on all nodes"
  fi
  twice=$(cut -d' ' -f1 "$SHARED/expected" | uniq -d | head -n 1 | plain)
  if [ "$twice" ]; then die 65 "both versions of a file cannot be kept: $twice is there already"; fi
  if [ "$ON_CONFLICT" = refuse ] && [ -s /scratch/conflicts ]; then
    report_conflicts
    die 65 "$(wc -l </scratch/conflicts | tr -d ' ') files differ between the nodes"
  fi
}

report_conflicts() {
  say "conflicts $(wc -l </scratch/conflicts | tr -d ' ')"
  head -n 1000 /scratch/conflicts | plain | while IFS= read -r line; do printf 'juicify conflict %s\n' "$line"; done
}
