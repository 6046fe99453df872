#!/bin/sh
# Shell functions for what was compared by content while the directory was in use: when everything has stopped, a file that
# neither side has touched since need not be read again.
#
# That is told by inode, size and times. The time of a file's last change of any kind (ctime) is set by the kernel alone,
# and by every change; but a program that has a page mapped, and has written to it before, may write to it again without
# one until the page was written to the disk. So everything is written first, and of what was changed later nothing is remembered.
#
# A line of what is remembered: `path sum`, and of the source and then of the target `inode size mtime ctime`.

# What the kernel of this node keeps the times of, by the file system's number: ext, xfs, btrfs, zfs, f2fs, bcachefs, overlayfs, tmpfs.
# Those of a server are by a clock of its own, and may be seen late.
LOCAL='ef53 58465342 9123683e 2fc12fc1 f2f52010 ca451a4e 794c7630 1021994'

# settle: from now on a change of a file is seen at its time
settle() {
  kind=$(stat -f -c %t /source)
  case " $LOCAL " in *" $kind "*) ;; *) return 0 ;; esac
  # clocks that files are dated by are behind by a few milliseconds
  SETTLED=$(($(date +%s) - 1))
  sync -f /source 2>/dev/null || sync
}

# remember: leaves what is equal on both sides for the verification, and says what it was
remember() {
  umask 077
  { sed 's/ / S /' /scratch/source.compared; sed 's/ / T /' /scratch/target.compared; } | sort | awk '
    $2 == "S" { path = $1; source = $3 " " $4 " " $5 " " $6; size = $4; sum = $7; next }
    $1 == path && $4 == size && $7 == sum { print $1 " " sum " " source " " $3 " " $4 " " $5 " " $6 }' >/scratch/verified
  # others may reach that place: what is no file of ours is not written to, nor read
  rm -rf /shared/verified.part
  cp /scratch/verified /shared/verified.part && mv /shared/verified.part /shared/verified \
    || die 75 "what was compared could not be left for the verification"
  say "result $(awk '{ files++; bytes += $4 } END { printf "files=%d bytes=%.0f", files, bytes }' /scratch/verified)" \
    "of=$(wc -l <"/scratch/source.sizes") digest=$(sha256sum </scratch/verified | cut -c -64)" | tell
}

# recall: a listing from now on knows "path K inode size mtime ctime sum" of what was remembered, where it is what was told as `VERIFIED` (environment): others may reach the place where it lies
recall() {
  if [ ! "$VERIFIED" ] || [ ! -f /shared/verified ] || [ -L /shared/verified ]; then return; fi
  cp /shared/verified /scratch/verified
  [ "$(sha256sum </scratch/verified | cut -c -64)" = "$VERIFIED" ] || return 0
  awk '{ print $1 " K " $3 " " $4 " " $5 " " $6 " " $2 >"/scratch/verified.source"; print $1 " K " $7 " " $8 " " $9 " " $10 " " $2 >"/scratch/verified.target" }' /scratch/verified
}
