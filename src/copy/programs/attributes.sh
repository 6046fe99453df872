#!/bin/sh
# The function `attributed DIRECTORY`: the entries that have extended attributes or ACLs, one a line as in a
# listing, as far as the image has anything that can tell. Those that a node sets for itself (SELinux, capabilities) do not count.

attributed() {
  if command -v getfattr >/dev/null; then
    walk "$1" | (cd "$1" && xargs -0 -r getfattr -h -m '^user[.]|^system[.]posix_acl' 2>/dev/null) \
      | sed -n 's/^# file: //; T; s/^\.\/*//; s/^$/./; s/\\\([0-7][0-7][0-7]\)/\\0\1/g; s/ /\\0040/g; p'
  elif command -v perl >/dev/null; then
    # llistxattr; perl alone knows no name for it
    case $(uname -m) in x86_64) number=195 ;; aarch64) number=12 ;; *) return 0 ;; esac
    walk "$1" | (cd "$1" && NUMBER=$number perl -0 -ne '
      chomp; my $path = $_; my $names = "\0" x 65536;
      my $size = syscall($ENV{NUMBER} + 0, $path, $names, 65536);
      if ($size > 0 && substr($names, 0, $size) =~ /(^|\0)(user\.|system\.posix_acl)/) { $path =~ s!^\.//!!; $path = "." if $path eq ""; $path =~ s/([\\\s])/sprintf("\\0%03o", ord $1)/ge; print "$path\n" }')
  fi
}
